"""The role the service works as: it may do what the schema grants it, and nothing to the ledger.

Roles belong to the whole server, so two databases being migrated at once may meet here; the
migration's own lock is of one database only.
"""

import psycopg
from psycopg import sql

from khata.postgres.errors import MigrationFailed
from khata.postgres.settings import APP_ROLE

ATTEMPTS = 5
ROLE = sql.Identifier(APP_ROLE)
CREATE = sql.SQL("create role {} nologin").format(ROLE)
CREATE_LOGIN = sql.SQL("create role {} login").format(ROLE)
LET_LOGIN = sql.SQL("alter role {} login").format(ROLE)
GRANT = sql.SQL("grant {} to current_user").format(ROLE)
FIND = "select rolcanlogin from pg_roles where rolname = %s"
# Whether we may say SET ROLE; before version 16 every member could.
MAY_BECOME = "select pg_has_role(current_user, %s, %s)"
# Somebody else made the same change in the same moment.
MET = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.DuplicateObject,
    psycopg.errors.InternalError_,
)

Connection = psycopg.Connection[tuple[object, ...]]


def ensure_app_role(connection: Connection, *, logs_in: bool) -> None:
    """Makes the role `khata_app` and makes sure we can become it.

    Raises MigrationFailed with what an administrator must do when we may not do it ourselves.
    """
    for attempt in range(ATTEMPTS):
        try:
            _ensure(connection, logs_in=logs_in)
        except psycopg.errors.InsufficientPrivilege as refused:
            raise MigrationFailed(
                f"The role {APP_ROLE} is missing or not ours to use. Let an administrator run:"
                f" CREATE ROLE {APP_ROLE} NOLOGIN; GRANT {APP_ROLE} TO {connection.info.user};"
            ) from refused
        except MET:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return


def _ensure(connection: Connection, *, logs_in: bool) -> None:
    found = connection.execute(FIND, [APP_ROLE]).fetchone()
    if found is None:
        connection.execute(CREATE_LOGIN if logs_in else CREATE)
    elif logs_in and not found[0]:
        connection.execute(LET_LOGIN)
    right = "SET" if connection.info.server_version >= 160_000 else "MEMBER"
    if connection.execute(MAY_BECOME, [APP_ROLE, right]).fetchone() != (True,):
        connection.execute(GRANT)
