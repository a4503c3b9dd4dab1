"""Live streams: what was missed is read from the log, page by page as its reader takes it, and then
the stream listens at the tail. One that falls behind there reads from the log again."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Final, NamedTuple

from khata.app.events.channels import Channel, Listener
from khata.app.events.frames import frame, mark, reset
from khata.app.events.tail import Tail
from khata.app.events.told import Place, portions, told_at_once
from khata.engine.confined import unconfined
from khata.postgres import events as store
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool

EVENTS_AT_ONCE: Final = 100
PAGES_AT_ONCE: Final = 4


class Said(NamedTuple):
    """What is to be sent; nothing at a tick, when `mark` may be sent to keep the stream alive."""

    frames: bytes
    mark: bytes = b""


class _Page(NamedTuple):
    frames: bytes
    reached: Place
    is_last: bool


class Live:
    """Follows what happens, for streams. A few of them read what they missed at the same time."""

    def __init__(self, pool: Pool, tail: Tail) -> None:
        self._pool = pool
        self._tail = tail
        self._turns = asyncio.Semaphore(PAGES_AT_ONCE)

    async def since(self, channel: Channel, place: Place | None) -> AsyncGenerator[Said]:
        """What the log has behind that place by now, and no more. Raises `Unavailable`."""
        stream, head = await self._opened(channel, place)
        return stream.rest(head)

    async def follow(self, channel: Channel, place: Place | None) -> AsyncGenerator[Said]:
        """All behind that place (from now on where there is none) and all that comes, until the
        server stops. Every few seconds at least it yields, if only that there is nothing.

        Raises `Unavailable`.
        """
        stream, _ = await self._opened(channel, place)
        return stream.followed()

    async def page(self, channel: Channel, place: Place, upto: int) -> _Page:
        """Some of what comes behind that place and up to that position, no more than can be sent at
        once."""
        async with self._turns, borrowed(self._pool) as connection:
            after = place.position - 1 if place.is_amid else place.position
            found = await store.between(connection, after, upto, EVENTS_AT_ONCE, channel.whose)
            some = next(portions(found), None)
            if some is None:
                return _Page(b"", Place(max(upto, place.position)), is_last=True)
            told = await told_at_once(connection, some)
        frames = [
            frame(each) for each in told if place.order < each.place.order and channel.carries(each)
        ]
        is_last = len(some) == len(found) < EVENTS_AT_ONCE
        reached = max(upto, place.position) if is_last else some[-1].position
        return _Page(b"".join(frames), Place(reached), is_last)

    async def _opened(self, channel: Channel, place: Place | None) -> tuple["_Stream", int]:
        """A stream from that place on, or from now on where what comes behind it is not kept, which
        is then the first that it says; and the head."""
        with unconfined():  # to compare positions, which are of all
            async with borrowed(self._pool) as connection:
                # In this order: the log may be empty at the first look and not at the second.
                head, oldest = await store.head(connection), await store.oldest(connection)
        if place is None:
            return _Stream(self, self._tail, channel, None), head
        following = place.position if place.is_amid else place.position + 1
        first = head + 1 if oldest is None else oldest
        if first <= following <= head + 1:
            return _Stream(self, self._tail, channel, place), head
        return _Stream(self, self._tail, channel, None, partial(reset, place)), head


class _Stream:
    """One stream, and how far it has come."""

    def __init__(
        self,
        live: Live,
        tail: Tail,
        channel: Channel,
        reached: Place | None,
        opening: Callable[[int], bytes] = mark,
    ) -> None:
        self._opening = opening
        self._live = live
        self._tail = tail
        self._channel = channel
        self._reached = reached

    async def rest(self, head: int) -> AsyncGenerator[Said]:
        """All behind the place up to the head."""
        async for said in self.missed(head):
            yield said
        yield Said((self._opening if self._reached is None else mark)(head))

    async def followed(self) -> AsyncGenerator[Said]:
        """All behind the place and all that comes, until the tail is closed."""
        while not self._tail.is_closed:
            async for said in self.missed(self._tail.position):
                yield said
            listener = self._tail.listen(self._channel)
            try:
                async for said in self._heard(listener):
                    yield said
            finally:
                self._tail.leave(listener)

    async def missed(self, upto: int) -> AsyncGenerator[Said]:
        """What the log has behind the place, up to that position."""
        while self._reached is not None:
            page = await self._live.page(self._channel, self._reached, upto)
            self._reached = page.reached
            yield Said(page.frames)
            if page.is_last:
                break

    async def _heard(self, listener: Listener) -> AsyncGenerator[Said]:
        """What is said at the tail, and before that what was missed until there; until the
        listener hears no more."""
        while listener.start is None and not listener.is_over:
            await listener.waited()
            yield Said(b"")
        if listener.start is None:
            return
        if self._reached is None:
            self._reached = Place(listener.start)
            yield Said(self._opening(listener.start))
        async for said in self.missed(listener.start):
            yield said
        while not listener.is_over:
            taken = listener.taken()
            if taken is None:
                await listener.waited()
                if listener.has_all:
                    yield Said(b"", mark(self._tail.position))
            else:
                self._reached = Place(taken.position)
                yield Said(taken.frames)
