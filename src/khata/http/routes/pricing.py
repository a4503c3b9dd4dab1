"""The price list: read, published, and its versions."""

from __future__ import annotations

from typing import Final

from khata.app.cursors import cursor, version_behind
from khata.app.price_trials import Asked
from khata.app.runtime import Khata
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call, Limits
from khata.http.routes import MOVES_NOTHING, Reply, Routes
from khata.http.routes.reports import organization_of
from khata.http.schemas.common import Page, microseconds_of
from khata.http.schemas.pricing import (
    PriceList,
    PriceListBody,
    Trial,
    TrialBody,
    VersionQuery,
    price_list_shown,
    trial_shown,
)

# Re-rating reads and decides some 30,000 transactions a second.
_TRIAL: Final = Limits(request_seconds=120.0)
_AT_MOST: Final = 1_000_000
_EXAMPLE: Final = {
    "features": [
        {"feature": "AI_SUMMARY", "category": "AI", "credits": 15, "cap": "AI", "premium": True},
        {"feature": "LLM_INPUT", "category": "AI", "credits": 3, "per": 1000, "unit": "token"},
    ]
}


class PricingRoutes:
    """Prices are the platform's: one list for all organizations."""

    routes = Routes("Pricing")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._prices = khata.prices
        self._trials = khata.price_trials
        self._doorkeeper = doorkeeper

    @routes.on("GET /v1/pricing", scope="pricing:read")
    async def get_pricing(self) -> PriceList:
        """Give the price list in force."""
        return price_list_shown(self._prices.in_force())

    @routes.on(
        "PUT /v1/pricing",
        scope="pricing:write",
        audit=("pricing.published",),
        statuses=(201,),
        example=_EXAMPLE,
    )
    async def publish_pricing(self, call: Call[ApiCaller], body: PriceListBody) -> Reply[PriceList]:
        """Publish a whole new list, in force at once or from `effective_at` on.

        Versions are never edited. Open holds are captured at the version they were taken at.
        """
        call.caller.demand_platform()
        effective_at_us = None if body.effective_at is None else microseconds_of(body.effective_at)
        published = await self._prices.publish(body.prices(), effective_at_us, actor_of(call))
        return Reply(price_list_shown(published), 201)

    @routes.on(
        "POST /v1/pricing/simulate",
        scope="pricing:write",
        unaudited=MOVES_NOTHING,
        problems=("WALLET_NOT_FOUND",),
        limits=_TRIAL,
        example={**_EXAMPLE, "from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"},
    )
    async def simulate_pricing(self, call: Call[ApiCaller], body: TrialBody) -> Trial:
        """Try prices on real usage: what a period would have cost, and who would have run dry.

        It goes by the rules of charging and publishes nothing. Up to 1,000,000 transactions are
        read, those since the period's end among them; `khata pricing simulate` reads any number.
        """
        wallet_id = body.wallet_id
        if wallet_id is not None:
            wallet_id = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        asked = Asked(
            from_us=microseconds_of(body.since),
            to_us=microseconds_of(body.until),
            organization_id=_organization_of(call.caller, body),
            wallet_id=wallet_id,
        )
        trial = await self._trials.simulate(body.prices(), asked, at_most=_AT_MOST)
        return trial_shown(trial)

    @routes.on("GET /v1/pricing/versions", scope="pricing:read")
    async def list_versions(self, query: VersionQuery) -> Page[PriceList]:
        """List all versions, newest first."""
        behind = version_behind(query.cursor)
        versions = [
            prices
            for prices in reversed(await self._prices.versions())
            if behind is None or prices.version < behind
        ]
        page = versions[: query.limit]
        following = cursor("versions", page[-1].version) if len(versions) > len(page) else None
        return Page([price_list_shown(prices) for prices in page], following)


def _organization_of(caller: ApiCaller, body: TrialBody) -> str | None:
    """Whose wallets are tried on; 403 unless they are the caller's, or the one of its owner."""
    if caller.owner_id is not None and body.wallet_id is not None:
        return caller.organization_id
    return organization_of(caller, body.organization_id)
