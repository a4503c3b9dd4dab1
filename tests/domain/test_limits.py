"""Daily caps: days of the wallet's own zone, also where the clock is put forward or back."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from khata.domain.ids import HoldId
from khata.domain.ledger import CapUse
from khata.domain.limits import (
    cap_limit,
    day_start_us,
    give_operation_back,
    local_day,
    local_hour_us,
)
from khata.domain.wallet import Hold
from khata.testing import empty_book, tell, wallet

DAYS_OF_A_YEAR = range(20_454, 20_454 + 365)  # 2026
ZONES = (
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",  # puts its clock forward at midnight: that day begins at 01:00
    "Africa/Cairo",
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Chatham",
    "UTC",
)


def at_us(zone: str, words: str) -> int:
    instant = datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone))
    return round(instant.timestamp() * 1_000_000)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_lasts_from_its_beginning_to_the_next_one(zone: str) -> None:
    for day in DAYS_OF_A_YEAR:
        begins = day_start_us(zone, day)
        assert local_day(zone, begins) == day
        assert local_day(zone, begins - 1) == day - 1


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Kolkata", "2026-03-29", 24),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
    ],
)
def test_how_long_a_day_is(zone: str, day: str, hours: float) -> None:
    number = local_day(zone, at_us(zone, f"{day}T12:00"))
    length_us = day_start_us(zone, number + 1) - day_start_us(zone, number)
    assert length_us == hours * 3_600_000_000


@pytest.mark.parametrize(
    ("zone", "instant", "began"),
    [
        ("Asia/Kolkata", "2026-01-05T09:59:59.999999", "2026-01-05T09:00"),
        ("Asia/Kathmandu", "2026-01-05T09:00", "2026-01-05T09:00"),
        ("Europe/Berlin", "2026-03-29T03:30", "2026-03-29T03:00"),
    ],
)
def test_an_hour_is_one_of_the_wallets_clock(zone: str, instant: str, began: str) -> None:
    assert local_hour_us(zone, at_us(zone, instant)) == at_us(zone, began)


@pytest.mark.parametrize(
    ("own", "operators", "limit"),
    [
        ({}, {}, None),
        ({}, {"AI": 200}, 200),
        ({"AI": 3}, {"AI": 200}, 3),
        ({"AI": 300}, {"AI": 200}, 200),
        ({"AI": 0}, {"AI": 200}, 0),
        ({"AI": 3}, {}, 3),
        ({"EMAILS": 3}, {"AI": 200}, 200),
    ],
)
def test_a_wallets_own_cap_is_within_the_operators(
    own: dict[str, int], operators: dict[str, int], limit: int | None
) -> None:
    assert cap_limit(replace(wallet(), caps=own), "AI", operators) == limit


CAPPED = """
cap     AI 2
price   CALL 1 cap AI
wallet  acme
grant   bonus 100
"""


@pytest.mark.parametrize(
    ("calendar", "last_moment", "resets"),
    [
        ("2026-01-05 in Asia/Kolkata", "23:59:59.999999", "00:00 day 2"),
        ("2026-03-29 in Europe/Berlin", "23:59:59.999999", "00:00 day 2"),
        ("2026-03-07 in America/Havana", "23:59:59.999999", "01:00 day 2"),
    ],
)
def test_a_cap_is_full_until_the_last_microsecond_of_the_day(
    calendar: str, last_moment: str, resets: str
) -> None:
    tell(
        f"""
        calendar {calendar}
        {CAPPED}
        consume  5 CALL at 00:30          -> used 1
        consume  5 CALL                   -> used 2
        consume  1 CALL at {last_moment}  -> DAILY_LIMIT_EXCEEDED_AI  used 2, resets {resets}
        consume  1 CALL at {resets}       -> used 1
        """
    )


def test_an_operation_counts_once_whatever_its_quantity_and_a_refusal_not_at_all() -> None:
    tell(
        CAPPED
        + """
        consume  90 CALL  -> used 1
        consume  90 CALL  -> INSUFFICIENT_CREDITS
        consume  10 CALL  -> used 2
        """
    )


def test_a_hold_that_comes_to_nothing_gives_its_operation_back_to_the_day_it_was_taken() -> None:
    tell(
        CAPPED
        + """
        hold     5 CALL as late for 20m at 23:50   -> used 1
        hold     5 CALL as released                -> used 2
        release  released                          -> used 1
        consume  1 CALL                            -> used 2
        consume  1 CALL at 00:09 day 2             -> used 1
        release  late                              -> used 1
        """
    )


def test_a_capture_of_nothing_keeps_the_operation() -> None:
    tell(
        CAPPED
        + """
        hold     5 CALL as it   -> used 1
        capture  it 0           -> bills 0, available 100
        consume  1 CALL         -> used 2
        """
    )


def test_a_count_that_is_no_longer_known_is_not_overwritten() -> None:
    hold = Hold(
        id=HoldId("hld_" + "0" * 26),
        feature="CALL",
        category="AI",
        credits=0,
        price_version=1,
        expires_at_us=0,
        created_at_us=0,
        draws=(),
        cap="AI",
        day=20_454,
    )
    book = empty_book()
    assert give_operation_back(book, hold, {"AI": 200}) == ()
    counted = replace(book, caps={("AI", 20_454): 7})
    assert give_operation_back(counted, hold, {"AI": 200}) == (CapUse("AI", 20_454, 7, 6, 200),)
