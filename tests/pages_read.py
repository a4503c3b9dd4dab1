"""How much of the store a statement looks at."""

from collections.abc import Iterator
from typing import Any, cast

import psycopg
from psycopg import AsyncRawCursor, sql

from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.history import Query


def without_and_with_statistics(owner_dsn: str, table: str) -> Iterator[str]:
    """Two times to look: while the planner knows nothing of the table, and once it does."""
    yield f"{table} is not analyzed"
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        owner.execute(sql.SQL("analyze khata.{}").format(sql.Identifier(table)))
    yield f"{table} is analyzed"


async def pages_read(pool: Pool, query: Query) -> int:
    """Blocks of 8 kB that the statement looks at."""
    async with borrowed(pool) as connection:
        cursor = AsyncRawCursor(connection)
        asked = f"explain (analyze, buffers, timing off, format json) {query.statement}"
        await cursor.execute(asked.encode(), query.parameters)
        row = await cursor.fetchone()
    assert row
    plan = cast("dict[str, Any]", row[0][0]["Plan"])
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
