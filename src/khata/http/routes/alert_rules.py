"""Alert rules: what a wallet's people, or an organization's, want to be told of."""

from __future__ import annotations

from typing import Final

from khata.app.runtime import Khata
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call
from khata.http.routes import Routes
from khata.http.schemas.alerts import (
    AlertRules,
    AlertRulesBody,
    OrganizationQuery,
    changes_of,
    rules_shown,
)

OF_WALLET: Final = "/v1/wallets/{wallet_id}/alert-rules"
OF_ORGANIZATION: Final = "/v1/alert-rules"
MISSING: Final = ("WALLET_NOT_FOUND",)


class AlertRuleRoutes:
    """Rules by which alerts are raised and sent."""

    routes = Routes("Alerts")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._rules = khata.watching.rules
        self._doorkeeper = doorkeeper

    @routes.on(f"GET {OF_WALLET}", scope="wallets:read", problems=MISSING)
    async def get_alert_rules(self, call: Call[ApiCaller], wallet_id: str) -> AlertRules:
        """Give a wallet's rules, one for each type of alert, with when one was last raised."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        return rules_shown(await self._rules.of_wallet(known))

    @routes.on(
        f"PUT {OF_WALLET}",
        scope="wallets:write",
        audit=("alert_rule.changed", "wallet.changed"),
        problems=MISSING,
        example={"rules": [{"type": "LOW_BALANCE", "threshold": 500, "email": False}]},
    )
    async def put_alert_rules(
        self, call: Call[ApiCaller], wallet_id: str, body: AlertRulesBody
    ) -> AlertRules:
        """Change a wallet's rules. What is turned off is raised no more, and what of it is open is
        over. Thresholds that are settings of the wallet are audited as such."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        return rules_shown(await self._rules.change(known, changes_of(body), actor_of(call)))

    @routes.on(f"GET {OF_ORGANIZATION}", scope="wallets:read")
    async def get_organization_alert_rules(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> AlertRules:
        """Give an organization's rules for what concerns no single wallet."""
        within = call.caller.within(query.organization_id)
        return rules_shown(await self._rules.of_organization(within))

    @routes.on(
        f"PUT {OF_ORGANIZATION}",
        scope="wallets:write",
        audit=("alert_rule.changed",),
        example={"rules": [{"type": "WEBHOOK_FAILING", "email": False}]},
    )
    async def put_organization_alert_rules(
        self, call: Call[ApiCaller], query: OrganizationQuery, body: AlertRulesBody
    ) -> AlertRules:
        """Change an organization's rules for what concerns no single wallet."""
        within = call.caller.within(query.organization_id)
        changes = changes_of(body)
        return rules_shown(
            await self._rules.change_of_organization(within, changes, actor_of(call))
        )
