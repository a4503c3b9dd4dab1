"""What an organization has used over all its wallets: the same figures as of one of them."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from khata.app.runtime import Khata
from khata.app.usage import Looked
from khata.http.auth import ApiCaller
from khata.http.call import Call
from khata.http.routes import Routes
from khata.http.schemas.usage_figures import (
    UsageBreakdown,
    UsageFeatures,
    UsageHeatmap,
    UsageSeries,
    UsageSummary,
    UsageTeam,
    UsageWallets,
    breakdown_shown,
    features_shown,
    heatmap_shown,
    series_shown,
    summary_shown,
    team_shown,
    wallets_shown,
)
from khata.http.schemas.usage_queries import (
    OrganizationQuery,
    OrganizationSeriesQuery,
    OrganizationTopQuery,
)
from khata.http.usage_tables import table_of

SCOPE: Final = "wallets:read"
USAGE: Final = "GET /v1/usage"
CSV: Final = ("text/csv",)


class OrganizationUsageRoutes:
    """Figures of an organization's usage, for keys that are bound to no single owner.

    Hours stay those of each wallet's clock, and belong to the day in which they begin in the zone
    that is asked for.
    """

    routes = Routes("Usage figures")

    def __init__(self, khata: Khata) -> None:
        self._usages = khata.usages
        self._prices = khata.usages.prices
        self._organizations = khata.organization_usages

    @routes.on(f"{USAGE}/summary", scope=SCOPE)
    async def get_organization_summary(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> UsageSummary:
        """Sum up what all wallets used, at which pace, and what that comes to."""
        looked = await self._looked(call, query)
        return summary_shown(looked, await self._usages.summary(looked))

    @routes.on(f"{USAGE}/summary.csv", scope=SCOPE, media=CSV)
    async def export_organization_summary(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> Response:
        """Give the organization's summary as CSV."""
        return table_of("usage-summary", await self.get_organization_summary(call, query))

    @routes.on(f"{USAGE}/breakdown", scope=SCOPE)
    async def get_organization_breakdown(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> UsageBreakdown:
        """Tell the organization's usage apart by category."""
        looked = await self._looked(call, query)
        return breakdown_shown(looked, await self._usages.shares(looked, "category"))

    @routes.on(f"{USAGE}/breakdown.csv", scope=SCOPE, media=CSV)
    async def export_organization_breakdown(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> Response:
        """Give the organization's breakdown as CSV."""
        return table_of("usage-breakdown", await self.get_organization_breakdown(call, query))

    @routes.on(f"{USAGE}/series", scope=SCOPE)
    async def get_organization_series(
        self, call: Call[ApiCaller], query: OrganizationSeriesQuery
    ) -> UsageSeries:
        """Give the organization's usage hour by hour or day by day, none left out."""
        looked = await self._looked(call, query)
        hourly = query.granularity == "hour"
        course = await self._usages.course(looked, query.by, query.limit, hourly=hourly)
        return series_shown(looked, query, course)

    @routes.on(f"{USAGE}/series.csv", scope=SCOPE, media=CSV)
    async def export_organization_series(
        self, call: Call[ApiCaller], query: OrganizationSeriesQuery
    ) -> Response:
        """Give the organization's series as CSV."""
        return table_of("usage-series", await self.get_organization_series(call, query))

    @routes.on(f"{USAGE}/features", scope=SCOPE)
    async def get_organization_features(
        self, call: Call[ApiCaller], query: OrganizationTopQuery
    ) -> UsageFeatures:
        """Give the organization's top consuming features, each with its course by day."""
        looked = await self._looked(call, query)
        shares = await self._usages.shares(looked, "feature", query.limit, courses=True)
        return features_shown(looked, shares, self._prices())

    @routes.on(f"{USAGE}/features.csv", scope=SCOPE, media=CSV)
    async def export_organization_features(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> Response:
        """Give all features of the organization as CSV."""
        looked = await self._looked(call, query)
        shares = await self._usages.shares(looked, "feature")
        return table_of("usage-features", features_shown(looked, shares, self._prices()))

    @routes.on(f"{USAGE}/team", scope=SCOPE)
    async def get_organization_team(
        self, call: Call[ApiCaller], query: OrganizationTopQuery
    ) -> UsageTeam:
        """Give the organization's usage by member, over all wallets, the most first."""
        looked = await self._looked(call, query)
        return await self._team(looked, query.limit)

    @routes.on(f"{USAGE}/team.csv", scope=SCOPE, media=CSV)
    async def export_organization_team(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> Response:
        """Give all members of the organization as CSV."""
        looked = await self._looked(call, query)
        return table_of("usage-team", await self._team(looked, None))

    @routes.on(f"{USAGE}/wallets", scope=SCOPE)
    async def get_organization_wallets(
        self, call: Call[ApiCaller], query: OrganizationTopQuery
    ) -> UsageWallets:
        """Give the organization's usage by wallet, the most first."""
        looked = await self._looked(call, query)
        return await self._wallets(looked, query.limit)

    @routes.on(f"{USAGE}/wallets.csv", scope=SCOPE, media=CSV)
    async def export_organization_wallets(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> Response:
        """Give all wallets that used anything as CSV."""
        looked = await self._looked(call, query)
        return table_of("usage-wallets", await self._wallets(looked, None))

    @routes.on(f"{USAGE}/heatmap", scope=SCOPE)
    async def get_organization_heatmap(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> UsageHeatmap:
        """Tell the organization's busy hours of the week, by the clock of the zone."""
        looked = await self._looked(call, query)
        return heatmap_shown(looked, await self._usages.week(looked))

    @routes.on(f"{USAGE}/heatmap.csv", scope=SCOPE, media=CSV)
    async def export_organization_heatmap(
        self, call: Call[ApiCaller], query: OrganizationQuery
    ) -> Response:
        """Give the organization's hours of the week as CSV."""
        return table_of("usage-heatmap", await self.get_organization_heatmap(call, query))

    async def _team(self, looked: Looked, limit: int | None) -> UsageTeam:
        shares = await self._usages.shares(looked, "member", limit)
        return team_shown(looked, shares, await self._usages.members(looked, shares))

    async def _wallets(self, looked: Looked, limit: int | None) -> UsageWallets:
        shares = await self._usages.shares(looked, "wallet", limit)
        return wallets_shown(looked, shares, await self._organizations.wallets(shares))

    async def _looked(self, call: Call[ApiCaller], query: OrganizationQuery) -> Looked:
        within = call.caller.within(query.organization_id)
        period = (query.from_us, query.to_us)
        return await self._organizations.look_at(within, query.time_zone, period, query.narrowed)
