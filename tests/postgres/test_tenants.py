"""The database itself keeps organizations apart: every table, its policy, and what a tenant meets.

All tables are read out of the catalog and filled with a row for each of two organizations, so that
a new one is tried without anybody thinking of it.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import errors, sql

from khata.domain.ids import OrganizationId
from khata.engine.confined import confine, unconfined
from khata.postgres.asking import across_organizations, ask, ask_pool, borrowed
from khata.postgres.connect import Pool, read_pool, registry_pool
from khata.postgres.server import Server

Connection = psycopg.Connection[tuple[Any, ...]]
OURS, THEIRS = OrganizationId("org_ours"), OrganizationId("org_theirs")

# The column that says whose a row is, where it is not `organization_id`.
OWN_COLUMN = {
    "organizations": "id",
    "jobs": "wallet_id",
    "gateway_names": "wallet_id",
    "attempts": "wallet_id",
}
# What is the same for everybody, and what no tenant has to do with.
EVERYBODYS = {"price_lists"}
NOBODYS = {
    *("signing_keys", "inbox", "rejected_events", "invoice_series"),
    *("event_head", "event_readers", "events_apart"),
    *(
        "users",
        "sessions",
        "sign_in_links",
        "sign_in_attempts",
        "identities",
    ),  # whoever is in several
}

TABLES = """
select c.relname, c.relrowsecurity, exists (
  select 1 from pg_attribute where attrelid = c.oid and attname = 'organization_id')
from pg_class c where c.relnamespace = 'khata'::regnamespace and c.relkind in ('r', 'p')"""
POLICIES = """
select tablename, roles::text[], permissive, cmd, qual, with_check from pg_policies
where schemaname = 'khata'"""
VIEWS = """
select relname, coalesce(reloptions, '{}') from pg_class
where relnamespace = 'khata'::regnamespace and relkind in ('v', 'm')"""
COLUMNS = """
select c.relname, a.attname, a.atttypid::regtype::text
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace = 'khata'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0
  and a.attnotnull and not a.atthasdef"""
CHECKS = """
select c.relname, conname from pg_constraint join pg_class c on c.oid = conrelid
where connamespace = 'khata'::regnamespace and contype = 'c'"""

OF_TYPE: Mapping[str, object] = {
    "smallint": 1,
    "integer": 1,
    "bigint": 1,
    "numeric": 1,
    "boolean": False,
    "timestamp with time zone": "2026-01-05T00:00:00Z",
    "date": "2026-01-05",
    "text[]": [],
    "json": "{}",
    "jsonb": "{}",
}


def values(whose: str, columns: Mapping[str, str]) -> dict[str, object]:
    """A row that this organization could have; texts and bytes bear its name."""
    row: dict[str, object] = {}
    for column, kind in columns.items():
        row[column] = OF_TYPE[kind] if kind in OF_TYPE else whose.encode()
        if kind == "text":
            row[column] = f"wal_{whose}" if column == "wallet_id" else whose
        if kind in {"integer", "bigint"} and whose != OURS:
            row[column] = 2
    return row


def add(connection: Connection, table: str, row: Mapping[str, object]) -> None:
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join([sql.Placeholder()] * len(row)),
    )
    connection.execute(statement, list(row.values()))


def run(
    connection: Connection, statement: LiteralString, *names: str, given: Sequence[object] = ()
) -> psycopg.Cursor[tuple[Any, ...]]:
    return connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)), given)


class House:
    """A database with a row of each of two organizations in every table."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.columns: dict[str, dict[str, str]] = {}
        with psycopg.connect(server.owner_dsn, options="-c search_path=khata") as owner:
            for table, constraint in owner.execute(CHECKS).fetchall():
                run(owner, "alter table {} drop constraint {}", table, constraint)
            for table, column, kind in owner.execute(COLUMNS).fetchall():
                self.columns.setdefault(table, {})[column] = kind
            self.tables = {name: has for name, _, has in owner.execute(TABLES).fetchall()}
            owner.execute("set session_replication_role = replica")  # foreign keys look away
            for table, column, names in self.owned():
                for whose in (OURS, THEIRS):
                    row = values(whose, self.columns[table])
                    add(owner, table, {**row, column: names[whose]})

    def tenant(self, organization_id: str | None) -> Connection:
        """A session as `borrowed` makes it for somebody of that organization."""
        opened = psycopg.connect(
            self.server.app_dsn, autocommit=True, options="-c search_path=khata"
        )
        opened.execute("set role khata_tenant")
        if organization_id is not None:
            opened.execute("select set_config('khata.organization', %s, false)", [organization_id])
        return opened

    def owned(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Each table whose rows are somebody's, the column that says whose, and its names."""
        for table, has in self.tables.items():
            if table in NOBODYS:
                continue
            column = "organization_id" if has else OWN_COLUMN.get(table)
            if column is not None:
                begins = "wal_" if column == "wallet_id" else ""
                yield table, column, {each: begins + each for each in (OURS, THEIRS)}


@pytest.fixture(scope="module")
def house(new_database: Callable[[], AbstractContextManager[Server]]) -> Iterator[House]:
    with new_database() as database:
        yield House(database)


def test_no_table_is_without_its_policies(house: House) -> None:
    with psycopg.connect(house.server.owner_dsn) as owner:
        tables = {name: (secured, has) for name, secured, has in owner.execute(TABLES)}
        policies: dict[tuple[str, str], tuple[str, str]] = {}
        for table, roles, permissive, command, qual, check in owner.execute(POLICIES):
            assert (permissive, command, check) == ("PERMISSIVE", "ALL", None), table
            policies[table, *roles] = qual
        views = dict(owner.execute(VIEWS).fetchall())
    assert not [name for name, (secured, _) in tables.items() if not secured]
    for table, (_, has) in tables.items():
        assert policies.pop((table, "khata_app")) == "true"
        if table in NOBODYS:
            continue
        condition = policies.pop((table, "khata_tenant"))
        if table in EVERYBODYS:
            assert condition == "true"
        elif has or table in OWN_COLUMN:
            column = "organization_id" if has else OWN_COLUMN[table]
            words = {"wallet_id": "wallet_owners"}.get(column, f"({column} = ( SELECT current_s")
            assert words in condition, table
        else:
            raise AssertionError(f"whose are the rows of {table}?")
    assert policies == {}
    assert all("security_invoker=true" in options for options in views.values())


def test_a_tenant_sees_its_own_rows_alone(house: House) -> None:
    with house.tenant(OURS) as ours, house.tenant(None) as nobody:
        for table, column, names in house.owned():
            seen = run(ours, "select {} from {}", column, table).fetchall()
            assert seen == [(names[OURS],)], table
            assert run(nobody, "select {} from {}", column, table).fetchall() == []
        for table in NOBODYS:
            with pytest.raises(errors.InsufficientPrivilege):
                run(ours, "select from {}", table)


def test_a_tenant_writes_into_no_other_organization(house: House) -> None:
    with house.tenant(OURS) as ours:
        for table, column, names in house.owned():
            theirs, both = [names[THEIRS]], [names[THEIRS], names[OURS]]
            tried: list[tuple[LiteralString, list[str]]] = [
                ("update {0} set {1} = {1} where {1} = %s", theirs),
                ("delete from {0} where {1} = %s", theirs),
                ("update {0} set {1} = %s where {1} = %s", both),
            ]
            for statement, given in tried:
                assert changed(ours, statement, table, column, given) == 0, f"{statement} {table}"
            row = {**values(THEIRS, house.columns[table]), column: names[THEIRS]}
            fresh = {name: f"{each}_new" if name == "id" else each for name, each in row.items()}
            with pytest.raises(errors.InsufficientPrivilege):
                add(ours, table, fresh)


def changed(
    connection: Connection, statement: LiteralString, table: str, column: str, given: list[str]
) -> int:
    """How many rows; none where it is forbidden altogether."""
    try:
        return run(connection, statement, table, column, given=given).rowcount
    except errors.InsufficientPrivilege:
        return 0


def test_a_tenant_changes_nothing_in_the_ledger(house: House) -> None:
    with house.tenant(OURS) as ours:
        for table in ("transactions", "grants", "holds", "meters", "cap_counters", "usage_hourly"):
            for statement in (
                "update {0} set organization_id = organization_id",
                "delete from {0}",
            ):
                with pytest.raises(errors.InsufficientPrivilege):
                    run(ours, statement, table)


@pytest.fixture(params=[registry_pool, read_pool])
async def pool(request: pytest.FixtureRequest, house: House) -> AsyncIterator[Pool]:
    async with request.param(house.server.app_dsn, size=1) as opened:
        yield opened
    confine(None)


async def seen(pool: Pool) -> list[str]:
    return [row[0] for row in await ask_pool(pool, "select id from organizations order by id")]


async def test_what_is_borrowed_shows_whom_the_task_works_for(pool: Pool) -> None:
    """One connection, lent to one after another."""
    for organization_id in (None, OURS, OURS, THEIRS, None, THEIRS):
        confine(organization_id)
        assert await seen(pool) == ([organization_id] if organization_id else [OURS, THEIRS])


async def test_a_connection_that_failed_is_lent_to_the_next_as_to_anybody(pool: Pool) -> None:
    confine(OURS)
    with pytest.raises(errors.DivisionByZero):
        async with borrowed(pool) as connection, connection.transaction():
            await ask(connection, "select 1/0")
    assert await seen(pool) == [OURS]
    confine(None)
    assert await seen(pool) == [OURS, THEIRS]


async def test_what_was_cut_off_while_it_turned_is_turned_anew(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody heard whether it turned: it must not pass for what it was."""

    class CutOff(Exception):
        pass

    async def turned_unheard(*asked: Any) -> None:
        await ask(*asked)
        raise CutOff

    assert await seen(pool) == [OURS, THEIRS]
    confine(OURS)
    with monkeypatch.context() as cut:
        cut.setattr("khata.postgres.asking.ask", turned_unheard)
        with pytest.raises(CutOff):
            await seen(pool)
    confine(None)
    assert await seen(pool) == [OURS, THEIRS]


async def test_across_organizations_is_seen_within_and_not_behind(pool: Pool) -> None:
    confine(OURS)
    asked = "select count(*) from organizations"
    async with borrowed(pool) as connection, connection.transaction():
        async with across_organizations(connection):
            assert await ask(connection, asked) == [(2,)]
        assert await ask(connection, asked) == [(1,)]
    assert await seen(pool) == [OURS]


async def test_what_failed_across_organizations_sees_no_further(pool: Pool) -> None:
    confine(OURS)
    with pytest.raises(errors.DivisionByZero):
        async with (
            borrowed(pool) as connection,
            connection.transaction(),
            across_organizations(connection),
        ):
            await ask(connection, "select 1/0")
    assert await seen(pool) == [OURS]


async def test_what_is_of_no_organization_is_done_unconfined(pool: Pool) -> None:
    confine(OURS)
    with unconfined():
        assert await seen(pool) == [OURS, THEIRS]
    assert await seen(pool) == [OURS]
