"""Balances at an instant: by the ledger, with what had expired by then."""

import pytest

from desk import NOON_US, SECOND_US, Desk
from khata.app.invalid import Invalid
from khata.app.past_balances import Balances


async def stood(desk: Desk, seconds: int) -> tuple[int, int, int]:
    """Available, reserved and locked, so many seconds after noon."""
    found = await desk.khata.views.balance_at(desk.wallet.id, NOON_US + seconds * SECOND_US)
    assert found
    return found.available, found.reserved, found.locked


async def test_before_at_and_after_a_transaction(desk: Desk) -> None:
    desk.clock.turn(seconds=10)
    await desk.grant(100)
    desk.clock.turn(seconds=10)
    await desk.consume(quantity=30)
    await desk.hold(20)
    desk.clock.turn(seconds=10)
    assert await stood(desk, 9) == (0, 0, 0)
    assert await stood(desk, 10) == (100, 0, 0)
    assert await stood(desk, 19) == (100, 0, 0)
    assert await stood(desk, 20) == (50, 20, 0)
    assert await stood(desk, 30) == (50, 20, 0)


async def test_an_expiry_counts_from_its_instant_booked_or_not(desk: Desk) -> None:
    await desk.grant(100, expires_at_us=NOON_US + 60 * SECOND_US)
    await desk.grant(30)
    await desk.hold(5, ttl_seconds=20)
    desk.clock.turn(seconds=100)
    expected = {19: (125, 5, 0), 20: (130, 0, 0), 59: (130, 0, 0), 60: (30, 0, 0), 100: (30, 0, 0)}
    assert {seconds: await stood(desk, seconds) for seconds in expected} == expected
    await desk.khata.sweeper.sweep_once()
    assert {seconds: await stood(desk, seconds) for seconds in expected} == expected
    desk.clock.turn(seconds=10)
    await desk.consume(quantity=1)
    assert {seconds: await stood(desk, seconds) for seconds in expected} == expected
    assert await stood(desk, 110) == (29, 0, 0)


async def test_many_expiries_booked_at_once(desk: Desk) -> None:
    for second in range(120):
        await desk.grant(1, expires_at_us=NOON_US + (second + 1) * SECOND_US)
    desk.clock.turn(seconds=200)
    await desk.khata.sweeper.sweep_once()
    assert [await stood(desk, seconds) for seconds in (0, 60, 119, 120)] == [
        (120, 0, 0),
        (60, 0, 0),
        (1, 0, 0),
        (0, 0, 0),
    ]


async def test_the_future_is_not_told(desk: Desk) -> None:
    views, wallet_id = desk.khata.views, desk.wallet.id
    with pytest.raises(Invalid, match="at"):
        await views.balance_at(wallet_id, desk.clock() + 3600 * SECOND_US)
    ahead = await views.balance_at(wallet_id, desk.clock() + SECOND_US)
    assert ahead == Balances(desk.clock(), 0)
    assert await views.balance_at("wal_" + "0" * 26, desk.clock()) is None
    assert await views.balance_at("silly", desk.clock()) is None
