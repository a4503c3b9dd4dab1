"""Webhooks out, with receivers on real sockets. All tests share a database, emptied before each."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest

from desk import Clock
from khata.postgres.connect import Pool, registry_pool
from khata.postgres.server import Server
from outbound import Outbound
from receiver import Receiver

TABLES = ("endpoints", "deliveries", "lanes", "attempts", "hourly")


@pytest.fixture(scope="session")
def shared(new_database: Callable[[], AbstractContextManager[Server]]) -> Iterator[Server]:
    with new_database() as made:
        yield made


@pytest.fixture
def database(shared: Server) -> Server:
    with psycopg.connect(shared.owner_dsn) as owner:
        for table in TABLES:
            owner.execute(f"delete from khata.webhook_{table}".encode())
    return shared


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def pool(database: Server) -> AsyncIterator[Pool]:
    async with registry_pool(database.app_dsn) as opened:
        yield opened


@pytest.fixture
async def outbound(pool: Pool, clock: Clock) -> Outbound:
    opened = Outbound(pool, clock)
    await opened.open()
    return opened


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as opened:
        yield opened
