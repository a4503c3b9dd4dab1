"""Statements of the plain scripts: one at a time, on a pool, with rows in binary form."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

from psycopg import AsyncConnection, AsyncRawCursor, AsyncRawServerCursor, OperationalError
from psycopg.errors import QueryCanceled, ReadOnlySqlTransaction

from khata.domain.ids import OrganizationId
from khata.engine.books import Unavailable
from khata.engine.confined import confined_to
from khata.postgres.connect import Pool
from khata.postgres.settings import APP_ROLE, TENANT_ROLE

Row = tuple[Any, ...]
Connection = AsyncConnection[Row]

_FETCHED_AT_ONCE = 1000
_BEYOND_LIMITS = "54"

ONE_MOMENT = "set transaction isolation level repeatable read, read only"
PATIENCE = "set local statement_timeout = '10min'"

# Row-level security shows the role its rows by the second setting. Both hold until they are set
# anew: only what is borrowed for somebody else than before costs a round trip.
WORK_FOR = "select set_config('role', $1, false), set_config('khata.organization', $2, false)"

# Within a transaction, and no longer than it.
ALL_OF_THEM = "select set_config('role', $1, true)"

_NOBODY_KNOWS = OrganizationId("")
_works_for: WeakKeyDictionary[Connection, OrganizationId | None] = WeakKeyDictionary()


@asynccontextmanager
async def borrowed(pool: Pool) -> AsyncGenerator[Connection]:
    """A connection of the pool, which shows and takes rows of the task's own organization only
    where the task is confined to one.

    Raises `Unavailable` when the database cannot be asked, or is a standby that nobody has made
    the new primary yet.
    """
    known = _cancellations()
    try:
        async with pool.connection() as connection:
            if _cancellations() > known:
                raise asyncio.CancelledError
            await _work_for(connection, confined_to())
            yield connection
    except (OperationalError, ReadOnlySqlTransaction) as error:
        raise Unavailable("the database cannot be reached or was too busy") from error


def is_passing(error: Exception) -> bool:
    """Whether this was the database's state and may be over soon, and not what was asked of it.

    Statements that are beyond its limits (class 54) are operational to psycopg, yet stay so; and
    one that was cut off for its time may take as long again.
    """
    if isinstance(error, QueryCanceled):
        return False
    if isinstance(error, OperationalError):
        return not (error.sqlstate or "").startswith(_BEYOND_LIMITS)
    return isinstance(error, (ReadOnlySqlTransaction, Unavailable))


def _cancellations() -> int:
    """How often this task was asked to end.

    One that waits for a connection may get it and never hear that it was cancelled meanwhile
    (github.com/psycopg/psycopg/issues/1345): a loop would go on for ever, a deadline pass unheeded.
    """
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


@asynccontextmanager
async def across_organizations(connection: Connection) -> AsyncGenerator[None]:
    """Within a transaction: what is asked here sees all organizations, whoever it is asked for.

    For what is judged by the traces of all, as fraud is. Nothing of it may be shown.
    """
    if confined_to() is None:
        yield
        return
    await ask(connection, ALL_OF_THEM, APP_ROLE)
    yield
    await ask(connection, ALL_OF_THEM, TENANT_ROLE)


async def _work_for(connection: Connection, organization_id: OrganizationId | None) -> None:
    """Turns the session to those it works for; a new one works for all."""
    if _works_for.get(connection) == organization_id:
        return
    _works_for[connection] = _NOBODY_KNOWS  # until it was heard: this may be cut off
    role = APP_ROLE if organization_id is None else TENANT_ROLE
    await ask(connection, WORK_FOR, role, organization_id or "")
    _works_for[connection] = organization_id


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
