"""Forecasts are made by the worker alone, kept, and answered until the next one is there."""

import asyncio
import sys
from collections.abc import AsyncIterator
from functools import partial
from signal import SIGKILL
from unittest.mock import patch

import pytest

import quick_statistics
from desk import Clock, Desk
from khata.app.books_seen import BooksSeen
from khata.app.forecasts import forecasts as made_here
from khata.app.forecasts.forecasts import Forecasts, Foreseen
from khata.app.forecasts.statistician import Statistician, StatisticsFailed
from khata.domain.limits import DAY_US, local_day
from khata.domain.packs import TopUpTerms
from khata.postgres.asking import ask_pool
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import open_engine_connection
from quick_statistics import LAST_WORD, NEVER

WEEK = (12, 12, 10, 12, 8, 3, 0)


QUICK = (sys.executable, quick_statistics.__file__)


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    """Without the second that it takes to load the library, where the figures do not matter."""
    desk.khata.forecasts.statistician = Statistician(QUICK)
    return desk


async def used_daily(desk: Desk, days: int) -> None:
    """So many whole days of usage, by weekday, up to now."""
    await desk.grant(100_000)
    for _ in range(days):
        weekday = local_day(desk.wallet.time_zone, desk.clock()) % 7
        if WEEK[weekday]:
            await desk.consume(quantity=WEEK[weekday])
        desk.clock.turn(days=1)


async def foreseen(desk: Desk) -> Foreseen:
    found = await desk.khata.forecasts.of(desk.wallet.id)
    assert found is not None
    return found


async def jobs(desk: Desk) -> list[int]:
    """When the forecasts that are wished for are to be made."""
    found = await ask_pool(
        desk.khata.registries, "select run_at from jobs where kind = 'forecast' order by run_at"
    )
    return [run_at_us for (run_at_us,) in found]


async def test_no_figure_is_made_up_of_too_little(desk: Desk) -> None:
    assert (await foreseen(desk)).missing == "insufficient_history"
    await used_daily(desk, 13)
    early = await foreseen(desk)
    assert (early.missing, early.history_days, early.made) == ("insufficient_history", 13, None)
    assert (early.outlook, early.recharge) == ((None, 0), None)
    assert await jobs(desk) == []
    assert await desk.khata.forecasts.of("wal_none") is None


async def test_a_request_wishes_and_the_worker_makes(desk: Desk) -> None:
    desk.khata.forecasts.statistician = Statistician()
    await used_daily(desk, 30)
    assert (await foreseen(desk)).missing == "pending"
    # Asked again, it is wished for again and made once.
    assert (await foreseen(desk)).missing == "pending"
    worker = desk.khata.forecasts.worker
    assert await worker.work_once() == 1
    found = await foreseen(desk)
    assert found.made is not None
    assert found.made.computed_at_us == desk.clock()
    forecast = found.made.forecast
    # Nothing in the rhythm of these weeks is left to chance.
    days = {each.day: each.credits for each in forecast.series}
    assert days == {day: WEEK[day % 7] for day in days}
    assert forecast.low == forecast.credits == forecast.high
    assert (found.history_days, forecast.history_days) == (30, 30)
    # What was wished for meanwhile finds today's already there.
    await worker.work_once()
    assert (await foreseen(desk)).made == found.made


async def test_it_is_made_anew_each_day_as_long_as_there_is_usage(desk: Desk) -> None:
    await used_daily(desk, 20)
    await foreseen(desk)
    forecasts = desk.khata.forecasts
    await forecasts.worker.work_once()
    today = local_day(desk.wallet.time_zone, desk.clock())
    (again_us,) = await jobs(desk)
    assert local_day(desk.wallet.time_zone, again_us) == today + 1
    desk.clock.turn(days=1)
    # Yesterday's is answered until today's is there, without the day that is over.
    stale = await foreseen(desk)
    assert stale.made is not None
    assert stale.made.forecast.day == today
    assert await forecasts.worker.work_once() == 1
    fresh = await foreseen(desk)
    assert fresh.made is not None
    assert fresh.made.forecast.day == today + 1
    # After four quiet weeks nobody needs it any more.
    desk.clock.turn(days=29)
    assert await forecasts.worker.work_once() == 1
    assert await jobs(desk) == []


async def test_one_of_another_month_is_none_of_this(desk: Desk) -> None:
    """It is the 22nd of November; a forecast of the 30th ends with December."""
    await used_daily(desk, 38)
    await foreseen(desk)
    await desk.khata.forecasts.worker.work_once()
    assert (await foreseen(desk)).made is not None
    desk.clock.turn(days=2)
    assert (await foreseen(desk)).made is None
    assert (await foreseen(desk)).missing == "pending"


async def test_when_credits_end_and_what_covers_the_rest_is_of_this_moment(desk: Desk) -> None:
    await used_daily(desk, 21)
    await foreseen(desk)
    await desk.khata.forecasts.worker.work_once()
    plenty = await foreseen(desk)
    assert plenty.outlook == (None, 0)
    assert plenty.recharge is None
    held = await desk.khata.views.wallet_view(desk.wallet.id)
    assert held is not None
    await desk.consume(quantity=held.accounts.available - 100)
    poor = await foreseen(desk)
    assert poor.outlook.exhausts_at_us is not None
    assert 0 < poor.outlook.exhausts_at_us - desk.clock() < 20 * DAY_US
    assert poor.recharge is not None
    assert poor.recharge.total_credits >= poor.outlook.missing > 0
    assert poor.recharge.pack_id == "starter"
    await desk.grant(poor.recharge.total_credits)
    assert (await foreseen(desk)).outlook == (None, 0)


async def test_wallets_that_nobody_asks_about_are_found(desk: Desk) -> None:
    forecasts = desk.khata.forecasts
    await used_daily(desk, 14)
    await desk.consume()
    assert await forecasts.look() == 1
    assert await forecasts.look() == 0
    assert await forecasts.worker.work_once() == 1
    assert (await foreseen(desk)).made is not None
    assert await forecasts.look() == 0


async def test_a_wallet_too_young_is_looked_at_when_it_is_old_enough(desk: Desk) -> None:
    desk.clock.turn(days=20)
    await used_daily(desk, 5)
    await desk.consume()
    forecasts = desk.khata.forecasts
    assert await forecasts.look() == 1
    await forecasts.worker.work_once()
    (again_us,) = await jobs(desk)
    zone = desk.wallet.time_zone
    assert local_day(zone, again_us) == local_day(zone, desk.clock()) + 9


async def test_without_the_library_it_says_so_and_leaves_the_job_to_others(
    desk: Desk, clock: Clock
) -> None:
    await used_daily(desk, 14)
    khata = desk.khata
    books = PostgresBooks(partial(open_engine_connection, khata.server.app_dsn))
    seen = BooksSeen(books, khata.prices.rules, clock)
    with patch.object(made_here, "is_installed", return_value=False):
        without = Forecasts(
            seen, khata.registries, khata.registries, TopUpTerms(), clock, is_worker=True
        )
        found = await without.of(desk.wallet.id)
        assert found is not None
        assert found.missing == "unavailable"
        assert await without.worker.work_once() == 0
    await seen.drain()
    await books.close()
    assert await khata.forecasts.worker.work_once() == 1
    assert (await foreseen(desk)).made is not None


@pytest.fixture
async def statistician() -> AsyncIterator[Statistician]:
    opened = Statistician(QUICK)
    yield opened
    await opened.close()


async def test_the_program_ends_when_nobody_asks() -> None:
    statistician = Statistician(QUICK, idle_seconds=0.05)
    first, second = await asyncio.gather(
        statistician.forecast(20_000, [5] * 20), statistician.forecast(20_000, [6] * 20)
    )
    assert (first.series[0].credits, second.series[0].credits) == (5, 6)
    program = statistician.running
    assert program is not None
    assert await program.wait() == 0
    assert (await statistician.forecast(20_000, [7] * 20)).series[0].credits == 7
    await statistician.close()


async def test_a_program_that_ended_is_started_anew(statistician: Statistician) -> None:
    with pytest.raises(StatisticsFailed, match="without an answer"):
        await statistician.forecast(20_000, [LAST_WORD])
    assert (await statistician.forecast(20_000, [7] * 20)).series[0].credits == 7


async def test_a_question_that_is_given_up_takes_its_program_with_it(
    statistician: Statistician,
) -> None:
    await statistician.forecast(20_000, [6] * 20)
    program = statistician.running
    assert program is not None
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await statistician.forecast(20_000, [NEVER])
    assert await program.wait() == -SIGKILL
    assert (await statistician.forecast(20_000, [7] * 20)).series[0].credits == 7


async def test_what_the_program_can_not_do_it_says(statistician: Statistician) -> None:
    with pytest.raises(StatisticsFailed, match="met a ValueError"):
        await statistician.forecast(20_000, [])
    assert (await statistician.forecast(20_000, [7] * 20)).series[0].credits == 7


async def test_a_forecast_that_fails_is_tried_again(desk: Desk) -> None:
    forecasts = desk.khata.forecasts
    forecasts.statistician = Statistician((sys.executable, "-c", "pass"))
    await used_daily(desk, 14)
    await foreseen(desk)
    await forecasts.worker.work_once()
    assert forecasts.worker.failed == {"forecast": 1}
    assert (await foreseen(desk)).missing == "pending"
    forecasts.statistician = Statistician(QUICK)
    desk.clock.turn(seconds=1)
    await forecasts.worker.work_once()
    assert (await foreseen(desk)).made is not None
