"""What becomes of simulated courses: whole credits that add up, an interval, an end, a purchase."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.domain.forecast import (
    MOST_DAYS,
    Backtested,
    DayAhead,
    Expected,
    Forecast,
    Simulated,
    days_ahead,
    drawn_up,
    history,
    month_begun,
    next_forecast_us,
    outlook,
    recharge_for,
    this_month,
)
from khata.domain.ids import GrantId
from khata.domain.limits import DAY_US, HOUR_US, day_start_us, local_day
from khata.domain.packs import TopUpTerms
from khata.domain.wallet import NEVER_US, Accounts, Book, Lot
from khata.testing import empty_book

ZONE = "Asia/Kolkata"


def number(text: str) -> int:
    return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()


TODAY = number("2026-11-26")


@pytest.mark.parametrize(
    ("today", "month", "end"),
    [
        ("2026-11-26", "2026-12-01", "2027-01-01"),
        ("2026-12-31", "2027-01-01", "2027-02-01"),
        ("2027-01-01", "2027-02-01", "2027-03-01"),
        ("2028-01-31", "2028-02-01", "2028-03-01"),
    ],
)
def test_next_month_is_the_calendars(today: str, month: str, end: str) -> None:
    assert days_ahead(number(today)) == (number(today), number(month), number(end))


@pytest.mark.parametrize(
    ("used", "found"),
    [
        ({}, []),
        ({TODAY: 9}, []),
        ({TODAY - 3: 5, TODAY - 1: 7, TODAY: 9}, [5, 0, 7]),
        # More was refunded than used.
        ({TODAY - 2: 5, TODAY - 1: -7}, [5, 0]),
    ],
)
def test_the_history_is_whole_days_from_the_first_on(
    used: dict[int, int], found: list[int]
) -> None:
    assert list(history(used, TODAY)) == found


def test_of_a_long_history_the_last_days_count() -> None:
    used = dict.fromkeys(range(TODAY - 2 * MOST_DAYS, TODAY), 1)
    assert len(history(used, TODAY)) == MOST_DAYS
    gap = {TODAY - 2 * MOST_DAYS: 4, TODAY - 1: 3}
    assert list(history(gap, TODAY)) == [*[0] * (MOST_DAYS - 1), 3]


def courses(*each: Sequence[int]) -> Forecast:
    tested = [Backtested("ets", 12), Backtested("seasonal_mean", 15)]
    return drawn_up(TODAY, 40, Simulated("ets", tested, each))


def flat(credits: int) -> list[int]:
    ahead = days_ahead(TODAY)
    return [credits] * (ahead.end - ahead.day)


def test_courses_become_a_sum_an_interval_and_a_band() -> None:
    forecast = courses(*(flat(credits) for credits in range(1, 11)))
    assert (forecast.month, forecast.method) == (number("2026-12-01"), "ets")
    # Of ten courses the lowest and the highest lie outside.
    assert (forecast.low, forecast.high) == (31 * 2, 31 * 9)
    assert forecast.credits == half(31 * 55, 10)
    first, last = forecast.series[0], forecast.series[-1]
    assert (first.day, last.day) == (TODAY, number("2026-12-31"))
    assert {(each.low, each.high) for each in forecast.series} == {(2, 9)}
    assert {each.credits for each in forecast.series} == {5, 6}


def half(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


@given(st.lists(st.lists(st.integers(0, 10**6), min_size=36, max_size=36), min_size=1, max_size=12))
def test_the_days_of_the_month_sum_up_to_its_credits(simulated: list[list[int]]) -> None:
    forecast = courses(*simulated)
    month = [each for each in forecast.series if each.day >= forecast.month]
    assert len(month) == 31
    assert sum(each.credits for each in month) == forecast.credits
    assert forecast.credits == half(sum(sum(each[5:]) for each in simulated), len(simulated))
    assert 0 <= forecast.low <= forecast.credits <= forecast.high
    assert all(0 <= each.low <= each.credits <= each.high for each in forecast.series)


def test_one_course_among_many_leaves_the_mean_within() -> None:
    forecast = courses(flat(10_000), *[flat(0)] * 20)
    assert (forecast.low, forecast.high) == (0, forecast.credits)
    assert forecast.credits == half(310_000, 21)


def test_what_is_left_of_this_month_has_a_sum_and_an_interval_too() -> None:
    """Its five days' own intervals summed up would be wider than that of their sum."""
    forecast = courses(*(flat(credits) for credits in range(1, 11)))
    assert forecast.rest == Expected(half(5 * 55, 10), 5 * 2, 5 * 9)
    before = [each.credits for each in forecast.series if each.day < forecast.month]
    assert sum(before) == half(5 * 55, 10)


@pytest.mark.parametrize(
    ("used_before", "used", "course"),
    [
        (100, 100, Expected(128, 110, 145)),
        # Today has used more than the lowest course to the end.
        (100, 120, Expected(128, 120, 145)),
        (100, 900, Expected(900, 900, 900)),
    ],
)
def test_this_month_ends_with_no_less_than_it_has_used(
    used_before: int, used: int, course: Expected
) -> None:
    forecast = courses(*(flat(credits) for credits in range(1, 11)))
    assert this_month(forecast, used_before, used) == course
    assert this_month(replace(forecast, rest=None), used_before, used) is None


def test_a_month_begins_on_its_first_day() -> None:
    assert month_begun(TODAY) == month_begun(number("2026-11-01")) == number("2026-11-01")


def holding(*lots: tuple[int, int], debt: int = 0) -> Book:
    """A settled book with lots of these credits until then, in burn-down order."""
    made = tuple(
        Lot(GrantId(f"grt_{place}"), "bonus", credits, credits, 1, 0, expires_at_us=until)
        for place, (credits, until) in enumerate(lots)
    )
    available = sum(credits for credits, _ in lots) - debt
    return replace(empty_book(), lots=made, accounts=Accounts(available=available, debt=debt))


def foreseen(*credits: int) -> Forecast:
    days = tuple(DayAhead(TODAY + place, each, 0, each) for place, each in enumerate(credits))
    return replace(courses(flat(0)), series=days)


def at(hours: int) -> int:
    return day_start_us(ZONE, TODAY) + hours * HOUR_US


@pytest.mark.parametrize(
    ("lots", "debt", "used_today", "credits", "hours", "missing"),
    [
        # 60 last for today's 20 and four fifths of the next day.
        ([(60, NEVER_US)], 0, 0, (20, 50, 50), 24 + 24 * 40 / 50, 60),
        # What today has used already is over.
        ([(60, NEVER_US)], 0, 15, (20, 50, 50), 24 * 2 + 24 * 5 / 50, 45),
        ([(60, NEVER_US)], 0, 99, (20, 50, 10), None, 0),
        # Just enough.
        ([(120, NEVER_US)], 0, 0, (20, 50, 50), None, 0),
        # A lot that has expired by then pays nothing.
        ([(40, at(24)), (60, NEVER_US)], 0, 0, (20, 50, 50), 48 + 24 * 10 / 50, 40),
        # Debt is paid first; a wallet that has nothing is at its end now.
        ([(60, NEVER_US)], 40, 0, (20, 50, 50), 24, 100),
        ([], 0, 0, (20, 50, 50), 12, 120),
        ([], 0, 0, (0, 0, 0), 12, 0),
        ([(1, NEVER_US)], 0, 0, (0, 0, 0), None, 0),
    ],
)
def test_credits_end_where_the_forecast_has_used_them(
    lots: list[tuple[int, int]],
    debt: int,
    used_today: int,
    credits: tuple[int, ...],
    hours: float | None,
    missing: int,
) -> None:
    found = outlook(holding(*lots, debt=debt), foreseen(*credits), used_today, at(12))
    ends = None if hours is None else day_start_us(ZONE, TODAY) + round(hours * HOUR_US)
    assert found == (ends, missing)


def test_days_that_are_over_use_nothing_more() -> None:
    book, forecast = holding((60, NEVER_US)), foreseen(20, 50, 50)
    tomorrow = outlook(book, forecast, 0, at(24 + 12))
    assert tomorrow.missing == 40
    assert tomorrow.exhausts_at_us == at(48) + round(24 * 10 / 50 * HOUR_US)


TERMS = TopUpTerms()


@pytest.mark.parametrize(
    ("missing", "bought"),
    [
        (-5, None),
        (0, None),
        (1, ("starter", 15_000, 1_500)),
        (1_500, ("starter", 15_000, 1_500)),
        # To the whole rupee.
        (1_501, (None, 15_100, 1_510)),
        # A pack with its bonus is cheaper than the plain amount.
        (2_999, ("growth", 30_000, 3_200)),
        (3_200, ("growth", 30_000, 3_200)),
        (3_201, (None, 32_100, 3_210)),
        (30_000, ("enterprise", 250_000, 32_000)),
        (32_001, (None, 320_100, 32_010)),
        # More than can be bought at once: the most.
        (10**9, (None, 10**9, 10**8)),
    ],
)
def test_the_cheapest_purchase_that_covers_what_is_missing(
    missing: int, bought: tuple[str | None, int, int] | None
) -> None:
    found = recharge_for(missing, TERMS)
    if bought is None:
        assert found is None
        return
    assert found is not None
    assert (found.pack_id, found.amount_paise, found.total_credits) == bought


@given(st.integers(1, 10**7))
def test_no_cheaper_purchase_would_do(missing: int) -> None:
    found = recharge_for(missing, TERMS)
    assert found is not None
    assert found.total_credits >= missing
    for pack in TERMS.packs:
        if pack.price_paise < found.amount_paise:
            assert pack.base_credits + pack.bonus_credits < missing


@given(st.integers(0, 2**62))
def test_the_next_one_is_made_early_on_the_next_day(spread: int) -> None:
    then = next_forecast_us(ZONE, TODAY, spread)
    assert local_day(ZONE, then) == TODAY + 1
    assert then - day_start_us(ZONE, TODAY + 1) < DAY_US // 8
