"""Mandates and their debits, at the simulator on real sockets."""

from collections.abc import AsyncIterator

import pytest

from khata.payments.gateway import GatewayRefused, NewDebit
from merchant import FAULTS, Merchant, merchant_at
from razorpay_talk import CAPTURED, PAYMENT, UNANSWERED, talking
from scripted_gateway import Answer, Lost, items, refused
from simulated import staged

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US


@pytest.fixture
async def lawful() -> AsyncIterator[Merchant]:
    """A merchant whose customers' banks keep to the rules of notice."""
    async with staged(rbi_delay=True) as stage, merchant_at(stage, instant=False) as opened:
        yield opened


async def test_a_mandate_is_agreed_to_and_debited_at_once(merchant: Merchant) -> None:
    mandate = await merchant.mandate()
    assert (mandate.state, mandate.kind, mandate.is_instant) == ("confirmed", "upi", True)
    assert (mandate.label, mandate.max_amount) == ("su…@razorpay", 1_000_000)
    assert mandate.id.startswith("token_")
    payment = await merchant.gateway.debit(await merchant.debit_of(mandate))
    assert (payment.state, payment.amount, payment.mandate_id) == ("captured", 18_100, mandate.id)


async def test_consent_is_asked_for_by_an_order(merchant: Merchant) -> None:
    asked = await merchant.mandate(instrument=None)
    assert (asked.state, asked.id, asked.kind) == ("initiated", asked.order_id, "upi")
    assert asked.checkout["url"] == f"{merchant.stage.url}/checkout/{asked.id}"
    assert asked.checkout["recurring"] == "1"
    again = await merchant.gateway.mandate(asked.customer_id, asked.id)
    assert again.state == "initiated"
    await merchant.payer.pay(asked.id, "upi", "success")
    given = await merchant.gateway.mandate(asked.customer_id, asked.id)
    assert (given.state, given.order_id) == ("confirmed", asked.id)
    assert given == await merchant.gateway.mandate(asked.customer_id, given.id)
    told = [event for event in await merchant.events() if event.mandate]
    assert [event.type for event in told] == ["token.confirmed"]


async def test_the_same_wish_is_one_mandate(merchant: Merchant) -> None:
    assert await merchant.mandate() == await merchant.mandate()
    assert len(await merchant.there_are("tokens")) == 1
    assert len(await merchant.there_are("customers")) == 1


async def test_a_refused_consent(merchant: Merchant) -> None:
    with pytest.raises(GatewayRefused) as caught:
        await merchant.mandate("failure@razorpay")
    assert caught.value.reason == "payment_failed"


@pytest.mark.parametrize(
    ("token", "label", "is_instant"),
    [
        ("tok_visa", "Visa •••• 1007", False),
        ("tok_rupay", "RuPay •••• 1005", False),
        ("tok_international", "MasterCard •••• 4444", True),
    ],
)
async def test_a_card_is_saved_by_a_token(
    lawful: Merchant, token: str, label: str, is_instant: bool
) -> None:
    mandate = await lawful.mandate(token, kind="card")
    assert (mandate.kind, mandate.label, mandate.is_instant) == ("card", label, is_instant)
    await lawful.gateway.cancel_mandate(mandate.customer_id, mandate.id)
    await lawful.gateway.cancel_mandate(mandate.customer_id, mandate.id)
    assert await lawful.there_are("tokens") == []


@pytest.mark.parametrize(
    ("token", "reason", "field"),
    [("tok_insufficient_funds", "insufficient_funds", None), ("4100280000001007", "", "token")],
)
async def test_a_card_that_is_not_saved(
    merchant: Merchant, token: str, reason: str, field: str | None
) -> None:
    with pytest.raises(GatewayRefused) as caught:
        await merchant.mandate(token, kind="card")
    assert (caught.value.reason, caught.value.field) == (reason, field)


@pytest.mark.parametrize(
    "on", ["POST /v1/payments/create/recurring", "GET /v1/payments/*", "GET /v1/orders/*/payments"]
)
@pytest.mark.parametrize("fault", [*FAULTS, "stale_read"])
async def test_a_mandate_is_debited_once(merchant: Merchant, on: str, fault: str) -> None:
    debit = await merchant.debit_of(await merchant.mandate())
    await merchant.stage.play("POST /faults", {"fault": fault, "on": on, "count": 2, "value": 2500})
    payment = await merchant.until_answered(lambda: merchant.hurried.debit(debit))
    await merchant.stage.play("DELETE /faults")
    assert payment.id == (await merchant.gateway.debit(debit)).id
    debits = [one for one in await merchant.there_are("payments") if one["amount"] == 18_100]
    assert [(one["id"], one["status"]) for one in debits] == [(payment.id, "captured")]


@pytest.mark.parametrize("answer", [*UNANSWERED, refused("Payment already done for this order.")])
async def test_after_no_answer_a_debit_is_looked_for_before_anybody_asks_again(
    answer: Answer | Lost,
) -> None:
    debit = NewDebit(
        receipt="rch_1",
        order_id="order_1",
        mandate_id="token_1",
        customer_id="cust_1",
        amount=60_200,
        currency="INR",
    )
    failed = {**PAYMENT, "id": "pay_0", "status": "failed"}
    of_tomorrow = {**PAYMENT, "id": "pay_2", "status": "teleported"}
    async with talking(items(), answer, items(failed, of_tomorrow, CAPTURED)) as (ours, theirs):
        payment = await ours.debit(debit)
    assert (payment.id, payment.state) == ("pay_1", "captured")
    assert theirs.asked[1].line == "POST /v1/payments/create/recurring"
    assert theirs.asked[1].body == {
        "amount": 60_200,
        "currency": "INR",
        "order_id": "order_1",
        "customer_id": "cust_1",
        "token": "token_1",
        "recurring": True,
        "notes": {"receipt": "rch_1"},
    }


async def test_a_failed_debit_is_its_receipts_outcome(merchant: Merchant) -> None:
    mandate = await merchant.mandate()
    expected = {"debits": ["insufficient_funds"]}
    await merchant.stage.play(f"POST /mandates/{mandate.id}/expect", expected)
    first = await merchant.debit_of(mandate)
    for _ in range(2):
        payment = await merchant.gateway.debit(first)
        assert (payment.state, payment.error_reason) == ("failed", "insufficient_funds")
    another = await merchant.debit_of(mandate, receipt="rch_2")
    assert (await merchant.gateway.debit(another)).state == "captured"


async def test_a_mandate_that_ended_is_not_debited(merchant: Merchant) -> None:
    mandate = await merchant.mandate()
    debit = await merchant.debit_of(mandate)
    await merchant.gateway.cancel_mandate(mandate.customer_id, mandate.id)
    await merchant.gateway.cancel_mandate(mandate.customer_id, mandate.id)
    assert (await merchant.gateway.mandate(mandate.customer_id, mandate.id)).state == "cancelled"
    with pytest.raises(GatewayRefused) as caught:
        await merchant.gateway.debit(debit)
    assert caught.value.reason == "mandate_cancelled"
    assert not caught.value.retryable


async def test_by_law_a_debit_waits_for_its_notice(lawful: Merchant) -> None:
    registered = await lawful.mandate()
    assert (registered.state, registered.is_instant) == ("initiated", False)
    await lawful.stage.pass_time(3_600)
    mandate = await lawful.gateway.mandate(registered.customer_id, registered.id)
    assert mandate.state == "confirmed"
    await lawful.events()
    due_at_us = lawful.stage.clock.now() * SECOND_US + DAY_US
    debit = await lawful.debit_of(mandate, due_at_us)
    with pytest.raises(GatewayRefused) as caught:
        await lawful.gateway.debit(debit)
    assert caught.value.retryable
    await lawful.stage.pass_time(600)
    (notice,) = await lawful.events()
    assert (notice.type, notice.notice_order_id) == (
        "order.notification.delivered",
        debit.order_id,
    )
    await lawful.stage.pass_time(86_400)
    assert (await lawful.gateway.debit(debit)).state == "captured"


async def test_by_law_a_debit_without_a_due_time_waits_at_the_gateway(lawful: Merchant) -> None:
    registered = await lawful.mandate()
    await lawful.stage.pass_time(3_600)
    debit = await lawful.debit_of(
        await lawful.gateway.mandate(registered.customer_id, registered.id)
    )
    assert (await lawful.gateway.debit(debit)).state == "created"
    assert (await lawful.gateway.debit(debit)).state == "created"
    another = await lawful.debit_of(registered, receipt="rch_2")
    with pytest.raises(GatewayRefused) as caught:
        await lawful.gateway.debit(another)
    assert (caught.value.reason, caught.value.retryable) == ("mandate_debit_in_progress", True)
    await lawful.stage.pass_time(2 * 86_400)
    assert (await lawful.gateway.debit(debit)).state == "captured"


async def test_reserve_pay_debits_at_once_under_the_law(lawful: Merchant) -> None:
    registered = await lawful.mandate(is_reserve_pay=True)
    await lawful.stage.pass_time(3_600)
    mandate = await lawful.gateway.mandate(registered.customer_id, registered.id)
    assert (mandate.state, mandate.is_instant) == ("confirmed", True)
    assert (await lawful.gateway.debit(await lawful.debit_of(mandate))).state == "captured"
