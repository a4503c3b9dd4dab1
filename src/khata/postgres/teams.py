"""Teams: members of an organization who share a budget or a name."""

from msgspec import Struct

from khata.domain.ids import OrganizationId
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

_COLUMNS = "id, organization_id, name, created_at"

INSERT_TEAM = f"insert into teams ({_COLUMNS}) values ($1, $2, $3, $4)"

TEAM = f"select {_COLUMNS} from teams where id = $1"

TEAM_OF_NAME = f"select {_COLUMNS} from teams where organization_id = $1 and name = $2"

TEAMS = f"""
select {_COLUMNS}, (
  select count(*) from members where team_id = teams.id and state = 'active') as members
from teams where organization_id = $1 and id > $2 order by id limit $3"""

RENAME_TEAM = f"""
update teams set name = $2 where id = $1 and not exists (
  select 1 from teams as other
  where other.organization_id = teams.organization_id and other.name = $2 and other.id <> $1)
returning {_COLUMNS}"""

LEAVE_TEAM = "update members set team_id = null, updated_at = $2 where team_id = $1"

DELETE_TEAM = "delete from teams where id = $1"


class Team(Struct, frozen=True, kw_only=True):
    """Some of an organization's members."""

    id: str
    organization_id: OrganizationId
    name: str
    created_at_us: int


async def insert_team(connection: Connection, team: Team) -> None:
    """Adds the team, whose name no other of the organization has."""
    named = (team.id, team.organization_id, team.name)
    await ask(connection, INSERT_TEAM, *named, Instant(team.created_at_us))


async def team(connection: Connection, team_id: str) -> Team | None:
    found = await ask(connection, TEAM, team_id)
    return _team(found[0]) if found else None


async def team_of_name(connection: Connection, organization_id: str, name: str) -> Team | None:
    """The organization's team of that name."""
    found = await ask(connection, TEAM_OF_NAME, organization_id, name)
    return _team(found[0]) if found else None


async def teams(
    connection: Connection, organization_id: str, limit: int, after: str
) -> list[tuple[Team, int]]:
    """Up to `limit` teams with ids above `after`, oldest first, each with its count of members."""
    found = await ask(connection, TEAMS, organization_id, after, limit)
    return [(_team(row[:-1]), row[-1]) for row in found]


async def rename_team(connection: Connection, team_id: str, name: str) -> Team | None:
    """The team under its new name; none where another of the organization has it."""
    found = await ask(connection, RENAME_TEAM, team_id, name)
    return _team(found[0]) if found else None


async def delete_team(connection: Connection, team_id: str, at_us: int) -> None:
    """Takes the team away; its members stay, in none."""
    await ask(connection, LEAVE_TEAM, team_id, Instant(at_us))
    await ask(connection, DELETE_TEAM, team_id)


def _team(row: Row) -> Team:
    team_id, organization_id, name, created_at_us = row
    return Team(id=team_id, organization_id=organization_id, name=name, created_at_us=created_at_us)
