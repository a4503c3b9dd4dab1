"""The loop of whoever leases what is due and carries it out: several at once, until cancelled."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog

from khata.engine.books import Unavailable

Leased = TypeVar("Leased")

_log = structlog.get_logger()


class LeaseLoop(Generic[Leased]):
    """Asks `lease` for at most so many as are free of `at_once`, and gives each to `carry_out`.

    It asks again when it is woken, when one ends, and each `poll_seconds`. `carry_out` gives back
    what it was at when it is cancelled.
    """

    def __init__(
        self,
        name: str,
        lease: Callable[[int], Awaitable[Sequence[Leased]]],
        carry_out: Callable[[Leased], Awaitable[None]],
        at_once: int,
        poll_seconds: float,
    ) -> None:
        self._name = name
        self._lease = lease
        self._carry_out = carry_out
        self._at_once = at_once
        self._poll_seconds = poll_seconds
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Makes it look at once: something is due in this process."""
        self._woken.set()

    async def once(self) -> int:
        """Carries out a handful of what is due by now, all at once; how many it were.

        Raises `Unavailable` where it can't be asked for.
        """
        leased = await self._lease(self._at_once)
        await asyncio.gather(*map(self._carry_out, leased))
        return len(leased)

    async def run(self) -> None:
        """Goes on until it is cancelled, and then gives back what it was at."""
        running: set[asyncio.Future[None]] = set()
        try:
            while True:
                self._woken.clear()
                running |= await self._started(self._at_once - len(running))
                running = await self._waited(running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _started(self, free: int) -> set[asyncio.Future[None]]:
        leased: Sequence[Leased] = ()
        try:
            leased = await self._lease(free) if free else ()
        except Unavailable as error:
            _log.warning("step_put_off", step=self._name, reason=str(error))
        except Exception:  # noqa: BLE001 - whatever it was, it looks again
            _log.exception("step_failed", step=self._name)
        return {asyncio.ensure_future(self._carry_out(each)) for each in leased}

    async def _waited(self, running: set[asyncio.Future[None]]) -> set[asyncio.Future[None]]:
        """Waits for a wish, an end or the poll's time; what still runs."""
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait(
                {*running, woken},
                timeout=self._poll_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            woken.cancel()
        return {task for task in running if not task.done()}
