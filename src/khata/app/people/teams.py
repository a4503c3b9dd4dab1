"""Teams: made, renamed, taken away."""

from collections.abc import Callable

from khata.app.invalid import Invalid
from khata.app.people.audited import Change, note_change
from khata.app.people.within import changing_people, known_organization
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId
from khata.engine.ids import UlidMint
from khata.postgres import teams as store
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.teams import Team

__all__ = ["Team", "Teams"]


class Teams:
    """The teams of organizations."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us
        self._mint = UlidMint()

    async def create(
        self, organization_id: OrganizationId | None, name: str, by: Actor
    ) -> tuple[Team, bool]:
        """The organization's team of that name, and whether it was made just now.

        Raises `Invalid` where there is no such organization.
        """
        now_us = self._now_us()
        async with changing_people(self._pool, organization_id) as (connection, within):
            made = Team(
                id="tea_" + self._mint.anywhere(),
                organization_id=within,
                name=name,
                created_at_us=now_us,
            )
            existing = await store.team_of_name(connection, within, name)
            if existing is not None:
                return existing, False
            await store.insert_team(connection, made)
            change = Change(
                organization_id=within,
                action="team.created",
                subject=made.id,
                after={"name": name},
            )
            await note_change(connection, by, change, now_us)
            return made, True

    async def find(self, team_id: str) -> Team | None:
        """The team, if there is one."""
        async with borrowed(self._pool) as connection:
            return await store.team(connection, team_id)

    async def list(
        self, organization_id: OrganizationId | None, limit: int, after: str | None
    ) -> list[tuple[Team, int]]:
        """Up to `limit` teams of the organization, oldest first, each with its members counted.

        Raises `Invalid` where there is no such organization.
        """
        async with borrowed(self._pool) as connection:
            within = await known_organization(connection, organization_id)
            return await store.teams(connection, within, limit, after or "")

    async def rename(self, team: Team, name: str, by: Actor) -> Team | None:
        """The team under its new name; none where it is gone. Raises `Invalid` for a name taken."""
        async with changing_people(self._pool, team.organization_id) as (connection, _):
            before = await store.team(connection, team.id)
            if before is None or before.name == name:
                return before
            after = await store.rename_team(connection, team.id, name)
            if after is None:
                raise Invalid("name", "is the name of another team")
            change = Change(
                organization_id=team.organization_id,
                action="team.changed",
                subject=team.id,
                before={"name": before.name},
                after={"name": name},
            )
            await note_change(connection, by, change, self._now_us())
            return after

    async def remove(self, team: Team, by: Actor) -> Team | None:
        """Takes the team away; its members stay, in none. None where it was gone already."""
        now_us = self._now_us()
        async with changing_people(self._pool, team.organization_id) as (connection, _):
            before = await store.team(connection, team.id)
            if before is None:
                return None
            await store.delete_team(connection, team.id, now_us)
            change = Change(
                organization_id=team.organization_id,
                action="team.removed",
                subject=team.id,
                before={"name": before.name},
            )
            await note_change(connection, by, change, now_us)
            return before
