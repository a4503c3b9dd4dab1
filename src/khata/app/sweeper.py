"""The sweep: books what has expired, and clears away what nobody will ask for again.

Nothing depends on it for its truth: what has expired counts for nothing from its instant on. It
only keeps the ledger close to the clock. Several processes may sweep at once; who comes second to
a wallet finds nothing to do.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from msgspec import Struct

from khata.app.events.reader import READERS
from khata.app.invalid import Invalid
from khata.domain.commands import SettleWallet
from khata.engine.engine import Engine
from khata.postgres.asking import Connection, borrowed
from khata.postgres.attempts import purge_attempts
from khata.postgres.connect import Pool
from khata.postgres.deliveries import purge_deliveries, purge_figures
from khata.postgres.events import purge_events
from khata.postgres.mails import purge_mails
from khata.postgres.sign_in import purge_sign_ins
from khata.postgres.sweeps import due_wallets, purge_answers

_HOUR_US = 3_600_000_000
_WALLETS_AT_ONCE = 500
_ROWS_AT_ONCE = 2_000

MIN_ANSWER_HOURS = 48


class Keeping(Struct, frozen=True, kw_only=True):
    """How long is kept what is no ledger: answers to refused commands, events, attempts to buy,
    deliveries of webhooks, sessions after their end, and what is told of mails that are done with.

    The contract promises callers 48 hours for their keys, so answers are never kept shorter.
    """

    answer_hours: int = 90 * 24
    event_hours: int = 7 * 24
    attempt_hours: int = 180 * 24
    mail_hours: int = 30 * 24
    session_hours: int = 30 * 24
    delivery_hours: int = 30 * 24

    def __post_init__(self) -> None:
        if self.answer_hours < MIN_ANSWER_HOURS:
            raise Invalid("answer_hours", f"must be {MIN_ANSWER_HOURS} or more")


class Swept(Struct, frozen=True):
    """What one sweep did: wallets settled, rows cleared away."""

    wallets: int
    answers: int
    events: int
    attempts: int
    mails: int = 0
    sessions: int = 0
    deliveries: int = 0


class Sweeper:
    """Sweeps when it is told to."""

    def __init__(
        self, pool: Pool, engine: Engine, now_us: Callable[[], int], keeping: Keeping
    ) -> None:
        self._pool = pool
        self._engine = engine
        self._now_us = now_us
        self._keeping = keeping

    async def sweep_once(self) -> Swept:
        """Settles all wallets due by now and clears what is too old, both in small batches.

        Raises `Unavailable`; what was done until then is done.
        """
        now_us, keeping = self._now_us(), self._keeping
        return Swept(
            wallets=await self._settle_due(now_us),
            answers=await self._purge(purge_answers, now_us - keeping.answer_hours * _HOUR_US),
            events=await self._purge(
                partial(purge_events, readers=READERS), now_us - keeping.event_hours * _HOUR_US
            ),
            attempts=await self._purge(purge_attempts, now_us - keeping.attempt_hours * _HOUR_US),
            mails=await self._purge(purge_mails, now_us - keeping.mail_hours * _HOUR_US),
            sessions=await self._purge(purge_sign_ins, now_us - keeping.session_hours * _HOUR_US),
            deliveries=await self._purge_deliveries(now_us - keeping.delivery_hours * _HOUR_US),
        )

    async def _purge_deliveries(self, before_us: int) -> int:
        # An hour is as old as its end.
        await self._purge(purge_figures, before_us - _HOUR_US)
        return await self._purge(purge_deliveries, before_us)

    async def _settle_due(self, now_us: int) -> int:
        settled = 0
        while True:
            async with borrowed(self._pool) as connection:
                due = await due_wallets(connection, now_us, _WALLETS_AT_ONCE)
            commands = [SettleWallet(wallet_id=wallet_id) for wallet_id in due]
            await asyncio.gather(*map(self._engine.submit, commands))
            settled += len(due)
            if len(due) < _WALLETS_AT_ONCE:
                return settled

    async def _purge(
        self, purge: Callable[[Connection, int, int], Awaitable[int]], before_us: int
    ) -> int:
        purged = 0
        while True:
            async with borrowed(self._pool) as connection:
                rows = await purge(connection, before_us, _ROWS_AT_ONCE)
            purged += rows
            if rows < _ROWS_AT_ONCE:
                return purged
