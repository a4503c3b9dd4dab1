"""What is written down of who changed an organization's people."""

from msgspec import Struct

from khata.domain.ids import OrganizationId
from khata.domain.roles import Role
from khata.engine.ids import UlidMint
from khata.postgres.asking import Connection
from khata.postgres.audit_log import Actor, AuditEntry, Shown, insert_audit
from khata.postgres.members import Member

_mint = UlidMint()


class Acting(Struct, frozen=True):
    """Who changes people, and the role by which that is measured.

    The platform's own keys count as owners of every organization, an organization's keys as its
    admins.
    """

    by: Actor
    role: Role


class Change(Struct, frozen=True, kw_only=True):
    """What is to be written down: `subject` is an id, before and after are without secrets."""

    organization_id: OrganizationId
    action: str
    subject: str
    before: Shown | None = None
    after: Shown | None = None


async def note_change(connection: Connection, by: Actor, change: Change, at_us: int) -> None:
    """Writes it down, within the caller's transaction."""
    entry = AuditEntry(
        id="aud_" + _mint.anywhere(),
        organization_id=change.organization_id,
        at_us=at_us,
        actor=by,
        action=change.action,
        subject=change.subject,
        before=change.before,
        after=change.after,
    )
    await insert_audit(connection, entry)


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
