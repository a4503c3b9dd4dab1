"""In which organization something is asked or done."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from khata.app.invalid import Invalid
from khata.domain.ids import OrganizationId
from khata.engine.confined import unconfined
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.organizations import (
    begin_membership_change,
    default_organization,
    organization_exists,
)


async def known_organization(
    connection: Connection, organization_id: OrganizationId | None
) -> OrganizationId:
    """The organization that is named, or the default one. Raises `Invalid` where there is none."""
    if organization_id is None:
        default = await default_organization(connection)
        assert default is not None, "the first start makes a default organization"
        return default
    if not await organization_exists(connection, organization_id):
        raise Invalid("organization_id", "is no organization here")
    return organization_id


@asynccontextmanager
async def beyond_organizations(pool: Pool) -> AsyncGenerator[Connection]:
    """A connection for what belongs to a person and to no organization, such as a session.

    Nothing of another organization's may be shown of it but what the person is there.
    """
    with unconfined():
        async with borrowed(pool) as connection:
            yield connection


@asynccontextmanager
async def changing_people(
    pool: Pool, organization_id: OrganizationId | None
) -> AsyncGenerator[tuple[Connection, OrganizationId]]:
    """A transaction in which nobody else changes the organization's people.

    Raises `Invalid` where there is no such organization.
    """
    async with borrowed(pool) as connection, connection.transaction():
        within = await known_organization(connection, organization_id)
        await begin_membership_change(connection, within)
        yield connection, within
