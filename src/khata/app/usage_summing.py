"""Sums up the past hours of wallets whose usage is looked at, so that the next look is quick.

A look that had to go through many hourly rows of a wallet wishes for this job, unless they are too
young to be summed up. Whatever becomes of it, looks stay right: what is not summed up is read from
the hours.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from khata.app.worker import Step
from khata.domain.days import day_starts
from khata.domain.ids import WalletId
from khata.domain.limits import DAY_US, HOUR_US, local_hour_us
from khata.engine.books import Unavailable
from khata.engine.recount import LATE_US
from khata.postgres import jobs, usage_sums, wallets
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.jobs import WantedJob
from khata.postgres.usage import Worth

KIND: Final = "usage_sums"
# Hourly rows of a wallet in one look from which on it is worth while.
WORTH_SUMMING: Final = 2_000
_AT_ONCE_US: Final = 7 * DAY_US


class UsageSumming:
    """Wishes for wallets' usage to be summed up, and does it, a week at a time."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us
        self.jobs: Mapping[str, Step] = {KIND: self.step}

    def worth(self) -> Worth:
        """Which wallets it is worth while for: hours that might still grow are none of theirs."""
        return Worth(WORTH_SUMMING, self._now_us() - HOUR_US - LATE_US)

    async def wish(self, wallet_ids: Sequence[WalletId]) -> None:
        """Has these wallets' usage summed up soon, if the database takes the wish."""
        now_us = self._now_us()
        wishes = [
            WantedJob(kind=KIND, subject=each, wallet_id=each, run_at_us=now_us)
            for each in wallet_ids
        ]
        try:
            async with borrowed(self._pool) as connection:
                await jobs.want(connection, wishes, now_us)
        except Unavailable:  # the look was answered; the next one will wish again
            return

    async def step(self, subject: str, wallet_id: WalletId) -> int | None:
        """Sums up the next week with usage; at once again while there is more.

        An hour is past once the wallet's last transaction lies beyond it for good: where a clock is
        set back, an hour of it may still begin before one that was seen.
        """
        del subject
        async with borrowed(self._pool) as connection, connection.transaction():
            wallet = await wallets.wallet(connection, wallet_id)
            until_us = await usage_sums.begin(connection, wallet_id)
            found = await usage_sums.next_hour(connection, wallet_id, until_us or 0)
            if wallet is None or found is None:
                return None
            first_us, last_us = found
            past_us = local_hour_us(wallet.time_zone, last_us) - LATE_US
            to_us = min(first_us + _AT_ONCE_US, past_us)
            if to_us <= first_us:
                return None
            days = day_starts(wallet.time_zone, first_us, to_us)
            await usage_sums.sum_up(connection, wallet_id, first_us, to_us, days)
        return self._now_us() if to_us < past_us else None
