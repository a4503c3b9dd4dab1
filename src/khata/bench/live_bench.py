"""Live streams: how long it takes from a charge's request until a thousand open streams have it."""

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Final, cast

from typing_extensions import override

from khata.bench.http_load import Requests, drive_http
from khata.bench.measure import Clocks, Sample

STREAMS: Final = 1_000
CHARGES_A_SECOND: Final = 10
_OPENED_AT_ONCE: Final = 50
_PATIENCE_SECONDS: Final = 60.0
_KEY: Final = re.compile(rb'"idempotency_key":"([^"]+)"')


class _Stream(asyncio.Protocol):
    """Notes when it is told of the charge of each key."""

    def __init__(self, request: bytes, asked_at: Mapping[bytes, float]) -> None:
        self._request = request
        self._asked_at = asked_at
        self._received = b""
        self._heard = asyncio.Event()
        self.latencies: list[float] = []
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    @override
    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        *blocks, self._received = (self._received + data).split(b"\n\n")
        for block in blocks:
            for key in _KEY.findall(block):
                self.latencies.append(now - self._asked_at[key])
        self._heard.set()
        if not self.begun.done() and b"nothing new" in data:
            self.begun.set_result(None)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.begun.done():
            self.begun.set_exception(AssertionError(self._received.decode()))

    async def told(self, charges: int) -> None:
        """Waits until it was told of so many."""
        while len(self.latencies) < charges:
            self._heard.clear()
            await self._heard.wait()

    def close(self) -> None:
        self._transport.close()


async def drive_live(
    address: tuple[str, int],
    requests: Requests,
    wallet_id: str,
    seconds: float,
    clocks: Clocks,
) -> Sample:
    """Charges the wallet some times a second for so long, and waits until every stream was told of
    every charge. Raises AssertionError when one is not."""
    asked_at: dict[bytes, float] = {}
    follow = requests.get(
        f"/v1/wallets/{wallet_id}/events?types=transaction.created,wallet.updated"
    )
    streams = await _opened(address, follow, asked_at)
    python, postgres = clocks.read()
    started = time.perf_counter()
    path, body = f"/v1/wallets/{wallet_id}/consume", b'{"feature":"AI_SUMMARY"}'

    def next_charge() -> bytes:
        key = f"live-{time.time_ns()}"
        asked_at[key.encode()] = time.perf_counter()
        return requests.post(path, body, key)

    while time.perf_counter() - started < seconds:
        await drive_http(address, 1, 0.0, next_charge, clocks)
        await asyncio.sleep(1 / CHARGES_A_SECOND)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await asyncio.gather(*(stream.told(len(asked_at)) for stream in streams))
    elapsed = time.perf_counter() - started
    python_after, postgres_after = clocks.read()
    latencies = [latency for stream in streams for latency in stream.latencies]
    for stream in streams:
        stream.close()
    assert len(latencies) == len(asked_at) * STREAMS, "a charge was told twice"
    return Sample(
        latencies, len(latencies), elapsed, python_after - python, postgres_after - postgres
    )


async def _opened(
    address: tuple[str, int], request: bytes, asked_at: Mapping[bytes, float]
) -> list[_Stream]:
    loop = asyncio.get_running_loop()
    streams: list[_Stream] = []
    while len(streams) < STREAMS:
        made = await asyncio.gather(
            *(
                loop.create_connection(lambda: _Stream(request, asked_at), *address)
                for _ in range(_OPENED_AT_ONCE)
            )
        )
        streams += [stream for _, stream in made]
        await asyncio.gather(*(stream.begun for _, stream in made))
    return streams
