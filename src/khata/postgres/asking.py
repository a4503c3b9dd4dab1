"""Statements of the plain scripts: one at a time, on a pool, with rows in binary form."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor, AsyncRawServerCursor, OperationalError
from psycopg.errors import ReadOnlySqlTransaction

from khata.engine.books import Unavailable
from khata.postgres.connect import Pool

Row = tuple[Any, ...]
Connection = AsyncConnection[Row]

_FETCHED_AT_ONCE = 1000

ONE_MOMENT = "set transaction isolation level repeatable read, read only"
PATIENCE = "set local statement_timeout = '10min'"


@asynccontextmanager
async def borrowed(pool: Pool) -> AsyncGenerator[Connection]:
    """A connection of the pool. Raises `Unavailable` when the database cannot be asked, or is a
    standby that nobody has made the new primary yet."""
    try:
        async with pool.connection() as connection:
            yield connection
    except (OperationalError, ReadOnlySqlTransaction) as error:
        raise Unavailable("the database cannot be reached or was too busy") from error


async def ask(connection: Connection, statement: str, *parameters: object) -> list[Row]:
    """The rows that one statement answers; none where it answers none."""
    cursor = AsyncRawCursor(connection)
    await cursor.execute(statement.encode(), parameters, binary=True)
    return await cursor.fetchall() if cursor.description is not None else []


async def ask_pool(pool: Pool, statement: str, *parameters: object) -> list[Row]:
    """The rows that one statement answers, on a connection of the pool."""
    async with borrowed(pool) as connection:
        return await ask(connection, statement, *parameters)


async def stream(pool: Pool, statement: str, parameters: Sequence[object]) -> AsyncIterator[Row]:
    """The rows of a long answer, a thousand at a time, as one snapshot sees them."""
    async with borrowed(pool) as connection, connection.transaction():
        async for row in streamed_on(connection, statement, parameters):
            yield row


@asynccontextmanager
async def snapshot(pool: Pool) -> AsyncGenerator[Connection]:
    """A connection whose statements all see one and the same moment, and may take their time.

    Raises `Unavailable` when the database cannot be asked.
    """
    async with borrowed(pool) as connection, connection.transaction():
        await ask(connection, ONE_MOMENT)
        await ask(connection, PATIENCE)
        yield connection


async def streamed_on(
    connection: Connection,
    statement: str,
    parameters: Sequence[object],
    name: str = "khata_stream",
) -> AsyncIterator[Row]:
    """The rows of a long answer, a thousand at a time, in the connection's own transaction.

    Several may be read in turns under different names.
    """
    cursor = AsyncRawServerCursor(connection, name)
    await cursor.execute(statement.encode(), parameters, binary=True)
    while rows := await cursor.fetchmany(_FETCHED_AT_ONCE):
        for row in rows:
            yield row
    await cursor.close()
