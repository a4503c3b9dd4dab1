"""Days and months of a zone, also where its clock is put forward or back."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.days import (
    date_text,
    day_starts,
    month_before_us,
    month_start_us,
    place_in_week,
    same_time_us,
)
from khata.domain.limits import HOUR_US, local_day, local_hour_us

ZONES = ("Asia/Kolkata", "Europe/Berlin", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe")
YEAR_US = 365 * 24 * HOUR_US
instants = st.integers(1_767_225_600_000_000, 1_767_225_600_000_000 + 2 * YEAR_US)
zones = st.sampled_from(ZONES)


def at_us(zone: str, words: str) -> int:
    instant = datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone))
    return round(instant.timestamp() * 1_000_000)


def shown(zone: str, instant_us: int) -> str:
    then = datetime.fromtimestamp(instant_us // 1_000_000, ZoneInfo(zone))
    return then.strftime("%Y-%m-%dT%H:%M")


@given(zones, instants, st.integers(1, 40 * 24))
def test_every_hour_of_a_stretch_is_in_the_day_that_began_last(
    zone: str, from_us: int, hours: int
) -> None:
    starts = day_starts(zone, from_us, from_us + hours * HOUR_US)
    assert list(starts) == sorted(set(starts))
    assert starts[0] <= from_us
    for hour in range(hours):
        hour_us = local_hour_us(zone, from_us + hour * HOUR_US)
        began = max(start for start in starts if start <= hour_us)
        assert date_text(zone, began) == date_text(zone, hour_us)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-22T11:30", "2026-10-22T11:30"),
        ("2026-03-31T09:00", "2026-03-01T00:00"),  # February has no 31st: all of it is meant
        ("2028-03-29T09:00", "2028-02-29T09:00"),
        ("2026-01-15T00:00", "2025-12-15T00:00"),
    ],
)
def test_the_same_day_of_the_month_before(now: str, then: str) -> None:
    for zone in ("Asia/Kolkata", "UTC"):
        assert shown(zone, month_before_us(zone, at_us(zone, now))) == then


def test_months_begin_at_midnight_of_the_zone() -> None:
    now = at_us("Europe/Berlin", "2026-10-31T23:59")
    months = [month_start_us("Europe/Berlin", now, later) for later in (-10, -1, 0, 1, 3)]
    assert [shown("Europe/Berlin", month) for month in months] == [
        "2025-12-01T00:00",
        "2026-09-01T00:00",
        "2026-10-01T00:00",
        "2026-11-01T00:00",
        "2027-01-01T00:00",
    ]


@pytest.mark.parametrize(
    ("now", "day", "then"),
    [
        ("2026-03-30T02:30", "2026-03-29", "2026-03-29T03:30"),  # that hour was left out
        ("2026-10-26T02:30", "2026-10-25", "2026-10-25T02:30"),
        ("2026-03-30T11:15", "2026-03-29", "2026-03-29T11:15"),
    ],
)
def test_the_same_time_on_another_day(now: str, day: str, then: str) -> None:
    zone = "Europe/Berlin"
    number = local_day(zone, at_us(zone, f"{day}T12:00"))
    assert shown(zone, same_time_us(zone, number, at_us(zone, now))) == then


@given(zones, instants)
def test_an_hour_has_its_place_in_the_week(zone: str, instant_us: int) -> None:
    hour_us = local_hour_us(zone, instant_us)
    then = datetime.fromisoformat(shown(zone, hour_us))
    assert place_in_week(zone, hour_us) == then.weekday() * 24 + then.hour
