"""What a run of a scenario measures: operations, latencies, and whose processor time they took."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Sample(Struct):
    """One run: latencies in seconds, in no order, and what it took."""

    latencies: list[float]
    operations: int
    seconds: float
    python_seconds: float
    postgres_seconds: float

    def percentile_ms(self, share: float) -> float:
        """The latency that this share of the calls did not exceed, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


class Clocks(Struct, frozen=True):
    """Whose processor time counts as Python's and as PostgreSQL's, by process id."""

    python: tuple[int, ...]
    postmaster: int | None

    def read(self) -> tuple[float, float]:
        """Seconds of processor time so far, of both."""
        python = sum(_seconds_of(pid) for pid in self.python)
        return python, _seconds_of_family(self.postmaster) if self.postmaster else 0.0


async def drive(
    callers: int,
    seconds: float,
    once: Callable[[int], Awaitable[int]],
    clocks: Clocks,
) -> Sample:
    """Lets callers call again and again for so long. `once` answers how many operations it did."""
    latencies: list[float] = []
    operations = 0
    started = time.perf_counter()
    until = started + seconds

    async def call(caller: int) -> None:
        nonlocal operations
        before = time.perf_counter()
        while before < until:
            done = await once(caller)
            operations += done
            after = time.perf_counter()
            latencies.append(after - before)
            before = after

    python, postgres = clocks.read()
    await asyncio.gather(*(call(caller) for caller in range(callers)))
    elapsed = time.perf_counter() - started
    python_after, postgres_after = clocks.read()
    return Sample(latencies, operations, elapsed, python_after - python, postgres_after - postgres)


def postmaster_of(data_folder: Path) -> int | None:
    """The process id of the embedded server with this data folder."""
    claims = sorted(data_folder.rglob("postmaster.pid"))
    return int(claims[0].read_text().split("\n", 1)[0]) if claims else None


def _seconds_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _seconds_of_family(parent: int) -> float:
    """Of a process, its children, and those of its children that have ended."""
    total = _seconds_of(parent)
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            total += (int(fields[11]) + int(fields[12])) / _TICKS
    return total
