"""Payments, captures, refunds, disputes and settlements, as Razorpay tells them."""

import pytest

from khata.payments.gateway import GatewayRefused, GatewayUnavailable
from razorpay_talk import (
    AUTHORIZED,
    CAPTURED,
    NEW_REFUND,
    PAYMENT,
    REFUND,
    UNANSWERED,
    talking,
)
from scripted_gateway import Answer, Lost, items, ok, refused


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
