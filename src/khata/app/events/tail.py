"""The tail of the log: reads new events once for this process, and says them to all who listen.

What listeners on the same channel hear is put together once, however many they are. They join
between two looks, so that none hears a part of one. A process in which nobody listens only keeps
track of the head.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import structlog

from khata.app.events.bell import Bell, heard
from khata.app.events.channels import Channel, Listener
from khata.app.events.frames import frame
from khata.app.events.told import Told, portions, told_at_once
from khata.engine.books import Unavailable
from khata.postgres import events as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.events import Event

EVENTS_AT_ONCE: Final = 500
POLL_SECONDS: Final = 0.5
TICK_SECONDS: Final = 5.0

_log = structlog.get_logger()


class Tail:
    """Says what is new. `position` is up to where all has been said; `behind` how far the log was
    ahead of it at the last look; `dropped` counts the listeners that fell behind."""

    def __init__(self, pool: Pool, bell: Bell, queue_bytes: int) -> None:
        self._pool = pool
        self._queue_bytes = queue_bytes
        self._woken = asyncio.Event()
        self._listeners: defaultdict[Channel, set[Listener]] = defaultdict(set)
        self._joining: list[Listener] = []
        self.is_closed = False
        self.position = 0
        self.behind = 0
        self.dropped = 0
        bell.hang(self._woken.set)

    @property
    def listeners(self) -> int:
        """How many listen."""
        return sum(map(len, self._listeners.values())) + len(self._joining)

    def listen(self, channel: Channel) -> Listener:
        """One who will hear all from a moment after now on; soon, `start` says from where."""
        listener = Listener(channel, self._queue_bytes)
        if self.is_closed:
            listener.end()
        else:
            self._joining.append(listener)
            self._woken.set()
        return listener

    def leave(self, listener: Listener) -> None:
        """This one hears nothing more."""
        self.dropped += listener.is_behind
        if listener in self._joining:
            self._joining.remove(listener)
        listeners = self._listeners.get(listener.channel, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(listener.channel, None)

    def close(self) -> None:
        """Ends all that listen, and all that will."""
        self.is_closed = True
        for listener in self._everybody():
            listener.end()

    async def look(self) -> bool:
        """Says some of what is new; whether there is more. Raises `Unavailable`."""
        joining = list(self._joining)
        async with borrowed(self._pool) as connection:
            head = await store.head(connection)
            self.behind = max(head - self.position, 0)
            is_new = bool(self._listeners) and head > self.position
            is_more = is_new and await self._said(connection, head)
        if not is_more:
            self.position, self.behind = head, 0
            self._admit(joining)
        return is_more

    async def run(self) -> None:
        """Says what is new until it is cancelled, and wakes all who listen every few seconds."""
        ticked_at = time.monotonic()
        while True:
            self._woken.clear()
            if time.monotonic() - ticked_at >= TICK_SECONDS:
                ticked_at = time.monotonic()
                self._tick()
            if not await self._tried():
                await heard(self._woken, POLL_SECONDS)

    async def _tried(self) -> bool:
        try:
            return await self.look()
        except Unavailable as error:
            _log.warning("step_put_off", step="Tail.run", reason=str(error))
        except Exception:  # noqa: BLE001 - whatever it was, it looks again
            _log.exception("step_failed", step="Tail.run")
        await asyncio.sleep(POLL_SECONDS)
        return False

    async def _said(self, connection: Connection, head: int) -> bool:
        """Says what is new up to the head; whether there was more than is said at once."""
        whose = {channel.whose for channel in self._listeners}
        found = await store.between_of(connection, self.position, head, EVENTS_AT_ONCE, whose)
        for some in portions(found):
            self._say(some, await told_at_once(connection, some))
            await asyncio.sleep(0)  # charges in this process go between
        return len(found) == EVENTS_AT_ONCE

    def _say(self, events: Sequence[Event], told: Sequence[Told]) -> None:
        self.position = events[-1].position
        frames = [(each, frame(each)) for each in told]
        for channel, listeners in self._listeners.items():
            heard_there = b"".join([text for each, text in frames if channel.carries(each)])
            if heard_there:
                for listener in listeners:
                    listener.hear(self.position, heard_there)

    def _admit(self, joining: Iterable[Listener]) -> None:
        for listener in joining:
            if listener in self._joining:  # and has not left meanwhile
                self._joining.remove(listener)
                self._listeners[listener.channel].add(listener)
                listener.begin(self.position)

    def _tick(self) -> None:
        for listener in self._everybody():
            listener.tick()

    def _everybody(self) -> list[Listener]:
        listening = [one for listeners in self._listeners.values() for one in listeners]
        return [*self._joining, *listening]
