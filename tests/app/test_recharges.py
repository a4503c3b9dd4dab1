"""Recharges at the real simulator: charged once, within limits, with pauses after a decline."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk import SECOND_US, Clock
from khata.app.recharge.steps import Overtaken
from khata.domain.parties import Buyer
from khata.payments.gateway import (
    GatewayPayment,
    GatewayRefused,
    GatewayUnavailable,
    NewDebit,
    NewRefund,
)
from khata.postgres.recharges import subject_of
from khata.postgres.server import Server
from shop import CUSTOMER, Shop, opened_shop

HOUR_US = 3600 * SECOND_US


@pytest.fixture
async def shop(database: Server, clock: Clock, tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened_shop(database, tmp_path / "data", clock) as opened:
        yield opened


async def crossed(shop: Shop, **settings: object) -> None:
    """The wallet has gone below its line of 200, with 100 credits left."""
    method = await shop.method()
    await shop.grant(300)
    await shop.on(method, **settings)
    await shop.consume("EMAIL_SEND", 200)


async def test_a_charge_below_the_line_brings_new_credits(shop: Shop) -> None:
    await crossed(shop)
    assert (await shop.standing()).state == "scheduled"
    await shop.work()
    assert await shop.available() == 100 + 5_500
    (payment,) = await shop.taken()
    (order,) = await shop.orders()
    assert (order.status, order.recharge_number) == ("paid", 1)
    assert payment.amount == order.quote.payable_paise == 60_200
    recharge = await shop.recharge(1)
    assert (recharge.state, recharge.order_id, recharge.attempt) == ("succeeded", order.id, 1)
    assert await shop.line() == (200, 1)
    assert (await shop.standing()).state == "idle"


async def test_the_events_of_a_recharge_change_nothing_twice(shop: Shop) -> None:
    await crossed(shop)
    await shop.work()
    heard = await shop.hear()
    assert "payment.captured" in heard
    await shop.work()
    assert await shop.available() == 5_600


async def test_while_less_is_there_the_next_one_follows_within_the_limits(shop: Shop) -> None:
    """A line of 9,000 takes six recharges of 1,500 credits; the day's limit allows three."""
    method = await shop.method()
    await shop.grant(100)
    limits = {"daily_limit_paise": 45_000, "monthly_limit_paise": 75_000}
    await shop.on(method, threshold_credits=9_000, amount_paise=15_000, **limits)
    await shop.work()
    assert len(await shop.taken()) == 3
    assert (await shop.recharge(4)).failure == "daily_limit"
    standing = await shop.standing()
    assert (standing.state, standing.month_paise) == ("backing_off", 45_000)
    shop.turn(hours=24)
    await shop.work()
    assert len(await shop.taken()) == 5
    assert (await shop.recharge(7)).failure == "monthly_limit"
    assert (await shop.standing()).month_paise == 75_000
    assert await shop.available() == 100 + 5 * 1_500
    assert await shop.alerts() == []
    shop.turn(hours=10 * 24)
    await shop.work()
    assert len(await shop.taken()) == 6
    assert (await shop.standing()).month_paise == 15_000, "a new month has begun"


async def test_three_declines_turn_it_off(shop: Shop) -> None:
    method = await shop.method()
    await shop.expect(method, "insufficient_funds", "insufficient_funds", "insufficient_funds")
    await shop.grant(100)
    await shop.on(method)
    for hours, state in ((1, "backing_off"), (6, "backing_off"), (24, "disabled")):
        await shop.work()
        standing = await shop.standing()
        assert standing.state == state
        assert standing.settings.backing_off_until_us == shop.clock() + hours * HOUR_US
        shop.turn(seconds=hours * 3600 - 1)
        await shop.work()
        assert (await shop.line())[0] is None
        shop.turn(seconds=1)
    await shop.work()
    assert [order.status for order in await shop.orders()] == ["failed"] * 3
    assert await shop.taken() == []
    assert await shop.available() == 100
    (facts,) = await shop.alerts()
    assert facts["reason"] == "insufficient_funds"
    await shop.on(method)
    await shop.work()
    assert await shop.available() == 5_600
    assert (await shop.standing()).settings.declines == 0


async def test_a_bank_that_stumbles_is_asked_again_and_nothing_is_counted(shop: Shop) -> None:
    method = await shop.method()
    await shop.expect(method, "bank_technical_error")
    await shop.grant(100)
    await shop.on(method)
    await shop.work()
    assert (await shop.recharge(1)).state == "failed"
    assert (await shop.standing()).settings.declines == 0
    shop.turn(hours=1)
    await shop.work()
    assert await shop.available() == 5_600


async def test_a_mandate_cancelled_at_the_bank_turns_it_off(shop: Shop) -> None:
    method = await shop.method()
    await shop.grant(300)
    await shop.on(method)
    await shop.play(f"POST /mandates/{method.mandate_id}/cancel")
    assert await shop.hear() == ["payment.authorized", "token.confirmed", "token.cancelled"]
    await shop.work()
    standing = await shop.standing()
    assert (standing.state, standing.settings.enabled) == ("disabled", False)
    assert await shop.line() == (None, 0)
    (facts,) = await shop.alerts()
    assert facts["reason"] == "mandate_cancelled"


async def test_a_cancelled_mandate_of_which_no_event_told_charges_nothing(shop: Shop) -> None:
    method = await shop.method()
    await shop.grant(300)
    await shop.on(method)
    await shop.play(f"POST /mandates/{method.mandate_id}/cancel")
    await shop.consume("EMAIL_SEND", 200)
    await shop.work()
    assert (await shop.recharge(1)).state == "cancelled_by_customer"
    assert (await shop.standing()).state == "disabled"
    assert await shop.taken() == []


async def test_what_the_customer_turns_off_in_time_is_not_charged(shop: Shop) -> None:
    await crossed(shop)
    method_id = (await shop.standing()).settings.payment_method_id
    assert method_id is not None
    removed = await shop.khata.recharging.methods.remove(shop.wallet.id, method_id, CUSTOMER)
    assert removed is not None
    assert removed.state == "cancelled"
    await shop.work()
    recharge = await shop.recharge(1)
    assert (recharge.state, recharge.failure) == ("cancelled_by_customer", "method_removed")
    assert await shop.khata.recharging.methods.list(shop.wallet.id) == []
    assert await shop.taken() == []
    assert (await shop.standing()).settings.disabled_reason == "method_removed"


async def test_what_was_removed_does_not_come_back_by_an_event_read_before(shop: Shop) -> None:
    methods = shop.khata.recharging.methods
    read_before = await shop.method()
    await methods.remove(shop.wallet.id, read_before.id, CUSTOMER)
    await methods.refreshed(read_before)
    assert await methods.list(shop.wallet.id) == []


async def test_an_address_that_the_bank_refuses_is_no_method(shop: Shop) -> None:
    with pytest.raises(GatewayRefused):
        await shop.method("failure@razorpay")
    assert await shop.khata.recharging.methods.list(shop.wallet.id) == []


@pytest.mark.parametrize("fault", ["timeout_after", "conn_reset", "http_502_html"])
@pytest.mark.parametrize("on", ["POST /v1/orders", "POST /v1/payments/create/recurring"])
async def test_an_answer_that_is_lost_leads_to_one_charge(shop: Shop, fault: str, on: str) -> None:
    await crossed(shop)
    await shop.play("POST /faults", {"fault": fault, "on": on, "count": 9})
    await shop.work()
    assert len(await shop.taken()) <= 1
    await shop.play("DELETE /faults")
    for _ in range(12):
        shop.turn(seconds=600)
        await shop.work()
    assert len(await shop.taken()) == 1
    assert await shop.available() == 5_600
    assert (await shop.recharge(1)).state == "succeeded"


async def test_five_who_take_the_same_recharge_on_charge_once(shop: Shop) -> None:
    """As if leases meant nothing: whoever is overtaken fails, and is tried again."""
    await crossed(shop)
    step = shop.khata.recharging.steps.step
    subject = subject_of(shop.wallet.id, 1)
    ends = await asyncio.gather(
        *(step(subject, shop.wallet.id) for _ in range(5)), return_exceptions=True
    )
    known = (Overtaken, GatewayRefused, GatewayUnavailable)
    assert all(isinstance(end, known) for end in ends if isinstance(end, BaseException)), ends
    for _ in range(3):
        await shop.work()
        shop.turn(seconds=60)
    assert len(await shop.taken()) == 1
    assert [order.status for order in await shop.orders()] == ["paid"]
    assert (await shop.recharge(1)).state == "succeeded"
    assert await shop.available() == 5_600


async def test_whoever_bought_last_is_billed_for_a_recharge(shop: Shop) -> None:
    buyer = Buyer(name="Asha Rao", state_code="27")
    await shop.buy(buyer)
    method = await shop.method()
    await shop.on(method, threshold_credits=5_500)
    await shop.consume("EMAIL_SEND", 1)
    await shop.work()
    _, recharged = await shop.orders()
    assert recharged.recharge_number == 1
    assert recharged.recipient.buyer == buyer
    assert recharged.recipient.place.state_code == "27"


async def test_a_debit_given_back_before_it_was_booked_ends_its_recharge(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = shop.khata.topups.gateways.of("simulator")
    debit = gateway.debit

    async def given_back(asked: NewDebit) -> GatewayPayment:
        paid = await debit(asked)
        key = f"back-{paid.id}"
        await gateway.refund(
            NewRefund(payment_id=paid.id, amount=paid.amount, currency="INR", key=key)
        )
        return await gateway.payment(paid.id)

    monkeypatch.setattr(gateway, "debit", given_back)
    await crossed(shop)
    await shop.work()
    recharge = await shop.recharge(1)
    assert (recharge.state, recharge.failure) == ("failed", "refunded")
    assert await shop.available() == 100
    assert (await shop.standing()).state == "backing_off"
