"""Figures of usage as tables, for spreadsheets: ISO times and plain numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import fields
from starlette.responses import Response

from khata.http.csv_tables import csv_table, struct_table
from khata.http.schemas.forecasts import ForecastDay, UsageForecast
from khata.http.schemas.usage_figures import (
    CategoryShare,
    FeatureShare,
    HourOfWeek,
    MemberShare,
    UsageBreakdown,
    UsageFeatures,
    UsageHeatmap,
    UsageSeries,
    UsageSummary,
    UsageTeam,
    UsageWallets,
    WalletShare,
)
from khata.http.schemas.wallet_days import BalanceCourse, CapsToday, CapToday, DayBalance

OTHER: Final = "(other)"

_ROWS: Final[Mapping[type[Struct], type[Struct]]] = {
    UsageBreakdown: CategoryShare,
    UsageFeatures: FeatureShare,
    UsageTeam: MemberShare,
    UsageWallets: WalletShare,
    UsageHeatmap: HourOfWeek,
    CapsToday: CapToday,
    BalanceCourse: DayBalance,
}
AnyFigures = (
    UsageSummary
    | UsageBreakdown
    | UsageSeries
    | UsageFeatures
    | UsageTeam
    | UsageWallets
    | UsageHeatmap
    | CapsToday
    | BalanceCourse
    | UsageForecast
)


def table_of(name: str, shown: AnyFigures) -> Response:
    """The figures as a CSV file of that name."""
    if isinstance(shown, UsageSummary):
        figures = [(f.encode_name, getattr(shown, f.name)) for f in fields(UsageSummary)]
        return csv_table(name, ("figure", "value"), figures)
    if isinstance(shown, UsageSeries):
        columns = ("at", "date", shown.by, "credits", "count")
        return csv_table(name, columns, _parts(shown))
    if isinstance(shown, UsageForecast):
        return struct_table(name, ForecastDay, shown.series)
    return struct_table(name, _ROWS[type(shown)], shown.data)


def _parts(series: UsageSeries) -> Iterator[tuple[object, ...]]:
    """A row for each point and name in it; a point in which nothing was used has one of zeros."""
    for point in series.data:
        if not point.parts and point.other is None:
            yield point.at, point.date, None, 0, 0
        for part in point.parts:
            yield point.at, point.date, part.name, part.credits, part.count
        if point.other is not None:
            yield point.at, point.date, OTHER, point.other.credits, point.other.count
