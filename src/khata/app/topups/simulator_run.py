"""Runs the built-in simulator, on a socket of its own: one process of a Khata at a time.

Its books are one file and its time passes once, so that who comes second asks the one that runs,
and takes its place when it is gone.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from msgspec import Struct

from khata.app.topups.simulator_place import Access, Place, books_of, moved_access, open_access
from khata.payments.simulator import (
    Clock,
    RunningSimulator,
    Simulator,
    SimulatorSettings,
    start_simulator,
)

WATCH_SECONDS = 0.5

_log = structlog.get_logger()


class SimulatorWish(Struct, frozen=True):
    """How the built-in simulator is used: run here, or reached where another process runs it.

    `events_url` is where Khata's own API answers, which the simulator sends its events to.
    `rbi_delay` has its mandates wait for a notice of a day, as Indian ones do. With a `clock` to be
    turned by hand, what it sends is delivered by hand too.
    """

    runs: bool
    events_url: str | None = None
    rbi_delay: bool = False
    clock: Clock | None = None


@asynccontextmanager
async def simulator_run(
    wish: SimulatorWish, data_folder: Path
) -> AsyncGenerator[tuple[Simulator | None, Access]]:
    """The simulator where it runs here, and the access to it in any case."""
    if not wish.runs:
        yield None, open_access(data_folder)
        return
    with Place(data_folder) as place:
        if place.take():
            async with _running(wish, data_folder) as ours:
                yield ours
            return
        _log.info("simulator_runs_elsewhere")
        standing_by = asyncio.create_task(_stand_by(wish, data_folder, place))
        try:
            yield None, open_access(data_folder)
        finally:
            standing_by.cancel()
            await asyncio.wait([standing_by])


async def _stand_by(wish: SimulatorWish, data_folder: Path, place: Place) -> None:
    """Runs it once whoever runs it is gone, where that one was: at the same port."""
    while not place.take():  # noqa: ASYNC110 - another process's end tells us nothing
        await asyncio.sleep(WATCH_SECONDS)
    _log.info("simulator_runs_here")
    async with _running(wish, data_folder):
        await asyncio.Event().wait()


@asynccontextmanager
async def _running(
    wish: SimulatorWish, data_folder: Path
) -> AsyncGenerator[tuple[Simulator, Access]]:
    access = open_access(data_folder)
    simulator = Simulator(_settings(wish, access, data_folder), wish.clock)
    if wish.events_url is not None:
        simulator.set_webhook(f"{wish.events_url}/v1/payments/webhooks/simulator")
    running = await _started(simulator, access.port)
    if running.port != access.port:
        access = moved_access(data_folder, access, running.port)
    passing = asyncio.create_task(simulator.run()) if wish.clock is None else None
    try:
        yield simulator, access
    finally:
        if passing is not None:
            passing.cancel()
            await asyncio.wait([passing])
        await running.stop()
        simulator.close()


def _settings(wish: SimulatorWish, access: Access, data_folder: Path) -> SimulatorSettings:
    return SimulatorSettings(
        path=books_of(data_folder),
        key_id=access.key_id,
        key_secret=access.key_secret,
        webhook_secret=access.webhook_secret,
        control_token=access.control_token,
        rbi_delay=wish.rbi_delay,
    )


async def _started(simulator: Simulator, port: int) -> RunningSimulator:
    try:
        return await start_simulator(simulator, port=port)
    except OSError:
        _log.warning("simulator_moves", port=port, reason="its port is taken")
        return await start_simulator(simulator)
