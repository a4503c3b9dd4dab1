"""The two ways to a database, and the two roles in it."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from khata.postgres.errors import MigrationFailed
from khata.postgres.migrate import migrate
from khata.postgres.server import Server, open_server
from khata.postgres.settings import DatabaseSettings

WHO = "select session_user::text, current_user::text"
numbers = count(1)


@pytest.fixture
def tenant(bare_database: Server) -> Iterator[str]:
    """The DSN of somebody who owns a database on a server that is not his, as a hosted one is.

    He comes by the service's door, the only other one there is, and is himself from then on.
    """
    name = f"tenant_{next(numbers)}"
    role = sql.Identifier(name)
    with psycopg.connect(bare_database.owner_dsn, autocommit=True) as owner:
        owner.execute(sql.SQL("create role {} createrole").format(role))
        owner.execute(sql.SQL("grant all on schema public to {}").format(role))
        yield make_conninfo(bare_database.owner_dsn, options=f"-c role={name}")
        owner.execute(sql.SQL("drop owned by {} cascade").format(role))
        owner.execute(sql.SQL("drop role {}").format(role))


def who(dsn: str) -> tuple[object, ...] | None:
    with psycopg.connect(dsn) as connection:
        return connection.execute(WHO).fetchone()


def test_embedded_the_service_logs_in_as_itself(database: Server) -> None:
    assert who(database.owner_dsn) == ("khata_owner", "khata_owner")
    assert who(database.app_dsn) == ("khata_app", "khata_app")


def test_by_url_the_service_becomes_its_role(database: Server, tmp_path: Path) -> None:
    settings = DatabaseSettings(data_folder=tmp_path / "unused", url=database.owner_dsn)
    with open_server(settings) as named:
        assert named.owner_dsn == database.owner_dsn
        assert who(named.app_dsn) == ("khata_owner", "khata_app")
        assert named.migrate() == []
    assert who(database.owner_dsn)
    assert not settings.data_folder.exists()


def test_by_url_the_urls_own_options_stay(database: Server, tmp_path: Path) -> None:
    url = make_conninfo(database.owner_dsn, options="-c work_mem=17MB")
    settings = DatabaseSettings(data_folder=tmp_path, url=url)
    with open_server(settings) as named, psycopg.connect(named.app_dsn) as service:
        assert service.execute("show work_mem").fetchone() == ("17MB",)
        assert service.execute(WHO).fetchone() == ("khata_owner", "khata_app")


def test_who_may_not_use_the_services_roles_is_told_what_to_ask_for(
    tenant: str, database: Server
) -> None:
    assert who(database.app_dsn)
    with pytest.raises(MigrationFailed, match="GRANT khata_app, khata_tenant TO"):
        migrate(tenant, migrations=[])


def test_who_was_given_the_services_roles_needs_no_more(tenant: str, database: Server) -> None:
    with psycopg.connect(database.owner_dsn) as owner:
        name = conninfo_to_dict(tenant)["options"]
        role = sql.Identifier(str(name).rpartition("=")[2])
        owner.execute(sql.SQL("grant khata_app, khata_tenant to {}").format(role))
    assert migrate(tenant, migrations=[]) == []


def test_the_server_is_imported_without_what_windows_lacks() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import khata.postgres.server, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "khata.postgres.server" in told
    assert not {"khata.postgres.embedded", "khata.postgres.account"}.intersection(told)
