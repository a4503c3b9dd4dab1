"""The log of events, opened: who writes it and who reads it in this process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from msgspec import Struct

from khata.app.events.bell import Bell
from khata.app.events.reader import Reader, Step
from khata.app.events.relay import Relay
from khata.postgres.connect import Pool, event_pool


class EventLog(Struct, frozen=True):
    """The relay that writes it, the bell that rings when it grew, the pool on which it is read."""

    relay: Relay
    bell: Bell
    pool: Pool

    def reader(self, name: str, step: Step) -> Reader:
        """Who brings all events before a step, and begins with those that are kept by now."""
        return Reader(self.pool, name, step, self.bell)


@asynccontextmanager
async def open_events(dsn: str) -> AsyncGenerator[EventLog]:
    """The log, on connections of its own, which requests need not wait for."""
    bell = Bell()
    async with event_pool(dsn) as pool:
        yield EventLog(Relay(pool, bell), bell, pool)
