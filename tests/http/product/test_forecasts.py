"""Forecasts over HTTP: the contract's shape, with and without figures, and as CSV."""

import csv
import io
import sys
from collections.abc import Iterator

import psycopg
import pytest

import quick_statistics
from desk import Clock
from khata.app.forecasts.statistician import Statistician
from khata.domain.ids import bucket_of
from khata.domain.limits import day_start_us, local_day
from khata.domain.times import rfc3339
from served import Api, Product

ZONE = "Asia/Kolkata"
USE = """
insert into khata.usage_hourly (bucket, wallet_id, hour, feature, member_id, organization_id,
  category, credits, count, quantity)
select %(bucket)s, id, to_timestamp(%(at)s), 'AI_SUMMARY', 'planted',
  organization_id, 'AI', 40, 1, 1
from khata.wallets where id = %(wallet)s"""

TAKE_AWAY = "delete from khata.usage_hourly where member_id = 'planted'"
Owner = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(autouse=True)
def quick(product: Product) -> Iterator[None]:
    """Statistics without the second that it takes to load the library."""
    forecasts = product.khata.forecasts
    before = forecasts.statistician
    forecasts.statistician = Statistician((sys.executable, quick_statistics.__file__))
    yield
    product.run(forecasts.close())
    forecasts.statistician = before


@pytest.fixture
def owner(product: Product) -> Iterator[Owner]:
    """Who may write rollups of what nobody charged, and takes them away at the end, so that no
    check of all books meets them."""
    with psycopg.connect(product.database.owner_dsn, autocommit=True) as connection:
        yield connection
        connection.execute(TAKE_AWAY)


def used_for(owner: Owner, wallet_id: str, days: int, at_us: int) -> None:
    """40 credits on each whole day before then."""
    today = local_day(ZONE, at_us)
    for day in range(today - days, today):
        at = day_start_us(ZONE, day) // 1_000_000
        owner.execute(USE, {"bucket": bucket_of(wallet_id), "wallet": wallet_id, "at": at})


def days_of(api: Api, wallet_id: str) -> list[dict[str, str]]:
    answer = api.ask("GET", f"/v1/wallets/{wallet_id}/usage/forecast.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize(
    ("days", "method"), [(0, "insufficient_history"), (13, "insufficient_history"), (14, "pending")]
)
def test_without_a_forecast_all_figures_are_null(
    api: Api, owner: Owner, clock: Clock, days: int, method: str
) -> None:
    wallet_id = api.new_wallet(100)
    used_for(owner, wallet_id, days, clock())
    answer = api.get(f"/v1/wallets/{wallet_id}/usage/forecast")
    figures = ("next_month_credits", "low", "high", "confidence", "exhausts_at",
               "recommended_recharge", "computed_at", "this_month")  # fmt: skip
    assert [answer[figure] for figure in figures] == [None] * len(figures)
    assert (answer["method"], answer["history_days"]) == (method, days)
    assert (answer["backtest"], answer["series"]) == ([], [])
    assert days_of(api, wallet_id) == []


def test_a_forecast_has_figures_a_range_a_band_and_what_follows(
    api: Api, product: Product, owner: Owner, clock: Clock
) -> None:
    wallet_id = api.new_wallet(100)
    used_for(owner, wallet_id, 20, clock())
    path = f"/v1/wallets/{wallet_id}/usage/forecast"
    assert api.get(path)["method"] == "pending"
    while product.run(product.khata.forecasts.worker.work_once()):
        pass
    answer = api.get(path)
    assert answer["method"] == "seasonal_naive"
    assert answer["backtest"] == [{"method": "seasonal_naive", "error_percent": 0}]
    month = [day for day in answer["series"] if day["day"].startswith(answer["next_month"])]
    assert answer["next_month_credits"] == sum(day["credits"] for day in month) == 40 * len(month)
    assert answer["low"] == answer["high"] == answer["next_month_credits"]
    assert (answer["confidence"], answer["history_days"]) == (80, 20)
    assert answer["computed_at"] == rfc3339(clock())
    rest = [day for day in answer["series"] if not day["day"].startswith(answer["next_month"])]
    month_so_far = api.get(f"/v1/wallets/{wallet_id}/usage/summary")["this_month"]
    course = month_so_far + 40 * len(rest)
    until = rest[-1]["day"]
    assert answer["this_month"] == {
        "credits": course, "low": course, "high": course, "until": until
    }  # fmt: skip
    # 40 today, 40 tomorrow, and the last 20 by the noon of the day after.
    noon = day_start_us(ZONE, local_day(ZONE, clock()) + 2) + 12 * 3_600_000_000
    assert answer["exhausts_at"] == rfc3339(noon)
    missing = sum(day["credits"] for day in answer["series"]) - 100
    recharge = answer["recommended_recharge"]
    assert (recharge["currency"], recharge["credits"] >= missing) == ("INR", True)
    assert days_of(api, wallet_id)[0] == {
        name: str(value) for name, value in answer["series"][0].items()
    }

    api.grant(wallet_id, missing)
    covered = api.get(path)
    assert (covered["exhausts_at"], covered["recommended_recharge"]) == (None, None)
    assert covered["computed_at"] == answer["computed_at"]
