"""The audit log as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct, field

from khata.app.audit_log import AuditFilter, LoggedEntry
from khata.domain.ids import OrganizationId
from khata.domain.times import rfc3339
from khata.http.csv_rows import plain
from khata.http.schemas.common import (
    AnyId,
    Cursor,
    Instant,
    Limit,
    MetadataShown,
    Time,
    metadata_shown,
    microseconds_of,
)
from khata.http.schemas.wallets import OrganizationIdText

Action = Annotated[str, Meta(min_length=1, max_length=64)]

COLUMNS: Final = (
    "id",
    "created_at",
    "organization_id",
    "actor",
    "actor_name",
    "address",
    "request_id",
    "action",
    "subject",
    "before",
    "after",
)


class AuditFilterQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which entries: of whom, of what action, on what, from one time on and before another."""

    organization_id: OrganizationIdText | None = None
    actor: AnyId | None = None
    action: Action | None = None
    subject: AnyId | None = None
    since: Instant | None = field(default=None, name="from")
    until: Instant | None = field(default=None, name="to")

    def chosen(self, within: OrganizationId | None) -> AuditFilter:
        return AuditFilter(
            organization_id=within,
            actor=self.actor,
            action=self.action,
            subject=self.subject,
            from_us=None if self.since is None else microseconds_of(self.since),
            to_us=None if self.until is None else microseconds_of(self.until),
        )


class AuditQuery(AuditFilterQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A page of those entries, newest first."""

    limit: Limit = 50
    cursor: Cursor | None = None


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One change: who made it, from where, with which request, and what it changed.

    `actor` is the id of an API key or of a user, `worker` or `command-line`. `before` and `after`
    are what the thing was and is, as far as the change touched it.
    """

    id: str
    created_at: Time
    organization_id: str | None
    actor: str
    actor_name: str | None
    address: str | None
    request_id: str | None
    action: str
    subject: str
    before: MetadataShown | None
    after: MetadataShown | None


def entry_shown(entry: LoggedEntry) -> AuditEntry:
    """The entry as the API shows it."""
    return AuditEntry(
        id=entry.id,
        created_at=rfc3339(entry.at_us),
        organization_id=entry.organization_id,
        actor=entry.actor.id,
        actor_name=entry.actor_name,
        address=entry.actor.address,
        request_id=entry.actor.request_id,
        action=entry.action,
        subject=entry.subject,
        before=metadata_shown(entry.before),
        after=metadata_shown(entry.after),
    )


def entry_cells(entry: LoggedEntry) -> Sequence[object]:
    """The entry as a row of CSV."""
    return (
        entry.id,
        rfc3339(entry.at_us),
        entry.organization_id,
        entry.actor.id,
        plain(entry.actor_name),
        entry.actor.address,
        entry.actor.request_id,
        entry.action,
        plain(entry.subject),
        entry.before,
        entry.after,
    )
