"""Who is written to: the people of an organization who have an address."""

from collections.abc import Sequence

from khata.domain.ids import OrganizationId
from khata.domain.roles import Role
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import texts

# The first owner has an address on this machine until somebody gives a real one.
RECIPIENTS = """
select distinct lower(email) as address from members
where organization_id = $1 and state = 'active' and role = any($2::text[])
  and email not like '%@localhost'
order by address"""

ORGANIZATION_NAME = "select name from organizations where id = $1"


async def recipients(
    connection: Connection, organization_id: OrganizationId, roles: Sequence[Role]
) -> list[str]:
    """The addresses of the organization's members with these roles, each once."""
    found = await ask(connection, RECIPIENTS, organization_id, texts(roles))
    return [address for (address,) in found]


async def organization_name(connection: Connection, organization_id: OrganizationId) -> str:
    """What the organization is called."""
    return (await ask(connection, ORGANIZATION_NAME, organization_id))[0][0]
