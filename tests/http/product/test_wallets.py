"""Wallets: one for each owner, found, changed, frozen; the gate and the balances of the past."""

from datetime import UTC, datetime

import pytest

from desk import Clock
from served import Api


def test_an_owner_has_one_wallet(api: Api) -> None:
    body = {"owner_type": "community", "owner_id": api.new_key(), "name": "Delhi Devs"}
    first = api.ask("POST", "/v1/wallets", body)
    again = api.ask("POST", "/v1/wallets", {**body, "name": "Another name"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert first.json()["time_zone"] == "Asia/Kolkata"
    assert first.json()["low_balance_threshold"] == 200
    assert first.json()["auto_recharge"]["enabled"] is False


def test_a_wallet_shows_its_credits(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    api.consume(wallet_id)
    api.hold(wallet_id, credits=20)
    wallet = api.get(f"/v1/wallets/{wallet_id}")
    names = ("available_credits", "reserved_credits", "locked_credits", "pending_credits")
    assert [wallet[name] for name in names] == [75, 20, 0, 0]
    assert (wallet["lifetime_purchased_credits"], wallet["lifetime_used_credits"]) == (0, 5)


def test_wallets_are_listed_page_by_page(api: Api) -> None:
    owner_id = api.new_key()
    made = [
        api.new_wallet(owner_id=owner_id, owner_type=owner_type)
        for owner_type in ("user", "community", "organization")
    ]
    seen: list[str] = []
    query: dict[str, str | int] = {"owner_id": owner_id, "limit": 2}
    while True:
        page = api.get("/v1/wallets", **query)
        seen += [wallet["id"] for wallet in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == sorted(made)
    one = api.get("/v1/wallets", owner_id=owner_id, owner_type="community")
    assert [wallet["id"] for wallet in one["data"]] == [made[1]]


def test_settings_change_one_by_one(api: Api) -> None:
    wallet_id = api.new_wallet()
    path = f"/v1/wallets/{wallet_id}"
    for changes in (
        {"name": "Renamed"},
        {"low_balance_threshold": 7},
        {"rapid_burn_limit": 9},
        {"caps": {"AI": 3}},
    ):
        answer = api.ask("PATCH", path, changes)
        assert answer.status_code == 200
        assert {name: answer.json()[name] for name in changes} == changes
    assert api.get(path)["name"] == "Renamed"
    assert api.ask("PATCH", path, {"caps": {"AI": None}}).json()["caps"] == {}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"caps": {"AI": 201}}, "caps.AI"),
        ({"caps": {"FAX": 1}}, "caps.FAX"),
        ({"status": "closed"}, "status"),
        ({"low_balance_threshold": -1}, "low_balance_threshold"),
        ({"id": "wal_1"}, "id"),
        ({"name": None}, "name"),
    ],
)
def test_settings_that_will_not_do(api: Api, changes: object, field: str) -> None:
    answer = api.ask("PATCH", f"/v1/wallets/{api.new_wallet()}", changes)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_no_credits_leave_a_frozen_wallet(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    path = f"/v1/wallets/{wallet_id}"
    assert api.ask("PATCH", path, {"status": "frozen"}).json()["status"] == "frozen"
    key = api.new_key()
    refused = api.refused(f"{path}/consume", {"feature": "API_HEAVY_QUERY"}, key=key)
    assert (refused["status"], refused["code"]) == (403, "WALLET_FROZEN")
    assert api.grant(wallet_id, 5)["wallet"]["available_credits"] == 105
    assert api.get(f"{path}/gate", feature="AI_SUMMARY")["code"] == "WALLET_FROZEN"
    api.ask("PATCH", path, {"status": "active"})
    again = api.refused(f"{path}/consume", {"feature": "API_HEAVY_QUERY"}, key=key)
    assert again == refused
    api.consume(wallet_id)


def test_the_gate_foretells_a_consume(api: Api) -> None:
    wallet_id = api.new_wallet(20)
    path = f"/v1/wallets/{wallet_id}/gate"
    gate = api.get(path, feature="AI_SUMMARY", member_id="mem-1")
    assert gate.pop("caps")[0].keys() == {"cap", "used", "limit", "resets_at"}
    assert gate == {
        "can_use_premium": True,
        "is_low_balance": True,
        "is_exhausted": False,
        "hard_limit_reached": False,
        "available_credits": 20,
        "threshold": 200,
        "allowed": True,
        "code": None,
        "price": 15,
        "budgets": [],
        "protection": None,
    }
    dear = api.get(path, feature="AI_SUMMARY", quantity=2)
    assert (dear["allowed"], dear["code"], dear["price"]) == (False, "INSUFFICIENT_CREDITS", 30)


def test_core_features_stay_allowed_at_zero(api: Api) -> None:
    wallet_id = api.new_wallet()
    gate = api.get(f"/v1/wallets/{wallet_id}/gate", feature="INVITE_MEMBER")
    assert (gate["allowed"], gate["code"]) == (True, "INSUFFICIENT_CREDITS")
    assert (gate["can_use_premium"], gate["is_exhausted"]) == (False, True)
    refused = api.refused(f"/v1/wallets/{wallet_id}/consume", {"feature": "INVITE_MEMBER"})
    assert refused["status"] == 402


def test_balances_of_the_past(api: Api, clock: Clock) -> None:
    wallet_id = api.new_wallet(100)
    before = datetime.fromtimestamp(clock.at_us / 1e6, UTC)
    clock.turn(seconds=60)
    api.consume(wallet_id)
    path = f"/v1/wallets/{wallet_id}/balance"
    then = api.get(path, at=before.isoformat())
    assert (then["available_credits"], then["sequence"]) == (100, 1)
    assert api.get(path)["available_credits"] == 95
    assert api.get(path, at="2020-01-01T00:00:00Z")["available_credits"] == 0
    future = api.ask("GET", path, query={"at": "2999-01-01T00:00:00Z"})
    assert future.status_code == 422
