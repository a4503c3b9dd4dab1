"""Forecast: what a wallet will probably use until the end of next month, by its own days.

The statistics simulate many courses of the days to come; here these become whole credits: one
figure and an interval for the month's sum, a band for each day, when the credits end, and which
purchase covers what is missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct

from khata.domain.limits import DAY_US, day_start_us, local_day
from khata.domain.money import PAISE_PER_CREDIT, PAISE_PER_RUPEE, half_up
from khata.domain.packs import TopUpTerms
from khata.domain.quotes import Quote, quote
from khata.domain.wallet import Book

Method = Literal["seasonal_mean", "ets", "theta", "ets_damped", "seasonal_naive"]

MIN_DAYS = 14
# What was longer ago says little about next month.
MOST_DAYS = 180
# In percent, the part of the simulated sums that lies within the interval.
CONFIDENCE = 80
MOST_ERROR_PERCENT = 9_999

_FIRST_DAY = date(1970, 1, 1).toordinal()


class Backtested(Struct, frozen=True, gc=False):
    """How wrong a method was on the wallet's own past: the error of its sums, in percent of what
    was used."""

    method: Method
    error_percent: int


class DayAhead(Struct, frozen=True, gc=False):
    """What a day will probably bring, with its interval. `day` counts from 1970."""

    day: int
    credits: int
    low: int
    high: int


class Expected(Struct, frozen=True, gc=False):
    """What some days will probably bring together, with the interval."""

    credits: int
    low: int
    high: int


class Forecast(Struct, frozen=True, gc=False, kw_only=True):
    """A forecast made on a day of which nothing was counted yet.

    The days of `series` that lie in the month sum up to its credits, and those before it to
    `rest`, which forecasts of earlier versions do not have.
    """

    day: int
    month: int
    credits: int
    low: int
    high: int
    method: Method
    history_days: int
    backtest: tuple[Backtested, ...]
    series: tuple[DayAhead, ...]
    rest: Expected | None = None


class Ahead(NamedTuple):
    """The days from one on: next month's first day, and the day behind its last."""

    day: int
    month: int
    end: int


class Simulated(NamedTuple):
    """Courses of the days to come, as likely as each other, and the method they are by."""

    method: Method
    backtest: Sequence[Backtested]
    courses: Sequence[Sequence[int]]


class Outlook(NamedTuple):
    """When the credits end if usage goes as foreseen, and how many are missing by the end."""

    exhausts_at_us: int | None
    missing: int


def days_ahead(day: int) -> Ahead:
    """The days from this one until the end of next month."""
    on = date.fromordinal(_FIRST_DAY + day)
    return Ahead(day, _first_of_month(on, 1), _first_of_month(on, 2))


def history(used: Mapping[int, int], today: int) -> Sequence[int]:
    """The whole days from the first with usage until yesterday, each with its credits.

    A day on which nothing was used is one of zero, and so is one on which more was refunded. Of a
    long history the last days count.
    """
    if not used or min(used) >= today:
        return ()
    first = max(min(used), today - MOST_DAYS)
    return [max(used.get(day, 0), 0) for day in range(first, today)]


def drawn_up(day: int, history_days: int, simulated: Simulated) -> Forecast:
    """The forecast that these courses make, each of which reaches the end of next month."""
    ahead, courses = days_ahead(day), simulated.courses
    count, length = len(courses), ahead.end - day
    assert count, "there are courses"
    assert all(len(course) == length for course in courses), "each reaches the month's end"
    left = ahead.month - day
    means = _means([sum(each) for each in zip(*courses, strict=True)], count, left)
    series = tuple(
        _day_ahead(day + place, mean, sorted(each))
        for place, (mean, each) in enumerate(zip(means, zip(*courses, strict=True), strict=True))
    )
    month = _expected(sum(means[left:]), [sum(course[left:]) for course in courses])
    return Forecast(
        day=day,
        month=ahead.month,
        credits=month.credits,
        low=month.low,
        high=month.high,
        method=simulated.method,
        history_days=history_days,
        backtest=tuple(simulated.backtest),
        series=series,
        rest=_expected(sum(means[:left]), [sum(course[:left]) for course in courses]),
    )


def month_begun(day: int) -> int:
    """The first day of the month in which this one lies."""
    return _first_of_month(date.fromordinal(_FIRST_DAY + day), 0)


def this_month(forecast: Forecast, used_before: int, used: int) -> Expected | None:
    """For what the month in which the forecast was made is on course.

    `used_before` is what it had used before the forecast's day, `used` by now: whatever was
    foretold, it ends with no less.
    """
    rest = forecast.rest
    if rest is None:
        return None
    low, credits, high = (
        max(used_before + each, used) for each in (rest.low, rest.credits, rest.high)
    )
    return Expected(credits, low, high)


def outlook(book: Book, forecast: Forecast, used_today: int, at_us: int) -> Outlook:
    """How far the wallet's credits reach, of a book that is settled by now.

    Of today's usage the part that was used is over. A lot counts until the day on which it expires.
    """
    zone = book.wallet.time_zone
    today = local_day(zone, at_us)
    lots = [[lot.expires_at_us, lot.available] for lot in book.lots if lot.available]
    debt, missing, exhausts_at_us = book.accounts.debt, 0, None
    for ahead in forecast.series:
        if ahead.day < today:
            continue
        is_today = ahead.day == today
        from_us = at_us if is_today else day_start_us(zone, ahead.day)
        needed = max(ahead.credits - used_today, 0) if is_today else ahead.credits
        lots = [lot for lot in lots if lot[0] > from_us]
        there = max(sum(credits for _, credits in lots) - debt, 0)
        short = max(needed - there, 0)
        if exhausts_at_us is None and (short or (is_today and not there)):
            length = day_start_us(zone, ahead.day + 1) - from_us
            exhausts_at_us = from_us + (length * there // needed if needed else 0)
        missing += short
        _draw(lots, needed - short)
    return Outlook(exhausts_at_us, missing)


def recharge_for(missing: int, terms: TopUpTerms) -> Quote | None:
    """The cheapest purchase that brings so many credits; the largest there is if none does.

    None where nothing is missing.
    """
    if missing <= 0:
        return None
    packs = [
        pack.price_paise
        for pack in terms.packs
        if pack.base_credits + pack.bonus_credits >= missing
    ]
    rupees = -(-missing * PAISE_PER_CREDIT // PAISE_PER_RUPEE)
    amount = max(rupees * PAISE_PER_RUPEE, terms.minimum_paise)
    quoted = quote(terms, min([amount, *packs, terms.maximum_paise]))
    return quoted if isinstance(quoted, Quote) else None


def next_forecast_us(time_zone: str, today: int, spread: int) -> int:
    """When the wallet is forecast again: early tomorrow, each at a time of its own.

    `spread` is any figure that differs between wallets.
    """
    return day_start_us(time_zone, today + 1) + spread % (DAY_US // 8)


def _first_of_month(day: date, later: int) -> int:
    year, month = divmod(day.year * 12 + day.month - 1 + later, 12)
    return date(year, month + 1, 1).toordinal() - _FIRST_DAY


def _means(sums: Sequence[int], count: int, month: int) -> list[int]:
    """Whole means of sums over `count`, so rounded that those before a place, and those from it on,
    sum to the rounded mean of their sum."""
    return [*_shared(sums[:month], count), *_shared(sums[month:], count)]


def _shared(sums: Sequence[int], count: int) -> list[int]:
    means: list[int] = []
    gathered = given = 0
    for each in sums:
        gathered += each
        whole = half_up(gathered, count)
        means.append(whole - given)
        given = whole
    return means


def _expected(credits: int, sums: Iterable[int]) -> Expected:
    low, high = _interval(sorted(sums), credits)
    return Expected(credits, low, high)


def _day_ahead(day: int, credits: int, courses: Sequence[int]) -> DayAhead:
    low, high = _interval(courses, credits)
    return DayAhead(day, credits, low, high)


def _interval(rising: Sequence[int], around: int) -> tuple[int, int]:
    """Between which figures the middle ones lie. The mean is within, however lopsided they are."""
    outside = len(rising) * (100 - CONFIDENCE) // 200
    return min(rising[outside], around), max(rising[-1 - outside], around)


def _draw(lots: Iterable[list[int]], credits: int) -> None:
    for lot in lots:
        taken = min(lot[1], credits)
        lot[1] -= taken
        credits -= taken
