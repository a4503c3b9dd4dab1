"""The course of a wallet's balances: what each day ended with, as the ledger says."""

import pytest

from desk import SECOND_US, Desk
from khata.app.balance_history import BalanceHistory
from khata.app.invalid import Invalid
from khata.domain.commands import Purchase
from khata.domain.limits import DAY_US, HOUR_US, day_start_us, local_day

ZONE = "Asia/Kolkata"


@pytest.fixture
async def desk(open_desk: Desk) -> Desk:
    """A new wallet, at a desk that stays open."""
    wallet, _, _ = await open_desk.khata.wallets.create(None, "user", open_desk.key, "Asha")
    return Desk(open_desk.khata, wallet, open_desk.clock)


def first_day_us(busy: Desk) -> int:
    """When the day began on which the busy wallet was made."""
    return day_start_us(ZONE, local_day(ZONE, busy.clock())) - 2 * DAY_US


async def history(
    desk: Desk, from_us: int | None = None, to_us: int | None = None, *, hourly: bool = False
) -> BalanceHistory:
    found = await desk.khata.balances.of(desk.wallet.id, from_us, to_us, hourly=hourly)
    assert found is not None
    return found


async def buy(desk: Desk, credits: int) -> None:
    await desk.do(
        Purchase(
            wallet_id=desk.wallet.id,
            idempotency_key=desk.key,
            credits=credits,
            price_paise=credits * 10,
            payment_id=f"pay_{desk.key}",
        )
    )


@pytest.fixture
async def busy(desk: Desk) -> Desk:
    """Three days: 100 given and 10 used; nothing; 50 bought, 20 held, 5 used."""
    await desk.grant(100)
    await desk.consume(quantity=10)
    desk.clock.turn(days=2)
    await buy(desk, 50)
    await desk.hold(20)
    await desk.consume(quantity=5)
    return desk


async def test_each_day_ends_with_what_the_ledger_says(busy: Desk) -> None:
    found = await history(busy, first_day_us(busy) - DAY_US)
    days = [
        (p.balances.available, p.balances.reserved, p.balances.locked, p.purchased)
        for p in found.points
    ]
    assert days == [(0, 0, 0, 0), (90, 0, 0, 0), (90, 0, 0, 0), (115, 20, 0, 50)]
    assert [(p.begun_us - first_day_us(busy)) // DAY_US for p in found.points] == [-1, 0, 1, 2]
    assert found.opening.available == 0


async def test_every_point_is_what_is_told_of_that_instant(busy: Desk) -> None:
    """Expiries too: booked late, or not booked at all."""
    now_us = busy.clock()
    await busy.grant(30, expires_at_us=now_us + 2 * HOUR_US)
    await busy.grant(40, expires_at_us=now_us + 2 * DAY_US)
    busy.clock.turn(days=1)
    await busy.khata.sweeper.sweep_once()
    busy.clock.turn(days=3)
    for _ in range(2):
        for hourly in (False, True):
            found = await history(busy, busy.clock() - 4 * DAY_US, hourly=hourly)
            assert len(found.points) == (4 * 24 + 1 if hourly else 5)
            for point in found.points:
                told = await busy.khata.views.balance_at(busy.wallet.id, point.balances.at_us)
                assert told == point.balances
        await busy.khata.sweeper.sweep_once()


async def test_the_last_45_days_if_nothing_is_said(busy: Desk) -> None:
    found = await history(busy)
    assert len(found.points) == 45
    assert found.points[-1].balances.at_us == busy.clock()
    assert [p.balances.available for p in found.points[-4:]] == [0, 90, 90, 115]


async def test_the_opening_is_what_stood_before_the_first_day(busy: Desk) -> None:
    second_us = first_day_us(busy) + DAY_US
    found = await history(busy, second_us, second_us + DAY_US)
    assert (found.opening.available, found.opening.at_us) == (90, second_us - 1)
    assert [(p.balances.available, p.purchased) for p in found.points] == [(90, 0)]


@pytest.mark.parametrize(
    ("from_day", "to_day"),
    [
        (0, 0),
        (1, None),
        (-500, None),
        (1, 9),
    ],
)
async def test_a_silly_stretch_is_a_clear_error(
    desk: Desk, from_day: int, to_day: int | None
) -> None:
    now_us = desk.clock()
    to_us = None if to_day is None else now_us + to_day * DAY_US
    with pytest.raises(Invalid, match="from"):
        await history(desk, now_us + from_day * DAY_US, to_us)


async def test_what_is_to_come_is_left_out(desk: Desk) -> None:
    now_us = desk.clock()
    found = await history(desk, now_us - HOUR_US, now_us + 9 * DAY_US, hourly=True)
    assert found.points[-1].begun_us == now_us - 1800 * SECOND_US
    assert found.points[-1].balances.at_us == now_us
