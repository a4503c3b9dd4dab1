"""Alerts: what people should know of a wallet or of their organization, until they have seen it."""

from __future__ import annotations

from typing import Final

from khata.app.cursors import cursor, id_behind
from khata.app.runtime import Khata
from khata.domain.ids import WalletId
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.routes import Routes
from khata.http.schemas.alerts import (
    Alert,
    AlertQuery,
    AlertsQuery,
    OrganizationQuery,
    alert_shown,
)
from khata.http.schemas.common import CountedPage, Page
from khata.postgres.alerts import AlertFilter

OF_WALLET: Final = "/v1/wallets/{wallet_id}/alerts"


class AlertRoutes:
    """Alerts of a wallet, and of a whole organization."""

    routes = Routes("Alerts")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._alerts = khata.alerts
        self._doorkeeper = doorkeeper

    @routes.on(f"GET {OF_WALLET}", scope="wallets:read", problems=("WALLET_NOT_FOUND",))
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
        f"POST {OF_WALLET}/{{alert_id}}/acknowledge",
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
            raise _no_alert(alert_id)
        return alert_shown(alert)

    @routes.on("GET /v1/alerts", scope="wallets:read", problems=("WALLET_NOT_FOUND",))
    async def list_all_alerts(
        self, call: Call[ApiCaller], query: AlertsQuery
    ) -> CountedPage[Alert]:
        """List an organization's alerts, of all its wallets and its own, newest first.

        An alert is `open` until somebody acknowledges it, and `resolved` once what it tells of is
        over.
        """
        within = call.caller.within(query.organization_id)
        wallet_id = query.wallet_id and await self._doorkeeper.known_wallet(
            call.caller, query.wallet_id
        )
        wanted = AlertFilter(
            state=query.state,
            type=query.type,
            wallet_id=WalletId(wallet_id) if wallet_id else None,
        )
        behind = id_behind("alerts", query.cursor)
        found = await self._alerts.list_all(within, wanted, query.limit + 1, behind)
        page = [alert_shown(alert) for alert in found[: query.limit]]
        following = cursor("alerts", page[-1].id) if len(found) > query.limit else None
        if query.count == "false":
            return CountedPage(page, following)
        return CountedPage(page, following, *await self._alerts.count(within, wanted))

    @routes.on(
        "POST /v1/alerts/{alert_id}/acknowledge",
        scope="wallets:write",
        audit=("alert.acknowledged",),
        problems=("ALERT_NOT_FOUND",),
    )
    async def acknowledge_any_alert(
        self, call: Call[ApiCaller], alert_id: str, query: OrganizationQuery
    ) -> Alert:
        """Note that somebody has seen an alert of the organization, whatever it is of."""
        within = call.caller.within(query.organization_id)
        alert = await self._alerts.acknowledge_any(within, alert_id, actor_of(call))
        if alert is None:
            raise _no_alert(alert_id)
        return alert_shown(alert)


def _no_alert(alert_id: str) -> Problem:
    return Problem("ALERT_NOT_FOUND", f"There is no alert {alert_id}.", alert_id=alert_id)
