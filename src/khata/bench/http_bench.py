"""The whole product over HTTP: a server process of its own, loaded over keep-alive connections."""

import asyncio
import itertools
import os
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import msgspec

from khata.bench.http_load import Requests, drive_http
from khata.bench.live_bench import STREAMS, drive_live
from khata.bench.measure import Clocks, postmaster_of
from khata.bench.scenarios import Pace, Result, Runs, ScenarioName, summed_up
from khata.bench.stage import FEATURE, NO_CAPS, OWNER_KEY, Stage

CONSUME_CALLERS = 256
BATCH_CALLERS = 8
BATCH_ITEMS = 500
GATE_CALLERS = 64
_START_SECONDS = 60.0
_HOST = "127.0.0.1"


async def bench_http(stage: Stage, pace: Pace, *, told: Callable[[str], None]) -> list[Result]:
    """Consume, batch, gate, and streams of what happens."""
    results: list[Result] = []
    async with served(stage) as (port, pid):
        load = _Load(stage, port, msgspec.structs.replace(pace, clocks=_clocks(stage, pid)))
        told(f"http-consume, {CONSUME_CALLERS} connections")
        results.append(await load.run("http-consume", CONSUME_CALLERS, load.consume))
        told(f"http-batch of {BATCH_ITEMS}, {BATCH_CALLERS} connections")
        results.append(await load.run("http-batch", BATCH_CALLERS, load.batch, BATCH_ITEMS))
        told(f"gate, {GATE_CALLERS} connections")
        results.append(await load.run("gate", GATE_CALLERS, load.gate))
        told(f"live, {STREAMS} streams")
        results.append(await load.live())
    return results


class _Load:
    def __init__(self, stage: Stage, port: int, pace: Pace) -> None:
        self._stage = stage
        self._port = port
        self._pace = pace
        self._requests = Requests(_HOST, port, OWNER_KEY)
        self._wallets = itertools.cycle(stage.wallets)
        self._body = msgspec.json.encode({"feature": FEATURE})

    def consume(self) -> bytes:
        key = f"http-{next(self._stage.keys):012d}"
        path = f"/v1/wallets/{next(self._wallets)}/consume"
        return self._requests.post(path, self._body, key)

    def batch(self) -> bytes:
        items = [
            {
                "op": "consume",
                "wallet_id": next(self._wallets),
                "idempotency_key": f"http-{next(self._stage.keys):012d}",
                "feature": FEATURE,
            }
            for _ in range(BATCH_ITEMS)
        ]
        return self._requests.post("/v1/batch", msgspec.json.encode({"items": items}))

    def gate(self) -> bytes:
        return self._requests.get(f"/v1/wallets/{next(self._wallets)}/gate?feature={FEATURE}")

    async def live(self) -> Result:
        """From a charge on one wallet to all the streams that follow it."""
        pace, hot = self._pace, self._stage.hot
        runs = Runs()
        for _ in range(pace.rounds):
            address = (_HOST, self._port)
            runs.samples.append(
                await drive_live(address, self._requests, hot, pace.seconds, pace.clocks)
            )
        return summed_up("live", "khata", (STREAMS, 1), runs)

    async def run(
        self,
        scenario: ScenarioName,
        callers: int,
        next_request: Callable[[], bytes],
        operations: int = 1,
    ) -> Result:
        pace = self._pace
        runs = Runs()
        for _ in range(pace.rounds):
            address = (_HOST, self._port)
            sample = await drive_http(address, callers, pace.seconds, next_request, pace.clocks)
            sample.operations *= operations
            runs.samples.append(sample)
        return summed_up(scenario, "khata", (callers, len(self._stage.wallets)), runs)


def _clocks(stage: Stage, pid: int) -> Clocks:
    return Clocks((os.getpid(), pid), postmaster_of(stage.folder))


@asynccontextmanager
async def served(stage: Stage) -> AsyncGenerator[tuple[int, int]]:
    """A server process on the stage's folder: its port and its process id."""
    port = _free_port()
    settings = {
        "KHATA_OWNER_KEY": OWNER_KEY,
        **{f"KHATA_CAP_{cap}": str(operations) for cap, operations in NO_CAPS.items()},
        "KHATA_DATA": str(stage.folder),
    }
    server = subprocess.Popen(  # noqa: ASYNC220, S603 - our own program, started once
        [sys.executable, "-m", "khata.cli", "serve", "--port", str(port), "--no-worker"],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await _until_ready(server, port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


async def _until_ready(server: "subprocess.Popen[bytes]", port: int) -> None:
    async with asyncio.timeout(_START_SECONDS):
        while True:
            assert server.poll() is None, "the server did not start"
            try:
                _, writer = await asyncio.open_connection(_HOST, port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
