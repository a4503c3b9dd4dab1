"""Migrations: each once, in order, whole, by however many start at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from khata.postgres.errors import ChecksumDiffers, DatabaseNewer, MigrationFailed
from khata.postgres.migrate import Migration, migrate, packaged_migrations, read_migrations
from khata.postgres.server import Server

Write = Callable[..., list[Migration]]

FIRST = "create schema shop; set search_path = shop; create table cups (id integer primary key);"
SECOND = "alter table shop.cups add column colour text; insert into shop.cups values (1, 'red');"
OWNER_OF_BEFORE = """
set search_path = khata;
insert into organizations (id, name, created_at)
values ('org_1', 'Delhi', now()), ('org_2', 'Mumbai', now());
insert into users (id, email, name, is_operator, created_at, updated_at)
values ('usr_1', 'asha@delhi.example', 'Asha', true, now(), now());
insert into members (id, organization_id, user_id, name, email, role, state, created_at, updated_at)
values
  ('mem_1', 'org_1', 'usr_1', 'Owner', 'owner@localhost', 'owner', 'active', now(), now()),
  ('mem_2', 'org_2', 'usr_1', 'The boss', 'boss@delhi.example', 'owner', 'active', now(), now())"""
BROKEN = "create table shop.plates (); select 1 / 0;"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the given texts as numbered files and reads them as migrations."""

    def written(*texts: str) -> list[Migration]:
        for number, text in enumerate(texts, 1):
            (tmp_path / f"{number:04}_step_{number}.sql").write_text(text)
        return read_migrations(tmp_path)

    return written


def rows(server: Server, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.owner_dsn) as owner:
        return owner.execute(query.encode()).fetchall()


def versions(server: Server) -> list[object]:
    return [row[0] for row in rows(server, "select version from schema_migrations order by 1")]


def test_applies_what_is_missing_and_says_so(bare_database: Server, write: Write) -> None:
    one = write(FIRST)
    both = write(FIRST, SECOND)
    assert migrate(bare_database.owner_dsn, migrations=one) == one
    assert migrate(bare_database.owner_dsn, migrations=both) == both[1:]
    assert migrate(bare_database.owner_dsn, migrations=both) == []
    assert rows(bare_database, "select * from shop.cups") == [(1, "red")]


def test_of_many_that_start_at_once_one_migrates(bare_database: Server, write: Write) -> None:
    both = write(FIRST, SECOND)
    with ThreadPoolExecutor(6) as threads:
        starts = [
            threads.submit(migrate, bare_database.owner_dsn, migrations=both) for _ in range(6)
        ]
    applied = [start.result() for start in starts]
    assert sorted(map(len, applied)) == [0, 0, 0, 0, 0, 2]
    assert versions(bare_database) == [1, 2]


def test_a_file_that_fails_is_undone_whole_and_can_be_mended(
    bare_database: Server, write: Write
) -> None:
    with pytest.raises(MigrationFailed, match=r"0002 step_2 failed and was undone: division"):
        migrate(bare_database.owner_dsn, migrations=write(FIRST, BROKEN))
    assert versions(bare_database) == [1]
    assert rows(bare_database, "select to_regclass('shop.plates')") == [(None,)]
    migrate(bare_database.owner_dsn, migrations=write(FIRST, SECOND))
    assert versions(bare_database) == [1, 2]


def test_an_edited_file_is_noticed(bare_database: Server, write: Write) -> None:
    migrate(bare_database.owner_dsn, migrations=write(FIRST, SECOND))
    with pytest.raises(ChecksumDiffers, match="0001 step_1"):
        migrate(bare_database.owner_dsn, migrations=write(FIRST + "\n", SECOND))


def test_a_database_of_a_newer_khata_is_left_alone(bare_database: Server, write: Write) -> None:
    one = write(FIRST)
    migrate(bare_database.owner_dsn, migrations=write(FIRST, SECOND))
    with pytest.raises(DatabaseNewer, match=r"made by a newer Khata: it is at version 2"):
        migrate(bare_database.owner_dsn, migrations=one)


def test_numbers_without_gaps(tmp_path: Path) -> None:
    for number in (1, 3):
        (tmp_path / f"{number:04}_step.sql").write_text("select 1")
    with pytest.raises(MigrationFailed, match="not numbered"):
        read_migrations(tmp_path)


def test_what_is_no_migration_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "0001_step.sql").write_text("select 1")
    (tmp_path / "notes.txt").write_text("not SQL")
    assert [one.name for one in read_migrations(tmp_path)] == ["step"]


def test_the_package_brings_its_migrations(database: Server) -> None:
    assert versions(database) == [one.version for one in packaged_migrations()]
    assert database.migrate() == []


def test_an_owner_who_got_an_address_before_is_a_member_by_it_now(bare_database: Server) -> None:
    known = packaged_migrations()
    mended = [each.name for each in known].index("owners_address")
    migrate(bare_database.owner_dsn, app_logs_in=True, migrations=known[:mended])
    with psycopg.connect(bare_database.owner_dsn) as owner:
        owner.execute(OWNER_OF_BEFORE.encode())
    migrate(bare_database.owner_dsn, app_logs_in=True, migrations=known)
    told = rows(bare_database, "select id, name, email from khata.members order by id")
    assert told == [
        ("mem_1", "Asha", "asha@delhi.example"),
        ("mem_2", "The boss", "boss@delhi.example"),
    ]


def test_a_schema_of_the_users_own_name_hides_nothing(bare_database: Server, write: Write) -> None:
    one = write('create schema "khata_owner"')
    migrate(bare_database.owner_dsn, migrations=one)
    assert migrate(bare_database.owner_dsn, migrations=one) == []
