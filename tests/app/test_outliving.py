"""What runs beside requests outlives whatever befalls it, and works on afterwards."""

import asyncio
from collections.abc import Awaitable, Callable
from types import ModuleType

import pytest
from psycopg.errors import OperationalError, ReadOnlySqlTransaction

from desk import Clock
from khata.app import worker as worker_module
from khata.app.runtime import Khata
from khata.app.topups import inbox as inbox_module
from khata.app.topups.inbox import Inbox
from khata.app.worker import Worker

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 60
BEFALLS = [OperationalError, ReadOnlySqlTransaction, ZeroDivisionError]
Seeking = Callable[..., Awaitable[list[object]]]


def strike_once(
    monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, strike: type[Exception]
) -> asyncio.Event:
    """Has a look for work fail once; the event is that of a look thereafter."""
    looked, strikes = asyncio.Event(), [strike("struck")]
    seek: Seeking = getattr(module.store, name)

    async def seek_or_fail(*asked: object) -> list[object]:
        if strikes:
            raise strikes.pop()
        looked.set()
        return await seek(*asked)

    monkeypatch.setattr(module.store, name, seek_or_fail)
    return looked


@pytest.mark.parametrize("strike", BEFALLS)
@pytest.mark.parametrize("who", ["worker", "inbox"])
async def test_one_failure_is_not_the_end(
    khata: Khata, clock: Clock, monkeypatch: pytest.MonkeyPatch, who: str, strike: type[Exception]
) -> None:
    if who == "worker":
        runner: Worker | Inbox = Worker(khata.registries, {}, clock)
        looked = strike_once(monkeypatch, worker_module, "claim", strike)
        monkeypatch.setattr(worker_module, "POLL_SECONDS", 0.01)
    else:
        runner = khata.topups.inbox
        looked = strike_once(monkeypatch, inbox_module, "lease_events", strike)
        monkeypatch.setattr(inbox_module, "_POLL_SECONDS", 0.01)
    running = asyncio.create_task(runner.run())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await looked.wait()
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
