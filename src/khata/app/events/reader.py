"""Readers who must miss nothing: each event is brought before their step once, in order.

A reader is a row that says how far it is. Whoever locks the row reads on, in whatever process; the
row moves in the very transaction in which the step wrote what it makes of the events. So of what
the step writes nothing is lost and nothing comes twice, though it may be killed at any point. What
it does beside the database may be done twice, and belongs in a job.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from khata.app.events.bell import Bell, heard
from khata.engine.books import Unavailable
from khata.postgres import events as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.events import Event

Step = Callable[[Connection, Sequence[Event]], Awaitable[None]]
"""Writes, in the transaction that it is given, what it makes of these events."""

AT_ONCE: Final = 500
POLL_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 60.0

_log = structlog.get_logger()


class Reader:
    """Brings all events before a step. One process at a time is at a reader of that name.

    A step that fails is tried again with the same events, after pauses that double to a minute.
    """

    def __init__(
        self, pool: Pool, name: str, step: Step, bell: Bell | None = None, at_once: int = AT_ONCE
    ) -> None:
        self._pool = pool
        self._name = name
        self._step = step
        self._bell = bell or Bell()
        self._at_once = at_once
        self._is_known = False

    async def read_once(self) -> int:
        """Takes the step with the next events, if there are any and no other process is at them;
        how many it were. Raises `Unavailable`, and whatever the step raises."""
        async with borrowed(self._pool) as connection:
            if not self._is_known:
                await store.add_reader(connection, self._name)
                self._is_known = True
            async with connection.transaction():
                position = await store.lock_reader(connection, self._name)
                if position is None:
                    return 0
                found = await store.events(connection, position, self._at_once)
                if found:
                    await self._step(connection, found)
                    await store.move_reader(connection, self._name, found[-1].position)
                return len(found)

    async def run(self) -> None:
        """Reads until it is cancelled."""
        failures = 0
        while True:
            ear = self._bell.ear()
            try:
                read, failures = await self.read_once(), 0
            except Unavailable as error:
                _log.warning("step_put_off", step="Reader.run", reason=str(error))
                read, failures = 0, failures + 1
            except Exception:  # noqa: BLE001 - whatever it was, the events are read again
                _log.exception("step_failed", step="Reader.run", reader=self._name)
                read, failures = 0, failures + 1
            if failures:
                await asyncio.sleep(pause_seconds(failures))
            elif read < self._at_once:
                await heard(ear, POLL_SECONDS)


def pause_seconds(failures: int) -> float:
    """How long a reader rests that failed so many times in a row: 1 s, 2, 4 … a minute."""
    return min(2.0 ** min(failures - 1, 16), LONGEST_PAUSE_SECONDS)
