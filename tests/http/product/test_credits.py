"""Grants, refunds of usage and gifts."""

from datetime import UTC, datetime, timedelta

import pytest

from desk import Clock
from served import Api


def in_days(clock: Clock, days: float) -> str:
    return (datetime.fromtimestamp(clock.at_us / 1e6, UTC) + timedelta(days=days)).isoformat()


def test_a_grant_is_a_lot_with_all_that_was_said(api: Api, clock: Clock) -> None:
    wallet_id = api.new_wallet()
    expires_at = in_days(clock, 1)
    granted = api.grant(wallet_id, 40, kind="promo", expires_at=expires_at, priority=10, note="Hi")
    grant = granted["grant"]
    assert (grant["kind"], grant["credits"], grant["remaining"]) == ("promo", 40, 40)
    assert (grant["priority"], grant["transferable"], grant["note"]) == (10, False, "Hi")
    assert datetime.fromisoformat(grant["expires_at"]) == datetime.fromisoformat(expires_at)
    assert granted["transaction"]["type"] == "BONUS_CREDIT"
    assert granted["transaction"]["note"] == "Hi"
    assert api.get(f"/v1/wallets/{wallet_id}/grants")["data"] == [grant]


def test_lots_burn_down_in_order_and_expire_on_time(api: Api, clock: Clock) -> None:
    wallet_id = api.new_wallet()
    late = api.grant(wallet_id, 10)["grant"]["id"]
    soon = api.grant(wallet_id, 10, expires_at=in_days(clock, 1))["grant"]["id"]
    first = api.grant(wallet_id, 10, priority=1)["grant"]["id"]
    draws = api.consume(wallet_id, quantity=3)["transaction"]["draws"]
    assert draws == [{"grant_id": first, "credits": 10}, {"grant_id": soon, "credits": 5}]
    clock.turn(days=1)
    assert api.available(wallet_id) == 10
    left = api.get(f"/v1/wallets/{wallet_id}/grants", live="true")["data"]
    assert [(grant["id"], grant["remaining"]) for grant in left if grant["remaining"]] == [
        (late, 10)
    ]


def test_grants_are_listed_page_by_page(api: Api) -> None:
    wallet_id = api.new_wallet()
    made = {api.grant(wallet_id, 1, kind=kind)["grant"]["id"] for kind in ("bonus", "plan")}
    path = f"/v1/wallets/{wallet_id}/grants"
    first = api.get(path, limit=1)
    second = api.get(path, limit=1, cursor=first["next_cursor"])
    assert {first["data"][0]["id"], second["data"][0]["id"]} == made
    assert second["next_cursor"] is None
    assert [grant["kind"] for grant in api.get(path, kind="plan")["data"]] == ["plan"]


def test_an_adjustment_takes_back_what_is_there(api: Api) -> None:
    wallet_id = api.new_wallet(30)
    taken = api.grant(wallet_id, -10, kind="adjustment", note="A mistake")
    assert (taken["grant"], taken["wallet"]["available_credits"]) == (None, 20)
    assert taken["transaction"]["type"] == "ADMIN_ADJUSTMENT"
    too_much = {"kind": "adjustment", "credits": -21, "note": "More"}
    assert api.refused(f"/v1/wallets/{wallet_id}/grants", too_much)["status"] == 402


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"kind": "bonus", "credits": -1}, "INVALID_CREDIT_AMOUNT", "credits"),
        ({"kind": "adjustment", "credits": 0}, "INVALID_CREDIT_AMOUNT", "credits"),
        ({"kind": "bonus", "credits": 10**12 + 1}, "INVALID_CREDIT_AMOUNT", "credits"),
        ({"kind": "purchase", "credits": 1}, "VALIDATION_FAILED", "kind"),
        ({"kind": "promo", "credits": 1, "transferable": True},
         "VALIDATION_FAILED", "transferable"),
        ({"kind": "plan", "credits": 1, "expires_at": "2020-01-01T00:00:00Z"},
         "VALIDATION_FAILED", "expires_at"),
        ({"kind": "plan", "credits": 1, "expires_at": "2999-01-01T00:00:00"},
         "VALIDATION_FAILED", "expires_at"),
        ({"kind": "adjustment", "credits": -1, "expires_at": "2999-01-01T00:00:00Z"},
         "VALIDATION_FAILED", "expires_at"),
        ({"kind": "plan", "credits": 1, "priority": -1}, "VALIDATION_FAILED", "priority"),
    ],
)  # fmt: skip
def test_grants_that_will_not_do(api: Api, body: dict[str, object], code: str, field: str) -> None:
    wallet_id = api.new_wallet(50)
    refused = api.refused(f"/v1/wallets/{wallet_id}/grants", {"note": "x", **body})
    assert (refused["status"], refused["code"]) == (422, code)
    assert refused["errors"][0]["field"] == field
    assert api.available(wallet_id) == 50


def test_a_wallet_holds_only_so_much(api: Api) -> None:
    wallet_id = api.new_wallet()
    body = {"kind": "bonus", "credits": 10**12, "note": "x"}
    items = [
        {"op": "grant", "wallet_id": wallet_id, "idempotency_key": api.new_key(), **body}
        for _ in range(1000)
    ]
    results = api.post("/v1/batch", {"items": items})["results"]
    assert {result["status"] for result in results} == {201}
    refused = api.refused(f"/v1/wallets/{wallet_id}/grants", {**body, "credits": 1})
    assert (refused["status"], refused["code"]) == (422, "INVALID_CREDIT_AMOUNT")
    assert api.available(wallet_id) == 10**15


def test_a_refund_goes_back_to_the_very_lots(api: Api) -> None:
    wallet_id = api.new_wallet(3)
    api.grant(wallet_id, 20)
    charge = api.consume(wallet_id)["transaction"]
    path = f"/v1/wallets/{wallet_id}/refunds"
    part = api.post(path, {"transaction_id": charge["id"], "credits": 1, "reason": "It was slow"})
    assert (part["transaction"]["type"], part["transaction"]["credits"]) == ("REFUND", 1)
    assert part["transaction"]["source_id"] == charge["id"]
    assert part["transaction"]["note"] == "It was slow"
    rest = api.post(path, {"transaction_id": charge["id"], "reason": "It failed"})
    assert rest["transaction"]["credits"] == 4
    returned = [draw for t in (part, rest) for draw in t["transaction"]["draws"]]
    by_grant = {draw["grant_id"]: 0 for draw in charge["draws"]}
    for draw in returned:
        by_grant[draw["grant_id"]] -= draw["credits"]
    assert by_grant == {draw["grant_id"]: draw["credits"] for draw in charge["draws"]}
    refused = api.refused(path, {"transaction_id": charge["id"], "reason": "Again"})
    assert (refused["code"], refused["refundable"]) == ("REFUND_EXCEEDS_CHARGE", 0)


def test_only_usage_of_this_wallet_is_refunded(api: Api) -> None:
    wallet_id, other = api.new_wallet(20), api.new_wallet(20)
    granted = api.grant(wallet_id, 1)["transaction"]["id"]
    elsewhere = api.consume(other)["transaction"]["id"]
    for unknown in (granted, elsewhere, "txn_01K9Z3NDEKTSV4RRFFQ69G5FAV", "nonsense"):
        body = {"transaction_id": unknown, "reason": "x"}
        refused = api.refused(f"/v1/wallets/{wallet_id}/refunds", body)
        assert (refused["status"], refused["code"]) == (404, "TRANSACTION_NOT_FOUND")


def test_a_gift_has_two_legs(api: Api) -> None:
    giver, receiver = api.new_wallet(50), api.new_wallet()
    body = {"to_wallet_id": receiver, "credits": 20, "note": "For you"}
    given = api.post(f"/v1/wallets/{giver}/transfers", body)
    assert given["wallet"]["available_credits"] == 30
    assert given["transaction"]["counterpart_wallet_id"] == receiver
    arrived = api.get(f"/v1/wallets/{receiver}/transactions")["data"][0]
    assert (arrived["type"], arrived["credits"], arrived["note"]) == ("TRANSFER_IN", 20, "For you")
    assert arrived["source_id"] == given["transaction"]["id"]
    assert given["transaction"]["source_id"] == arrived["id"]


def test_promo_credits_are_no_gift(api: Api) -> None:
    giver, receiver = api.new_wallet(5), api.new_wallet()
    api.grant(giver, 50, kind="promo")
    body = {"to_wallet_id": receiver, "credits": 20, "note": "x"}
    refused = api.refused(f"/v1/wallets/{giver}/transfers", body)
    assert (refused["code"], refused["transferable"]) == ("NOT_TRANSFERABLE", 5)
    assert api.available(receiver) == 0


def test_gifts_that_go_nowhere(api: Api) -> None:
    giver = api.new_wallet(50)
    path = f"/v1/wallets/{giver}/transfers"
    itself = api.refused(path, {"to_wallet_id": giver, "credits": 1, "note": "x"})
    assert (itself["code"], itself["errors"][0]["field"]) == ("VALIDATION_FAILED", "to_wallet_id")
    for unknown in ("wal_01K9Z3NDEKTSV4RRFFQ69G5FAV", "nonsense", "💸"):
        refused = api.refused(path, {"to_wallet_id": unknown, "credits": 1, "note": "x"})
        assert (refused["status"], refused["code"]) == (404, "WALLET_NOT_FOUND")
        assert refused["wallet_id"] == unknown
    assert api.available(giver) == 50
