"""Invitations to become a member who signs in. Of their tokens only the digests are kept."""

from typing import Literal

from msgspec import Struct

from khata.domain.ids import OrganizationId
from khata.domain.roles import Role
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant
from khata.postgres.members import Member

InvitationState = Literal["open", "accepted", "revoked", "expired"]

INVITATION_COLUMNS = (
    "id, organization_id, member_id, email, name, role, team_id, invited_by, created_at,"
    " expires_at, accepted_at, revoked_at"
)

INSERT_INVITATION = f"""
insert into invitations ({INVITATION_COLUMNS}, token_hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"""

INVITATION = f"select {INVITATION_COLUMNS} from invitations where id = $1"

INVITATION_BY_TOKEN = f"select {INVITATION_COLUMNS} from invitations where token_hash = $1"

INVITATIONS_TO = f"""
select {INVITATION_COLUMNS} from invitations
where email = $1 and accepted_at is null and revoked_at is null and expires_at > $2
order by organization_id"""

INVITATIONS = f"""
select {INVITATION_COLUMNS} from invitations
where organization_id = $1 and id < $2 and ($3::text is null or $3 = case
    when accepted_at is not null then 'accepted' when revoked_at is not null then 'revoked'
    when expires_at <= $4 then 'expired' else 'open' end)
order by id desc limit $5"""

REPLACE_OPEN = f"""
update invitations set revoked_at = $3
where organization_id = $1 and email = $2 and accepted_at is null and revoked_at is null
returning {INVITATION_COLUMNS}"""

REVOKE_OF_MEMBER = f"""
update invitations set revoked_at = $4
where organization_id = $1 and (member_id = $2 or email = $3)
  and accepted_at is null and revoked_at is null
returning {INVITATION_COLUMNS}"""

END_INVITATION = f"""
update invitations set accepted_at = $2, revoked_at = $3
where id = $1 and accepted_at is null and revoked_at is null
returning {INVITATION_COLUMNS}"""


class Invitation(Struct, frozen=True, kw_only=True):
    """An invitation of one e-mail to one organization; `member_id` is whom it lets sign in, where
    that is a member already."""

    id: str
    organization_id: OrganizationId
    member_id: str | None
    email: str
    name: str
    role: Role
    team_id: str | None
    invited_by: str
    created_at_us: int
    expires_at_us: int
    accepted_at_us: int | None = None
    revoked_at_us: int | None = None

    def state_at(self, at_us: int) -> InvitationState:
        """What has become of it."""
        if self.accepted_at_us is not None:
            return "accepted"
        if self.revoked_at_us is not None:
            return "revoked"
        return "expired" if self.expires_at_us <= at_us else "open"


async def insert_invitation(
    connection: Connection, invitation: Invitation, token_hash: bytes
) -> Invitation | None:
    """Adds an invitation in the place of an open one to the same e-mail; the one that it was."""
    i = invitation
    at = Instant(i.created_at_us)
    replaced = await ask(connection, REPLACE_OPEN, i.organization_id, i.email, at)
    wished = (i.member_id, i.email, i.name, i.role, i.team_id, i.invited_by)
    times = (at, Instant(i.expires_at_us), None, None)
    await ask(connection, INSERT_INVITATION, i.id, i.organization_id, *wished, *times, token_hash)
    return _invitation(replaced[0]) if replaced else None


async def invitation(connection: Connection, invitation_id: str) -> Invitation | None:
    found = await ask(connection, INVITATION, invitation_id)
    return _invitation(found[0]) if found else None


async def invitation_by_token(connection: Connection, token_hash: bytes) -> Invitation | None:
    """The invitation with that token, whatever has become of it."""
    found = await ask(connection, INVITATION_BY_TOKEN, token_hash)
    return _invitation(found[0]) if found else None


async def invitations_to(connection: Connection, email: str, at_us: int) -> list[Invitation]:
    """The open ones to that e-mail, of all organizations."""
    found = await ask(connection, INVITATIONS_TO, email, Instant(at_us))
    return [_invitation(row) for row in found]


async def invitations(
    connection: Connection,
    organization_id: str,
    state: InvitationState | None,
    now_us: int,
    limit: int,
    before_id: str,
) -> list[Invitation]:
    """Up to `limit` invitations of the organization, newest first, with ids below that one."""
    narrowed = (organization_id, before_id, state, Instant(now_us))
    return [_invitation(row) for row in await ask(connection, INVITATIONS, *narrowed, limit)]


async def accept_invitation(
    connection: Connection, invitation_id: str, at_us: int
) -> Invitation | None:
    """The invitation, accepted; none where it is open no more."""
    found = await ask(connection, END_INVITATION, invitation_id, Instant(at_us), None)
    return _invitation(found[0]) if found else None


async def revoke_invitation(
    connection: Connection, invitation_id: str, at_us: int
) -> Invitation | None:
    """The invitation, revoked; none where it is open no more."""
    found = await ask(connection, END_INVITATION, invitation_id, None, Instant(at_us))
    return _invitation(found[0]) if found else None


async def revoke_invitations_of(
    connection: Connection, member: Member, at_us: int
) -> list[Invitation]:
    """The open ones that would let the member in, revoked."""
    of = (member.organization_id, member.id, member.email, Instant(at_us))
    return [_invitation(row) for row in await ask(connection, REVOKE_OF_MEMBER, *of)]


def _invitation(row: Row) -> Invitation:
    invitation_id, organization_id, member_id, email, name, role, team_id, invited_by = row[:8]
    return Invitation(
        id=invitation_id,
        organization_id=organization_id,
        member_id=member_id,
        email=email,
        name=name,
        role=role,
        team_id=team_id,
        invited_by=invited_by,
        created_at_us=row[8],
        expires_at_us=row[9],
        accepted_at_us=row[10],
        revoked_at_us=row[11],
    )
