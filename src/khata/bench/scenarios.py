"""The scenarios: who calls what, how many at once, and against which engine."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Literal

from msgspec import Struct

from khata.bench.engines import Charged
from khata.bench.measure import Clocks, Sample, drive
from khata.bench.stage import Stage
from khata.domain.ids import WalletId

ScenarioName = Literal[
    "hot-wallet",
    "random-wallets",
    "lone",
    "http-consume",
    "http-batch",
    "gate",
    "live",
    "verify",
]


class Result(Struct, frozen=True):
    """A line of the table: the median of several runs."""

    scenario: ScenarioName
    engine: str
    callers: int
    wallets: int
    ops_per_second: float
    p50_ms: float
    p99_ms: float
    durable: bool
    batch_size: float | None
    cpu_python_us: float
    cpu_postgres_us: float


class Pace(Struct, frozen=True):
    """How long each run is and how many there are; and whose processor time is counted."""

    seconds: float
    rounds: int
    clocks: Clocks


class Contender(Struct, frozen=True):
    """An engine in a scenario, with a count of the commits it made, where it counts them."""

    engine: str
    charge: Charged
    commits: Callable[[], int] | None = None


class Runs(Struct):
    """The samples of one contender, with the commits it made in each run, where it counts them."""

    samples: list[Sample] = []
    commits: list[int] = []


async def compare(
    stage: Stage, scenario: ScenarioName, contenders: list[Contender], pace: Pace, callers: int
) -> list[Result]:
    """Runs the contenders by turns, A B A B, so that a noisy machine is noisy for all of them."""
    wallets = stage.wallets if scenario == "random-wallets" else (stage.hot,)
    all_runs = [(contender, Runs()) for contender in contenders]
    for turn in range(pace.rounds):
        for contender, runs in all_runs:
            before = contender.commits() if contender.commits else 0
            once = _charging(stage, contender.charge, wallets, seed=turn)
            runs.samples.append(await drive(callers, pace.seconds, once, pace.clocks))
            after = contender.commits() if contender.commits else 0
            runs.commits.append(after - before)
    return [
        summed_up(scenario, contender.engine, (callers, len(wallets)), runs)
        for contender, runs in all_runs
    ]


def summed_up(
    scenario: ScenarioName, engine: str, callers_and_wallets: tuple[int, int], runs: Runs
) -> Result:
    """The medians of some runs."""
    samples = runs.samples
    done = sum(sample.operations for sample in samples)
    committed = sum(runs.commits)
    return Result(
        scenario=scenario,
        engine=engine,
        callers=callers_and_wallets[0],
        wallets=callers_and_wallets[1],
        ops_per_second=round(median(s.operations / s.seconds for s in samples), 1),
        p50_ms=round(median(s.percentile_ms(0.5) for s in samples), 3),
        p99_ms=round(median(s.percentile_ms(0.99) for s in samples), 3),
        durable=True,
        batch_size=round(done / committed, 1) if committed else None,
        cpu_python_us=round(sum(s.python_seconds for s in samples) / done * 1e6, 1),
        cpu_postgres_us=round(sum(s.postgres_seconds for s in samples) / done * 1e6, 1),
    )


def _charging(
    stage: Stage, charge: Charged, wallets: tuple[WalletId, ...], seed: int
) -> Callable[[int], Awaitable[int]]:
    chance = random.Random(seed)  # noqa: S311 - which wallet, not which secret

    async def once(_: int) -> int:
        await charge(stage.charge(chance.choice(wallets)))
        return 1

    return once


async def warm_up(stage: Stage, contenders: list[Contender]) -> None:
    """Lets each contender prepare its statements before anything is measured."""
    for contender in contenders:
        await asyncio.gather(*(contender.charge(stage.charge(stage.hot)) for _ in range(64)))
