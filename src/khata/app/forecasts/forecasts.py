"""Forecasts read, wished for and made. No request ever waits for one.

A forecast is made once a day by the worker's job of its wallet, for the days from then on. The job
is first wished for by whoever reads, or by a look every quarter of an hour for wallets that moved
and never had one; then it goes on by itself, early in each day of the wallet's zone, as long as
the wallet uses anything. To make one twice is harmless: it is the same, in the same row. A worker
that dies over it leaves its lease to end; one without the library leaves the job to others.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Literal
from zlib import crc32

from msgspec import Struct

from khata.app.beat import repeat
from khata.app.books_seen import BooksSeen
from khata.app.forecasts.statistician import Statistician, is_installed
from khata.app.worker import Step, Worker
from khata.domain.forecast import (
    MIN_DAYS,
    MOST_DAYS,
    Expected,
    Outlook,
    days_ahead,
    history,
    month_begun,
    next_forecast_us,
    outlook,
    recharge_for,
    this_month,
)
from khata.domain.ids import WalletId
from khata.domain.limits import DAY_US, day_start_us, local_day
from khata.domain.packs import TopUpTerms
from khata.domain.quotes import Quote
from khata.domain.usage_grains import sources
from khata.domain.wallet import Wallet
from khata.postgres import forecasts as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.forecasts import FORECAST_JOB, MadeForecast
from khata.postgres.jobs import WantedJob, want
from khata.postgres.usage import EVERYTHING, Question, used

__all__ = ["Forecasts", "Foreseen", "Missing"]

Missing = Literal["insufficient_history", "pending", "unavailable"]

LOOK_SECONDS: Final = 900.0
_WISHED_AT_ONCE: Final = 500
# A wallet that has used nothing for so long is forecast no more, until somebody asks.
_QUIET_DAYS: Final = 28


class Foreseen(Struct, frozen=True):
    """A wallet's forecast, or why there is none; and what follows from it now."""

    time_zone: str
    today: int
    month: int
    history_days: int
    made: MadeForecast | None
    missing: Missing | None
    outlook: Outlook
    recharge: Quote | None
    this_month: Expected | None = None


_NOTHING: Final = Outlook(None, 0)


class Forecasts:
    """One for all wallets. `is_worker` is whether this one does jobs too.

    `worker` makes them, and asks `statistician`.
    """

    def __init__(
        self,
        seen: BooksSeen,
        registries: Pool,
        readers: Pool,
        terms: TopUpTerms,
        now_us: Callable[[], int],
        *,
        is_worker: bool,
    ) -> None:
        self._seen = seen
        self._registries = registries
        self._readers = readers
        self._terms = terms
        self._now_us = now_us
        self._is_worker = is_worker
        self.statistician = Statistician()
        # One of its own: a night's forecasts make no payment's job wait. Without the library it
        # knows of no job.
        steps: Mapping[str, Step] = {FORECAST_JOB: self.step} if is_installed() else {}
        self.worker = Worker(registries, steps, now_us, at_once=1)

    async def run(self) -> None:
        """Makes what is due, until it is cancelled."""
        await asyncio.gather(self.worker.run(), repeat(LOOK_SECONDS, self.look))

    async def close(self) -> None:
        """Ends the program of statistics."""
        await self.statistician.close()

    async def of(self, wallet_id: str) -> Foreseen | None:
        """What is foreseen of a wallet; none where there is no such wallet. Raises `Unavailable`.

        Wishes for a forecast of today where there is none.
        """
        book = await self._seen.settled(wallet_id)
        if book is None:
            return None
        now_us, wallet = self._now_us(), book.wallet
        today = local_day(wallet.time_zone, now_us)
        async with borrowed(self._readers) as connection:
            days = await _history_days(connection, wallet, today)
            made = await store.made_forecast(connection, wallet.id)
            counted = range(month_begun(today), today + 1)
            by_day = await _by_day(connection, wallet, counted, now_us)
        month = days_ahead(today).month
        if days >= MIN_DAYS and (made is None or made.forecast.day != today):
            await self._wish(wallet.id, now_us)
        # A forecast made in another month is of another month.
        if days < MIN_DAYS or (made is not None and made.forecast.month != month):
            made = None
        if made is None:
            missing = self._why(days)
            return Foreseen(wallet.time_zone, today, month, days, None, missing, _NOTHING, None)
        ahead = outlook(book, made.forecast, by_day.get(today, 0), now_us)
        recharge = recharge_for(ahead.missing, self._terms)
        before = sum(credits for day, credits in by_day.items() if day < made.forecast.day)
        course = this_month(made.forecast, before, sum(by_day.values()))
        return Foreseen(wallet.time_zone, today, month, days, made, None, ahead, recharge, course)

    async def step(self, subject: str, wallet_id: WalletId) -> int | None:
        """Makes the wallet's forecast, unless today's is there; when it is to be made again."""
        del subject
        now_us = self._now_us()
        async with borrowed(self._registries) as connection:
            wallet = await store.forecast_wallet(connection, wallet_id)
            assert wallet is not None, "a wallet is never taken away"
            today = local_day(wallet.time_zone, now_us)
            made = await store.made_forecast(connection, wallet_id)
            counted = range(today - MOST_DAYS, today)
            by_day = await _by_day(connection, wallet, counted, now_us)
        days = history(by_day, today)
        if len(days) < MIN_DAYS:
            lacking = MIN_DAYS - len(days)
            return _spread_us(wallet, today + lacking - 1) if days else None
        if made is None or made.forecast.day != today:
            forecast = await self.statistician.forecast(today, days)
            async with borrowed(self._registries) as connection:
                await store.put_forecast(connection, wallet, forecast, now_us)
        return _spread_us(wallet, today) if any(days[-_QUIET_DAYS:]) else None

    async def look(self) -> int:
        """Wishes for forecasts of wallets that moved and never had one; of how many."""
        now_us = self._now_us()
        async with borrowed(self._registries) as connection:
            return await store.wish_for_new(
                connection, now_us, now_us - DAY_US, now_us - MIN_DAYS * DAY_US, _WISHED_AT_ONCE
            )

    async def _wish(self, wallet_id: WalletId, now_us: int) -> None:
        job = WantedJob(kind=FORECAST_JOB, subject=wallet_id, wallet_id=wallet_id, run_at_us=now_us)
        async with borrowed(self._registries) as connection:
            await want(connection, [job], now_us)

    def _why(self, days: int) -> Missing:
        if days < MIN_DAYS:
            return "insufficient_history"
        return "unavailable" if self._is_worker and not is_installed() else "pending"


async def _history_days(connection: Connection, wallet: Wallet, today: int) -> int:
    first_us = await store.first_used_us(connection, wallet.id)
    if first_us is None:
        return 0
    return min(max(today - local_day(wallet.time_zone, first_us), 0), MOST_DAYS)


async def _by_day(
    connection: Connection, wallet: Wallet, days: range, now_us: int
) -> Mapping[int, int]:
    """Credits of each of these days on which anything was used."""
    zone = wallet.time_zone
    marks = [day_start_us(zone, day) for day in range(days.start, days.stop + 1)]
    asked = Question([wallet.id], marks, sources(zone, marks, None, EVERYTHING, now_us))
    found, _ = await used(connection, asked)
    return {days.start + each.segment: each.credits for each in found}


def _spread_us(wallet: Wallet, day: int) -> int:
    return next_forecast_us(wallet.time_zone, day, crc32(wallet.id.encode()) * 1_000)
