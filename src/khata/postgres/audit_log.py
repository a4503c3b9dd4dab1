"""The audit log: who changed what, and who gave or took credits. Rows are added with what they
tell of, those of credits by the batch that moves them."""

from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId
from khata.postgres.asking import Connection, Row, ask, stream
from khata.postgres.binary import Instant
from khata.postgres.connect import Pool

_COLUMNS = "id, organization_id, at, actor, address, request_id, action, subject, before, after"

INSERT_AUDIT = f"""
insert into audit_log ({_COLUMNS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""

# Who is called how, now; what is asked for somebody else's organization finds no name.
_NAME = """coalesce(
  (select name from api_keys where id = actor),
  (select name from members m where m.organization_id = a.organization_id
    and (m.user_id = actor or m.id = actor) limit 1))"""

AUDIT_ENTRIES = f"""
select {_COLUMNS}, {_NAME}
from audit_log a
where id < $1 and ($2::text is null or organization_id = $2)
  and ($3::text is null or actor = $3) and ($4::text is null or action = $4)
  and ($5::text is null or subject = $5)
  and ($6::timestamptz is null or at >= $6) and ($7::timestamptz is null or at < $7)
order by id desc limit $8"""

_BEHIND_ALL = "b"  # no id begins with it

Shown = Mapping[str, object]

_encode = msgspec.json.Encoder(order="sorted").encode


class AuditEntry(Struct, frozen=True, kw_only=True):
    """A change of `subject`, as it was before and as it is now, with secrets masked.

    What the platform changed for all is of no organization.
    """

    id: str
    organization_id: OrganizationId | None
    at_us: int
    actor: Actor
    action: str
    subject: str
    before: Shown | None
    after: Shown | None


class AuditFilter(Struct, frozen=True, kw_only=True):
    """Which entries are asked for; what is None does not narrow. `to_us` is not within."""

    organization_id: OrganizationId | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    from_us: int | None = None
    to_us: int | None = None


class LoggedEntry(Struct, frozen=True, kw_only=True):
    """An entry as it stands there, with how its actor is called by now; before and after are
    JSON."""

    id: str
    organization_id: OrganizationId | None
    at_us: int
    actor: Actor
    actor_name: str | None
    action: str
    subject: str
    before: str | None
    after: str | None


async def insert_audit(connection: Connection, entry: AuditEntry) -> None:
    """Adds an entry."""
    e = entry
    who = (e.actor.id, e.actor.address, e.actor.request_id)
    what = (e.action, e.subject, _text(e.before), _text(e.after))
    at = Instant(e.at_us)
    await ask(connection, INSERT_AUDIT, e.id, e.organization_id, at, *who, *what)


async def audit_entries(
    connection: Connection, wanted: AuditFilter, limit: int, before: str | None
) -> list[LoggedEntry]:
    """Up to `limit` entries with ids below `before`, newest first."""
    found = await ask(connection, AUDIT_ENTRIES, *_asked(wanted, before), limit)
    return [_entry(row) for row in found]


async def streamed_entries(pool: Pool, wanted: AuditFilter) -> AsyncIterator[LoggedEntry]:
    """All of them, newest first."""
    async for row in stream(pool, AUDIT_ENTRIES, [*_asked(wanted, None), None]):
        yield _entry(row)


def _asked(wanted: AuditFilter, before: str | None) -> Sequence[object]:
    w = wanted
    times = (None if at is None else Instant(at) for at in (w.from_us, w.to_us))
    return (before or _BEHIND_ALL, w.organization_id, w.actor, w.action, w.subject, *times)


def _text(shown: Shown | None) -> str | None:
    return None if shown is None else _encode(shown).decode()


def _entry(row: Row) -> LoggedEntry:
    return LoggedEntry(
        id=row[0],
        organization_id=row[1],
        at_us=row[2],
        actor=Actor(*row[3:6]),
        action=row[6],
        subject=row[7],
        before=row[8],
        after=row[9],
        actor_name=row[10],
    )
