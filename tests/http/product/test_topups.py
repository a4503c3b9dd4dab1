"""Buying credits: quotes, orders, payments at the simulator, and what comes of each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from desk import Clock
from served import Api, Json, Product

PACKS = [
    ("starter", 15_000, 1_500, 0, 18_100),
    ("growth", 30_000, 3_000, 200, 36_100),
    ("pro", 50_000, 5_000, 500, 60_200),
    ("scale", 100_000, 10_000, 2_000, 120_400),
    ("enterprise", 250_000, 25_000, 7_000, 301_000),
]
METHODS = ["upi", "debit", "credit", "netbanking", "wallet"]


def ordered(api: Api, wallet_id: str, **body: object) -> Json:
    whole = {"pack_id": "pro", "payment_method": "upi", **body}
    return api.post(f"/v1/wallets/{wallet_id}/orders", whole)


def order(api: Api, placed: Json) -> Json:
    return api.get(f"/v1/wallets/{placed['wallet_id']}/orders/{placed['id']}")


def pay(api: Api, placed: Json, outcome: str, **more: object) -> Json:
    return api.post(f"/v1/simulator/orders/{placed['id']}/pay", {"outcome": outcome, **more})


def credits_of(api: Api, wallet_id: str) -> tuple[int, int]:
    wallet = api.get(f"/v1/wallets/{wallet_id}")
    return wallet["available_credits"], wallet["pending_credits"]


def test_the_packs_are_those_of_the_product(api: Api) -> None:
    packs = api.get("/v1/packs")
    fields = ("id", "amount", "base_credits", "bonus_credits", "total_payable")
    assert [tuple(pack[field] for field in fields) for pack in packs["data"]] == PACKS
    assert packs["minimum_amount"] == 15_000
    assert (packs["gst_bps"], packs["fee_bps"]) == (1_800, 240)
    assert packs["providers"] == [{"name": "simulator", "is_default": True, "is_test": True}]


def test_a_quote_names_every_part_of_the_price(api: Api) -> None:
    assert api.post("/v1/quotes", {"pack_id": "pro"}) == {
        "pack_id": "pro",
        "amount": 50_000,
        "currency": "INR",
        "base_credits": 5_000,
        "bonus_credits": 500,
        "total_credits": 5_500,
        "gst": 9_000,
        "platform_fee": 1_200,
        "round_off": 0,
        "total_payable": 60_200,
    }
    assert api.post("/v1/quotes", {"amount": 50_000})["bonus_credits"] == 500
    assert api.post("/v1/quotes", {"amount": 50_010})["bonus_credits"] == 0


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"amount": 14_990}, "MINIMUM_ADD_FUNDS_REQUIRED", None),
        ({"amount": 0}, "MINIMUM_ADD_FUNDS_REQUIRED", None),
        ({"amount": -15_000}, "MINIMUM_ADD_FUNDS_REQUIRED", None),
        ({"amount": 15_001}, "VALIDATION_FAILED", "amount"),
        ({"amount": 10**15}, "VALIDATION_FAILED", "amount"),
        ({"amount": 10**30}, "VALIDATION_FAILED", "amount"),
        ({"amount": 150.5}, "VALIDATION_FAILED", "amount"),
        ({"amount": "15000"}, "VALIDATION_FAILED", "amount"),
        ({"pack_id": "gigantic"}, "VALIDATION_FAILED", "pack_id"),
        ({"pack_id": "pro", "amount": 50_000}, "VALIDATION_FAILED", "amount"),
        ({}, "VALIDATION_FAILED", "amount"),
        ({"amount": 15_000, "currency": "USD"}, "VALIDATION_FAILED", "currency"),
    ],
)
def test_an_amount_that_will_not_do_is_told(
    api: Api, body: Json, code: str, field: str | None
) -> None:
    wallet_id = api.new_wallet()
    for path in ("/v1/quotes", f"/v1/wallets/{wallet_id}/orders"):
        whole = body if path == "/v1/quotes" else {**body, "payment_method": "upi"}
        refused = api.refused(path, whole)
        assert refused["code"] == code, refused
        if field:
            assert [each["field"] for each in refused["errors"]] == [field]
        else:
            assert refused["minimum_amount"] == 15_000
    assert api.get(f"/v1/wallets/{wallet_id}/orders")["data"] == []


@pytest.mark.parametrize("method", METHODS)
def test_credits_come_with_the_gateways_word(product: Product, api: Api, method: str) -> None:
    wallet_id = api.new_wallet()
    placed = ordered(api, wallet_id, payment_method=method)
    assert (placed["status"], placed["provider"]) == ("created", "simulator")
    assert placed["checkout"]["amount"] == 60_200
    assert credits_of(api, wallet_id) == (0, 0)
    paid = pay(api, placed, "success")
    product.settle()
    assert order(api, placed)["status"] == paid["status"] == "paid"
    assert credits_of(api, wallet_id) == (5_500, 0)
    transactions = api.get(f"/v1/wallets/{wallet_id}/transactions")["data"]
    assert [t["type"] for t in transactions] == ["BONUS_CREDIT", "CREDIT_PURCHASE"]
    assert transactions[1]["id"] == paid["transaction_id"]
    assert transactions[1]["source_id"] == paid["payment_id"]


def test_a_failed_payment_changes_nothing_and_may_be_tried_again(
    product: Product, api: Api
) -> None:
    wallet_id = api.new_wallet()
    placed = ordered(api, wallet_id, simulate={"outcome": "fail"})
    product.settle()
    failed = order(api, placed)
    assert failed["status"] == "failed"
    assert failed["failure"]["code"] == "payment_failed"
    assert credits_of(api, wallet_id) == (0, 0)
    assert pay(api, placed, "success")["status"] == "paid"
    product.settle()
    assert order(api, placed)["failure"] is None
    assert credits_of(api, wallet_id) == (5_500, 0)


def test_what_is_under_way_is_pending(product: Product, api: Api, clock: Clock) -> None:
    wallet_id = api.new_wallet()
    placed = ordered(api, wallet_id, simulate={"outcome": "success", "delay_ms": 5_000})
    assert placed["status"] == "processing"
    assert credits_of(api, wallet_id) == (0, 5_500)
    other = api.new_wallet()
    for each, pending in ((wallet_id, 5_500), (other, 0)):
        found = api.get(f"/v1/wallets/{each}")
        listed = api.get("/v1/wallets", owner_id=found["owner_id"])["data"]
        assert [(one["id"], one["pending_credits"]) for one in listed] == [(each, pending)]
    clock.turn(seconds=6)
    product.settle()
    assert order(api, placed)["status"] == "paid"
    assert credits_of(api, wallet_id) == (5_500, 0)


def test_two_windows_pay_once(product: Product, api: Api) -> None:
    wallet_id = api.new_wallet()
    placed = ordered(api, wallet_id, simulate={"outcome": "duplicate"})
    product.settle()
    assert order(api, placed)["status"] == "paid"
    assert credits_of(api, wallet_id) == (5_500, 0)


def test_a_late_yes_of_the_bank_counts(product: Product, api: Api, clock: Clock) -> None:
    wallet_id = api.new_wallet()
    placed = ordered(api, wallet_id, simulate={"outcome": "late", "delay_ms": 7_200_000})
    product.settle()
    assert order(api, placed)["status"] == "failed"
    clock.turn(seconds=7_300)
    product.settle()
    assert order(api, placed)["status"] == "paid"
    assert credits_of(api, wallet_id) == (5_500, 0)


def test_an_order_that_nobody_pays_expires(product: Product, api: Api, clock: Clock) -> None:
    placed = ordered(api, api.new_wallet())
    clock.turn(days=1.1)
    product.settle()
    assert order(api, placed)["status"] == "expired"


def test_the_same_request_is_one_order(api: Api) -> None:
    wallet_id, key = api.new_wallet(), api.new_key()
    path = f"/v1/wallets/{wallet_id}/orders"
    body = {"pack_id": "starter", "payment_method": "upi", "simulate": {"outcome": "success"}}
    first = api.ask("POST", path, body, key=key)
    again = api.ask("POST", path, body, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert len(api.get(path)["data"]) == 1
    assert credits_of(api, wallet_id) == (1_500, 0)
    other = api.refused(path, {**body, "pack_id": "pro"}, key=key)
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"


def test_the_same_request_at_the_same_time_is_one_order_and_one_first_answer(api: Api) -> None:
    wallet_id, key = api.new_wallet(), api.new_key()
    path = f"/v1/wallets/{wallet_id}/orders"
    body = {"pack_id": "starter", "payment_method": "upi", "simulate": {"outcome": "success"}}
    with ThreadPoolExecutor(4) as callers:
        asked = [callers.submit(api.ask, "POST", path, body, key=key) for _ in range(4)]
        answers = [one.result() for one in asked]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert credits_of(api, wallet_id) == (1_500, 0)


def test_a_request_that_was_cut_off_before_its_answer_goes_on_where_it_was(
    product: Product, api: Api
) -> None:
    wallet_id, key = api.new_wallet(), api.new_key()
    path = f"/v1/wallets/{wallet_id}/orders"
    body = {"pack_id": "starter", "payment_method": "upi", "simulate": {"outcome": "success"}}
    api.post(path, body, key=key)
    with psycopg.connect(product.database.owner_dsn) as owner:
        owner.execute("update khata.orders set answer = null where wallet_id = %s", [wallet_id])
    again = api.ask("POST", path, body, key=key)
    assert (again.status_code, again.json()["status"]) == (201, "paid")
    assert api.ask("POST", path, body, key=key).content == again.content
    assert credits_of(api, wallet_id) == (1_500, 0)


def test_a_key_is_one_wish_whether_it_spends_or_buys(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    path = f"/v1/wallets/{wallet_id}"
    spent, bought = api.new_key(), api.new_key()
    usage, purchase = {"feature": "AI_SUMMARY"}, {"pack_id": "pro", "payment_method": "upi"}
    api.post(f"{path}/consume", usage, key=spent)
    api.post(f"{path}/orders", purchase, key=bought)
    assert api.refused(f"{path}/orders", purchase, key=spent)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert api.refused(f"{path}/consume", usage, key=bought)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert credits_of(api, wallet_id)[0] == 85


def test_the_key_of_a_purchase_is_nobodys_to_take(product: Product, api: Api) -> None:
    wallet_id = api.new_wallet(100)
    placed = ordered(api, wallet_id)
    pay(api, placed, "success")
    product.settle()
    bought = api.get(f"/v1/wallets/{wallet_id}/transactions", type="CREDIT_PURCHASE")["data"][0]
    assert bought["idempotency_key"].startswith("payment:simulator:pay_")
    path, usage = f"/v1/wallets/{wallet_id}/consume", {"feature": "AI_SUMMARY"}
    refused = api.refused(path, usage, key=bought["idempotency_key"])
    assert refused["code"] == "INVALID_IDEMPOTENCY_KEY"


def test_a_risky_order_is_blocked_and_kept(api: Api) -> None:
    wallet_id, key = api.new_wallet(), api.new_key()
    path = f"/v1/wallets/{wallet_id}/orders"
    body = {"amount": 1_000_100, "payment_method": "wallet"}
    blocked = api.ask("POST", path, body, key=key)
    assert blocked.status_code == 403
    problem = blocked.json()
    assert (problem["code"], problem["score"]) == ("FRAUD_BLOCKED", 70)
    counted = [reason.split()[0] for reason in problem["reasons"] if "shadow" not in reason]
    assert counted == ["R1", "R3b"]
    (kept,) = api.get(path)["data"]
    assert (kept["status"], kept["id"]) == ("blocked", problem["order_id"])
    assert any(said.startswith("R5 shadow") for said in kept["risk"]["shadow"])
    again = api.ask("POST", path, body, key=key)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (blocked.content, "true")
    played = api.refused(f"/v1/simulator/orders/{kept['id']}/pay", {"outcome": "success"})
    assert (played["code"], order(api, kept)["checkout"]) == ("FRAUD_BLOCKED", {})


@pytest.mark.parametrize(
    ("body", "score", "decision"),
    [
        ({"amount": 1_000_000}, 0, "allow"),
        ({"amount": 1_000_010}, 45, "allow"),
        ({"amount": 200_010, "payment_method": "wallet"}, 25, "allow"),
        ({"amount": 15_000, "buyer": {"name": "x' OR 1=1 --", "state_code": "29"}}, 60, "block"),
    ],
)
def test_only_the_decided_rules_count(api: Api, body: Json, score: int, decision: str) -> None:
    wallet_id = api.new_wallet()
    path = f"/v1/wallets/{wallet_id}/orders"
    api.ask("POST", path, {"payment_method": "upi", **body}, key=api.new_key())
    (placed,) = api.get(path)["data"]
    assert (placed["risk"]["score"], placed["risk"]["decision"]) == (score, decision)
    assert placed["risk"]["abstained"]["R2"] == "no GeoIP file"


@pytest.mark.parametrize(
    ("buyer", "field"),
    [
        ({"state_code": "29", "gstin": "27AAPFU0939F1ZW"}, "buyer.gstin"),
        (
            {"name": "A", "address": "B", "state_code": "29", "gstin": "27AAPFU0939F1ZV"},
            "buyer.state_code",
        ),
        ({"state_code": "77"}, "buyer.state_code"),
        ({"name": "A"}, "buyer.state_code"),
        ({"country": "US", "state_code": "29"}, "buyer.state_code"),
        ({"country": "in", "state_code": "29"}, "buyer.country"),
        ({"state_code": "29", "email": "nobody"}, "buyer.email"),
    ],
)
def test_a_buyer_that_contradicts_itself_is_told_where(api: Api, buyer: Json, field: str) -> None:
    body = {"pack_id": "pro", "payment_method": "upi", "buyer": buyer}
    refused = api.refused(f"/v1/wallets/{api.new_wallet()}/orders", body)
    assert refused["code"] == "VALIDATION_FAILED"
    assert field in [each["field"] for each in refused["errors"]]


def test_the_billing_profile_buys_where_the_order_is_silent(api: Api) -> None:
    wallet_id = api.new_wallet()
    assert ordered(api, wallet_id)["place_of_supply_assumed"]
    path = f"/v1/wallets/{wallet_id}/billing-profile"
    put = api.ask("PUT", path, {"name": "Asha Rao", "state_code": "38"})
    assert (put.status_code, put.json()) == (200, api.get(path))
    silent = ordered(api, wallet_id)
    assert (silent["place_of_supply"], silent["place_of_supply_assumed"]) == ("38", False)
    abroad = ordered(api, wallet_id, buyer={"country": "SG", "name": "Tan"})
    assert abroad["place_of_supply"] == "96"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"{}", {}),
        (b"{}", {b"X-Razorpay-Signature": b"0" * 64}),
        (b"{}", {b"X-Razorpay-Signature": b"\xff\xfe"}),
        (b"\xff\xfe", {b"X-Razorpay-Signature": b"0" * 64}),
        (b"", {}),
    ],
)
def test_an_event_that_nobody_signed_is_not_believed(
    api: Api, body: bytes, headers: dict[bytes, bytes]
) -> None:
    answer = api.raw("POST", "/v1/payments/webhooks/simulator", headers, body)
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_GENUINE")
    unknown = api.raw("POST", "/v1/payments/webhooks/paypal", headers, body)
    assert unknown.status_code == 404


def test_orders_need_their_scope(api: Api, caller: Callable[[str], Api]) -> None:
    wallet_id = api.new_wallet()
    reader = caller(api.new_api_key("payments:read"))
    path = f"/v1/wallets/{wallet_id}/orders"
    body = {"pack_id": "pro", "payment_method": "upi"}
    assert reader.refused(path, body)["required_scope"] == "payments:write"
    assert reader.get(path)["data"] == []
    foreign = caller(api.new_api_key("*", owner_type="user", owner_id=api.new_key()))
    placed = ordered(api, wallet_id)
    refused = foreign.refused(f"/v1/simulator/orders/{placed['id']}/pay", {"outcome": "success"})
    assert refused["code"] == "ORDER_NOT_FOUND"


def test_the_order_that_a_payment_paid_is_found_by_it(api: Api) -> None:
    wallet_id = api.new_wallet()
    first, second = (ordered(api, wallet_id, simulate={"outcome": "success"}) for _ in range(2))
    path = f"/v1/wallets/{wallet_id}/orders"
    found = api.get(path, payment_id=first["payment_id"])["data"]
    assert [one["id"] for one in found] == [first["id"]]
    assert first["id"] != second["id"]
    assert api.get(path, payment_id="pay_of_nobody")["data"] == []


def test_the_simulated_customer_pays_from_the_address_that_is_named(
    api: Api, product: Product
) -> None:
    wallet_id = api.new_wallet()
    for vpa in ("asha@okaxis", "asha@okaxis", "meera@ybl"):
        ordered(api, wallet_id, simulate={"outcome": "success", "vpa": vpa})
    with psycopg.connect(product.database.owner_dsn) as owner:
        paid_with = owner.execute(
            "select instrument, count(*) from khata.payments where wallet_id = %s"
            " group by instrument order by 2",
            [wallet_id],
        ).fetchall()
    assert [each[1] for each in paid_with] == [1, 2]
    simulate = {"outcome": "success", "vpa": "no address"}
    answer = api.ask(
        "POST",
        f"/v1/wallets/{wallet_id}/orders",
        {"pack_id": "pro", "payment_method": "upi", "simulate": simulate},
        key="no-address",
    )
    assert answer.json()["errors"][0]["field"] == "simulate.vpa"
