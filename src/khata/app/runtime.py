"""The whole of Khata, opened and closed: database, engine, registries and what runs beside them."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from msgspec import Struct

from khata.app.beat import repeat
from khata.app.first_start import start_first
from khata.app.keys import Keys
from khata.app.price_list import OPERATOR_CAPS
from khata.app.priced_books import PricedBooks
from khata.app.prices import Prices
from khata.app.wallets import Wallets
from khata.engine.batcher import MAX_BATCH
from khata.engine.engine import Engine
from khata.engine.ids import UlidMint
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import Pool, open_engine_connection, read_pool, registry_pool
from khata.postgres.server import Server, open_server
from khata.postgres.settings import DatabaseSettings

PRICES_SECONDS = 1.0


class KhataSettings(Struct, frozen=True, kw_only=True):
    """How Khata runs here. `owner_key` is the owner's secret where it is not to be made up.

    `sweeps` is whether this process books expiries and clears what is old, every `sweep_seconds`.
    """

    database: DatabaseSettings
    owner_key: str | None = None
    caps: Mapping[str, int] = OPERATOR_CAPS
    lanes: int = 1
    max_batch: int = MAX_BATCH
    readers: int = 8
    sweeps: bool = True
    sweep_seconds: float = 1.0


class Khata(Struct, frozen=True):
    """All that the doors need. `owner_secret` is there on the first start only, to be shown."""

    server: Server
    engine: Engine
    wallets: Wallets
    prices: Prices
    keys: Keys
    now_us: Callable[[], int]
    owner_secret: str | None
    registries: Pool
    readers: Pool


def clock_us() -> int:
    """Microseconds since 1970, by this machine's clock."""
    return time.time_ns() // 1000


@asynccontextmanager
async def open_khata(
    settings: KhataSettings, now_us: Callable[[], int] = clock_us
) -> AsyncGenerator[Khata]:
    """Everything started and migrated; on leaving, what was submitted is finished first.

    Raises `PostgresUnavailable` or `MigrationFailed` with what to do, and `Invalid` for a
    malformed owner's key.
    """
    async with AsyncExitStack() as stack:
        # On the main thread: an embedded server ends with the thread that started it.
        server = stack.enter_context(open_server(settings.database))
        server.migrate()
        registries = await stack.enter_async_context(registry_pool(server.app_dsn))
        readers = await stack.enter_async_context(read_pool(server.app_dsn, size=settings.readers))
        prices, keys = Prices(registries, now_us, settings.caps), Keys(registries, now_us)
        owner_secret = await start_first(registries, keys, now_us, settings.owner_key)
        await prices.refresh()
        books = PostgresBooks(partial(open_engine_connection, server.app_dsn))
        stack.push_async_callback(books.close)
        engine = Engine(
            PricedBooks(books, prices),
            prices.rules,
            now_us,
            lanes=settings.lanes,
            max_batch=settings.max_batch,
        )
        stack.push_async_callback(engine.drain)
        wallets = Wallets(registries, UlidMint(), now_us, settings.caps)
        await stack.enter_async_context(_beating(repeat(PRICES_SECONDS, prices.refresh)))
        yield Khata(
            server, engine, wallets, prices, keys, now_us, owner_secret, registries, readers
        )


@asynccontextmanager
async def _beating(*steps: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    """Runs these until the end."""
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
