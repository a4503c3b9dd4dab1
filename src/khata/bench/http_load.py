"""A load of HTTP requests that costs as little of the shared processor as it can.

One keep-alive connection a caller. The next request goes out from the very callback that the
answer came in by: no task, no stream, no parsing but for the length.
"""

import asyncio
import time
from collections.abc import Callable
from typing import cast

from typing_extensions import override

from khata.bench.measure import Clocks, Sample


class Requests:
    """Requests to one server with one key."""

    def __init__(self, host: str, port: int, secret: str) -> None:
        self._head = f"host: {host}:{port}\r\nauthorization: Bearer {secret}\r\n"

    def get(self, path: str) -> bytes:
        """A GET."""
        return f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode()

    def post(self, path: str, body: bytes, key: str | None = None) -> bytes:
        """A POST of JSON, with an idempotency key where it needs one."""
        keyed = f"idempotency-key: {key}\r\n" if key else ""
        sized = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        return f"POST {path} HTTP/1.1\r\n{self._head}{keyed}{sized}\r\n".encode() + body


class _Caller(asyncio.Protocol):
    def __init__(self, next_request: Callable[[], bytes], until: float) -> None:
        self._next_request = next_request
        self._until = until
        self._received = b""
        self._sent_at = 0.0
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or len(body) < length_of(head):
            return
        if head[9:11] != b"20":
            self._fail(AssertionError((head + body).decode()))
            return
        self._received = b""
        self.latencies.append(time.perf_counter() - self._sent_at)
        if time.perf_counter() < self._until:
            self._ask()
        else:
            self._transport.close()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _ask(self) -> None:
        request = self._next_request()
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def _fail(self, error: Exception) -> None:
        self.done.set_exception(error)
        self._transport.close()


async def drive_http(
    address: tuple[str, int],
    callers: int,
    seconds: float,
    next_request: Callable[[], bytes],
    clocks: Clocks,
) -> Sample:
    """Lets so many connections ask again and again for so long.

    Raises AssertionError at the first answer that is not 200 or 201.
    """
    loop = asyncio.get_running_loop()
    python, postgres = clocks.read()
    started = time.perf_counter()
    connections: list[_Caller] = []
    for _ in range(callers):
        made = await loop.create_connection(
            lambda: _Caller(next_request, started + seconds), *address
        )
        connections.append(made[1])
    await asyncio.gather(*(connection.done for connection in connections))
    elapsed = time.perf_counter() - started
    python_after, postgres_after = clocks.read()
    latencies = [latency for connection in connections for latency in connection.latencies]
    return Sample(
        latencies, len(latencies), elapsed, python_after - python, postgres_after - postgres
    )


def length_of(head: bytes) -> int:
    """How long the body behind this head is."""
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
