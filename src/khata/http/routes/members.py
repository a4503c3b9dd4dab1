"""Members: the people of an organization, with their roles and teams."""

from __future__ import annotations

from khata.app.cursors import cursor, id_behind
from khata.app.people.members import Member as MemberOf
from khata.app.people.members import MemberFilter, NewMember
from khata.app.runtime import Khata
from khata.domain.refusals import Refusal
from khata.http.auth import ApiCaller, acting
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.refused import refusal_problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.common import Page
from khata.http.schemas.people import (
    Member,
    MemberBody,
    MemberChanges,
    MemberQuery,
    member_shown,
)

ONE = "/v1/members/{member_id}"
MISSING = ("MEMBER_NOT_FOUND",)
STANDING = ("ROLE_OUT_OF_REACH", "LAST_OWNER")


class MemberRoutes:
    """People inside an organization, by whom usage is counted."""

    routes = Routes("Members")

    def __init__(self, khata: Khata) -> None:
        self._members = khata.people.members

    @routes.on(
        "POST /v1/members",
        scope="members:write",
        audit=("member.created",),
        statuses=(201, 200),
        problems=("ROLE_OUT_OF_REACH",),
        example={"name": "Asha Rao", "external_id": "user-17", "role": "member"},
    )
    async def create_member(self, call: Call[ApiCaller], body: MemberBody) -> Reply[Member]:
        """Make somebody a member.

        One with the same `external_id` is answered with 200 and as it is; a removed one comes back
        under its old id. To let somebody sign in, send an invitation.
        """
        within = call.caller.within(body.organization_id)
        wished = NewMember(
            name=body.name,
            role=body.role,
            external_id=body.external_id,
            email=body.email,
            team_id=body.team_id,
        )
        made = await self._members.create(within, wished, acting(call))
        if isinstance(made, Refusal):
            raise refusal_problem(made)
        member, is_new = made
        return Reply(member_shown(member), 201 if is_new else 200)

    @routes.on("GET /v1/members", scope="members:read")
    async def list_members(self, call: Call[ApiCaller], query: MemberQuery) -> Page[Member]:
        """List an organization's members, oldest first."""
        within = call.caller.within(query.organization_id)
        behind = id_behind("members", query.cursor)
        wanted = MemberFilter(
            state=None if query.state == "any" else query.state,
            role=query.role,
            team_id=query.team_id,
            external_id=query.external_id,
            search=query.q,
        )
        found = await self._members.list(within, wanted, query.limit + 1, behind)
        page = found[: query.limit]
        following = cursor("members", page[-1].id) if len(found) > query.limit else None
        return Page([member_shown(member) for member in page], following)

    @routes.on(f"GET {ONE}", scope="members:read", problems=MISSING)
    async def get_member(self, call: Call[ApiCaller], member_id: str) -> Member:
        """Give a member, removed or not."""
        return member_shown(await self._known(call.caller, member_id))

    @routes.on(
        f"PATCH {ONE}",
        scope="members:write",
        audit=("member.changed", "budget.changed"),
        problems=(*MISSING, *STANDING),
        example={"role": "billing"},
    )
    async def change_member(
        self, call: Call[ApiCaller], member_id: str, body: MemberChanges
    ) -> Member:
        """Change a member's role, team or names. A removed one stays as it is."""
        member = await self._known(call.caller, member_id)
        changed = await self._members.change(member, body.patch(), acting(call))
        if isinstance(changed, Refusal):
            raise refusal_problem(changed)
        return member_shown(changed)

    @routes.on(
        f"DELETE {ONE}",
        scope="members:write",
        audit=("member.removed",),
        problems=(*MISSING, *STANDING),
    )
    async def remove_member(self, call: Call[ApiCaller], member_id: str) -> Member:
        """Remove a member, with all rights at once. What it used stays counted by its name."""
        member = await self._known(call.caller, member_id)
        removed = await self._members.remove(member, acting(call))
        if isinstance(removed, Refusal):
            raise refusal_problem(removed)
        return member_shown(removed)

    async def _known(self, caller: ApiCaller, member_id: str) -> MemberOf:
        member = await self._members.find(member_id)
        if member is None or not caller.covers(member.organization_id, None, None):
            raise _no_member(member_id)
        return member


def _no_member(member_id: str) -> Problem:
    return Problem("MEMBER_NOT_FOUND", f"There is no member {member_id}.", member_id=member_id)
