"""A connection lost at any moment loses no charge and books none twice; the engine recovers."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from engine_process import RULES
from faulty_line import Fault, FaultyLine
from khata.app.runtime import clock_us
from khata.domain.commands import Consume, GrantCredits, Recorded
from khata.engine.batch import Answer
from khata.engine.books import Unavailable
from khata.engine.engine import Engine
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import open_engine_connection
from khata.postgres.server import Server
from khata.testing import wallet, wallet_id
from stored import Reader, add_wallets, kept, verified

ACME = wallet_id("acme")
CALLERS = 64
FAULTS: tuple[Fault, ...] = ("the request is lost", "the answer is lost")
END_ALL = """
select pg_terminate_backend(pid) from pg_stat_activity
where application_name = 'khata engine' and datname = current_database()"""


def open_engine(dsn: str, stack: AsyncExitStack) -> Engine:
    books = PostgresBooks(partial(open_engine_connection, dsn))
    stack.push_async_callback(books.close)
    engine = Engine(books, lambda: RULES, clock_us)
    stack.push_async_callback(engine.drain)
    return engine


@pytest.fixture
async def line(database: Server, tmp_path: Path) -> AsyncIterator[FaultyLine]:
    add_wallets(database.owner_dsn, wallet("acme"))
    async with FaultyLine(database.app_dsn, tmp_path) as line:
        yield line


@pytest.fixture
async def engine(line: FaultyLine) -> AsyncIterator[Engine]:
    async with AsyncExitStack() as stack:
        yield open_engine(line.dsn, stack)


def granted() -> GrantCredits:
    return GrantCredits(
        wallet_id=ACME, idempotency_key="begin", kind="plan", credits=10**6, note=""
    )


def used(key: str) -> Consume:
    return Consume(wallet_id=ACME, idempotency_key=key, feature="USE")


async def submitted(engine: Engine, keys: list[str]) -> list[Answer]:
    return await asyncio.gather(*(engine.submit(used(key)) for key in keys))


def assert_each_once(database: Server, keys: list[str]) -> None:
    ledger = kept(database.owner_dsn, ACME).transactions
    charged = [t.idempotency_key for t in ledger if t.type == "USAGE_DEDUCTION"]
    assert sorted(charged, key=str) == sorted(keys)
    assert verified(database.owner_dsn).differences == []


@pytest.mark.parametrize("fault", ["the request is lost", "the answer is lost"])
async def reconnected(line: FaultyLine, *faults: Fault) -> None:
    """Let the engine begin anew on connections that break in these ways."""
    await line.cut()
    line.faults.extend(faults)
    await line.open()


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_connection_lost_around_a_commit(
    database: Server, line: FaultyLine, engine: Engine, fault: Fault
) -> None:
    """The batch runs again, and what stands already answers by its keys: nobody notices."""
    await engine.submit(granted())
    await reconnected(line, fault, fault)
    keys = [f"key-{number:04}" for number in range(100)]
    answers = await submitted(engine, keys)
    assert all(isinstance(answer.outcome, Recorded) for answer in answers)
    assert not any(answer.replayed for answer in answers)
    assert line.broken == 2 if fault == "the request is lost" else 1
    assert_each_once(database, keys)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_connection_lost_at_every_commit(
    database: Server, line: FaultyLine, engine: Engine, fault: Fault
) -> None:
    """At worst a caller hears that the outcome is unknown, and its key tells it later."""
    await engine.submit(granted())
    await reconnected(line, fault, fault, fault, fault, fault)
    keys = [f"key-{number:04}" for number in range(10)]
    told = await asyncio.gather(*(engine.submit(used(key)) for key in keys), return_exceptions=True)
    assert {type(each) for each in told} <= {Unavailable, Answer}
    line.faults.clear()
    answers = await submitted(engine, keys)
    assert all(isinstance(answer.outcome, Recorded) for answer in answers)
    assert_each_once(database, keys)


async def test_without_its_database_the_engine_says_so_and_recovers(
    database: Server, line: FaultyLine, engine: Engine
) -> None:
    await engine.submit(granted())
    await line.cut()
    keys = [f"key-{number:04}" for number in range(50)]
    waiting: list[Awaitable[Answer]] = [engine.submit(used(key)) for key in keys]
    refused = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(each) for each in refused} == {Unavailable}
    await line.open()
    assert {type(answer.outcome) for answer in await submitted(engine, keys)} == {Recorded}
    assert_each_once(database, keys)


async def test_a_connection_lost_while_it_is_made_ready(
    database: Server, line: FaultyLine, engine: Engine
) -> None:
    await engine.submit(granted())
    line.at = b"reltype"
    await reconnected(line, "the request is lost")
    with pytest.raises(Unavailable):
        await engine.submit(used("key-0001"))
    await submitted(engine, ["key-0001"])
    assert_each_once(database, ["key-0001"])


async def test_a_server_that_is_the_primary_no_more_is_unavailable(
    database: Server, line: FaultyLine, engine: Engine
) -> None:
    await engine.submit(granted())
    for read_only in ("on", "off"):
        change = (
            f"alter database {name_of(database)} set default_transaction_read_only = {read_only}"
        )
        with Reader(database.owner_dsn) as owner:
            owner.ask("set default_transaction_read_only = off")
            owner.ask(change)
        await reconnected(line)
        if read_only == "on":
            with pytest.raises(Unavailable):
                await engine.submit(used("key-0001"))
    await submitted(engine, ["key-0001"])
    assert_each_once(database, ["key-0001"])


async def test_a_database_restored_from_a_backup_is_read_again(
    server: Server, database: Server
) -> None:
    """Its wallets may be as often revised as those we remember, and yet be others."""
    add_wallets(database.owner_dsn, wallet("acme"))
    async with AsyncExitStack() as stack:
        ours, theirs = (open_engine(database.app_dsn, stack) for _ in range(2))
        await ours.submit(granted())
        saved, name = f"{name_of(database)}_saved", name_of(database)
        async with restored(server, name, saved):
            await ours.submit(used("key-0001"))
        await theirs.submit(used("key-0002"))
        await submitted(ours, ["key-0003"])
    assert_each_once(database, ["key-0002", "key-0003"])


@asynccontextmanager
async def restored(server: Server, name: str, saved: str) -> AsyncGenerator[None]:
    """What happens to the database inside is undone by a copy made before."""
    end = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1"
    with Reader(server.owner_dsn) as owner:
        owner.ask(end, name)
        owner.ask(f"create database {saved} template {name}")
        yield
        owner.ask(f"drop database {name} with (force)")
        owner.ask(f"alter database {saved} rename to {name}")


def name_of(database: Server) -> str:
    return str(conninfo_to_dict(database.owner_dsn)["dbname"])


async def patient(engine: Engine, key: str) -> Answer:
    """Asks until it is answered, always with the same key, as a client does."""
    while True:
        try:
            return await engine.submit(used(key))
        except Unavailable:
            continue


async def test_backends_ended_at_random_moments(database: Server, engine: Engine) -> None:
    await engine.submit(granted())
    keys = [f"key-{number:05}" for number in range(CALLERS * 60)]
    chance = random.Random("backends")  # noqa: S311 - after the same answers on every run
    moments = set(chance.sample(range(len(keys)), 40))
    waiting, answered = list(keys), count()

    async def caller(owner: Reader) -> int:
        ended = 0
        while waiting:
            answer = await patient(engine, waiting.pop())
            assert isinstance(answer.outcome, Recorded)
            if next(answered) in moments:
                ended += len(await asyncio.to_thread(owner.ask, END_ALL))
        return ended

    with Reader(database.owner_dsn) as owner:
        ended = await asyncio.gather(*(caller(owner) for _ in range(CALLERS)))
    assert sum(ended) > 10
    assert_each_once(database, keys)
