"""The audit log: who changed what, from where."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response, StreamingResponse

from khata.app.cursors import cursor, id_behind
from khata.app.runtime import Khata
from khata.http.auth import ApiCaller
from khata.http.call import Call, Limits
from khata.http.csv_rows import csv_pieces
from khata.http.routes import Routes
from khata.http.schemas.audit_log import (
    COLUMNS,
    AuditEntry,
    AuditFilterQuery,
    AuditQuery,
    entry_cells,
    entry_shown,
)
from khata.http.schemas.common import Page
from khata.http.streams import begun

_LONG: Final = Limits(request_seconds=3600.0)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Disposition": 'attachment; filename="audit-log.csv"',
}


class AuditLogRoutes:
    """Each organization's own; the platform sees all of them, and what it changed for all."""

    routes = Routes("Audit log")

    def __init__(self, khata: Khata) -> None:
        self._log = khata.audit_log

    @routes.on("GET /v1/audit-log", scope="audit:read")
    async def list_audit_log(self, call: Call[ApiCaller], query: AuditQuery) -> Page[AuditEntry]:
        """List what was changed, newest first: by whom, from where, on what, before and after.

        What moved credits or money stands in the ledger.
        """
        wanted = query.chosen(call.caller.within(query.organization_id))
        behind = id_behind("audit_log", query.cursor)
        found = await self._log.list(wanted, query.limit + 1, behind)
        page = found[: query.limit]
        following = cursor("audit_log", page[-1].id) if len(found) > query.limit else None
        return Page([entry_shown(entry) for entry in page], following)

    @routes.on("GET /v1/audit-log.csv", scope="audit:read", media=("text/csv",), limits=_LONG)
    async def export_audit_log(self, call: Call[ApiCaller], query: AuditFilterQuery) -> Response:
        """Give the same entries as CSV, newest first."""
        wanted = query.chosen(call.caller.within(query.organization_id))
        rows = csv_pieces(COLUMNS, self._log.stream(wanted), entry_cells)
        return StreamingResponse(await begun(rows), 200, _HEADERS, "text/csv")
