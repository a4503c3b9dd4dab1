"""Teams of an organization's members."""

from __future__ import annotations

from khata.app.cursors import cursor, id_behind
from khata.app.people.teams import Team as TeamOf
from khata.app.runtime import Khata
from khata.http.auth import ApiCaller, actor_of
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.common import Page
from khata.http.schemas.people import (
    CountedTeam,
    Team,
    TeamBody,
    TeamChanges,
    TeamQuery,
    counted_team_shown,
    team_shown,
)

ONE = "/v1/teams/{team_id}"
MISSING = ("TEAM_NOT_FOUND",)


class TeamRoutes:
    """Some of an organization's members each."""

    routes = Routes("Teams")

    def __init__(self, khata: Khata) -> None:
        self._teams = khata.people.teams

    @routes.on(
        "POST /v1/teams",
        scope="members:write",
        audit=("team.created",),
        statuses=(201, 200),
        example={"name": "Support"},
    )
    async def create_team(self, call: Call[ApiCaller], body: TeamBody) -> Reply[Team]:
        """Make a team. One of the same name is answered with 200 and as it is."""
        within = call.caller.within(body.organization_id)
        team, is_new = await self._teams.create(within, body.name, actor_of(call))
        return Reply(team_shown(team), 201 if is_new else 200)

    @routes.on("GET /v1/teams", scope="members:read")
    async def list_teams(self, call: Call[ApiCaller], query: TeamQuery) -> Page[CountedTeam]:
        """List an organization's teams, oldest first, each with its members counted."""
        within = call.caller.within(query.organization_id)
        behind = id_behind("teams", query.cursor)
        found = await self._teams.list(within, query.limit + 1, behind)
        page = [counted_team_shown(team, members) for team, members in found[: query.limit]]
        following = cursor("teams", page[-1].id) if len(found) > query.limit else None
        return Page(page, following)

    @routes.on(f"GET {ONE}", scope="members:read", problems=MISSING)
    async def get_team(self, call: Call[ApiCaller], team_id: str) -> Team:
        """Give a team."""
        return team_shown(await self._known(call.caller, team_id))

    @routes.on(
        f"PATCH {ONE}",
        scope="members:write",
        audit=("team.changed",),
        problems=MISSING,
        example={"name": "Desk"},
    )
    async def change_team(self, call: Call[ApiCaller], team_id: str, body: TeamChanges) -> Team:
        """Give a team another name."""
        team = await self._known(call.caller, team_id)
        renamed = await self._teams.rename(team, body.name, actor_of(call))
        if renamed is None:
            raise _no_team(team_id)
        return team_shown(renamed)

    @routes.on(f"DELETE {ONE}", scope="members:write", audit=("team.removed",), problems=MISSING)
    async def remove_team(self, call: Call[ApiCaller], team_id: str) -> Team:
        """Take a team away. Its members stay, in none."""
        team = await self._known(call.caller, team_id)
        removed = await self._teams.remove(team, actor_of(call))
        if removed is None:
            raise _no_team(team_id)
        return team_shown(removed)

    async def _known(self, caller: ApiCaller, team_id: str) -> TeamOf:
        team = await self._teams.find(team_id)
        if team is None or not caller.covers(team.organization_id, None, None):
            raise _no_team(team_id)
        return team


def _no_team(team_id: str) -> Problem:
    return Problem("TEAM_NOT_FOUND", f"There is no team {team_id}.", team_id=team_id)
