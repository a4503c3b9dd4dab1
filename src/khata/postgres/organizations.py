"""Organizations: the tenants. A new installation has one, for whoever names none."""

from msgspec import Struct

from khata.domain.ids import OrganizationId
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

_COLUMNS = "id, name, is_default, created_at"

DEFAULT_ORGANIZATION = "select id from organizations where is_default"

ORGANIZATION_EXISTS = "select 1 from organizations where id = $1"

INSERT_ORGANIZATION = """
insert into organizations (id, name, is_default, created_at) values ($1, $2, false, $3)"""

# Waits for another process that is about to make it, and then makes nothing.
INSERT_DEFAULT_ORGANIZATION = """
insert into organizations (id, name, is_default, created_at) values ($1, $2, true, $3)
on conflict do nothing
returning id"""

ORGANIZATION = f"select {_COLUMNS} from organizations where id = $1"

ORGANIZATIONS = f"""
select {_COLUMNS} from organizations
where id > $2 and ($1::text is null or id = $1)
order by id limit $3"""

RENAME_ORGANIZATION = f"update organizations set name = $2 where id = $1 returning {_COLUMNS}"

# The row's lock lets changes to an organization's people happen one after another.
CHANGE_MEMBERSHIP = """
update organizations set membership = membership + 1 where id = $1 returning id"""


class Organization(Struct, frozen=True, kw_only=True):
    """A tenant."""

    id: OrganizationId
    name: str
    is_default: bool
    created_at_us: int


async def default_organization(connection: Connection) -> OrganizationId | None:
    """The organization of those who name none; none before the first start."""
    found = await ask(connection, DEFAULT_ORGANIZATION)
    return found[0][0] if found else None


async def organization_exists(connection: Connection, organization_id: str) -> bool:
    """Whether there is such an organization."""
    return bool(await ask(connection, ORGANIZATION_EXISTS, organization_id))


async def insert_default_organization(
    connection: Connection, organization_id: OrganizationId, name: str, at_us: int
) -> bool:
    """Makes the default organization, unless there is one; whether it was made."""
    named = (organization_id, name, Instant(at_us))
    return bool(await ask(connection, INSERT_DEFAULT_ORGANIZATION, *named))


async def insert_organization(connection: Connection, organization: Organization) -> None:
    """Adds an organization."""
    o = organization
    await ask(connection, INSERT_ORGANIZATION, o.id, o.name, Instant(o.created_at_us))


async def organization(connection: Connection, organization_id: str) -> Organization | None:
    found = await ask(connection, ORGANIZATION, organization_id)
    return _organization(found[0]) if found else None


async def organizations(
    connection: Connection, only: str | None, limit: int, after: str
) -> list[Organization]:
    """Up to `limit` organizations with ids above `after`, oldest first; or but the one."""
    found = await ask(connection, ORGANIZATIONS, only, after, limit)
    return [_organization(row) for row in found]


async def rename_organization(
    connection: Connection, organization_id: str, name: str
) -> Organization | None:
    """The organization under its new name; none where there is no such organization."""
    found = await ask(connection, RENAME_ORGANIZATION, organization_id, name)
    return _organization(found[0]) if found else None


async def begin_membership_change(connection: Connection, organization_id: str) -> bool:
    """Keeps every other change to the organization's people waiting until the transaction ends.

    Whether there is such an organization.
    """
    return bool(await ask(connection, CHANGE_MEMBERSHIP, organization_id))


def _organization(row: Row) -> Organization:
    organization_id, name, is_default, created_at_us = row
    return Organization(
        id=organization_id, name=name, is_default=is_default, created_at_us=created_at_us
    )
