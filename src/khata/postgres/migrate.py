"""Bringing a database to this version: numbered SQL files, each applied once, in order, whole.

The files are `migrations/NNNN_name.sql`. What has been applied stands in `schema_migrations` with
a checksum, so that an edited old file is noticed, and so is a database from a later Khata.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec
import psycopg

from khata.postgres.errors import ChecksumDiffers, DatabaseNewer, MigrationFailed
from khata.postgres.roles import ensure_roles

OLDEST_SERVER = 150_000
MIGRATING = 4_720_012  # advisory: one migration at a time in a database

# In `public` by name: where a bare name leads changes with the schemas a migration makes.
TABLE = """
create table if not exists public.schema_migrations (
  version    integer     not null constraint schema_migrations_pkey primary key,
  name       text        not null,
  checksum   text        not null,
  applied_at timestamptz not null default now()
)"""
APPLIED = "select version, name, checksum from public.schema_migrations order by version"
RECORD = "insert into public.schema_migrations (version, name, checksum) values (%s, %s, %s)"

Connection = psycopg.Connection[tuple[object, ...]]


class Migration(msgspec.Struct, frozen=True):
    """One step of the schema. `checksum` is the SHA-256 of the file's text."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def packaged_migrations() -> list[Migration]:
    """The migrations this version of Khata brings."""
    return read_migrations(files("khata.postgres") / "migrations")


def read_migrations(folder: Traversable) -> list[Migration]:
    """The migrations of a folder, numbered from 1 without a gap. Raises MigrationFailed if not."""
    found = sorted(_files_of(folder), key=lambda migration: migration.version)
    if [one.version for one in found] != list(range(1, len(found) + 1)):
        raise MigrationFailed(f"The migrations in {folder} are not numbered 1, 2, 3, …")
    return found


def _files_of(folder: Traversable) -> Iterator[Migration]:
    for file in folder.iterdir():
        named = re.fullmatch(r"(\d{4})_(\w+)\.sql", file.name)
        if named:
            yield Migration(int(named[1]), named[2], file.read_text(encoding="utf-8"))


def migrate(
    owner_dsn: str, *, app_logs_in: bool = False, migrations: Sequence[Migration] | None = None
) -> list[Migration]:
    """Applies what the database lacks, and returns that. Several may do so at once.

    `app_logs_in` lets the role `khata_app` log in by itself, as it does in the embedded server.
    Raises MigrationFailed; what was applied before the failing file stays.
    """
    wanted = packaged_migrations() if migrations is None else migrations
    with psycopg.connect(owner_dsn, autocommit=True) as connection:
        _demand_version(connection)
        # Held until the connection ends; whoever comes second waits and finds nothing to do.
        connection.execute("select pg_advisory_lock(%s)", [MIGRATING])
        ensure_roles(connection, logs_in=app_logs_in)
        connection.execute(TABLE)
        missing = _missing(connection, wanted)
        for migration in missing:
            _apply(connection, migration)
    return missing


def _demand_version(connection: Connection) -> None:
    if connection.info.server_version < OLDEST_SERVER:
        raise MigrationFailed(
            f"Khata needs PostgreSQL 15 or later; this is {connection.info.server_version // 10000}"
        )


def _missing(connection: Connection, wanted: Sequence[Migration]) -> list[Migration]:
    applied = connection.execute(APPLIED).fetchall()
    if len(applied) > len(wanted):
        raise DatabaseNewer(
            f"This database was made by a newer Khata: it is at version {len(applied)}, this Khata"
            f" knows {len(wanted)}. Install that Khata or a later one."
        )
    for (_, name, checksum), ours in zip(applied, wanted, strict=False):
        if (name, checksum) != (ours.name, ours.checksum):
            raise ChecksumDiffers(
                f"Migration {ours.version:04} {ours.name} is not what was applied to this database"
                f" as {name}: a migration is never changed once it is out; add a new one."
            )
    return list(wanted[len(applied) :])


def _apply(connection: Connection, migration: Migration) -> None:
    try:
        with connection.transaction():
            connection.execute(migration.sql.encode())
            connection.execute("reset all")  # a search_path a file has set is its own
            connection.execute(RECORD, [migration.version, migration.name, migration.checksum])
    except psycopg.Error as refused:
        raise MigrationFailed(
            f"Migration {migration.version:04} {migration.name} failed and was undone: {refused}"
        ) from refused
