"""What our client of Razorpay makes of answers, and of answers that do not come."""

import pytest
from structlog.testing import capture_logs

from khata.payments.gateway import ErrorPlace, GatewayRefused, GatewayUnavailable
from khata.payments.razorpay.gateway import RazorpayGateway, RazorpayOptions
from razorpay_talk import (
    AT_ONCE,
    NEW_ORDER,
    ORDER,
    PAYMENT,
    UNANSWERED,
    talking,
)
from scripted_gateway import Answer, Lost, items, ok, refused, scripted


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


@pytest.mark.parametrize("answer", UNANSWERED)
async def test_after_no_answer_the_order_is_adopted_by_its_receipt(answer: Answer | Lost) -> None:
    other = {**ORDER, "id": "order_0", "receipt": "other", "created_at": 1}
    async with talking(answer, items(other, ORDER)) as (ours, theirs):
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
