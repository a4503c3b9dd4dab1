"""The roles the service works as: they may do what the schema grants, and nothing to the ledger.

As `khata_app` it sees the rows of all organizations; what it does for a caller that is bound to one
it does as `khata_tenant`, which row-level security shows that one's rows alone.

Roles belong to the whole server, so two databases being migrated at once may meet here; the
migration's own lock is of one database only.
"""

import psycopg
from psycopg import sql

from khata.postgres.errors import MigrationFailed
from khata.postgres.settings import APP_ROLE, TENANT_ROLE

ATTEMPTS = 5
FIND = "select rolcanlogin from pg_roles where rolname = %s"
# Whether they may say SET ROLE; before version 16 every member could.
MAY_BECOME = "select pg_has_role(%s, %s, %s)"
# Somebody else made the same change in the same moment.
MET = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.DuplicateObject,
    psycopg.errors.InternalError_,
)

Connection = psycopg.Connection[tuple[object, ...]]


def ensure_roles(connection: Connection, *, logs_in: bool) -> None:
    """Makes both roles, and makes sure that whoever logs in for the service can become them:
    `khata_app` itself where it `logs_in`, and else whoever we are.

    Raises MigrationFailed with what an administrator must do when we may not do it ourselves.
    """
    for attempt in range(ATTEMPTS):
        try:
            _ensure(connection, logs_in=logs_in)
        except psycopg.errors.InsufficientPrivilege as refused:
            raise MigrationFailed(
                f"The roles {APP_ROLE} and {TENANT_ROLE} are missing or not ours to use. Let an"
                f" administrator run: CREATE ROLE {APP_ROLE} NOLOGIN;"
                f" CREATE ROLE {TENANT_ROLE} NOLOGIN;"
                f" GRANT {APP_ROLE}, {TENANT_ROLE} TO {connection.info.user};"
                " (without those of the three that were run already)"
            ) from refused
        except MET:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return


def _ensure(connection: Connection, *, logs_in: bool) -> None:
    _ensure_role(connection, APP_ROLE, logs_in=logs_in)
    _ensure_role(connection, TENANT_ROLE, logs_in=False)
    us = connection.execute("select current_user::text").fetchone()
    assert us is not None, "there is always somebody we are"
    for role in (APP_ROLE, TENANT_ROLE):
        _ensure_member(connection, str(us[0]), role)
    if logs_in:
        _ensure_member(connection, APP_ROLE, TENANT_ROLE)


def _ensure_role(connection: Connection, role: str, *, logs_in: bool) -> None:
    found = connection.execute(FIND, [role]).fetchone()
    name = sql.Identifier(role)
    if found is None:
        may = sql.SQL("login" if logs_in else "nologin")
        connection.execute(sql.SQL("create role {} {}").format(name, may))
    elif logs_in and not found[0]:
        connection.execute(sql.SQL("alter role {} login").format(name))


def _ensure_member(connection: Connection, member: str, role: str) -> None:
    """Lets the member become the role. Where it can be said, it has nothing of it before."""
    is_new = connection.info.server_version >= 160_000
    right = "SET" if is_new else "MEMBER"
    if connection.execute(MAY_BECOME, [member, role, right]).fetchone() != (True,):
        grant = "grant {} to {} with inherit false, set true" if is_new else "grant {} to {}"
        named = sql.Identifier(role), sql.Identifier(member)
        connection.execute(sql.SQL(grant).format(*named))
