"""Forecasts as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Final

from msgspec import Meta, Struct

from khata.app.forecasts.forecasts import Foreseen, Missing
from khata.domain.forecast import CONFIDENCE, Backtested, Method
from khata.domain.quotes import Quote
from khata.domain.times import rfc3339
from khata.http.schemas.common import Time
from khata.http.schemas.usage_figures import Day

_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
Month = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}$")]


class ForecastDay(Struct, frozen=True):
    """A day to come: what it will probably use, and between which figures."""

    day: Day
    credits: int
    low: int
    high: int


class RecommendedRecharge(Struct, frozen=True):
    """The cheapest purchase that covers what is missing. `amount` is before tax and fee."""

    pack_id: str | None
    amount: int
    currency: str
    credits: int


class MonthCourse(Struct, frozen=True):
    """For what this month is on course, by the end of the day `until`: what it has used, and what
    is foretold of the rest."""

    credits: int
    low: int
    high: int
    until: Day


class UsageForecast(Struct, frozen=True, kw_only=True):
    """What next month will probably use. Where there is no forecast `method` says why.

    The month's sum lies between `low` and `high` with a probability of `confidence` percent;
    `series` goes from today to the month's end, and its days in that month sum up to
    `next_month_credits`. `exhausts_at` and `recommended_recharge` go by the credits of this moment:
    when they end, and what covers all that is missing until the month's end.

    `backtest` tells how wrong each method was on the wallet's own past, the error of its sums in
    percent of what was used; the one that was least wrong is `method`.

    `this_month` is as sure as `confidence` says; null too where an earlier version foretold last.
    """

    next_month: Month
    next_month_credits: int | None
    low: int | None
    high: int | None
    confidence: int | None
    exhausts_at: Time | None
    method: Method | Missing
    history_days: int
    recommended_recharge: RecommendedRecharge | None
    computed_at: Time | None
    time_zone: str
    backtest: Sequence[Backtested]
    series: Sequence[ForecastDay]
    this_month: MonthCourse | None


def forecast_shown(foreseen: Foreseen) -> UsageForecast:
    """The forecast as the API shows it."""
    made = foreseen.made
    forecast = None if made is None else made.forecast
    exhausts_at_us = foreseen.outlook.exhausts_at_us
    return UsageForecast(
        next_month=_date(foreseen.month)[:7],
        next_month_credits=None if forecast is None else forecast.credits,
        low=None if forecast is None else forecast.low,
        high=None if forecast is None else forecast.high,
        confidence=None if forecast is None else CONFIDENCE,
        exhausts_at=None if exhausts_at_us is None else rfc3339(exhausts_at_us),
        method=_method(foreseen),
        history_days=foreseen.history_days,
        recommended_recharge=_recharge_shown(foreseen.recharge),
        computed_at=None if made is None else rfc3339(made.computed_at_us),
        time_zone=foreseen.time_zone,
        backtest=() if forecast is None else forecast.backtest,
        series=_days(foreseen),
        this_month=_course_shown(foreseen),
    )


def _method(foreseen: Foreseen) -> Method | Missing:
    if foreseen.made is not None:
        return foreseen.made.forecast.method
    assert foreseen.missing is not None, "why there is no forecast is said"
    return foreseen.missing


def _days(foreseen: Foreseen) -> Sequence[ForecastDay]:
    if foreseen.made is None:
        return ()
    ahead = (each for each in foreseen.made.forecast.series if each.day >= foreseen.today)
    return [ForecastDay(_date(each.day), each.credits, each.low, each.high) for each in ahead]


def _recharge_shown(quoted: Quote | None) -> RecommendedRecharge | None:
    if quoted is None:
        return None
    return RecommendedRecharge(quoted.pack_id, quoted.amount_paise, "INR", quoted.total_credits)


def _course_shown(foreseen: Foreseen) -> MonthCourse | None:
    course = foreseen.this_month
    if course is None:
        return None
    return MonthCourse(course.credits, course.low, course.high, _date(foreseen.month - 1))


def _date(day: int) -> str:
    return date.fromordinal(_FIRST_DAY + day).isoformat()
