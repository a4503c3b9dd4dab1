"""`schema.sql`, which is read, and the migrations, which are run, lead to the same database."""

import os
import subprocess
from importlib.resources import files

import psycopg

from khata.postgres.binaries import find_binaries
from khata.postgres.migrate import migrate
from khata.postgres.server import Server

SCHEMA = files("khata.postgres") / "schema.sql"


def described(server: Server) -> str:
    """The whole schema as pg_dump tells it, without what it makes up anew at each run."""
    told = subprocess.run(
        [
            find_binaries().program("pg_dump"),
            *("--schema-only", "--exclude-table=public.schema_migrations"),
            server.owner_dsn,
        ],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = told.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("\\restrict", "\\unrestrict")))


def test_a_fresh_schema_equals_a_migrated_one(database: Server, bare_database: Server) -> None:
    migrate(bare_database.owner_dsn, app_logs_in=True, migrations=[])
    with psycopg.connect(bare_database.owner_dsn) as owner:
        owner.execute(SCHEMA.read_bytes())
    fresh = described(bare_database)
    assert "CREATE TABLE" in fresh
    assert fresh == described(database)
