"""Alerts as everybody is shown them."""

from __future__ import annotations

from msgspec import Struct

from khata.app.shown.common import Time
from khata.domain.times import rfc3339
from khata.postgres import alerts as store
from khata.postgres.alerts import AlertState, AlertType, Facts


class Alert(Struct, frozen=True):
    """A notice that a wallet crossed a line, or without a wallet one to the whole organization."""

    id: str
    wallet_id: str | None
    type: AlertType
    state: AlertState
    raised_at: Time
    acknowledged_at: Time | None
    resolved_at: Time | None
    facts: Facts


def alert_shown(alert: store.Alert) -> Alert:
    """The alert as the API shows it."""
    seen_us, over_us = alert.acknowledged_at_us, alert.resolved_at_us
    return Alert(
        alert.id,
        alert.wallet_id,
        alert.type,
        alert.state,
        rfc3339(alert.raised_at_us),
        None if seen_us is None else rfc3339(seen_us),
        None if over_us is None else rfc3339(over_us),
        alert.facts,
    )
