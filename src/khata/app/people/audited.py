"""What is written down of who changed an organization's people."""

from msgspec import Struct

from khata.app.audited import Change, note_change
from khata.domain.actor import Actor
from khata.domain.roles import Role
from khata.postgres.audit_log import Shown
from khata.postgres.members import Member

__all__ = ["Acting", "Change", "member_noted", "note_change"]


class Acting(Struct, frozen=True):
    """Who changes people, and the role by which that is measured.

    The platform's own keys count as owners of every organization, an organization's keys as its
    admins.
    """

    by: Actor
    role: Role


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
