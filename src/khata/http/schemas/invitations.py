"""Invitations as the API shows them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from khata.app.people.invitations import Invitation as InvitationOf
from khata.domain.roles import Role
from khata.domain.times import rfc3339
from khata.http.schemas.common import AnyId, Cursor, Limit, Name, Time
from khata.http.schemas.people import Email
from khata.http.schemas.wallets import OrganizationIdText

State = Literal["open", "accepted", "revoked", "expired"]


class InvitationBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is invited, as what. `member_id` is a member who shall be able to sign in."""

    email: Email
    name: Name
    role: Role
    team_id: AnyId | None = None
    member_id: AnyId | None = None
    organization_id: OrganizationIdText | None = None


class Invitation(Struct, frozen=True, kw_only=True):
    """An invitation to an organization. `invited_by` is the id of a user or of a key."""

    id: str
    organization_id: str
    member_id: str | None
    email: str
    name: str
    role: Role
    team_id: str | None
    state: State
    invited_by: str
    created_at: Time
    expires_at: Time


class NewInvitation(Invitation, frozen=True, kw_only=True):
    """An invitation with its token, which is shown this once, and the page that it opens.

    `emailed` is whether a letter with the link goes to whom is invited: none does where too many
    went to the address, or from the organization, of late.
    """

    token: str
    link: str
    emailed: bool


class InvitationQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which invitations, newest first."""

    organization_id: OrganizationIdText | None = None
    state: State | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


def invitation_shown(invitation: InvitationOf, at_us: int) -> Invitation:
    """The invitation as the API shows it."""
    return Invitation(
        id=invitation.id,
        organization_id=invitation.organization_id,
        member_id=invitation.member_id,
        email=invitation.email,
        name=invitation.name,
        role=invitation.role,
        team_id=invitation.team_id,
        state=invitation.state_at(at_us),
        invited_by=invitation.invited_by,
        created_at=rfc3339(invitation.created_at_us),
        expires_at=rfc3339(invitation.expires_at_us),
    )
