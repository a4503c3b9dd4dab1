"""The bell that rings when there are new events, for all in this process who wait for some."""

import asyncio
import contextlib
from collections.abc import Callable


class Bell:
    """Wakes whoever waits. It is only a bell: who missed it finds the events all the same."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._hung: list[Callable[[], None]] = []

    def hang(self, wake: Callable[[], None]) -> None:
        """Has this called at every ring, from now on."""
        self._hung.append(wake)

    def ring(self) -> None:
        """Wakes all who wait, and lets those through who are about to."""
        for wake in self._hung:
            wake()
        self._rung.set()
        self._rung = asyncio.Event()

    def ear(self) -> asyncio.Event:
        """What the next ring sets. Taken before looking, so that no ring is missed in between."""
        return self._rung


async def heard(ear: asyncio.Event, seconds: float) -> None:
    """Waits for the ring, but no longer than that."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await ear.wait()
