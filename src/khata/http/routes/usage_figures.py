"""What a wallet has used, when, on what and by whom, in the days of its own zone."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from khata.app.runtime import Khata
from khata.app.usage import Looked
from khata.app.usage_insights import insight
from khata.http.auth import ApiCaller, Doorkeeper
from khata.http.call import Call
from khata.http.refused import no_wallet
from khata.http.routes import Routes
from khata.http.schemas.forecasts import UsageForecast, forecast_shown
from khata.http.schemas.usage_figures import (
    UsageBreakdown,
    UsageFeatures,
    UsageHeatmap,
    UsageSeries,
    UsageSummary,
    UsageTeam,
    breakdown_shown,
    features_shown,
    heatmap_shown,
    series_shown,
    summary_shown,
    team_shown,
)
from khata.http.schemas.usage_insights import UsageInsights, insights_shown
from khata.http.schemas.usage_queries import SeriesQuery, TopQuery, UsageQuery
from khata.http.schemas.wallet_days import (
    BalanceCourse,
    BalanceQuery,
    CapsToday,
    balances_shown,
    caps_shown,
)
from khata.http.usage_tables import table_of

SCOPE: Final = "wallets:read"
WALLET: Final = "GET /v1/wallets/{wallet_id}"
USAGE: Final = f"{WALLET}/usage"
MISSING: Final = ("WALLET_NOT_FOUND",)
CSV: Final = ("text/csv",)


class UsageFigureRoutes:
    """Figures of one wallet's usage. docs/reference/usage.md defines each."""

    routes = Routes("Usage figures")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._usages = khata.usages
        self._prices = khata.usages.prices
        self._balances = khata.balances
        self._forecasts = khata.forecasts
        self._known = doorkeeper.known_wallet

    @routes.on(f"{USAGE}/summary", scope=SCOPE, problems=MISSING)
    async def get_usage_summary(
        self, call: Call[ApiCaller], wallet_id: str, query: UsageQuery
    ) -> UsageSummary:
        """Sum up what was used, at which pace, and what that comes to.

        `usual_by_now` is what the seven days before had used when the clock showed this time;
        `previous_month_by_now` likewise of the month before.
        """
        looked = await self._looked(call, wallet_id, query)
        return summary_shown(looked, await self._usages.summary(looked))

    @routes.on(f"{USAGE}/summary.csv", scope=SCOPE, problems=MISSING, media=CSV)
    async def export_usage_summary(
        self, call: Call[ApiCaller], wallet_id: str, query: UsageQuery
    ) -> Response:
        """Give the summary as CSV."""
        shown = await self.get_usage_summary(call, wallet_id, query)
        return table_of("usage-summary", shown)

    @routes.on(f"{USAGE}/breakdown", scope=SCOPE, problems=MISSING)
    async def get_usage_breakdown(
        self, call: Call[ApiCaller], wallet_id: str, query: UsageQuery
    ) -> UsageBreakdown:
        """Tell usage apart by category, with what it was in the period before."""
        looked = await self._looked(call, wallet_id, query)
        return breakdown_shown(looked, await self._usages.shares(looked, "category"))

    @routes.on(f"{USAGE}/breakdown.csv", scope=SCOPE, problems=MISSING, media=CSV)
    async def export_usage_breakdown(
        self, call: Call[ApiCaller], wallet_id: str, query: UsageQuery
    ) -> Response:
        """Give the breakdown as CSV."""
        shown = await self.get_usage_breakdown(call, wallet_id, query)
        return table_of("usage-breakdown", shown)

    @routes.on(f"{USAGE}/series", scope=SCOPE, problems=MISSING)
    async def get_usage_series(
        self, call: Call[ApiCaller], wallet_id: str, query: SeriesQuery
    ) -> UsageSeries:
        """Give usage hour by hour or day by day, none left out.

        The `limit` largest names are told apart, and the rest is `other`.
        """
        looked = await self._looked(call, wallet_id, query)
        hourly = query.granularity == "hour"
        course = await self._usages.course(looked, query.by, query.limit, hourly=hourly)
        return series_shown(looked, query, course)

    @routes.on(f"{USAGE}/series.csv", scope=SCOPE, problems=MISSING, media=CSV)
    async def export_usage_series(
        self, call: Call[ApiCaller], wallet_id: str, query: SeriesQuery
    ) -> Response:
        """Give the series as CSV."""
        return table_of("usage-series", await self.get_usage_series(call, wallet_id, query))

    @routes.on(f"{USAGE}/features", scope=SCOPE, problems=MISSING)
    async def get_usage_features(
        self, call: Call[ApiCaller], wallet_id: str, query: TopQuery
    ) -> UsageFeatures:
        """Give the top consuming features, each with its course by day."""
        looked = await self._looked(call, wallet_id, query)
        shares = await self._usages.shares(looked, "feature", query.limit, courses=True)
        return features_shown(looked, shares, self._prices())

    @routes.on(f"{USAGE}/features.csv", scope=SCOPE, problems=MISSING, media=CSV)
    async def export_usage_features(
        self, call: Call[ApiCaller], wallet_id: str, query: UsageQuery
    ) -> Response:
        """Give all features as CSV."""
        looked = await self._looked(call, wallet_id, query)
        shares = await self._usages.shares(looked, "feature")
        return table_of("usage-features", features_shown(looked, shares, self._prices()))

    @routes.on(f"{USAGE}/team", scope=SCOPE, problems=MISSING)
    async def get_usage_team(
        self, call: Call[ApiCaller], wallet_id: str, query: TopQuery
    ) -> UsageTeam:
        """Give usage by member, the most first; those beyond the limit are summed up.

        `last_activity` is when the hour of a member's last charge in this time began.
        """
        looked = await self._looked(call, wallet_id, query)
        return await self._team(looked, query.limit)

    @routes.on(f"{USAGE}/team.csv", scope=SCOPE, problems=MISSING, media=CSV)
    async def export_usage_team(
        self, call: Call[ApiCaller], wallet_id: str, query: UsageQuery
    ) -> Response:
        """Give all members as CSV."""
        looked = await self._looked(call, wallet_id, query)
        return table_of("usage-team", await self._team(looked, None))

    @routes.on(f"{USAGE}/heatmap", scope=SCOPE, problems=MISSING)
    async def get_usage_heatmap(
        self, call: Call[ApiCaller], wallet_id: str, query: UsageQuery
    ) -> UsageHeatmap:
        """Tell the busy hours of the week, by the wallet's clock."""
        looked = await self._looked(call, wallet_id, query)
        return heatmap_shown(looked, await self._usages.week(looked))

    @routes.on(f"{USAGE}/heatmap.csv", scope=SCOPE, problems=MISSING, media=CSV)
    async def export_usage_heatmap(
        self, call: Call[ApiCaller], wallet_id: str, query: UsageQuery
    ) -> Response:
        """Give the hours of the week as CSV."""
        return table_of("usage-heatmap", await self.get_usage_heatmap(call, wallet_id, query))

    @routes.on(f"{USAGE}/insight", scope=SCOPE, problems=MISSING)
    async def get_usage_insight(
        self, call: Call[ApiCaller], wallet_id: str, query: UsageQuery
    ) -> UsageInsights:
        """Tell the one thing that stands out, if anything does that could be changed.

        It is of a feature: the one that rose the most against as long a time before, or else the
        largest.
        """
        looked = await self._looked(call, wallet_id, query)
        return insights_shown(looked, await insight(self._usages, looked))

    @routes.on(f"{USAGE}/caps", scope=SCOPE, problems=MISSING)
    async def get_usage_caps(self, call: Call[ApiCaller], wallet_id: str) -> CapsToday:
        """Tell how far the wallet's day has used up each daily cap."""
        await self._known(call.caller, wallet_id)
        caps = await self._usages.caps(wallet_id)
        if caps is None:
            raise no_wallet(wallet_id)
        return caps_shown(caps)

    @routes.on(f"{USAGE}/caps.csv", scope=SCOPE, problems=MISSING, media=CSV)
    async def export_usage_caps(self, call: Call[ApiCaller], wallet_id: str) -> Response:
        """Give the caps of today as CSV."""
        return table_of("usage-caps", await self.get_usage_caps(call, wallet_id))

    @routes.on(f"{USAGE}/forecast", scope=SCOPE, problems=MISSING)
    async def get_usage_forecast(self, call: Call[ApiCaller], wallet_id: str) -> UsageForecast:
        """Tell what next month will probably use, between which figures, and how sure that is.

        It is made beside requests, once in each day of the wallet; `computed_at` says when. With
        under 14 whole days of usage `method` is `insufficient_history`, while none was made yet
        `pending`, and where this Khata lacks the library `unavailable`; all figures are null then.
        """
        await self._known(call.caller, wallet_id)
        foreseen = await self._forecasts.of(wallet_id)
        if foreseen is None:
            raise no_wallet(wallet_id)
        return forecast_shown(foreseen)

    @routes.on(f"{USAGE}/forecast.csv", scope=SCOPE, problems=MISSING, media=CSV)
    async def export_usage_forecast(self, call: Call[ApiCaller], wallet_id: str) -> Response:
        """Give the forecast's days as CSV."""
        return table_of("usage-forecast", await self.get_usage_forecast(call, wallet_id))

    @routes.on(f"{WALLET}/balance-history", scope=SCOPE, problems=MISSING)
    async def get_balance_history(
        self, call: Call[ApiCaller], wallet_id: str, query: BalanceQuery
    ) -> BalanceCourse:
        """Give the balances at the end of each day or hour, by the ledger, and what was bought."""
        await self._known(call.caller, wallet_id)
        hourly = query.granularity == "hour"
        history = await self._balances.of(wallet_id, query.from_us, query.to_us, hourly=hourly)
        if history is None:
            raise no_wallet(wallet_id)
        return balances_shown(query, history)

    @routes.on(f"{WALLET}/balance-history.csv", scope=SCOPE, problems=MISSING, media=CSV)
    async def export_balance_history(
        self, call: Call[ApiCaller], wallet_id: str, query: BalanceQuery
    ) -> Response:
        """Give the balances as CSV."""
        shown = await self.get_balance_history(call, wallet_id, query)
        return table_of("balance-history", shown)

    async def _team(self, looked: Looked, limit: int | None) -> UsageTeam:
        shares = await self._usages.shares(looked, "member", limit)
        return team_shown(looked, shares, await self._usages.members(looked, shares))

    async def _looked(self, call: Call[ApiCaller], wallet_id: str, query: UsageQuery) -> Looked:
        await self._known(call.caller, wallet_id)
        looked = await self._usages.look_at(wallet_id, query.from_us, query.to_us, query.narrowed)
        if looked is None:
            raise no_wallet(wallet_id)
        return looked
