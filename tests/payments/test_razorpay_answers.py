"""What our client of Razorpay makes of answers, and of answers that do not come."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from khata.payments.gateway import (
    ErrorPlace,
    GatewayPayment,
    GatewayRefused,
    GatewayUnavailable,
    NewOrder,
    NewRefund,
)
from khata.payments.razorpay import RazorpayGateway, RazorpayOptions
from khata.payments.razorpay.wire import WireSettings
from scripted_gateway import Answer, Lost, Scripted, items, ok, refused, scripted

AT_ONCE = WireSettings(read_seconds=0.2, pauses=(0.0, 0.0), through_proxy=False)
NEW_ORDER = NewOrder(receipt="ord_1", amount=60_200, currency="INR", payment_method="debit")
NEW_REFUND = NewRefund(payment_id="pay_1", amount=100, currency="INR", key="rfd_0000000001")

ORDER: Mapping[str, object] = {
    "id": "order_1",
    "entity": "order",
    "amount": 60_200,
    "amount_paid": None,
    "currency": "INR",
    "receipt": "ord_1",
    "status": "created",
    "notes": [],
    "created_at": 1_764_000_000,
    "some_new_field": {"deep": []},
}
PAYMENT: Mapping[str, object] = {
    "id": "pay_1",
    "amount": 60_200,
    "currency": "INR",
    "status": "authorized",
    "order_id": "order_1",
    "method": "upi",
    "vpa": "asha@upi",
    "notes": [],
    "created_at": 1_764_000_100,
}
REFUND: Mapping[str, object] = {
    "id": "rfnd_1",
    "payment_id": "pay_1",
    "amount": 100,
    "currency": "INR",
    "status": "pending",
    "receipt": NEW_REFUND.key,
}
CAPTURED = {**PAYMENT, "status": "captured", "fee": 1_421, "tax": 217}
AUTHORIZED = GatewayPayment(
    id="pay_1",
    order_id="order_1",
    amount=60_200,
    currency="INR",
    state="authorized",
    method="upi",
)


@asynccontextmanager
async def talking(*answers: Answer | Lost) -> AsyncGenerator[tuple[RazorpayGateway, Scripted]]:
    """Our client at a gateway that gives these answers."""
    async with scripted(*answers) as theirs:
        options = RazorpayOptions(wire=AT_ONCE, display_name="Shop")
        ours = RazorpayGateway("razorpay", theirs.url, "rzp_test_k", "s3cret", ["whs"], options)
        try:
            yield ours, theirs
        finally:
            await ours.close()


async def test_an_order_is_made_for_its_receipt() -> None:
    async with talking(ok(**ORDER)) as (ours, theirs):
        order = await ours.create_order(NEW_ORDER)
    assert (order.id, order.amount, order.currency, order.is_paid) == (
        "order_1",
        60_200,
        "INR",
        False,
    )
    assert order.checkout == {
        "key_id": "rzp_test_k",
        "order_id": "order_1",
        "amount": 60_200,
        "currency": "INR",
        "name": "Shop",
        "method": "card",
        "card_type": "debit",
    }
    (asked,) = theirs.asked
    assert asked.line == "POST /v1/orders"
    assert asked.headers["authorization"].startswith("Basic ")
    assert asked.body == {
        "amount": 60_200,
        "currency": "INR",
        "receipt": "ord_1",
        "payment_capture": True,
        "notes": {},
        "unique_receipt": True,
    }


UNANSWERED: list[Answer | Lost] = [
    "hang",
    "reset",
    "cut",
    Answer(502, b"<html>Bad Gateway</html>", "text/html"),
    Answer(500, {"error": {"code": "SERVER_ERROR", "description": "We are facing some trouble"}}),
    Answer(429, {"error": {"code": "BAD_REQUEST_ERROR", "description": "Too many requests"}}),
    Answer(400, {"error": {"code": "SERVER_ERROR", "description": "we are confused"}}),
    Answer(404, b"<html>no such page</html>", "text/html"),
    Answer(302, b""),
    Answer(200, b"<html>sign in to the hotel's network</html>", "text/html"),
    Answer(200, b'{"id": "order_1", "amount": 60200, "curr'),
    Answer(200, b'{"id": "order_\xff"}'),
    Answer(200, b"{}"),
    Answer(200, b""),
]


@pytest.mark.parametrize("answer", UNANSWERED)
async def test_after_no_answer_the_order_is_adopted_by_its_receipt(answer: Answer | Lost) -> None:
    async with talking(answer, items({**ORDER, "receipt": "other"}, ORDER)) as (ours, theirs):
        assert (await ours.create_order(NEW_ORDER)).id == "order_1"
    assert theirs.lines == ["POST /v1/orders", "GET /v1/orders?receipt=ord_1"]


@pytest.mark.parametrize("answer", UNANSWERED)
async def test_after_no_answer_and_no_order_nobody_knows(answer: Answer | Lost) -> None:
    async with talking(answer, items()) as (ours, _):
        with pytest.raises(GatewayUnavailable):
            await ours.create_order(NEW_ORDER)


async def test_a_receipt_used_before_leads_to_its_order() -> None:
    no = refused("Order receipt should be unique.")
    newer = {**ORDER, "id": "order_2", "created_at": 1_764_000_001}
    async with talking(no, items(newer, ORDER)) as (ours, _):
        assert (await ours.create_order(NEW_ORDER)).id == "order_1"


async def test_a_receipt_of_another_amount_is_refused() -> None:
    no = refused("Order receipt should be unique.")
    async with talking(no, items({**ORDER, "amount": 100})) as (ours, _):
        with pytest.raises(GatewayRefused) as caught:
            await ours.create_order(NEW_ORDER)
    assert caught.value.code == "RECEIPT_REUSED"


async def test_a_no_keeps_the_gateways_own_words() -> None:
    no = refused(
        "Order amount less than minimum amount allowed",
        source="business",
        step="order_creation",
        reason="input_validation_failed",
        field="amount",
        metadata={},
    )
    async with talking(no) as (ours, _):
        with pytest.raises(GatewayRefused) as caught:
            await ours.create_order(NEW_ORDER)
    told = caught.value
    assert told.description == "Order amount less than minimum amount allowed"
    assert (told.code, told.reason, told.field) == (
        "BAD_REQUEST_ERROR",
        "input_validation_failed",
        "amount",
    )
    assert told.place == ErrorPlace("business", "order_creation", 400)
    assert not told.retryable


@pytest.mark.parametrize(
    "error",
    [
        {"code": "GATEWAY_ERROR", "reason": "bank_technical_error"},
        {"reason": "mandate_debit_in_progress"},
    ],
)
async def test_what_stands_in_the_way_for_a_while(error: dict[str, object]) -> None:
    async with talking(refused("Not now", 400, **error)) as (ours, _):
        with pytest.raises(GatewayRefused) as caught:
            await ours.order("order_1")
    assert caught.value.retryable


@pytest.mark.parametrize("status", [401, 403])
async def test_wrong_keys_are_a_no_that_may_become_a_yes(status: int) -> None:
    async with talking(refused("Authentication failed", status)) as (ours, _):
        with pytest.raises(GatewayRefused) as caught:
            await ours.order("order_1")
    assert caught.value.retryable


async def test_a_question_is_asked_again() -> None:
    async with talking("reset", Answer(503, b""), ok(**{**ORDER, "status": "paid"})) as (
        ours,
        theirs,
    ):
        assert (await ours.order("order_1")).is_paid
    assert theirs.lines == ["GET /v1/orders/order_1"] * 3


async def test_a_question_is_asked_three_times_at_most() -> None:
    async with talking("reset", "hang", "reset") as (ours, _):
        with pytest.raises(GatewayUnavailable):
            await ours.order("order_1")


async def test_nobody_there_is_unavailable() -> None:
    async with talking() as (ours, _):
        pass
    ours = RazorpayGateway(
        "razorpay", "http://127.0.0.1:9", "k", "s", [], RazorpayOptions(wire=AT_ONCE)
    )
    with pytest.raises(GatewayUnavailable):
        await ours.order("order_1")
    await ours.close()


@pytest.mark.parametrize("told_id", ["", "../customers", "order_1?x=1", "order_é", "o" * 65])
async def test_an_id_that_is_none_is_not_asked_for(told_id: str) -> None:
    async with talking() as (ours, theirs):
        for ask in (ours.order, ours.order_payments, ours.payment, ours.disputes):
            with pytest.raises(GatewayRefused):
                await ask(told_id)
    assert not theirs.asked


async def test_payments_are_told_oldest_first_with_their_cards() -> None:
    card = {"last4": "1007", "network": "Visa", "type": "debit", "issuer": "HDFC"}
    newer = {
        **PAYMENT,
        "id": "pay_2",
        "created_at": 1_764_000_200,
        "method": "card",
        "vpa": None,
        "card": {**card, "international": False},
    }
    failed = {**PAYMENT, "status": "failed", "error_code": "BAD_REQUEST_ERROR", "contact": 91}
    async with talking(items(newer, failed)) as (ours, theirs):
        first, second = await ours.order_payments("order_1")
    assert theirs.lines == ["GET /v1/orders/order_1/payments?expand%5B%5D=card"]
    assert (first.id, first.state, first.error_code) == ("pay_1", "failed", "BAD_REQUEST_ERROR")
    assert first.created_at_us == 1_764_000_100_000_000
    assert (second.card_type, second.card_country, second.is_international) == (
        "debit",
        "IN",
        False,
    )
    assert first.instrument
    assert second.instrument
    assert first.instrument != second.instrument
    assert "asha" not in repr(first)


async def test_an_authorized_payment_is_captured() -> None:
    async with talking(ok(**CAPTURED)) as (ours, theirs):
        captured = await ours.capture(AUTHORIZED)
    assert (captured.state, captured.fee, captured.tax) == ("captured", 1_421, 217)
    assert theirs.asked[0].body == {"amount": 60_200, "currency": "INR"}


@pytest.mark.parametrize("answer", [*UNANSWERED, refused("This payment has already been captured")])
async def test_after_no_answer_the_payment_says_whether_it_is_captured(
    answer: Answer | Lost,
) -> None:
    async with talking(answer, ok(**CAPTURED)) as (ours, theirs):
        assert (await ours.capture(AUTHORIZED)).state == "captured"
    assert theirs.lines[1].startswith("GET /v1/payments/pay_1")
    async with talking(answer, ok(**PAYMENT)) as (ours, _):
        with pytest.raises((GatewayUnavailable, GatewayRefused)):
            await ours.capture(AUTHORIZED)


async def test_what_is_captured_is_not_captured_again() -> None:
    async with talking(ok(**CAPTURED)) as (ours, _):
        captured = await ours.capture(AUTHORIZED)
        assert await ours.capture(captured) is captured


async def test_a_refund_goes_under_its_key() -> None:
    async with talking(items(), ok(**REFUND)) as (ours, theirs):
        refund = await ours.refund(NEW_REFUND)
    assert (refund.id, refund.state, refund.receipt) == ("rfnd_1", "pending", NEW_REFUND.key)
    asked = theirs.asked[1]
    assert asked.line == "POST /v1/payments/pay_1/refund"
    assert asked.headers["x-refund-idempotency"] == NEW_REFUND.key
    assert asked.body == {"amount": 100, "speed": "normal", "notes": {}, "receipt": NEW_REFUND.key}


@pytest.mark.parametrize("answer", [*UNANSWERED, Answer(409, {"error": {"code": "x"}})])
async def test_a_refund_without_an_answer_is_sent_once(answer: Answer | Lost) -> None:
    async with talking(items(), answer) as (ours, theirs):
        with pytest.raises(GatewayUnavailable):
            await ours.refund(NEW_REFUND)
    assert theirs.lines[1:] == ["POST /v1/payments/pay_1/refund"]


async def test_a_refund_made_before_is_found_by_its_key() -> None:
    other = {**REFUND, "id": "rfnd_0", "receipt": "rfd_0000000000"}
    less = {**REFUND, "id": "rfnd_2", "amount": 99}
    async with talking(items(other, less, REFUND)) as (ours, theirs):
        assert (await ours.refund(NEW_REFUND)).id == "rfnd_1"
    assert theirs.lines == ["GET /v1/payments/pay_1/refunds?count=100&skip=0"]


async def test_a_refund_of_what_is_refunded_is_refused() -> None:
    async with talking(items(), refused("The payment has been fully refunded already")) as (
        ours,
        _,
    ):
        with pytest.raises(GatewayRefused) as caught:
            await ours.refund(NEW_REFUND)
    assert not caught.value.retryable


async def test_a_refund_of_an_empty_account_may_be_granted_later() -> None:
    no = refused("Your account does not have enough balance to carry out the refund operation.")
    async with talking(items(), no) as (ours, _):
        with pytest.raises(GatewayRefused) as caught:
            await ours.refund(NEW_REFUND)
    assert caught.value.retryable


async def test_disputes_of_one_payment_are_found_page_by_page() -> None:
    def dispute(number: int) -> dict[str, object]:
        return {
            "id": f"disp_{number}",
            "payment_id": f"pay_{number}",
            "amount": 100,
            "currency": "INR",
            "status": "under_review",
            "reason_code": "goods_not_received",
            "respond_by": 1_764_600_000,
        }

    first = items(*map(dispute, range(100, 200)))
    async with talking(ok(**PAYMENT), first, items(dispute(1))) as (ours, theirs):
        (found,) = await ours.disputes("pay_1")
    assert (found.id, found.state, found.reason) == ("disp_1", "under_review", "goods_not_received")
    assert found.respond_by_us == 1_764_600_000_000_000
    assert theirs.lines[1:] == [
        "GET /v1/disputes?from=1764000100&count=100&skip=0",
        "GET /v1/disputes?from=1764000100&count=100&skip=100",
    ]


async def test_a_days_settlements_are_lines() -> None:
    paid = {
        "entity_id": "pay_1",
        "type": "payment",
        "debit": 0,
        "credit": 97_100,
        "amount": 100_000,
        "currency": "INR",
        "fee": 2_900,
        "tax": 442,
        "settled": True,
        "settled_at": 1_568_176_960,
        "settlement_id": "setl_1",
        "payment_id": None,
        "notes": "Beam me up",
    }
    back = {**paid, "entity_id": "rfnd_1", "type": "refund", "debit": 500, "credit": 0, "fee": 0}
    back |= {"amount": 500, "tax": 0, "payment_id": "pay_1"}
    other = {**back, "entity_id": "trf_1", "type": "transfer"}
    held = {**paid, "entity_id": "pay_2", "settled": False}
    async with talking(items(paid, back, other, held)) as (ours, theirs):
        lines = await ours.settled_lines("2022-06-11")
    assert [(line.kind, line.entity_id, line.payment_id, line.net) for line in lines] == [
        ("payment", "pay_1", "pay_1", 97_100),
        ("refund", "rfnd_1", "pay_1", -500),
        ("adjustment", "trf_1", "pay_1", -500),
    ]
    assert (lines[0].fee, lines[0].tax, lines[0].settlement_id) == (2_900, 442, "setl_1")
    assert theirs.lines[0].startswith(
        "GET /v1/settlements/recon/combined?year=2022&month=06&day=11"
    )


async def test_calls_are_counted_and_logged_without_secrets() -> None:
    seen: list[tuple[str, str]] = []
    no = refused("asha@upi is no id", reason="bad_vpa")
    async with scripted(ok(**PAYMENT), no, "reset", items()) as theirs:
        options = RazorpayOptions(
            wire=AT_ONCE, on_call=lambda name, outcome, _: seen.append((name, outcome))
        )
        ours = RazorpayGateway("razorpay", theirs.url, "rzp_test_k", "s3cret", ["whs"], options)
        with capture_logs() as logs:
            await ours.payment("pay_1")
            with pytest.raises(GatewayRefused):
                await ours.order("order_1")
            with pytest.raises(GatewayUnavailable):
                await ours.create_order(NEW_ORDER)
        await ours.close()
    assert seen == [
        ("payment", "ok"),
        ("order", "refused"),
        ("create_order", "unavailable"),
        ("orders", "ok"),
    ]
    assert [line["event"] for line in logs] == ["gateway_refused", "gateway_unavailable"]
    written = repr(logs)
    assert "bad_vpa" in written
    for secret in ("s3cret", "rzp_test_k", "whs", "asha@upi", "60200"):
        assert secret not in written
