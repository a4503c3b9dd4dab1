"""Connections come with all their session needs."""

import asyncio
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from faulty_line import FaultyLine
from khata.engine.books import Unavailable
from khata.postgres.asking import ask_pool
from khata.postgres.connect import connect, open_engine_connection, read_pool, registry_pool
from khata.postgres.server import Server

PATIENCE_SECONDS = 15.0
SHOW = "select current_setting(%s)"


async def shown(connection: psycopg.AsyncConnection[tuple[object, ...]], name: str) -> object:
    row = await (await connection.execute(SHOW, [name])).fetchone()
    return row and row[0]


async def test_the_engines_plans_are_pinned(database: Server) -> None:
    async with await open_engine_connection(database.app_dsn) as connection:
        assert await shown(connection, "plan_cache_mode") == "force_generic_plan"
        for name in ("enable_hashjoin", "enable_mergejoin", "enable_seqscan", "jit"):
            assert await shown(connection, name) == "off", name
        assert await shown(connection, "statement_timeout") == "15s"
        assert await shown(connection, "search_path") == "khata"


async def test_the_engine_prepares_at_first_use(database: Server) -> None:
    async with await open_engine_connection(database.app_dsn) as connection:
        await connection.execute("select 1 + %s", [1])
        found = await connection.execute("select statement from pg_prepared_statements")
        assert ("select 1 + $1",) in await found.fetchall()


async def test_the_dsns_own_limits_count_but_not_its_plans(database: Server) -> None:
    dsn = make_conninfo(database.app_dsn, options="-c statement_timeout=3s -c enable_hashjoin=on")
    async with await open_engine_connection(dsn) as connection:
        assert await shown(connection, "statement_timeout") == "3s"
        assert await shown(connection, "enable_hashjoin") == "off"


async def test_readers_plan_freely_and_write_nothing(database: Server) -> None:
    async with read_pool(database.app_dsn) as pool, pool.connection() as connection:
        assert await shown(connection, "plan_cache_mode") == "auto"
        assert await shown(connection, "enable_hashjoin") == "on"
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await connection.execute("create temporary table t ()")


async def test_a_reader_meets_no_dead_connection(database: Server) -> None:
    async with read_pool(database.app_dsn, size=1) as pool:
        async with pool.connection() as connection:
            before = connection.info.backend_pid
        with connect(database.owner_dsn) as owner:
            ended = owner.execute("select pg_terminate_backend(%s, 30000)", [before])
            assert ended.fetchone() == (True,)
        async with pool.connection() as connection:
            assert connection.info.backend_pid != before


def test_the_command_lines_connection_has_no_limits(database: Server) -> None:
    with connect(database.owner_dsn, name="khata verify") as connection:
        assert connection.execute("show statement_timeout").fetchone() == ("0",)
        assert connection.execute("show application_name").fetchone() == ("khata verify",)


async def test_whoever_asks_while_the_database_is_away_is_soon_told_so(
    database: Server, tmp_path: Path
) -> None:
    async with FaultyLine(database.app_dsn, tmp_path) as line, registry_pool(line.dsn) as pool:
        assert await ask_pool(pool, "select 1") == [(1,)]
        await line.cut()
        async with asyncio.timeout(PATIENCE_SECONDS):
            told = await asyncio.gather(
                *(ask_pool(pool, "select 1") for _ in range(50)), return_exceptions=True
            )
        assert {type(each) for each in told} == {Unavailable}
        await line.open()
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await ask_pool(pool, "select 1") == [(1,)]
