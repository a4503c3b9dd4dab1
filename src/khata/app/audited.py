"""What is written down of who changes what, in the transaction of the change. Who gives or takes
credits is written down by the engine, with the credits."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import asdict

from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId
from khata.engine.ids import UlidMint
from khata.postgres.asking import Connection
from khata.postgres.audit_log import AuditEntry, Shown, insert_audit

_mint = UlidMint()


class Change(Struct, frozen=True, kw_only=True):
    """What is to be written down: `subject` is an id, before and after are without secrets.

    What the platform changes for all has no organization.
    """

    organization_id: OrganizationId | None
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


def differing(before: Struct, after: Struct, but: Sequence[str] = ()) -> tuple[Shown, Shown]:
    """The fields in which two states of one thing differ, as they were and as they are."""
    was, now = asdict(before), asdict(after)
    names = [name for name in now if name not in but and was[name] != now[name]]
    return {name: was[name] for name in names}, {name: now[name] for name in names}
