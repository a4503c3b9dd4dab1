"""Recharges by mandates that want a notice a day ahead, and no debit at the peak of the day."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from desk import SECOND_US, Clock
from khata.postgres.payment_methods import PaymentMethod
from khata.postgres.server import Server
from shop import Shop, opened_shop

INDIA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
async def shop(database: Server, clock: Clock, tmp_path: Path) -> AsyncIterator[Shop]:
    """It is half past eleven in India."""
    async with opened_shop(database, tmp_path / "data", clock, rbi_delay=True) as opened:
        yield opened


def by_the_clock(at_us: int | None) -> str:
    assert at_us is not None
    return datetime.fromtimestamp(at_us / SECOND_US, INDIA).strftime("%a %H:%M")


async def confirmed(shop: Shop, instrument: str = "success@razorpay") -> PaymentMethod:
    """A mandate that the bank has confirmed, a quarter of an hour later."""
    method = await shop.method(instrument)
    assert method.state == "initiated"
    shop.turn(seconds=900)
    await shop.hear()
    (found,) = await shop.khata.recharging.methods.list(shop.wallet.id)
    assert (found.state, found.is_instant) == ("confirmed", False)
    return found


async def noticed(shop: Shop) -> PaymentMethod:
    """The wallet's recharge waits for its day."""
    method = await confirmed(shop)
    await shop.grant(100)
    await shop.on(method)
    await shop.work()
    return method


async def test_the_money_comes_a_day_after_the_notice(shop: Shop) -> None:
    await noticed(shop)
    waiting = await shop.recharge(1)
    assert waiting.state == "notice_sent"
    assert by_the_clock(waiting.next_at_us) == "Mon 13:00"  # 12:15 would be at the peak
    assert (await shop.standing()).state == "scheduled"
    shop.turn(seconds=300)
    assert "order.notification.delivered" in await shop.hear()
    told = await shop.recharge(1)
    assert (told.state, told.notice_delivered_at_us) == ("notice_delivered", shop.clock())
    shop.turn(hours=24)
    await shop.work()
    assert (await shop.recharge(1)).state == "notice_delivered"
    assert await shop.taken() == []
    shop.turn(hours=2)
    await shop.work()
    shop.turn(seconds=60)
    await shop.work()
    assert (await shop.recharge(1)).state == "succeeded"
    assert len(await shop.taken()) == 1
    assert await shop.available() == 5_600


async def test_without_a_single_event_it_ends_right(shop: Shop) -> None:
    method = await shop.method()
    await shop.grant(100)
    for _ in range(20):
        shop.turn(seconds=60)
        await shop.work()
    (found,) = await shop.khata.recharging.methods.list(shop.wallet.id)
    assert found.state == "confirmed"
    await shop.on(method)
    for _ in range(30):
        await shop.work()
        shop.turn(hours=1)
    await shop.work()
    assert (await shop.recharge(1)).state == "succeeded"
    assert await shop.available() == 5_600


async def test_who_cancels_after_the_notice_is_not_charged(shop: Shop) -> None:
    method = await noticed(shop)
    shop.turn(seconds=300)
    await shop.hear()
    shop.turn(hours=3)
    await shop.play(f"POST /mandates/{method.mandate_id}/cancel")
    assert "token.cancelled" in await shop.hear()
    await shop.work()
    ended = await shop.recharge(1)
    assert (ended.state, ended.failure) == ("cancelled_by_customer", "mandate_cancelled")
    assert (await shop.standing()).state == "disabled"
    (facts,) = await shop.alerts()
    assert facts["reason"] == "mandate_cancelled"
    shop.turn(hours=48)
    await shop.work()
    assert await shop.taken() == []


async def test_who_pauses_the_mandate_must_act(shop: Shop) -> None:
    method = await noticed(shop)
    await shop.play(f"POST /mandates/{method.mandate_id}/pause")
    await shop.hear()
    await shop.work()
    assert (await shop.recharge(1)).state == "needs_customer_action"


async def test_who_turns_it_off_after_the_notice_is_not_charged(shop: Shop) -> None:
    method = await noticed(shop)
    settings = await shop.on(method)
    assert settings.state == "scheduled"
    await shop.off()
    shop.turn(hours=30)
    await shop.work()
    ended = await shop.recharge(1)
    assert (ended.state, ended.failure) == ("cancelled_by_customer", "turned_off")
    assert await shop.taken() == []
    assert await shop.alerts() == []


async def test_a_notice_that_nobody_read_is_given_again(shop: Shop) -> None:
    method = await confirmed(shop)
    await shop.play(f"POST /mandates/{method.mandate_id}/expect", {"notices_failing": 1})
    await shop.grant(100)
    await shop.on(method)
    for _ in range(60):
        await shop.work()
        shop.turn(hours=1)
        await shop.hear()
    first, second = await shop.recharge(1), await shop.recharge(2)
    assert (first.state, first.failure) == ("failed", "pre_debit_notification_failed")
    assert second.state == "succeeded"
    assert (await shop.standing()).settings.declines == 0
    assert len(await shop.taken()) == 1


async def test_a_line_that_will_be_crossed_while_the_money_is_under_way_begins_early(
    shop: Shop,
) -> None:
    method = await confirmed(shop)
    await shop.grant(10_000)
    await shop.consume("EMAIL_SEND", 1_680)  # ten an hour over the last week
    await shop.on(method)
    assert await shop.line() == (200 + 360, 0)
