"""Consume and holds as the contract tells them."""

import pytest

from desk import Clock
from served import Api, Json


@pytest.fixture(scope="module")
def metered(api: Api) -> str:
    """A feature of 3 credits for every 1,000 tokens."""
    features = api.get("/v1/pricing")["features"]
    tokens = {"feature": "TOKENS", "category": "AI", "credits": 3, "per": 1000, "unit": "token"}
    if all(priced["feature"] != "TOKENS" for priced in features):
        assert api.ask("PUT", "/v1/pricing", {"features": [*features, tokens]}).status_code == 201
    return "TOKENS"


def test_a_consume_is_one_balanced_transaction(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    charged = api.consume(
        wallet_id, "AI_SUMMARY", member_id="mem-7", metadata={"b": [1, {"z": None}], "a": "é"}
    )
    t = charged["transaction"]
    assert (t["type"], t["credits"], t["balance_before"], t["balance_after"]) == (
        "USAGE_DEDUCTION",
        -15,
        100,
        85,
    )
    assert t["entries"] == [
        {"account": "available", "unit": "CREDIT", "amount": -15},
        {"account": "consumed.AI", "unit": "CREDIT", "amount": 15},
    ]
    assert [draw["credits"] for draw in t["draws"]] == [15]
    assert (t["member_id"], t["metadata"]) == ("mem-7", {"b": [1, {"z": None}], "a": "é"})
    assert charged["wallet"] == {
        "id": wallet_id,
        "available_credits": 85,
        "reserved_credits": 0,
        "locked_credits": 0,
        "sequence": t["sequence"],
    }


def test_transactions_are_chained(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    first, second = api.consume(wallet_id), api.consume(wallet_id)
    assert second["transaction"]["previous_hash"] == first["transaction"]["hash"]
    assert second["transaction"]["sequence"] == first["transaction"]["sequence"] + 1


def test_credits_of_a_consume_are_an_assertion(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    assert api.consume(wallet_id, credits=5)["transaction"]["credits"] == -5
    refused = api.refused(
        f"/v1/wallets/{wallet_id}/consume", {"feature": "API_HEAVY_QUERY", "credits": 4}
    )
    assert (refused["code"], refused["status"]) == ("PRICING_MATRIX_MISMATCH", 409)
    assert (refused["expected"], refused["claimed"]) == (5, 4)
    assert api.available(wallet_id) == 95


def test_metering_carries_the_remainder(api: Api, metered: str) -> None:
    wallet_id = api.new_wallet(10)
    first = api.consume(wallet_id, metered, quantity=250)["transaction"]
    assert (first["credits"], first["entries"], first["draws"]) == (0, [], [])
    assert first["remainder_after"] == {"numerator": 750, "denominator": 1000}
    second = api.consume(wallet_id, metered, quantity=250)["transaction"]
    assert second["credits"] == -1
    assert second["remainder_before"] == first["remainder_after"]


def test_a_daily_cap_ends_with_the_day(api: Api, clock: Clock) -> None:
    wallet_id = api.new_wallet(100)
    path = f"/v1/wallets/{wallet_id}"
    api.ask("PATCH", path, {"caps": {"AI": 1}})
    api.consume(wallet_id, "AI_MODERATION")
    refused = api.refused(f"{path}/consume", {"feature": "AI_MODERATION"})
    assert (refused["code"], refused["status"]) == ("DAILY_LIMIT_EXCEEDED_AI", 429)
    assert (refused["cap"], refused["used"], refused["limit"]) == ("AI", 1, 1)
    assert refused["resets_at"].endswith("T18:30:00.000000Z")
    clock.turn(days=1)
    api.consume(wallet_id, "AI_MODERATION")


def test_the_first_check_that_fails_answers(api: Api) -> None:
    """Wallet state before feature, feature before caps, caps before funds."""
    wallet_id = api.new_wallet()
    path = f"/v1/wallets/{wallet_id}"
    consume = f"{path}/consume"
    assert api.refused(consume, {"feature": "AI_SUMMARY"})["code"] == "INSUFFICIENT_CREDITS"
    api.ask("PATCH", path, {"caps": {"AI": 0}})
    assert api.refused(consume, {"feature": "AI_SUMMARY"})["code"] == "DAILY_LIMIT_EXCEEDED_AI"
    wrong = {"feature": "AI_SUMMARY", "credits": 1}
    assert api.refused(consume, wrong)["code"] == "PRICING_MATRIX_MISMATCH"
    assert api.refused(consume, {"feature": "NO_SUCH"})["code"] == "UNKNOWN_FEATURE"
    api.ask("PATCH", path, {"status": "frozen"})
    assert api.refused(consume, {"feature": "NO_SUCH"})["code"] == "WALLET_FROZEN"
    assert api.refused(consume, {"feature": "NO_SUCH", "quantity": 0})["code"] == "INVALID_QUANTITY"


def test_what_reached_no_decision_leaves_the_key_unused(api: Api) -> None:
    wallet_id, key = api.new_wallet(100), api.new_key()
    path = f"/v1/wallets/{wallet_id}/consume"
    api.refused(path, {"feature": "NO_SUCH"}, key=key)
    api.refused(path, {"feature": "AI_SUMMARY", "quantity": -1}, key=key)
    api.refused("/v1/wallets/wal_01K9Z3NDEKTSV4RRFFQ69G5FAV/consume", {"feature": "A"}, key=key)
    assert api.post(path, {"feature": "AI_SUMMARY"}, key=key)["wallet"]["available_credits"] == 85


def test_a_hold_is_taken_and_captured_below_its_amount(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    taken = api.hold(wallet_id, quantity=4, member_id="mem-1", metadata={"a": 1})
    hold = taken["hold"]
    assert (hold["credits"], hold["captured_credits"], hold["state"]) == (20, 0, "open")
    assert (taken["wallet"]["available_credits"], taken["wallet"]["reserved_credits"]) == (80, 20)
    path = f"/v1/wallets/{wallet_id}/holds/{hold['id']}"
    assert api.get(path) == hold
    captured = api.post(f"{path}/capture", {"quantity": 1})
    assert (captured["hold"]["state"], captured["hold"]["captured_credits"]) == ("captured", 5)
    assert captured["transaction"]["type"] == "HOLD_CAPTURE"
    assert captured["wallet"]["available_credits"] == 95
    again = api.refused(f"{path}/capture", {"quantity": 1})
    assert (again["code"], again["state"]) == ("HOLD_NOT_OPEN", "captured")


def test_a_hold_is_released_with_or_without_a_body(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    bodies: tuple[Json | None, ...] = (None, {})
    for body in bodies:
        hold_id = api.hold(wallet_id, credits=30)["hold"]["id"]
        released = api.post(f"/v1/wallets/{wallet_id}/holds/{hold_id}/release", body)
        assert released["hold"]["state"] == "released"
        assert released["wallet"]["available_credits"] == 100


def test_an_extended_hold_outlives_its_first_expiry(api: Api, clock: Clock) -> None:
    wallet_id = api.new_wallet(100)
    hold_id = api.hold(wallet_id, credits=30, ttl_seconds=10)["hold"]["id"]
    path = f"/v1/wallets/{wallet_id}/holds/{hold_id}"
    extended = api.post(f"{path}/extend", {"ttl_seconds": 100})
    assert (extended["transaction"], extended["wallet"]["reserved_credits"]) == (None, 30)
    clock.turn(seconds=50)
    assert api.get(path)["state"] == "open"
    clock.turn(seconds=50)
    assert api.get(path)["state"] == "expired"
    assert api.available(wallet_id) == 100
    late = api.refused(f"{path}/capture", {"credits": 1})
    assert (late["code"], late["status"]) == ("HOLD_EXPIRED", 410)
    assert late["expired_at"] == extended["hold"]["expires_at"]


def test_capturing_more_than_is_held(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    hold_id = api.hold(wallet_id, credits=10)["hold"]["id"]
    path = f"/v1/wallets/{wallet_id}/holds/{hold_id}/capture"
    refused = api.refused(path, {"credits": 15})
    assert (refused["code"], refused["requested"], refused["held"]) == (
        "CAPTURE_EXCEEDS_HOLD",
        15,
        10,
    )
    more: Json = {"credits": 15, "over_capture": "if_available"}
    assert api.post(path, more)["wallet"]["available_credits"] == 85


def test_holds_are_listed_by_their_state_now(api: Api, clock: Clock) -> None:
    wallet_id = api.new_wallet(100)
    first = api.hold(wallet_id, credits=1, ttl_seconds=5)["hold"]["id"]
    second = api.hold(wallet_id, credits=1, ttl_seconds=500)["hold"]["id"]
    path = f"/v1/wallets/{wallet_id}/holds"
    assert [hold["id"] for hold in api.get(path)["data"]] == sorted([second, first], reverse=True)
    clock.turn(seconds=5)
    assert [hold["id"] for hold in api.get(path, state="open")["data"]] == [second]
    assert [hold["id"] for hold in api.get(path, state="expired")["data"]] == [first]
    page = api.get(path, limit=1)
    rest = api.get(path, limit=1, cursor=page["next_cursor"])
    assert {page["data"][0]["id"], rest["data"][0]["id"]} == {first, second}
    assert rest["next_cursor"] is None


def test_unknown_holds(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    for hold_id in ("hld_01K9Z3NDEKTSV4RRFFQ69G5FAV", "nonsense", "%F0%9F%8E%89"):
        path = f"/v1/wallets/{wallet_id}/holds/{hold_id}"
        assert api.ask("GET", path).json()["code"] == "HOLD_NOT_FOUND"
        assert api.refused(f"{path}/release")["code"] == "HOLD_NOT_FOUND"
