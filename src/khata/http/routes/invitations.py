"""Invitations: made, listed and revoked by those who may; accepting is told with the sessions."""

from __future__ import annotations

from msgspec.structs import asdict

from khata.app.cursors import cursor, id_behind
from khata.app.people.invitations import Invitation as InvitationOf
from khata.app.people.invitations import NewInvitation as NewInvitationOf
from khata.app.people.tokens import INVITATION_PAGE
from khata.app.runtime import Khata
from khata.domain.refusals import Refusal
from khata.domain.sign_in import InvitationNotFound
from khata.http.auth import ApiCaller, acting
from khata.http.call import Call
from khata.http.refused import refusal_problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.common import Page
from khata.http.schemas.invitations import (
    Invitation,
    InvitationBody,
    InvitationQuery,
    NewInvitation,
    invitation_shown,
)


class InvitationRoutes:
    """Who is asked to become a member who signs in."""

    routes = Routes("Invitations")

    def __init__(self, khata: Khata) -> None:
        self._invitations = khata.people.invitations
        self._now_us = khata.now_us

    @routes.on(
        "POST /v1/invitations",
        scope="members:write",
        audit=("invitation.created",),
        statuses=(201,),
        problems=("ROLE_OUT_OF_REACH",),
        example={"email": "ravi@delhi.example", "name": "Ravi Kumar", "role": "billing"},
    )
    async def create_invitation(
        self, call: Call[ApiCaller], body: InvitationBody
    ) -> Reply[NewInvitation]:
        """Invite somebody. The `token` is shown this once, and is good for seven days.

        A letter brings the link where e-mail is set up. An open invitation to the same e-mail is
        replaced.
        """
        within = call.caller.within(body.organization_id)
        wished = NewInvitationOf(
            email=body.email,
            name=body.name,
            role=body.role,
            team_id=body.team_id,
            member_id=body.member_id,
        )
        made = await self._invitations.create(within, wished, acting(call))
        if isinstance(made, Refusal):
            raise refusal_problem(made)
        shown = asdict(invitation_shown(made.invitation, self._now_us()))
        told = NewInvitation(
            **shown,
            token=made.token,
            link=INVITATION_PAGE + made.token,
            emailed=made.is_mailed,
        )
        return Reply(told, 201)

    @routes.on("GET /v1/invitations", scope="members:read")
    async def list_invitations(
        self, call: Call[ApiCaller], query: InvitationQuery
    ) -> Page[Invitation]:
        """List an organization's invitations, newest first, without their tokens."""
        within = call.caller.within(query.organization_id)
        behind = id_behind("invitations", query.cursor)
        found = await self._invitations.list(within, query.state, query.limit + 1, behind)
        page, now_us = found[: query.limit], self._now_us()
        following = cursor("invitations", page[-1].id) if len(found) > query.limit else None
        return Page([invitation_shown(each, now_us) for each in page], following)

    @routes.on(
        "DELETE /v1/invitations/{invitation_id}",
        scope="members:write",
        audit=("invitation.revoked",),
        problems=("INVITATION_NOT_FOUND", "INVITATION_NOT_OPEN", "ROLE_OUT_OF_REACH"),
    )
    async def revoke_invitation(self, call: Call[ApiCaller], invitation_id: str) -> Invitation:
        """Revoke an invitation. A second time changes nothing."""
        invitation = await self._known(call.caller, invitation_id)
        revoked = await self._invitations.revoke(invitation, acting(call))
        if isinstance(revoked, Refusal):
            raise refusal_problem(revoked)
        return invitation_shown(revoked, self._now_us())

    async def _known(self, caller: ApiCaller, invitation_id: str) -> InvitationOf:
        found = await self._invitations.find(invitation_id)
        if found is None or not caller.covers(found.organization_id, None, None):
            raise refusal_problem(InvitationNotFound())
        return found
