"""Runs all scenarios and shows them as a table, or as JSON for programs."""

import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import uvloop
from rich.console import Console
from rich.table import Table

from khata.bench.dashboard import bench_dashboard, dashboard_table
from khata.bench.engine_bench import bench_engine
from khata.bench.http_bench import bench_http
from khata.bench.measure import Clocks, postmaster_of
from khata.bench.scenarios import Pace, Result
from khata.bench.stage import set_up
from khata.bench.verify_bench import bench_verify

_QUICK_WALLETS, _WALLETS = 2_000, 10_000
_QUICK_SECONDS, _SECONDS = 1.0, 4.0
_QUICK_ROUNDS, _ROUNDS = 1, 3
_QUICK_TRANSACTIONS, _TRANSACTIONS = 1_000_000, 10_000_000


def run_dashboard_bench(*, transactions: int | None, quick: bool, as_json: bool) -> None:
    """Measure what the dashboard asks of a long wallet, and print what came out."""
    long = transactions or (_QUICK_TRANSACTIONS if quick else _TRANSACTIONS)
    console = Console(stderr=True)
    with (
        console.status("starting") as status,
        tempfile.TemporaryDirectory(prefix="khata-bench-") as folder,
    ):
        measured = bench_dashboard(Path(folder), long, quick=quick, told=status.update)
        found = uvloop.run(measured)
    if as_json:
        document = {"machine": machine(), "dashboard": found}
        print(msgspec.json.format(msgspec.json.encode(document)).decode())
    else:
        Console(width=None if console.is_terminal else 120).print(dashboard_table(found))


def run_bench(*, quick: bool, baseline: bool, plot: bool, as_json: bool) -> None:
    """Measure, and print what came out."""
    console = Console(stderr=True)
    with console.status("starting") as status:
        results = uvloop.run(
            _measured(quick, baseline, lambda step: status.update(f"measuring: {step}"))
        )
    if as_json:
        document = {"machine": machine(), "results": results}
        print(msgspec.json.format(msgspec.json.encode(document)).decode())
    else:
        Console(width=None if console.is_terminal else 120).print(table(results, plot=plot))


async def _measured(quick: bool, baseline: bool, told: Callable[[str], None]) -> list[Result]:
    wallets = _QUICK_WALLETS if quick else _WALLETS
    with tempfile.TemporaryDirectory(prefix="khata-bench-") as folder:
        async with set_up(Path(folder), None, wallets, told) as stage:
            clocks = Clocks((os.getpid(),), postmaster_of(stage.folder))
            pace = Pace(
                seconds=_QUICK_SECONDS if quick else _SECONDS,
                rounds=_QUICK_ROUNDS if quick else _ROUNDS,
                clocks=clocks,
            )
            results = await bench_engine(stage, pace, baseline=baseline, told=told)
            results += await bench_http(stage, pace, told=told)
            told("verify")
            return [*results, await bench_verify(stage, pace)]


def table(results: list[Result], *, plot: bool) -> Table:
    """The results for people. A ratio is against the baseline of the same scenario and callers."""
    shown = Table(title="khata bench", caption="ratios hold within a run, figures only here")
    for column in ("scenario", "engine"):
        shown.add_column(column, no_wrap=True)
    for column in ("callers", "ops/s", "ratio", "p50 ms", "p99 ms", "batch", "CPU µs/op"):
        shown.add_column(column, justify="right", no_wrap=True)
    if plot:
        shown.add_column("")
    most = max(result.ops_per_second for result in results)
    for result in results:
        bar = ["█" * round(30 * result.ops_per_second / most)] if plot else []
        shown.add_row(*_cells(result, results), *bar)
    return shown


def _cells(result: Result, results: list[Result]) -> list[str]:
    alike = (
        other
        for other in results
        if other.engine == "baseline"
        and (other.scenario, other.callers) == (result.scenario, result.callers)
    )
    naive = next(alike, None)
    return [
        result.scenario,
        result.engine,
        f"{result.callers}",
        f"{result.ops_per_second:,.0f}",
        f"{result.ops_per_second / naive.ops_per_second:.1f} x" if naive else "",
        f"{result.p50_ms:.2f}",
        f"{result.p99_ms:.2f}",
        f"{result.batch_size:.0f}" if result.batch_size else "",
        f"{result.cpu_python_us:.0f} + {result.cpu_postgres_us:.0f} PG",
    ]


def machine() -> dict[str, object]:
    """What this was measured on."""
    return {
        "cores": os.cpu_count(),
        "processor": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
