"""Runs the application: uvicorn on uvloop, in this process, stopping without losing an answer.

Several processes (`--processes N`) need nothing more in here: each runs `serve` on a socket of
its own that `listen(share=True)` bound with SO_REUSEPORT, and the kernel spreads connections.
They meet in the database only, where batches of different processes are safe beside each other.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final, Protocol, runtime_checkable

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from khata.http.problems import MEDIA_TYPE, Problem
from khata.http.transport import JoiningTransport

HEAD_SECONDS: Final = 10.0
HEAD_MAX_BYTES: Final = 64 * 1024
LINGER_SECONDS: Final = 1.0
STALL_SECONDS: Final = 60.0
DRAIN_SECONDS: Final = 20


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 with bounds it lacks: a request's head must come soon and be small, and
    an answer must be taken.

    Whenever no request is being answered, the connection has ten seconds to send the next
    one's whole head; trickling bytes does not win time. Whoever takes nothing of an answer for a
    minute is cut off, and sooner where the server stops.
    """

    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _refused = False
    _stall_timer: asyncio.TimerHandle | None = None
    _is_stopping = False

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(JoiningTransport(transport, self.loop))
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_late)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._stop_stall_timer()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        cycle = self.cycle
        if cycle and cycle.scope is self.scope and not cycle.response_complete:
            self._head_bytes = 0
            self._stop_head_timer()
        elif not self._refused and not self.transport.is_closing():
            self._wait_for_head(len(data))

    def _wait_for_head(self, received: int) -> None:
        self._head_bytes += received
        if self._head_bytes > HEAD_MAX_BYTES:
            self._refuse(Problem("HEADERS_TOO_LARGE", "The headers are larger than 64 KiB."))
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_late)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_late(self) -> None:
        self._head_timer = None
        if not self.cycle or self.cycle.response_complete:
            self.transport.close()

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._begin_stall_timer()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_stall_timer()

    @override
    def shutdown(self) -> None:
        super().shutdown()
        self._is_stopping = True
        if self._stall_timer is not None:
            self._begin_stall_timer()

    def _begin_stall_timer(self) -> None:
        self._stop_stall_timer()
        seconds = LINGER_SECONDS if self._is_stopping else STALL_SECONDS
        self._stall_timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    @override
    def send_400_response(self, msg: str) -> None:
        self._refuse(Problem("MALFORMED_REQUEST", msg))

    def _refuse(self, problem: Problem) -> None:
        body = problem.body()
        head = (
            f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\n"
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.write_eof()
        # To close on a client that is still sending would reset the connection, and the answer
        # would be lost with it.
        self._refused = True
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


def listen(host: str, port: int, *, share: bool = False) -> socket.socket:
    """A socket to serve on; port 0 takes a free one. `share` lets other processes bind it too."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=2048, reuse_port=share)
    listener.setblocking(False)
    return listener


@runtime_checkable
class Streaming(Protocol):
    """An application with answers that end only when they are asked to."""

    end_streams: Callable[[], None]


class Server(uvicorn.Server):
    """One server on one socket, in the running event loop.

    SIGINT, SIGTERM or `stop()` end it in order: no new connections, streams end, every request
    under way is answered (for at most `drain_seconds`), then the application's lifespan ends.
    """

    def __init__(
        self,
        app: ASGIApp,
        started: Callable[[], None] | None = None,
        *,
        drain_seconds: int = DRAIN_SECONDS,
    ) -> None:
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=drain_seconds,
        )
        super().__init__(config)
        self._tell_started = started
        self._end_streams = app.end_streams if isinstance(app, Streaming) else None

    async def run_on(self, listener: socket.socket) -> None:
        """Serve until stopped."""
        await self.serve([listener])

    def stop(self) -> None:
        self.should_exit = True

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._tell_started:
            self._tell_started()

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._end_streams:
            self._end_streams()
        await super().shutdown(sockets)

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """uvicorn would raise the signal again at the end; being asked to stop is no failure."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()
