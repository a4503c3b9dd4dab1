"""The price list: read, published, and its versions."""

from __future__ import annotations

from typing import Final

from khata.app.cursors import cursor, version_behind
from khata.app.runtime import Khata
from khata.http.auth import ApiCaller, actor_of
from khata.http.call import Call
from khata.http.routes import Reply, Routes
from khata.http.schemas.common import Page, microseconds_of
from khata.http.schemas.pricing import (
    PriceList,
    PriceListBody,
    VersionQuery,
    price_list_shown,
)

_EXAMPLE: Final = {
    "features": [
        {"feature": "AI_SUMMARY", "category": "AI", "credits": 15, "cap": "AI", "premium": True},
        {"feature": "LLM_INPUT", "category": "AI", "credits": 3, "per": 1000, "unit": "token"},
    ]
}


class PricingRoutes:
    """Prices are the platform's: one list for all organizations."""

    routes = Routes("Pricing")

    def __init__(self, khata: Khata) -> None:
        self._prices = khata.prices

    @routes.on("GET /v1/pricing", scope="pricing:read")
    async def get_pricing(self) -> PriceList:
        """Give the price list in force."""
        return price_list_shown(self._prices.in_force())

    @routes.on(
        "PUT /v1/pricing",
        scope="pricing:write",
        statuses=(201,),
        example=_EXAMPLE,
    )
    async def publish_pricing(self, call: Call[ApiCaller], body: PriceListBody) -> Reply[PriceList]:
        """Publish a whole new list, in force at once or from `effective_at` on.

        Versions are never edited. Open holds are captured at the version they were taken at.
        """
        call.caller.demand_platform()
        effective_at_us = None if body.effective_at is None else microseconds_of(body.effective_at)
        published = await self._prices.publish(
            body.prices(), effective_at_us, actor_of(call)
        )
        return Reply(price_list_shown(published), 201)

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
