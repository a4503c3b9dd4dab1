"""How much of the store a statement looks at."""

from typing import Any, cast

from psycopg import AsyncRawCursor

from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.history import Query


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
