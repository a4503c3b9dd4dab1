"""Channels: which messages somebody listens to; and the listeners, who each have a short memory."""

import asyncio
from collections import deque
from typing import Final, NamedTuple

from msgspec import Struct

from khata.app.events.told import Told
from khata.postgres.events import Whose

QUEUE_BYTES: Final = 256 * 1024


class Channel(Struct, frozen=True):
    """The messages of these types about a wallet, an organization, or everybody."""

    whose: Whose
    types: frozenset[str]

    def carries(self, told: Told) -> bool:
        """Whether it is among them."""
        whose = self.whose
        return (
            told.message.type in self.types
            and whose.wallet_id in {None, told.message.wallet_id}
            and whose.organization_id in {None, told.organization_id}
        )


class Chunk(NamedTuple):
    """What is said up to a position."""

    position: int
    frames: bytes


class Listener:
    """One who listens to a channel from `start` on.

    What was said and not taken yet waits for it, up to so many bytes: then it has fallen behind,
    and hears no more here. So whoever is slow costs no memory, and slows nobody else.
    """

    def __init__(self, channel: Channel, queue_bytes: int = QUEUE_BYTES) -> None:
        self.channel = channel
        self._queue_bytes = queue_bytes
        self.start: int | None = None
        self.is_behind = False
        self.is_ended = False
        self._said: deque[Chunk] = deque()
        self._bytes = 0
        self._woken = asyncio.Event()

    def begin(self, start: int) -> None:
        """From now on it hears all behind that position."""
        self.start = start
        self._woken.set()

    def hear(self, position: int, frames: bytes) -> None:
        """What is said up to that position."""
        if self._bytes > self._queue_bytes:
            self.is_behind = True
            self._said.clear()
        elif not self.is_behind:
            self._said.append(Chunk(position, frames))
            self._bytes += len(frames)
        self._woken.set()

    def end(self) -> None:
        """It hears nothing more: the server stops."""
        self.is_ended = True
        self._woken.set()

    @property
    def is_over(self) -> bool:
        """Whether it hears nothing more."""
        return self.is_behind or self.is_ended

    @property
    def has_all(self) -> bool:
        """Whether nothing that was said waits for it."""
        return not self._said and not self.is_over

    def tick(self) -> None:
        """Wakes it, though there may be nothing: a clock for all is cheaper than one for each."""
        self._woken.set()

    async def waited(self) -> None:
        """Waits for something new, or a tick."""
        await self._woken.wait()
        self._woken.clear()

    def taken(self) -> Chunk | None:
        """All that waits, if anything does; it waits no longer."""
        if not self._said:
            return None
        all_of_it = Chunk(self._said[-1].position, b"".join([chunk.frames for chunk in self._said]))
        self._said.clear()
        self._bytes = 0
        return all_of_it
