"""What is written down of who changed an organization's people."""

from msgspec import Struct

from khata.app.audited import Change, note_change
from khata.domain.actor import Actor
from khata.domain.roles import SCOPES_OF, Giver, Role
from khata.postgres.asking import Connection
from khata.postgres.audit_log import Shown
from khata.postgres.invitations import Invitation
from khata.postgres.members import Member

__all__ = ["Acting", "Change", "member_noted", "note_change", "note_invitation"]


class Acting(Struct, frozen=True):
    """Who changes people, and the role and scopes by which that is measured.

    The platform's own keys count as owners of every organization, an organization's keys as its
    admins, but neither brings anybody in who may do more than the key. Without scopes: the role's.
    """

    by: Actor
    role: Role
    scopes: frozenset[str] | None = None

    @property
    def giver(self) -> Giver:
        return Giver(self.role, SCOPES_OF[self.role] if self.scopes is None else self.scopes)


def member_noted(member: Member) -> Shown:
    """A member as the audit log shows it."""
    return {
        "external_id": member.external_id,
        "name": member.name,
        "email": member.email,
        "role": member.role,
        "team_id": member.team_id,
        "state": member.state,
    }


async def note_invitation(
    connection: Connection, by: Actor, invitation: Invitation, action: str, at_us: int
) -> None:
    """Writes down what became of an invitation, within the caller's transaction."""
    shown: Shown = {
        "email": invitation.email,
        "role": invitation.role,
        "team_id": invitation.team_id,
        "member_id": invitation.member_id,
    }
    change = Change(
        organization_id=invitation.organization_id,
        action=action,
        subject=invitation.id,
        after=shown,
    )
    await note_change(connection, by, change, at_us)
