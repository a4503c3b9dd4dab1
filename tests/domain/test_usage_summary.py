"""The figures of a summary, each from hours whose use is known."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from khata.domain.limits import HOUR_US, day_start_us, local_day
from khata.domain.usage_summary import Spans, Summary, Viewed, summary, summary_marks

ZONE = "Asia/Kolkata"


def at_us(words: str, zone: str = ZONE) -> int:
    instant = datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone))
    return round(instant.timestamp() * 1_000_000)


# A Wednesday, a quarter past two in the afternoon.
NOW_US = at_us("2026-11-25T14:15")
OLD = Viewed(ZONE, at_us("2026-01-01T00:00"), 1000, NOW_US)


def told(used: Mapping[str, int], viewed: Viewed = OLD, days: int = 30) -> Summary:
    """The summary of a wallet that used these credits in these hours, over the last days."""
    zone = viewed.time_zone
    tomorrow = local_day(zone, viewed.at_us) + 1
    to_us = day_start_us(zone, tomorrow)
    from_us = day_start_us(zone, tomorrow - days)
    marks = summary_marks(viewed, from_us, to_us)
    hours = {at_us(hour, zone): credits for hour, credits in used.items()}
    sums = [
        sum(credits for hour_us, credits in hours.items() if first <= hour_us < last)
        for first, last in pairwise(marks)
    ]
    return summary(viewed, from_us, to_us, Spans(marks, sums))


def test_the_period_is_summed_and_the_one_before_it() -> None:
    found = told({"2026-11-20T10:00": 90, "2026-11-24T10:00": 60, "2026-11-18T10:00": 7}, days=7)
    assert (found.total_consumed, found.previous_period) == (150, 7)
    assert found.daily_average == 21  # 150 over 7 days is 21.43


def test_days_before_the_wallet_do_not_thin_out_the_average() -> None:
    young = replace(OLD, created_at_us=at_us("2026-11-24T20:00"))
    assert told({"2026-11-24T21:00": 30, "2026-11-25T13:00": 31}, young).daily_average == 31


def test_today_against_what_is_usual_by_now() -> None:
    """Of the hour that is under way at this time of day, the part that had passed: a quarter."""
    used = {"2026-11-25T13:00": 50, "2026-11-25T00:00": 5, "2026-11-24T23:00": 1000}
    used |= {f"2026-11-{day}T13:00": 70 for day in range(18, 25)}
    used |= {f"2026-11-{day}T14:00": 40 for day in range(18, 25)}
    used |= {f"2026-11-{day}T15:00": 500 for day in range(18, 25)}
    found = told(used)
    assert found.today == 55
    assert found.usual_by_now == 80


def test_what_is_usual_is_learnt_from_days_that_the_wallet_has_seen_whole() -> None:
    assert told({}).usual_by_now == 0
    made_today = replace(OLD, created_at_us=at_us("2026-11-25T00:00"))
    assert told({}, made_today).usual_by_now is None
    made_yesterday = replace(OLD, created_at_us=at_us("2026-11-24T00:00"))
    assert told({"2026-11-24T08:00": 9}, made_yesterday).usual_by_now == 9


def test_this_month_against_the_same_days_of_the_month_before() -> None:
    found = told(
        {
            "2026-11-01T00:00": 10,
            "2026-11-25T14:00": 20,
            "2026-10-01T00:00": 100,
            "2026-10-25T13:00": 200,
            "2026-10-25T14:00": 40,
            "2026-10-25T15:00": 1000,
            "2026-10-31T23:00": 3000,
            "2026-09-30T23:00": 9000,
        }
    )
    assert found.this_month == 30
    assert found.previous_month == 4340
    assert found.previous_month_by_now == 310


def test_the_burn_rate_is_of_the_last_168_hours() -> None:
    """From three in the afternoon a week ago on, and the hour under way counts."""
    found = told({"2026-11-18T14:00": 7000, "2026-11-18T15:00": 70, "2026-11-25T14:00": 14})
    assert found.burn_rate_per_day == 12


@pytest.mark.parametrize(
    ("created", "rate"),
    [
        ("2026-11-25T14:00", 84),  # this day
        ("2026-11-24T14:30", 84),  # its first day is not over
        ("2026-11-24T14:00", 42),
        ("2026-11-19T14:15", 14),
        ("2026-11-18T14:14", 12),
        ("2026-11-01T00:00", 12),
    ],
)
def test_a_young_wallet_has_burnt_in_the_days_of_its_life(created: str, rate: int) -> None:
    young = replace(OLD, created_at_us=at_us(created))
    assert told({"2026-11-25T14:00": 84}, young).burn_rate_per_day == rate


def test_the_estimate_is_the_month_so_far_and_the_rest_at_this_pace() -> None:
    """From Wednesday at 14:15 on, November has 5 days and 9.75 hours to go."""
    found = told({"2026-11-02T10:00": 100, "2026-11-24T10:00": 700})
    assert found.burn_rate_per_day == 100
    assert found.monthly_estimate == 800 + 541  # 5.40625 days of 100


def test_how_long_the_credits_last() -> None:
    week = {"2026-11-24T10:00": 700}
    found = told(week, replace(OLD, available=250))
    assert found.days_left == 2
    assert found.runs_out_at_us == NOW_US + 60 * HOUR_US
    assert told({}).days_left is None
    assert told({}).runs_out_at_us is None
    assert told({"2026-11-24T10:00": -70}).days_left is None  # more was given back than used
    empty = told({}, replace(OLD, available=0))
    assert (empty.days_left, empty.runs_out_at_us) == (0, NOW_US)
    in_debt = told(week, replace(OLD, available=-5))
    assert (in_debt.days_left, in_debt.runs_out_at_us) == (0, NOW_US)
    rich = told(week, replace(OLD, available=10**15))
    assert (rich.days_left, rich.runs_out_at_us) == (10**13, None)


def test_the_25_hours_of_a_day_that_puts_its_clock_back() -> None:
    """Berlin on 25 October 2026: two o'clock comes twice, and both are of that day."""
    zone = "Europe/Berlin"
    viewed = Viewed(zone, 0, 1000, at_us("2026-10-25T23:59", zone))
    used = {"2026-10-25T00:00": 1, "2026-10-25T01:00": 10, "2026-10-25T23:00": 100}
    found = told(used, viewed)
    assert found.today == 111
    assert told({"2026-10-24T23:00": 1000}, viewed).today == 0
