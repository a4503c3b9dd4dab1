"""The relay: moves the outbox and other news among the events, where everybody reads them.

Any number of processes may relay: they take turns at the head. A round is one transaction, so what
a killed relay was at is moved by the next one, once. A relay is woken by commits of its own process
and looks for those of others twice a second; between two rounds it rests for longer than a round
took, so that under load rounds grow and the charges have the machine.
"""

import asyncio
import time
from typing import Final

import structlog

from khata.app.events.bell import Bell, heard
from khata.engine.books import Unavailable
from khata.postgres import events as store
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool

ROWS_AT_ONCE: Final = 5_000
POLL_SECONDS: Final = 0.5
SHORTEST_REST_SECONDS: Final = 0.05
LONGEST_REST_SECONDS: Final = 0.4
_REST_OF_A_ROUND: Final = 3.0

_log = structlog.get_logger()


class Relay:
    """Moves news when it is woken, and rings when there are new events."""

    def __init__(self, pool: Pool, bell: Bell, rows_at_once: int = ROWS_AT_ONCE) -> None:
        self._pool = pool
        self._bell = bell
        self._rows_at_once = rows_at_once
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Makes it look for news at once: something was committed in this process."""
        self._woken.set()

    async def relay_once(self) -> int:
        """Moves what is there, at most some thousands of rows; how many. Raises `Unavailable`."""
        async with borrowed(self._pool) as connection:
            waiting = await store.waiting(connection)
            if not any(waiting):
                return 0
            async with connection.transaction():
                moved = await store.move_news(connection, waiting, self._rows_at_once)
        if moved:
            self._bell.ring()
        return moved

    async def run(self) -> None:
        """Relays until it is cancelled."""
        while True:
            self._woken.clear()
            began = time.monotonic()
            moved = await self._tried()
            if moved < self._rows_at_once:
                await asyncio.sleep(rest_seconds(time.monotonic() - began) if moved else 0)
                await heard(self._woken, POLL_SECONDS)

    async def _tried(self) -> int:
        try:
            return await self.relay_once()
        except Unavailable as error:
            _log.warning("step_put_off", step="Relay.run", reason=str(error))
        except Exception:  # noqa: BLE001 - whatever it was, it looks again
            _log.exception("step_failed", step="Relay.run")
        await asyncio.sleep(POLL_SECONDS)
        return 0


def rest_seconds(took: float) -> float:
    """How long to rest after a round that took so long."""
    return min(max(took * _REST_OF_A_ROUND, SHORTEST_REST_SECONDS), LONGEST_REST_SECONDS)
