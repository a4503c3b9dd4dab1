"""Wallets and gates as they are now: whatever has expired counts for nothing, booked or not."""

import asyncio

from desk import SECOND_US, Desk
from khata.app.views import GrantFilter
from khata.domain.commands import CaptureHold, ExtendHold, ReleaseHold
from khata.domain.gate import Gate
from khata.domain.refusals import UnknownFeature, WalletNotFound
from khata.domain.wallet import HoldState

NOBODY = "wal_" + "0" * 26


async def gate(desk: Desk, feature: str, quantity: int = 1) -> Gate:
    answer = await desk.khata.views.gate(desk.wallet.id, feature, quantity)
    assert isinstance(answer, Gate)
    return answer


async def test_a_wallet_is_seen_with_its_accounts(desk: Desk) -> None:
    await desk.grant(100)
    charged = await desk.consume("AI_SUMMARY")
    await desk.hold(20)
    view = await desk.khata.views.wallet_view(desk.wallet.id)
    assert view
    assert view.wallet == desk.wallet
    assert (view.accounts.available, view.accounts.reserved) == (65, 20)
    assert view.accounts.consumed == 15
    assert view.accounts.issued_bonus == -100
    assert view.accounts.sequence == charged.sequence + 1


async def test_what_has_expired_is_not_seen_and_not_booked(desk: Desk) -> None:
    await desk.grant(100, expires_at_us=desk.clock() + 60 * SECOND_US)
    await desk.grant(30)
    await desk.hold(5, ttl_seconds=10)
    desk.clock.turn(seconds=10)
    view = await desk.khata.views.wallet_view(desk.wallet.id)
    assert view
    assert (view.accounts.available, view.accounts.reserved) == (130, 0)
    desk.clock.turn(seconds=50)
    view = await desk.khata.views.wallet_view(desk.wallet.id)
    assert view
    assert (view.accounts.available, view.accounts.expired) == (30, 100)
    assert view.accounts.sequence == 3
    assert len(await desk.khata.views.transactions(desk.wallet.id)) == 3


async def test_many_looks_share_one_and_each_gets_its_own(desk: Desk) -> None:
    await desk.grant(100)
    wallets = [desk.wallet.id, NOBODY] * 40
    views = await asyncio.gather(*map(desk.khata.views.wallet_view, wallets))
    assert [view and view.accounts.available for view in views] == [100, None] * 40


async def test_the_gate_is_open_while_there_are_credits(desk: Desk) -> None:
    await desk.grant(1000)
    await desk.consume("AI_SEARCH")
    answer = await gate(desk, "AI_SUMMARY")
    assert (answer.allowed, answer.code, answer.price) == (True, None, 15)
    assert (answer.available_credits, answer.threshold) == (988, 200)
    assert (answer.can_use_premium, answer.is_low_balance, answer.is_exhausted) == (
        True,
        False,
        False,
    )
    (cap,) = answer.caps
    midnight_us = desk.clock() + 12 * 3600 * SECOND_US + 1800 * SECOND_US
    assert (cap.cap, cap.used, cap.limit, cap.resets_at_us) == ("AI", 1, 200, midnight_us)
    assert answer.budgets == ()


async def test_the_gate_asks_for_the_quantity(desk: Desk) -> None:
    await desk.grant(40)
    answer = await gate(desk, "AI_SUMMARY", 3)
    assert (answer.price, answer.allowed, answer.code) == (45, False, "INSUFFICIENT_CREDITS")
    assert answer.can_use_premium
    assert answer.is_low_balance


async def test_at_zero_core_features_stay_and_premium_ones_go(desk: Desk) -> None:
    core, premium = await gate(desk, "EMAIL_SEND"), await gate(desk, "AI_SUMMARY")
    assert (core.allowed, core.code) == (True, "INSUFFICIENT_CREDITS")
    assert (premium.allowed, premium.code) == (False, "INSUFFICIENT_CREDITS")
    for answer in (core, premium):
        assert answer.is_exhausted
        assert answer.is_low_balance
        assert not answer.can_use_premium
        assert not answer.hard_limit_reached


async def test_a_cap_shuts_the_gate_until_the_next_day(desk: Desk) -> None:
    await desk.grant(10_000)
    await asyncio.gather(*(desk.consume("AI_MODERATION") for _ in range(200)))
    answer = await gate(desk, "AI_SUMMARY")
    assert (answer.allowed, answer.code) == (False, "DAILY_LIMIT_EXCEEDED_AI")
    assert answer.hard_limit_reached
    assert answer.caps[0].used == 200
    desk.clock.at_us = answer.caps[0].resets_at_us
    assert (await gate(desk, "AI_SUMMARY")).allowed


async def test_what_the_gate_does_not_know(desk: Desk) -> None:
    views = desk.khata.views
    assert await views.gate(NOBODY, "AI_SUMMARY") == WalletNotFound(NOBODY)
    assert await views.gate("silly", "AI_SUMMARY") == WalletNotFound("silly")
    assert await views.gate(desk.wallet.id, "COFFEE") == UnknownFeature("COFFEE", 1)


async def test_grants_are_listed_with_what_is_left_now(desk: Desk) -> None:
    short = await desk.grant(100, expires_at_us=desk.clock() + 60 * SECOND_US)
    lasting = await desk.grant(30)
    await desk.consume(quantity=40)
    listed = {lot.id: lot for lot in await desk.khata.views.grants(desk.wallet.id)}
    assert {grant_id: lot.available for grant_id, lot in listed.items()} == {
        short.id: 60,
        lasting.id: 30,
    }
    desk.clock.turn(seconds=60)
    expired = await desk.khata.views.grant(desk.wallet.id, short.id)
    assert expired
    assert expired.available == 0
    assert await desk.khata.views.grant(desk.wallet.id, "grt_" + "0" * 26) is None
    assert await desk.khata.views.grant(NOBODY, short.id) is None


async def test_grants_go_on_behind_one_and_are_chosen(desk: Desk) -> None:
    made = [(await desk.grant(10)).id for _ in range(5)]
    await desk.consume(quantity=10)
    views, wallet_id = desk.khata.views, desk.wallet.id
    page = await views.grants(wallet_id, limit=3)
    rest = await views.grants(wallet_id, limit=3, before=page[-1].id)
    assert [lot.id for lot in (*page, *rest)] == sorted(made, reverse=True)
    assert len(await views.grants(wallet_id, GrantFilter(live=True))) == 4
    assert await views.grants(wallet_id, GrantFilter(kind="promo")) == []


async def test_holds_are_in_their_states_by_now(desk: Desk) -> None:
    await desk.grant(100)
    captured, released, short, lasting = [
        await desk.hold(10, ttl_seconds=ttl) for ttl in (600, 600, 30, 30)
    ]
    wallet_id, views = desk.wallet.id, desk.khata.views
    await desk.do(
        CaptureHold(wallet_id=wallet_id, idempotency_key=desk.key, hold_id=captured.id, credits=4)
    )
    await desk.do(ReleaseHold(wallet_id=wallet_id, idempotency_key=desk.key, hold_id=released.id))
    await desk.khata.engine.submit(
        ExtendHold(
            wallet_id=wallet_id, idempotency_key=desk.key, hold_id=lasting.id, ttl_seconds=90
        )
    )
    desk.clock.turn(seconds=30)
    by_now: dict[str, HoldState] = {
        captured.id: "captured",
        released.id: "released",
        short.id: "expired",
        lasting.id: "open",
    }
    assert {hold.id: hold.state for hold in await views.holds(wallet_id)} == by_now
    for hold_id, state in by_now.items():
        assert [hold.id for hold in await views.holds(wallet_id, state)] == [hold_id]
        hold = await views.hold(wallet_id, hold_id)
        assert hold
        assert hold.state == state
    page = await views.holds(wallet_id, limit=3)
    rest = await views.holds(wallet_id, before=page[-1].id)
    assert [hold.id for hold in (*page, *rest)] == sorted(by_now, reverse=True)
    assert await views.hold(wallet_id, "hld_" + "0" * 26) is None
    assert await views.holds(NOBODY) == []
