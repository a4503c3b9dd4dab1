"""Serves a simulator on a socket of its own, in the running event loop."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from typing_extensions import override

from khata.payments.simulator.cutting import CuttableProtocol
from khata.payments.simulator.simulator import Simulator


class _Server(uvicorn.Server):
    def __init__(self, simulator: Simulator) -> None:
        config = uvicorn.Config(
            simulator.app,
            http=CuttableProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)
        self.ready = asyncio.Event()
        self._left = asyncio.Event()

    def leave(self) -> None:
        self.should_exit = True
        self._left.set()

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @override
    async def main_loop(self) -> None:
        """uvicorn would look ten times a second whether it shall stop; this one is told."""
        await self._left.wait()

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals belong to the program this runs in."""
        yield


class RunningSimulator:
    """A simulator that answers at `url` until it is stopped."""

    def __init__(self, server: _Server, serving: asyncio.Task[None], url: str) -> None:
        self._server = server
        self._serving = serving
        self.url = url
        self.port = int(url.rpartition(":")[2])

    async def stop(self) -> None:
        """Answers what is under way and stops. The simulator itself stays open."""
        self._server.leave()
        await self._serving


async def start_simulator(
    simulator: Simulator, host: str = "127.0.0.1", port: int = 0
) -> RunningSimulator:
    """Starts to answer; port 0 takes a free one. Raises `OSError` where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family)
    listener.setblocking(False)
    server = _Server(simulator)
    serving = asyncio.create_task(server.serve([listener]))
    await server.ready.wait()
    shown = f"[{host}]" if ":" in host else host
    return RunningSimulator(server, serving, f"http://{shown}:{listener.getsockname()[1]}")
