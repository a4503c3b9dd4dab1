"""Alerts as they are shown."""

from __future__ import annotations

from msgspec import Struct

from khata.domain.times import rfc3339
from khata.http.schemas.common import Cursor, Limit, Time
from khata.postgres import alerts as store
from khata.postgres.alerts import AlertState, AlertType, Facts


class AlertQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which alerts."""

    state: AlertState | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class Alert(Struct, frozen=True):
    """A notice that the wallet crossed a line."""

    id: str
    type: AlertType
    state: AlertState
    raised_at: Time
    acknowledged_at: Time | None
    facts: Facts


def alert_shown(alert: store.Alert) -> Alert:
    """The alert as the API shows it."""
    seen_us = alert.acknowledged_at_us
    return Alert(
        alert.id,
        alert.type,
        alert.state,
        rfc3339(alert.raised_at_us),
        None if seen_us is None else rfc3339(seen_us),
        alert.facts,
    )
