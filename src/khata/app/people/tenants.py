"""Organizations as a registry: made by the platform, renamed by themselves."""

from collections.abc import Callable

from khata.app.people.audited import Change, note_change
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId
from khata.engine.ids import UlidMint
from khata.postgres import organizations as store
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.organizations import Organization

__all__ = ["Organization", "Organizations"]


class Organizations:
    """The tenants, each with its own wallets, keys and people."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us
        self._mint = UlidMint()

    async def create(self, name: str, by: Actor) -> Organization:
        """A new organization, in which nobody is a member yet."""
        now_us = self._now_us()
        made = Organization(
            id=OrganizationId("org_" + self._mint.anywhere()),
            name=name,
            is_default=False,
            created_at_us=now_us,
        )
        change = Change(
            organization_id=made.id,
            action="organization.created",
            subject=made.id,
            after={"name": name},
        )
        async with borrowed(self._pool) as connection, connection.transaction():
            await store.insert_organization(connection, made)
            await note_change(connection, by, change, now_us)
        return made

    async def find(self, organization_id: str) -> Organization | None:
        """The organization, if there is one."""
        async with borrowed(self._pool) as connection:
            return await store.organization(connection, organization_id)

    async def list(self, only: str | None, limit: int, after: str | None) -> list[Organization]:
        """Up to `limit` organizations, oldest first, or the only one that may be known."""
        async with borrowed(self._pool) as connection:
            return await store.organizations(connection, only, limit, after or "")

    async def rename(self, organization_id: str, name: str, by: Actor) -> Organization | None:
        """The organization under its new name; none where there is no such organization."""
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            await store.begin_membership_change(connection, organization_id)
            before = await store.organization(connection, organization_id)
            if before is None or before.name == name:
                return before
            change = Change(
                organization_id=before.id,
                action="organization.changed",
                subject=before.id,
                before={"name": before.name},
                after={"name": name},
            )
            await note_change(connection, by, change, now_us)
            return await store.rename_organization(connection, organization_id, name)
