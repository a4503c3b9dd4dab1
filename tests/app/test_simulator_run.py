"""The built-in simulator runs once, whichever of the processes on a data folder runs it."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from desk import BankClock, Clock
from khata.app.topups import simulator_run as run
from khata.app.topups.simulator_place import open_access
from khata.app.topups.simulator_run import SimulatorWish, simulator_run
from khata.payments.gateway import GatewayRefused, GatewayUnavailable
from khata.payments.razorpay.wire import WireSettings
from khata.payments.simulator_control import SimulatedPayer

pytestmark = pytest.mark.anyio

AT_ONCE = WireSettings(pauses=(), through_proxy=False)


def wish(clock: Clock, events_url: str = "http://127.0.0.1:1") -> SimulatorWish:
    return SimulatorWish(runs=True, events_url=events_url, clock=BankClock(clock))


async def answers(url: str) -> bool:
    """Whether a simulator answers there, if only that it does not know the order."""
    payer = SimulatedPayer(url, wire=AT_ONCE)
    try:
        await payer.pay("order_none", "upi", "success")
    except GatewayRefused:
        return True
    except GatewayUnavailable:
        return False
    finally:
        await payer.close()
    raise AssertionError("an order that is none was paid")


async def test_who_comes_second_asks_the_one_that_runs(tmp_path: Path, clock: Clock) -> None:
    async with simulator_run(wish(clock), tmp_path) as (first, access):
        assert first is not None
        async with simulator_run(wish(clock), tmp_path) as (second, seen):
            assert (second, seen) == (None, access)
            assert await answers(seen.url)
        assert (await answers(access.url), open_access(tmp_path)) == (True, access)
    assert not await answers(access.url)


async def test_who_stands_by_takes_its_place_where_it_was(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "WATCH_SECONDS", 0.01)
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(AsyncExitStack())
        _, access = await first.enter_async_context(simulator_run(wish(clock), tmp_path))
        await stack.enter_async_context(simulator_run(wish(clock), tmp_path))
        await first.aclose()
        async with asyncio.timeout(60):
            while not await answers(access.url):  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.01)
        assert open_access(tmp_path) == access
    assert not await answers(access.url)


async def test_who_runs_it_not_stands_by_neither(tmp_path: Path, clock: Clock) -> None:
    async with simulator_run(SimulatorWish(runs=False), tmp_path) as (none, access):
        assert (none, await answers(access.url)) == (None, False)
        async with simulator_run(wish(clock), tmp_path) as (ours, same):
            assert ours is not None
            assert (same, await answers(access.url)) == (access, True)
