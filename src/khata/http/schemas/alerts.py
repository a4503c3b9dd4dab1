"""Alerts as they are shown."""

from __future__ import annotations

from msgspec import Struct

from khata.app.shown.alerts import Alert, alert_shown
from khata.http.schemas.common import Cursor, Limit
from khata.postgres.alerts import AlertState

__all__ = ["Alert", "AlertQuery", "alert_shown"]


class AlertQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which alerts."""

    state: AlertState | None = None
    limit: Limit = 50
    cursor: Cursor | None = None
