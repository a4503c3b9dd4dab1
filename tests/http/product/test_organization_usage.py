"""Figures of all wallets of an organization together, for those who may know of all of them."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from desk import Clock
from served import Api, Json, Product

FIGURES = ("summary", "breakdown", "series", "features", "team", "wallets", "heatmap")


class Together(NamedTuple):
    """An organization with wallets at home and abroad, and somebody who may look at all of it."""

    organization_id: str
    home: str
    abroad: str
    looker: Api


@pytest.fixture(scope="module")
def together(product: Product, api: Api, clock: Clock) -> Iterator[Together]:
    """Three summaries of chen at home, and a mail of bela in Berlin, on the same day everywhere."""
    organization_id = product.new_organization(f"together{api.new_key()}")
    home = api.new_wallet(1000, organization_id=organization_id)
    abroad = api.new_wallet(500, organization_id=organization_id, time_zone="Europe/Berlin")
    stranger = api.new_wallet(1000)
    for _ in range(3):
        api.consume(home, "AI_SUMMARY", member_id="chen")
        api.consume(stranger, "AI_SUMMARY", member_id="chen")
    api.consume(abroad, "EMAIL_SEND", member_id="bela")
    clock.turn(seconds=1)
    secret = api.new_api_key("wallets:read", organization_id=organization_id)
    with product.api(secret) as looker:
        yield Together(organization_id, home, abroad, looker)


def test_wallets_are_summed_up_together(together: Together) -> None:
    looker = together.looker
    summary = looker.get("/v1/usage/summary")
    assert (summary["total_consumed"], summary["available_credits"]) == (46, 1454)
    breakdown = looker.get("/v1/usage/breakdown")
    assert [(row["category"], row["credits"]) for row in breakdown["data"]] == [
        ("AI", 45),
        ("QUEUE", 1),
    ]
    team = looker.get("/v1/usage/team")
    assert [(row["member_id"], row["credits_used"]) for row in team["data"]] == [
        ("chen", 45),
        ("bela", 1),
    ]
    features = looker.get("/v1/usage/features", category="AI")
    assert [row["feature"] for row in features["data"]] == ["AI_SUMMARY"]
    assert sum(hour["credits"] for hour in looker.get("/v1/usage/heatmap")["data"]) == 46


def test_usage_by_wallet(together: Together) -> None:
    found = together.looker.get("/v1/usage/wallets")
    assert [(row["wallet_id"], row["credits"], row["name"]) for row in found["data"]] == [
        (together.home, 45, "Asha"),
        (together.abroad, 1, "Asha"),
    ]
    assert (found["wallets"], found["total_credits"]) == (2, 46)
    one = together.looker.get("/v1/usage/wallets", limit=1)
    assert (one["other"]["names"], one["other"]["credits"]) == (1, 1)


def test_a_series_in_the_days_of_one_zone(together: Together) -> None:
    series = together.looker.get("/v1/usage/series", by="wallet", time_zone="Europe/Berlin")
    assert series["time_zone"] == "Europe/Berlin"
    assert [each["name"] for each in series["totals"]] == [together.home, together.abroad]
    assert sum(day["credits"] for day in series["data"]) == 46
    assert len(series["data"]) == 30


@pytest.mark.parametrize("figure", FIGURES)
def test_the_platform_may_look_at_any_organization_and_take_it_as_a_table(
    api: Api, together: Together, figure: str
) -> None:
    named = {"organization_id": together.organization_id}
    path = f"/v1/usage/{figure}"
    shown = api.get(path, **named)
    assert shown == together.looker.get(path)
    answer = api.ask("GET", f"{path}.csv", query=named)
    assert answer.status_code == 200
    assert list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize("figure", FIGURES)
def test_another_organization_is_as_good_as_none(
    product: Product, api: Api, together: Together, figure: str
) -> None:
    other = product.new_organization(f"other{api.new_key()}")
    secret = api.new_api_key("wallets:read", organization_id=other)
    with product.api(secret) as stranger:
        problems = [
            stranger.ask("GET", f"/v1/usage/{figure}", query={"organization_id": asked})
            for asked in (together.organization_id, "org_none")
        ]
        assert [problem.status_code for problem in problems] == [422, 422]
        assert problems[0].json() == problems[1].json()
        own = stranger.get(f"/v1/usage/{figure}")
        assert together.home not in str(own)
        assert own.get("total_credits", own.get("total_consumed", 0)) == 0


def test_a_key_of_one_owner_sees_no_other_wallet(
    api: Api, caller: Callable[[str], Api], together: Together
) -> None:
    bounds: Json = {"owner_type": "user", "owner_id": api.new_key()}
    api.new_wallet(organization_id=together.organization_id, **bounds)
    key = api.new_api_key("*", organization_id=together.organization_id, **bounds)
    answer = caller(key).ask("GET", "/v1/usage/wallets")
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"organization_id": "org_none"}, "organization_id"),
        ({"by": "moon"}, "by"),
    ],
)
def test_a_silly_question_names_the_field(api: Api, query: dict[str, str], field: str) -> None:
    answer = api.ask("GET", "/v1/usage/series", query=query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
