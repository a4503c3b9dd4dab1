"""The database the product works on: the embedded one, or a server named by its URL."""

import os
from collections.abc import Callable
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from khata.postgres.errors import PostgresUnavailable
from khata.postgres.migrate import Migration, migrate
from khata.postgres.settings import APP_ROLE, DATABASE, OWNER_ROLE, DatabaseSettings

CREATE_DATABASE = 4_720_011  # advisory: one maker of the database at a time


class Server:
    """An open database: `owner_dsn` may change the schema, `app_dsn` only what the service may.

    `app_dsn` works once `migrate` has made the role `khata_app`.
    """

    def __init__(
        self, owner_dsn: str, app_dsn: str, *, app_logs_in: bool, close: Callable[[], None]
    ) -> None:
        self.owner_dsn = owner_dsn
        self.app_dsn = app_dsn
        self.close = close
        self._app_logs_in = app_logs_in

    def migrate(self) -> list[Migration]:
        """Brings the database to this version of Khata; the migrations that were new to it.

        Raises MigrationFailed.
        """
        return migrate(self.owner_dsn, app_logs_in=self._app_logs_in)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_server(settings: DatabaseSettings) -> Server:
    """Opens the database the settings name, starting the embedded server if it is that one.

    Raises a PostgresUnavailable that says what to do. A server named by its URL is not asked yet.
    """
    return _named_server(settings.url) if settings.url else _embedded_server(settings)


def _named_server(url: str) -> Server:
    # The service logs in as the URL's user and is khata_app from its first statement on.
    given = conninfo_to_dict(url).get("options") or ""
    app_dsn = make_conninfo(url, options=f"{given} -c role={APP_ROLE}".lstrip())
    return Server(url, app_dsn, app_logs_in=False, close=_nothing_to_close)


def _nothing_to_close() -> None:
    """A server of somebody else's is left alone."""


def _embedded_server(settings: DatabaseSettings) -> Server:
    if os.name != "posix":
        raise PostgresUnavailable(
            "Khata brings its own PostgreSQL on Linux and macOS only: install PostgreSQL and name"
            " it in KHATA_DATABASE_URL."
        )
    from khata.postgres.embedded import EmbeddedServer  # noqa: PLC0415 - needs what Windows lacks

    server = EmbeddedServer(settings)
    server.start()
    try:
        _ensure_database(server.conninfo(OWNER_ROLE, "postgres"))
    except BaseException:
        server.close()
        raise
    return Server(
        server.conninfo(OWNER_ROLE, DATABASE),
        server.conninfo(APP_ROLE, DATABASE),
        app_logs_in=True,
        close=server.close,
    )


def _ensure_database(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [CREATE_DATABASE])
        found = connection.execute("select 1 from pg_database where datname = %s", [DATABASE])
        if not found.fetchone():
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
