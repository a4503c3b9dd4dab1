"""The audit log as people read it: who changed what, from where."""

from collections.abc import AsyncIterator

from khata.postgres import audit_log as store
from khata.postgres.asking import borrowed
from khata.postgres.audit_log import AuditFilter, LoggedEntry
from khata.postgres.connect import Pool

__all__ = ["AuditFilter", "AuditLog", "LoggedEntry"]


class AuditLog:
    """What was written down, newest first. What the ledger tells is told there."""

    def __init__(self, readers: Pool, streams: Pool) -> None:
        self._readers = readers
        self._streams = streams

    async def list(self, wanted: AuditFilter, limit: int, before: str | None) -> list[LoggedEntry]:
        """Up to `limit` entries with ids below `before`."""
        async with borrowed(self._readers) as connection:
            return await store.audit_entries(connection, wanted, limit, before)

    def stream(self, wanted: AuditFilter) -> AsyncIterator[LoggedEntry]:
        """All of them."""
        return store.streamed_entries(self._streams, wanted)
