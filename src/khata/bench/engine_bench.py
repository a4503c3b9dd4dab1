"""The engine in process: one hot wallet, many wallets, a lone caller."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from psycopg import AsyncConnection

from khata.bench.engines import RAW_TABLES, RAW_WALLETS, batched, one_by_one, raw
from khata.bench.scenarios import Contender, Pace, Result, ScenarioName, compare, warm_up
from khata.bench.stage import Stage
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import open_engine_connection

# The naive engine is tried with each of these many connections, and its best run is shown.
POOLS = (16, 32, 64)
CALLERS: dict[ScenarioName, tuple[int, ...]] = {
    "hot-wallet": (1, 64, 512),
    "random-wallets": (64, 512),
    "lone": (1,),
}


async def bench_engine(
    stage: Stage, pace: Pace, *, baseline: bool, told: Callable[[str], None]
) -> list[Result]:
    """All scenarios of the engine, beside the baseline where it is asked for."""
    results: list[Result] = []
    async with _contenders(stage, baseline) as contenders:
        await warm_up(stage, contenders)
        for scenario, all_callers in CALLERS.items():
            for callers in all_callers[-1:] if not baseline else all_callers:
                told(f"{scenario}, {callers} callers")
                rows = await compare(stage, scenario, contenders, pace, callers)
                results += _with_best_baseline(rows)
    return results


def _with_best_baseline(rows: list[Result]) -> list[Result]:
    naive = [row for row in rows if row.engine == "baseline"]
    best = max(naive, key=lambda row: row.ops_per_second, default=None)
    return [row for row in rows if row.engine != "baseline" or row is best]


@asynccontextmanager
async def _contenders(stage: Stage, baseline: bool) -> AsyncGenerator[list[Contender]]:
    khata = stage.khata
    lanes = khata.engine.lanes
    contenders = [
        Contender("khata", batched(khata.engine), lambda: sum(lane.batches for lane in lanes))
    ]
    async with AsyncExitStack() as stack:
        if baseline:
            books = PostgresBooks(partial(open_engine_connection, khata.server.app_dsn))
            stack.push_async_callback(books.close)
            for pool in POOLS:
                naive = one_by_one(books, khata.prices.rules, khata.now_us, pool)
                contenders.append(Contender("baseline", naive))
            contenders.append(Contender("raw", raw(await _raw_connections(stage, stack))))
        yield contenders


async def _raw_connections(stage: Stage, stack: AsyncExitStack) -> list[AsyncConnection]:
    dsn = stage.khata.server.owner_dsn
    connections: list[AsyncConnection] = []
    for _ in range(POOLS[0]):
        connection = await AsyncConnection.connect(dsn, autocommit=True)
        stack.push_async_callback(connection.close)
        connections.append(connection)
    await connections[0].execute(RAW_TABLES)
    everyone = [stage.hot, *stage.wallets]
    await connections[0].execute(RAW_WALLETS.replace("$1", "%s"), (everyone,))
    return connections
