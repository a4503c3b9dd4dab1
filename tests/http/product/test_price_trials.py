"""Price trials over HTTP: the contract's shape, whose usage is tried, and what will not do."""

from collections.abc import Callable
from typing import Any

import pytest

from desk import Clock
from khata.domain.times import rfc3339
from served import Api, Json, Product

DAY_US = 86_400_000_000
NO_WALLET = "wal_01K9Z3NDEKTSV4RRFFQ69G5FAV"
Caller = Callable[[str], Api]


def proposal(api: Api, clock: Clock, **credits: int) -> Json:
    """The prices in force with some changed, on the last day up to a second from now."""
    features = [
        {**each, "credits": credits.get(each["feature"], each["credits"])}
        for each in api.get("/v1/pricing")["features"]
    ]
    return {
        "features": features,
        "from": rfc3339(clock() - DAY_US),
        "to": rfc3339(clock() + 1_000_000),
    }


def test_a_trial_says_what_it_would_have_cost_and_who_would_have_run_dry(
    api: Api, product: Product, clock: Clock
) -> None:
    organization = product.new_organization(f"trial{api.new_key()}")
    asha, ravi, idle = (
        api.new_wallet(credits, organization_id=organization) for credits in (100, 40, 7)
    )
    charge = api.consume(asha, "AI_SUMMARY", quantity=2)["transaction"]
    api.post(f"/v1/wallets/{asha}/refunds", {"transaction_id": charge["id"], "reason": "slow"})
    api.consume(asha, "AI_SUMMARY")
    dry = [api.consume(ravi, "AI_SUMMARY")["transaction"] for _ in range(2)][1]
    api.consume(ravi, "EMAIL_SEND", quantity=3)

    body = {**proposal(api, clock, AI_SUMMARY=30, EMAIL_SEND=0), "organization_id": organization}
    trial = api.post("/v1/pricing/simulate", body)
    assert trial == {
        "from": body["from"],
        "to": body["to"],
        "actual_credits": 48,
        "proposed_credits": 90,
        "features": [
            {
                "feature": "AI_SUMMARY", "category": "AI", "is_priced": True, "count": 4,
                "quantity": 5, "actual_credits": 45, "proposed_credits": 90,
            },
            {
                "feature": "EMAIL_SEND", "category": "QUEUE", "is_priced": True, "count": 1,
                "quantity": 3, "actual_credits": 3, "proposed_credits": 0,
            },
        ],
        "wallets": [
            {
                "wallet_id": ravi, "actual_credits": 33, "proposed_credits": 60,
                "runs_dry_at": dry["created_at"],
            },
            {
                "wallet_id": asha, "actual_credits": 15, "proposed_credits": 30,
                "runs_dry_at": None,
            },
        ],
        "wallet_count": 2,
        "runs_dry_count": 1,
    }  # fmt: skip
    own = api.post("/v1/pricing/simulate", {**body, "wallet_id": asha})
    assert [wallet["wallet_id"] for wallet in own["wallets"]] == [asha]
    assert api.post("/v1/pricing/simulate", {**body, "wallet_id": idle})["wallets"] == []


def test_prices_as_they_are_cost_what_was_charged(api: Api, clock: Clock) -> None:
    trial = api.post("/v1/pricing/simulate", proposal(api, clock))
    for each in (*trial["features"], *trial["wallets"], trial):
        assert each["actual_credits"] == each["proposed_credits"]
    assert trial["runs_dry_count"] == 0


def test_nothing_is_published_by_trying(api: Api, clock: Clock) -> None:
    before = api.get("/v1/pricing/versions")
    api.post("/v1/pricing/simulate", proposal(api, clock, AI_SUMMARY=99))
    assert api.get("/v1/pricing/versions") == before


def test_a_bound_caller_tries_on_its_own_wallets_alone(
    api: Api, caller: Caller, product: Product, clock: Clock
) -> None:
    organization = product.new_organization(f"bound{api.new_key()}")
    own = api.new_wallet(50, organization_id=organization)
    foreign = api.new_wallet(50)
    for wallet in (own, foreign):
        api.consume(wallet, "AI_SUMMARY")
    bound = caller(api.new_api_key("pricing:write", organization_id=organization))
    body = proposal(api, clock)
    trial = bound.post("/v1/pricing/simulate", body)
    assert [wallet["wallet_id"] for wallet in trial["wallets"]] == [own]
    assert trial["actual_credits"] == 15
    for wallet in (foreign, NO_WALLET):
        refused = bound.refused("/v1/pricing/simulate", {**body, "wallet_id": wallet})
        assert (refused["status"], refused["code"]) == (404, "WALLET_NOT_FOUND")
    others = {**body, "organization_id": "org_other"}
    assert bound.refused("/v1/pricing/simulate", others)["status"] == 403


def test_an_owner_tries_on_its_one_wallet(api: Api, caller: Caller, clock: Clock) -> None:
    owner: Json = {"owner_type": "user", "owner_id": api.new_key()}
    own = api.new_wallet(50, **owner)
    api.consume(own, "AI_SUMMARY")
    bound = caller(api.new_api_key("pricing:write", **owner))
    body = proposal(api, clock, AI_SUMMARY=16)
    assert bound.refused("/v1/pricing/simulate", body)["status"] == 403
    assert bound.post("/v1/pricing/simulate", {**body, "wallet_id": own})["proposed_credits"] == 16


X: Json = {"feature": "X", "category": "API", "credits": 1}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"features": []}, "features"),
        ({"features": [{**X, "credits": -1}]}, "features[0].credits"),
        ({"features": [X, X]}, "features[1].feature"),
        ({"features": [{**X, "cap": "NO"}]}, "features[0].cap"),
        ({"from": None}, "from"),
        ({"from": "2099-01-01T00:00:00Z"}, "to"),
        ({"to": "yesterday"}, "to"),
        ({"wallets": []}, "wallets"),
    ],
)
def test_trials_that_will_not_do(api: Api, clock: Clock, change: Any, field: str) -> None:
    refused = api.refused("/v1/pricing/simulate", {**proposal(api, clock), **change})
    assert (refused["status"], refused["errors"][0]["field"]) == (422, field)
