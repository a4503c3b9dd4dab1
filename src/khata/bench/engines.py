"""The engines compared: Khata's, and the ways it is measured against."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from psycopg import AsyncConnection, AsyncRawCursor

from khata.domain.commands import Command, Recorded
from khata.domain.rules import Rules
from khata.engine.batch import Answer, Submission, run_batch
from khata.engine.books import Interrupted, Session
from khata.engine.engine import Engine, fingerprint
from khata.engine.ids import UlidMint
from khata.postgres.wire import Row


class Store(Protocol):
    """Books, as run_batch wants them."""

    def session(self) -> AbstractAsyncContextManager[Session]: ...


class Charged(Protocol):
    """An engine that is measured."""

    def __call__(self, command: Command) -> Awaitable[None]: ...


def batched(engine: Engine) -> Charged:
    """Khata's engine as the product runs it."""

    async def charge(command: Command) -> None:
        _demand((await engine.submit(command)).outcome)

    return charge


def one_by_one(
    books: Store, rules: Callable[[], Rules], now_us: Callable[[], int], connections: int
) -> Charged:
    """The naive engine: the same rules, rows and statements, one transaction a request.

    So many connections at once; which number is best is for the caller to try.
    """
    places = asyncio.Semaphore(connections)
    mint = UlidMint()

    async def charge(command: Command) -> None:
        submission = Submission(command, mint.for_wallet(command.wallet_id), fingerprint(command))
        async with places:
            while True:
                try:
                    answers = await run_batch(books, [submission], rules(), now_us())
                except Interrupted:
                    continue
                break
        assert isinstance(answers[0], Answer)
        _demand(answers[0].outcome)

    return charge


RAW_TABLES = """
create schema bench;
create table bench.wallets (id text collate "C" primary key, available bigint not null)
  with (fillfactor = 70);
create table bench.charges (
  wallet_id text collate "C" not null, number bigint not null, credits bigint not null,
  at timestamptz not null default now(), primary key (wallet_id, number));"""

RAW_WALLETS = "insert into bench.wallets select unnest($1::text[]), 1000000000"

RAW_UPDATE = """
update bench.wallets set available = available - 15 where id = $1 returning available"""

RAW_INSERT = "insert into bench.charges (wallet_id, number, credits) values ($1, $2, 15)"


def raw(connections: Sequence[AsyncConnection[Row]]) -> Charged:
    """What the database alone does: an UPDATE and an INSERT a transaction, and nothing else."""
    free: asyncio.Queue[AsyncConnection[Row]] = asyncio.Queue()
    for connection in connections:
        free.put_nowait(connection)

    async def charge(command: Command) -> None:
        connection = await free.get()
        try:
            async with connection.transaction():
                cursor = AsyncRawCursor(connection)
                await cursor.execute(RAW_UPDATE, (command.wallet_id,), prepare=True)
                left = await cursor.fetchone()
                assert left is not None, "the bench lost a wallet"
                await cursor.execute(RAW_INSERT, (command.wallet_id, left[0]), prepare=True)
        finally:
            free.put_nowait(connection)

    return charge


def _demand(outcome: object) -> None:
    assert isinstance(outcome, Recorded), f"the bench was refused: {outcome}"
