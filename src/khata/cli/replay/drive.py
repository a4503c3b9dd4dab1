"""When each row is asked for, and how many at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import TypeVar

from khata.cli.replay.client import Client, Result
from khata.cli.replay.tally import Tally
from khata.cli.replay.trace import Request
from khata.cli.replay.wishes import Wish, Wishes

T = TypeVar("T")

MAX_ITEMS = 1000
# About as fast as a model says its answer, where the trace doesn't tell.
TOKENS_PER_SECOND = 40

Advance = Callable[[int], None]


class Pace:
    """When a row is due, in seconds of the running loop. Without a speed, at once."""

    def __init__(self, speed: float | None, first_at: float) -> None:
        self._speed = speed
        self._first = first_at
        self._start = asyncio.get_running_loop().time()

    @property
    def is_unbound(self) -> bool:
        """Whether everything is due at once."""
        return self._speed is None

    def comes(self, request: Request) -> float:
        if self._speed is None:
            return 0.0
        return self._start + (request.at - self._first) / self._speed

    def is_done(self, request: Request) -> float:
        """When the answer has been said."""
        if self._speed is None:
            return 0.0
        said = request.quantities[-1] / TOKENS_PER_SECOND
        return self.comes(request) + said / self._speed


class Driver:
    """Sends a trace's rows in batches of those that are due, several batches at once."""

    def __init__(
        self, client: Client, wishes: Wishes, tally: Tally, *, rows: int, batches: int
    ) -> None:
        self._client = client
        self._wishes = wishes
        self._tally = tally
        self._rows = rows
        self._turn = asyncio.Semaphore(batches)
        self._ahead = 2 * batches

    async def run(
        self, requests: Sequence[Request], pace: Pace, advance: Advance, *, hold: bool
    ) -> None:
        """Meters all of them. Raises `Failed` when the server can't be asked."""
        meter = self._hold_and_capture if hold else self._consume
        # At a speed of its own a trace waits for nobody.
        room = asyncio.Semaphore(self._ahead if pace.is_unbound else len(requests))
        try:
            async with asyncio.TaskGroup() as group:
                async for due in _due_together(requests, pace.comes, self._rows):
                    await room.acquire()
                    task = group.create_task(self._metered(meter(due, pace), len(due), advance))
                    task.add_done_callback(lambda _: room.release())
        except ExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _metered(
        self, work: Coroutine[None, None, None], rows: int, advance: Advance
    ) -> None:
        await work
        self._tally.requests += rows
        advance(rows)

    async def _consume(self, requests: Sequence[Request], _: Pace) -> None:
        wishes = [wish for request in requests for wish in self._wishes.consumed(request)]
        for wish, result in await self._asked(wishes):
            self._tally.count(wish, result)

    async def _hold_and_capture(self, requests: Sequence[Request], pace: Pace) -> None:
        held: list[tuple[Request, str]] = []
        for wish, result in await self._asked([self._wishes.held(one) for one in requests]):
            self._tally.count(wish, result)
            if result.hold is not None:
                held.append((wish.request, result.hold.id))
        held.sort(key=lambda one: pace.is_done(one[0]))
        async for done in _due_together(held, lambda one: pace.is_done(one[0]), self._rows):
            await self._finish(done)

    async def _finish(self, held: Sequence[tuple[Request, str]]) -> None:
        holds = {request.line: hold_id for request, hold_id in held}
        wishes = [wish for one in held for wish in self._wishes.finished(*one)]
        further: list[Wish] = []
        for wish, result in await self._asked(wishes):
            if wish.item["op"] == "consume" or result.hold is not None:
                self._tally.count(wish, result)
            elif result.code == "HOLD_EXPIRED":  # we, or the server, were away too long
                further.append(self._wishes.late(wish.request))
            else:
                self._tally.count(wish, result)
                further.append(self._wishes.released(wish.request, holds[wish.request.line]))
        for wish, result in await self._asked(further):
            if wish.part is not None or result.hold is not None:
                self._tally.count(wish, result)

    async def _asked(self, wishes: Sequence[Wish]) -> list[tuple[Wish, Result]]:
        found: list[tuple[Wish, Result]] = []
        for start in range(0, len(wishes), MAX_ITEMS):
            part = wishes[start : start + MAX_ITEMS]
            async with self._turn:
                results = await self._client.batch([wish.item for wish in part])
            found += zip(part, results, strict=True)
        return found


async def _due_together(
    items: Sequence[T], due: Callable[[T], float], most: int
) -> AsyncIterator[Sequence[T]]:
    """The items in their order, up to `most` of those that are due at once."""
    loop = asyncio.get_running_loop()
    start = 0
    while start < len(items):
        if (wait := due(items[start]) - loop.time()) > 0:
            await asyncio.sleep(wait)
        now, end = loop.time(), start + 1
        while end < len(items) and end - start < most and due(items[end]) <= now:
            end += 1
        yield items[start:end]
        start = end
