"""Organizations: the tenants. A new installation has one, for whoever names none."""

from khata.domain.ids import OrganizationId
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

DEFAULT_ORGANIZATION = "select id from organizations where is_default"

ORGANIZATION_EXISTS = "select 1 from organizations where id = $1"

# Waits for another process that is about to make it, and then makes nothing.
INSERT_DEFAULT_ORGANIZATION = """
insert into organizations (id, name, is_default, created_at) values ($1, $2, true, $3)
on conflict do nothing
returning id"""


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
