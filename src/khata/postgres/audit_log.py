"""The audit log: who changed what that is no ledger. Rows are added with what they tell of."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from khata.domain.ids import OrganizationId
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

INSERT_AUDIT = """
insert into audit_log (id, organization_id, at, actor, address, action, subject, before, after)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""

WORKER = "worker"

Shown = Mapping[str, str | int | bool | None]

_encode = msgspec.json.Encoder().encode


class Actor(Struct, frozen=True):
    """Who does it: the id of an API key (or `worker`), and the address it was done from."""

    id: str
    address: str | None = None


class AuditEntry(Struct, frozen=True, kw_only=True):
    """A change of `subject`, as it was before and as it is now, with secrets masked."""

    id: str
    organization_id: OrganizationId
    at_us: int
    actor: Actor
    action: str
    subject: str
    before: Shown | None
    after: Shown | None


async def insert_audit(connection: Connection, entry: AuditEntry) -> None:
    """Adds an entry."""
    e = entry
    who = (e.actor.id, e.actor.address)
    what = (e.action, e.subject, _text(e.before), _text(e.after))
    at = Instant(e.at_us)
    await ask(connection, INSERT_AUDIT, e.id, e.organization_id, at, *who, *what)


def _text(shown: Shown | None) -> str | None:
    return None if shown is None else _encode(shown).decode()
