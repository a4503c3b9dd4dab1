"""`verify` over all that the other scenarios left behind."""

import asyncio
import os
import time
from functools import partial

from khata.bench.measure import Sample
from khata.bench.scenarios import Pace, Result, Runs, summed_up
from khata.bench.stage import Stage
from khata.postgres.audit import audit


async def bench_verify(stage: Stage, pace: Pace) -> Result:
    """How many transactions a second are replayed and compared, with a process for each core."""
    workers = os.cpu_count() or 1
    check = partial(audit, stage.khata.server.owner_dsn, workers=workers)
    runs = Runs()
    for _ in range(pace.rounds):
        python, postgres = pace.clocks.read()
        ended = _ended_children()
        started = time.perf_counter()
        checked = await asyncio.to_thread(check)
        seconds = time.perf_counter() - started
        python_after, postgres_after = pace.clocks.read()
        assert not checked.difference_count, checked.differences[0].sentence
        runs.samples.append(
            Sample(
                [seconds],
                checked.transactions,
                seconds,
                python_after - python + _ended_children() - ended,
                postgres_after - postgres,
            )
        )
    return summed_up("verify", "khata", (workers, len(stage.wallets) + 1), runs)


def _ended_children() -> float:
    times = os.times()
    return times.children_user + times.children_system
