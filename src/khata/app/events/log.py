"""The log of events, opened: who writes it and who reads it in this process."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog
from msgspec import Struct

from khata.app.events.bell import Bell
from khata.app.events.live import PAGES_AT_ONCE, Live
from khata.app.events.reader import Reader, ReaderName, Step
from khata.app.events.relay import Relay
from khata.app.events.tail import Tail
from khata.engine.books import Unavailable
from khata.postgres import events as store
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool, event_pool, read_pool
from khata.postgres.events_apart import counts_apart

AGAIN_SECONDS: Final = 1.0

_log = structlog.get_logger()


class EventLog(Struct, frozen=True):
    """The relay that writes it; the tail and the streams that are said what is new; the bell that
    rings when it grew, and the pool on which it is read."""

    relay: Relay
    tail: Tail
    live: Live
    bell: Bell
    pool: Pool
    dsn: str
    now_us: Callable[[], int]

    def reader(self, name: ReaderName, step: Step) -> Reader:
        """Who brings all events before a step, and begins with those that are kept by now."""
        return Reader(self.pool, name, step, self.now_us, self.bell)

    async def readers_behind(self) -> dict[str, int]:
        """How many events each reader has yet to read. Raises `Unavailable`."""
        async with borrowed(self.pool) as connection:
            head, readers = await store.head(connection), await store.readers(connection)
        return {name: max(head - position, 0) for name, position in readers.items()}

    async def readers_apart(self) -> dict[str, int]:
        """How many events are set apart, for each reader that has any. Raises `Unavailable`."""
        async with borrowed(self.pool) as connection:
            return await counts_apart(connection)

    async def listen(self) -> None:
        """Rings the bell when other processes have new events, until it is cancelled."""
        while True:
            try:
                async for _ in store.notifications(self.dsn):
                    self.bell.ring()
            except Unavailable as error:
                _log.warning("step_put_off", step="EventLog.listen", reason=str(error))
            await asyncio.sleep(AGAIN_SECONDS)


@asynccontextmanager
async def open_events(
    dsn: str, now_us: Callable[[], int], queue_bytes: int
) -> AsyncGenerator[EventLog]:
    """The log, on connections of its own, which requests need not wait for. So much waits for each
    stream that is slow."""
    bell = Bell()
    async with event_pool(dsn) as pool, read_pool(dsn, size=PAGES_AT_ONCE) as pages:
        tail = Tail(pool, bell, queue_bytes)
        yield EventLog(Relay(pool, bell), tail, Live(pages, tail), bell, pool, dsn, now_us)
