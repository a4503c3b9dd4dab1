"""Figures of usage over HTTP: their shapes are the document's, and their sums are the charges'."""

import csv
import io
from typing import NamedTuple

import pytest

from desk import Clock
from khata.domain.times import rfc3339
from served import Api, Json

DAY_SECONDS = 86_400
DAY_HOURS = 24
KOLKATA_SECONDS = 19_800
FIGURES = ("summary", "breakdown", "series", "features", "team", "heatmap", "caps")


class Used(NamedTuple):
    """A wallet of which everything is known."""

    wallet_id: str
    path: str
    yesterday: str


@pytest.fixture(scope="module")
def used(api: Api, clock: Clock) -> Used:
    """Yesterday a mail of =bela, today two summaries of chen and a query of nobody."""
    wallet_id = api.new_wallet(1000)
    api.consume(wallet_id, "EMAIL_SEND", member_id="=bela")
    yesterday = rfc3339(clock.at_us)
    clock.turn(days=1)
    for _ in range(2):
        api.consume(wallet_id, "AI_SUMMARY", member_id="chen")
    api.consume(wallet_id, "API_HEAVY_QUERY")
    return Used(wallet_id, f"/v1/wallets/{wallet_id}/usage", yesterday)


def hour_of_the_day(clock: Clock) -> int:
    """In the wallet's zone; other tests turn the clock too."""
    return (clock.at_us // 1_000_000 + KOLKATA_SECONDS) % DAY_SECONDS // 3_600


def table(api: Api, path: str, **query: str) -> list[Json]:
    answer = api.ask("GET", path, query=query)
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_summary(api: Api, used: Used) -> None:
    found = api.get(f"{used.path}/summary")
    assert found["total_consumed"] == 36
    assert found["today"] == 35
    assert found["burn_rate_per_day"] == 36  # the wallet is a day old
    assert found["days_left"] == 26  # of the 964 that are left
    assert (found["available_credits"], found["available_worth"]) == (964, 9_640)
    assert found["time_zone"] == "Asia/Kolkata"
    assert api.get(f"{used.path}/summary", member_id="chen")["total_consumed"] == 30
    assert api.get(f"{used.path}/summary", category="API")["total_consumed"] == 5


def test_the_breakdown(api: Api, used: Used) -> None:
    found = api.get(f"{used.path}/breakdown")
    assert [(row["category"], row["credits"], row["count"]) for row in found["data"]] == [
        ("AI", 30, 2),
        ("API", 5, 1),
        ("QUEUE", 1, 1),
    ]
    assert [row["percentage"] for row in found["data"]] == [83.3, 13.9, 2.8]
    assert (found["total_credits"], found["total_count"]) == (36, 4)


def test_the_features_and_the_team(api: Api, used: Used) -> None:
    features = api.get(f"{used.path}/features", limit=1)
    assert [(row["feature"], row["credits"]) for row in features["data"]] == [("AI_SUMMARY", 30)]
    assert features["data"][0]["trend"] == [0] * 29 + [30]
    assert features["data"][0]["price"] == {"credits": 15, "per": 1, "unit": "call"}
    assert (features["other"]["names"], features["other"]["credits"]) == (2, 6)
    team = api.get(f"{used.path}/team")
    members = [(row["member_id"], row["credits_used"], row["count"]) for row in team["data"]]
    assert members == [("chen", 30, 2), (None, 5, 1), ("=bela", 1, 1)]
    assert (team["members"], team["other"]) == (3, None)
    assert team["data"][0]["last_activity"] > team["data"][2]["last_activity"]


def test_a_member_that_the_organization_knows_has_a_name(api: Api, used: Used) -> None:
    wallet = api.get(f"/v1/wallets/{used.wallet_id}")
    body = {"name": "Chen Li", "external_id": "chen", "role": "billing"}
    api.post("/v1/members", {**body, "organization_id": wallet["organization_id"]})
    team = {row["member_id"]: row for row in api.get(f"{used.path}/team")["data"]}
    assert (team["chen"]["name"], team["chen"]["role"]) == ("Chen Li", "billing")
    assert (team["=bela"]["name"], team["=bela"]["role"]) == (None, None)
    assert table(api, f"{used.path}/team.csv")[0]["name"] == "Chen Li"


def test_the_series(api: Api, used: Used, clock: Clock) -> None:
    found = api.get(f"{used.path}/series", **{"from": used.yesterday, "by": "category"})
    assert [day["credits"] for day in found["data"]] == [1, 35]
    assert [part["name"] for part in found["data"][1]["parts"]] == ["AI", "API"]
    assert [each["name"] for each in found["totals"]] == ["AI", "API", "QUEUE"]
    hours = api.get(f"{used.path}/series", **{"from": used.yesterday, "granularity": "hour"})
    assert sum(hour["credits"] for hour in hours["data"]) == 36
    assert len(hours["data"]) == 2 * DAY_HOURS - hour_of_the_day(clock), "to the day's end"
    members = api.get(f"{used.path}/series", by="member", limit=1)
    assert [each["name"] for each in members["totals"]] == ["chen"]
    assert members["data"][-1]["other"] == {"credits": 5, "count": 1}


def test_the_heatmap(api: Api, used: Used) -> None:
    found = api.get(f"{used.path}/heatmap")
    assert len(found["data"]) == 168
    assert sum(hour["credits"] for hour in found["data"]) == 36
    assert found["busiest"]["credits"] == 35


def test_the_caps(api: Api, used: Used) -> None:
    caps = {cap["cap"]: cap for cap in api.get(f"{used.path}/caps")["data"]}
    assert (caps["AI"]["used"], caps["AI"]["limit"], caps["AI"]["remaining"]) == (2, 200, 198)
    assert caps["EMAILS"]["used"] == 0
    gate = api.get(f"/v1/wallets/{used.wallet_id}/gate", feature="AI_SUMMARY")
    assert caps["AI"]["resets_at"] == gate["caps"][0]["resets_at"]


def test_the_balance_history(api: Api, used: Used) -> None:
    path = f"/v1/wallets/{used.wallet_id}/balance-history"
    found = api.get(path)
    assert len(found["data"]) == 45
    assert [day["available_credits"] for day in found["data"][-3:]] == [0, 999, 964]
    assert [day["available_change"] for day in found["data"][-3:]] == [0, 999, -35]
    assert found["opening"]["available_credits"] == 0
    rows = table(api, f"{path}.csv", **{"from": used.yesterday})
    assert [row["available_credits"] for row in rows] == ["999", "964"]


@pytest.mark.parametrize("figure", FIGURES)
def test_each_figure_as_a_table(api: Api, used: Used, figure: str) -> None:
    rows = table(api, f"{used.path}/{figure}.csv")
    assert rows
    if figure == "team":
        assert [row["member_id"] for row in rows] == ["chen", "", "'=bela"]  # no formula
        assert rows[0]["percentage"] == "83.3"
    if figure == "series":
        assert sum(int(row["credits"]) for row in rows) == 36
        assert len(rows) == 28 + 1 + 2
    if figure == "summary":
        assert {"figure": "total_consumed", "value": "36"} in rows


@pytest.mark.parametrize(
    ("figure", "query", "field"),
    [
        ("summary", {"from": "2026-11-22T00:00:00"}, "from"),
        ("breakdown", {"from": "2026-11-22T00:00:00Z", "to": "2026-11-21T00:00:00Z"}, "to"),
        ("series", {"granularity": "minute"}, "granularity"),
        ("series", {"by": "moon"}, "by"),
        ("series", {"from": "2020-01-01T00:00:00Z"}, "from"),
        ("series", {"from": "2026-01-01T00:00:00Z", "granularity": "hour"}, "from"),
        ("features", {"limit": "0"}, "limit"),
        ("team", {"from": "0133-11-03T00:54:58Z"}, "from"),
        ("summary", {"to": "0001-01-01T00:00:00Z"}, "to"),
        ("summary", {"to": "9999-12-31T23:59:59Z"}, "to"),
        ("heatmap", {"from": "2005-01-01T00:00:00Z"}, "from"),
        ("team", {"member_id": "x" * 121}, "member_id"),
        ("caps", {"category": "AI"}, "category"),
    ],
)
def test_a_silly_question_names_the_field(
    api: Api, used: Used, figure: str, query: dict[str, str], field: str
) -> None:
    answer = api.ask("GET", f"{used.path}/{figure}", query=query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("name", ["from", "to"])
def test_no_balance_is_told_of_times_before_there_were_any(api: Api, used: Used, name: str) -> None:
    path = f"/v1/wallets/{used.wallet_id}/balance-history"
    answer = api.ask("GET", path, query={name: "0001-01-01T00:00:00Z"})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [name]
