"""Alerts: what a wallet's people should know, until they have seen it."""

from __future__ import annotations

from khata.app.cursors import cursor, id_behind
from khata.app.runtime import Khata
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.routes import Routes
from khata.http.schemas.alerts import Alert, AlertQuery, alert_shown
from khata.http.schemas.common import Page


class AlertRoutes:
    """Alerts of a wallet."""

    routes = Routes("Alerts")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._alerts = khata.alerts
        self._doorkeeper = doorkeeper

    @routes.on(
        "GET /v1/wallets/{wallet_id}/alerts", scope="wallets:read", problems=("WALLET_NOT_FOUND",)
    )
    async def list_alerts(
        self, call: Call[ApiCaller], wallet_id: str, query: AlertQuery
    ) -> Page[Alert]:
        """List a wallet's alerts, newest first. Each was raised once for what it tells of."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        behind = id_behind("alerts", query.cursor)
        found = await self._alerts.list(known, query.state, query.limit + 1, behind)
        page = found[: query.limit]
        following = cursor("alerts", page[-1].id) if len(found) > query.limit else None
        return Page([alert_shown(alert) for alert in page], following)

    @routes.on(
        "POST /v1/wallets/{wallet_id}/alerts/{alert_id}/acknowledge",
        scope="wallets:write",
        audit=("alert.acknowledged",),
        problems=("WALLET_NOT_FOUND", "ALERT_NOT_FOUND"),
    )
    async def acknowledge_alert(
        self, call: Call[ApiCaller], wallet_id: str, alert_id: str
    ) -> Alert:
        """Note that somebody has seen the alert. A second time changes nothing."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        alert = await self._alerts.acknowledge(known, alert_id, actor_of(call))
        if alert is None:
            detail = f"There is no alert {alert_id}."
            raise Problem("ALERT_NOT_FOUND", detail, alert_id=alert_id)
        return alert_shown(alert)
