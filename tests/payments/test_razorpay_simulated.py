"""Our client and the simulator on real sockets: what goes well, and what goes wrong on the way."""

import re

import pytest

from khata.payments.gateway import (
    GatewayPayment,
    GatewayRefused,
    GatewayUnavailable,
    NewRefund,
    NotGenuine,
    PaymentMethod,
)
from khata.payments.razorpay.gateway import RazorpayGateway
from khata.payments.signatures import checkout_signature
from merchant import FAULTS, Merchant
from simulated import KEY, Stage


def refund_of(payment: GatewayPayment, amount: int, key: str = "rfd_0000000001") -> NewRefund:
    return NewRefund(payment_id=payment.id, amount=amount, currency="INR", key=key)


@pytest.mark.parametrize("method", ["upi", "debit", "credit", "netbanking", "wallet"])
async def test_an_order_is_paid_by_each_method(merchant: Merchant, method: PaymentMethod) -> None:
    order = await merchant.order(method=method)
    assert order.checkout["url"] == f"{merchant.stage.url}/checkout/{order.id}"
    page = await merchant.stage.http.get(str(order.checkout["url"]))
    assert page.status_code == 200
    played = await merchant.payer.pay(order.id, method, "success")
    (payment,) = await merchant.gateway.order_payments(order.id)
    assert payment.id == played.payment_id
    assert payment == await merchant.gateway.payment(payment.id)
    assert (payment.state, payment.amount, payment.order_id) == ("captured", 60_200, order.id)
    is_card = method in {"debit", "credit"}
    assert payment.method == ("card" if is_card else method)
    assert payment.card_type == (method if is_card else None)
    assert (payment.fee, payment.tax) == ((0, 0) if method == "upi" else (1_421, 217))
    assert (await merchant.gateway.order(order.id)).is_paid


async def test_the_browsers_words_are_checked(merchant: Merchant) -> None:
    gateway = merchant.gateway
    order = await merchant.order()
    played = await merchant.payer.pay(order.id, "upi", "success")
    assert played.signature == checkout_signature(order.id, played.payment_id, KEY[1])
    gateway.verify_checkout(order.id, played.payment_id, played.signature or "")
    with pytest.raises(NotGenuine):
        gateway.verify_checkout("order_of_another", played.payment_id, played.signature or "")


async def test_each_event_is_verified_and_tells_the_payment(merchant: Merchant) -> None:
    payment = await merchant.paid("credit")
    events = await merchant.events()
    assert [event.type for event in events] == [
        "payment.authorized",
        "payment.captured",
        "order.paid",
    ]
    assert len({event.id for event in events}) == 3
    assert events[1].payment == payment
    assert events[2].order is not None
    assert events[2].order.is_paid


async def test_failed_attempts_and_the_one_that_succeeds(merchant: Merchant) -> None:
    order = await merchant.order()
    played = await merchant.payer.pay(order.id, "upi", "fail")
    assert (played.signature, played.error_reason) == (None, "payment_failed")
    await merchant.payer.pay(order.id, "credit", "success")
    failed, captured = await merchant.gateway.order_payments(order.id)
    assert (failed.state, failed.error_reason) == ("failed", "payment_failed")
    assert captured.state == "captured"
    with pytest.raises(GatewayRefused):
        await merchant.payer.pay(order.id, "upi", "success")


async def test_late_and_delayed_payments_come_when_time_passes(merchant: Merchant) -> None:
    late, later = await merchant.order("ord_1"), await merchant.order("ord_2")
    await merchant.payer.pay(late.id, "upi", "late", delay_ms=1_500)
    await merchant.payer.pay(later.id, "upi", "success", delay_ms=1_500)
    (first,) = await merchant.gateway.order_payments(late.id)
    (second,) = await merchant.gateway.order_payments(later.id)
    assert (first.state, second.state) == ("failed", "created")
    await merchant.stage.pass_time(2)
    for order in (late, later):
        (payment,) = await merchant.gateway.order_payments(order.id)
        assert payment.state == "captured"


async def test_what_went_back_untaken_is_no_money(merchant: Merchant) -> None:
    await merchant.paid("upi", "duplicate")
    states = [event.payment.state for event in await merchant.events() if event.payment]
    assert states.count("captured") >= 1
    payments = await merchant.gateway.order_payments((await merchant.there_are("orders"))[0]["id"])
    assert sorted(payment.state for payment in payments) == ["captured", "failed"]
    assert "refunded" not in states


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_order_is_made_once(merchant: Merchant, fault: str) -> None:
    await merchant.stage.play("POST /faults", {"fault": fault, "on": "POST /v1/orders", "count": 1})
    order = await merchant.until_answered(lambda: merchant.order(gateway=merchant.hurried))
    (there,) = await merchant.there_are("orders")
    assert there["id"] == order.id


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_question_outlives_its_faults(merchant: Merchant, fault: str) -> None:
    payment = await merchant.paid()
    set_fault = {"fault": fault, "on": "GET *", "value": 2500}
    await merchant.stage.play("POST /faults", {**set_fault, "count": 2})
    assert await merchant.hurried.payment(payment.id) == payment
    await merchant.stage.play("POST /faults", set_fault)
    with pytest.raises(GatewayUnavailable):
        await merchant.hurried.payment(payment.id)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_payment_is_captured_once(merchant: Merchant, fault: str) -> None:
    payment = await merchant.authorized()
    assert payment.state == "authorized"
    on = "POST /v1/payments/*/capture"
    await merchant.stage.play("POST /faults", {"fault": fault, "on": on, "count": 1, "value": 2500})
    captured = await merchant.until_answered(lambda: merchant.hurried.capture(payment))
    assert captured.state == "captured"
    assert (await merchant.gateway.capture(payment)).id == payment.id
    types = [event.type for event in await merchant.events()]
    assert types.count("payment.captured") == 1


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_refund_is_made_once(merchant: Merchant, fault: str) -> None:
    payment = await merchant.paid()
    on = "POST /v1/payments/*/refund"
    await merchant.stage.play("POST /faults", {"fault": fault, "on": on, "count": 1, "value": 2500})
    refund = await merchant.until_answered(lambda: merchant.hurried.refund(refund_of(payment, 500)))
    assert (refund.amount, refund.receipt) == (500, "rfd_0000000001")
    (there,) = await merchant.there_are("refunds")
    assert there["id"] == refund.id
    assert (await merchant.gateway.payment(payment.id)).amount_refunded == 500


async def test_refunds_end_where_the_money_does(merchant: Merchant) -> None:
    payment = await merchant.paid()
    part = await merchant.gateway.refund(refund_of(payment, 60_000))
    with pytest.raises(GatewayRefused) as caught:
        await merchant.gateway.refund(refund_of(payment, 201, "rfd_0000000002"))
    assert caught.value.field == "amount"
    rest = await merchant.gateway.refund(refund_of(payment, 200, "rfd_0000000003"))
    assert (await merchant.gateway.payment(payment.id)).state == "refunded"
    assert (await merchant.gateway.find_refund(payment.id, part.id)).state == "processed"
    told = {e.refund.id for e in await merchant.events() if e.refund}
    assert told == {part.id, rest.id}


async def test_a_refund_may_fail_days_later(merchant: Merchant) -> None:
    payment = await merchant.paid()
    await merchant.stage.play("POST /faults", {"fault": "refund_fails_later", "count": 1})
    refund = await merchant.gateway.refund(refund_of(payment, 60_200))
    assert refund.state == "pending"
    await merchant.stage.pass_time(86_401)
    assert (await merchant.gateway.find_refund(payment.id, refund.id)).state == "failed"
    last = (await merchant.events())[-1]
    assert last.type == "refund.failed"
    assert last.refund is not None
    assert last.refund.state == "failed"


async def test_disputes_are_found_and_told(merchant: Merchant) -> None:
    payment = await merchant.paid("credit")
    await merchant.events()
    opened = await merchant.stage.play("POST /disputes", {"payment_id": payment.id})
    (dispute,) = await merchant.gateway.disputes(payment.id)
    assert (dispute.id, dispute.payment_id, dispute.state) == (opened["id"], payment.id, "open")
    await merchant.stage.play(f"POST /disputes/{dispute.id}/lost")
    events = await merchant.events()
    assert [event.type for event in events] == ["payment.dispute.created", "payment.dispute.lost"]
    assert events[1].dispute is not None
    assert events[1].dispute.state == "lost"


async def test_a_days_settlement(merchant: Merchant) -> None:
    payment = await merchant.paid("credit")
    refund = await merchant.gateway.refund(refund_of(payment, 200))
    await merchant.stage.play("POST /settle")
    lines = await merchant.gateway.settled_lines("2026-01-01")
    assert [(line.kind, line.entity_id, line.payment_id, line.net) for line in lines] == [
        ("payment", payment.id, payment.id, 60_200 - 1_421),
        ("refund", refund.id, payment.id, -200),
    ]
    assert (lines[0].fee, lines[0].tax) == (1_421, 217)
    assert await merchant.gateway.settled_lines("2026-01-02") == []


@pytest.mark.parametrize("fault", ["extra_fields", "notes_as_list"])
async def test_answers_are_read_leniently(merchant: Merchant, fault: str) -> None:
    await merchant.stage.play("POST /faults", {"fault": fault})
    payment = await merchant.paid("credit")
    assert payment.state == "captured"
    assert all(event.payment for event in await merchant.events())


async def test_wrong_keys_are_refused(stage: Stage) -> None:
    gateway = RazorpayGateway("simulator", stage.url, KEY[0], "wrong", [])
    with pytest.raises(GatewayRefused) as caught:
        await gateway.order("order_1")
    await gateway.close()
    assert (caught.value.place.status, caught.value.retryable) == (401, True)


async def test_ids_are_of_the_vendors_form(merchant: Merchant) -> None:
    payment = await merchant.paid()
    assert re.fullmatch(r"pay_[A-Za-z0-9]{14}", payment.id)
    assert re.fullmatch(r"order_[A-Za-z0-9]{14}", payment.order_id or "")
