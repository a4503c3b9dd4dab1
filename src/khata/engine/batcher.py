"""The batcher: while one batch commits, the next one gathers. No timer, nothing to tune."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from contextvars import Context
from typing import Generic, TypeVar

import structlog

from khata.engine.books import Interrupted, Unavailable

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_BATCH = 256
MAX_WAITING = 50_000
_RERUNS = 5

_log = structlog.get_logger()


class Bug(Exception):
    """A command met an error that nobody foresaw. It alone failed, and nothing of it stands."""


class Batcher(Generic[Item, Result]):
    """Runs items in batches, one batch at a time, and hands each caller its own result."""

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        max_batch: int = MAX_BATCH,
        weigh: Callable[[Item], int] | None = None,
    ) -> None:
        self._run = run
        self._max_batch = max_batch
        self._weigh = weigh
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._lane: asyncio.Task[None] | None = None
        self._closing = False
        self.batches = 0
        self.items = 0

    def submit(self, item: Item) -> asyncio.Future[Result]:
        """The result, once durable. `Unavailable` is worth another try; `Bug` is not."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        if self._closing or len(self._waiting) >= MAX_WAITING:
            future.set_exception(Unavailable("shutting down" if self._closing else "too busy"))
            return future
        self._waiting.append((item, future))
        if self._lane is None:
            # It works for all who submit, so it inherits nothing from whoever comes first.
            self._lane = asyncio.create_task(self._work(), context=Context())
        return future

    async def drain(self) -> None:
        """Finish what was submitted, and take nothing more."""
        self._closing = True
        while self._lane is not None:
            await asyncio.shield(self._lane)

    async def _work(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(0)  # callers that are ready to submit come along
                await self._settle(self._next_batch())
        finally:
            self._lane = None

    def _next_batch(self) -> list[tuple[Item, asyncio.Future[Result]]]:
        """What waits, up to the largest batch. The item that fills it may weigh more than fits."""
        waiting, room = self._waiting, self._max_batch
        batch = [waiting.popleft()]
        room -= self._weigh(batch[0][0]) if self._weigh else 1
        while waiting and room > 0:
            batch.append(waiting.popleft())
            room -= self._weigh(batch[-1][0]) if self._weigh else 1
        return batch

    async def _settle(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        self.batches += 1
        self.items += len(batch)
        try:
            results = await self._run_known([item for item, _ in batch])
        except Unavailable as error:
            _fail(batch, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it fails its own command only
            await self._isolate(batch, error)
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)

    async def _run_known(self, items: list[Item]) -> Sequence[Result]:
        """Runs the batch until its outcome is known: what stands already answers by its keys."""
        for _ in range(_RERUNS):
            with suppress(Interrupted):
                return await self._run(items)
        raise Unavailable("the outcome is unknown until asked again with the same key")

    async def _isolate(
        self, batch: list[tuple[Item, asyncio.Future[Result]]], error: Exception
    ) -> None:
        """Bisects a batch until the poisonous item stands alone."""
        if len(batch) == 1:
            _log.error("command_failed", exc_info=error)
            _fail(batch, Bug("an unforeseen error; nothing was changed"))
            return
        middle = len(batch) // 2
        await self._settle(batch[:middle])
        await self._settle(batch[middle:])


def _fail(batch: Sequence[tuple[object, asyncio.Future[Result]]], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)
