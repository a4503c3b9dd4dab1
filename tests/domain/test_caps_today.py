"""How far a day has used up its caps."""

import pytest
from msgspec.structs import replace

from khata.domain.caps_today import caps_today
from khata.domain.limits import HOUR_US, day_start_us, local_day
from khata.domain.wallet import Book
from khata.testing import NEW_YEAR_US, empty_book

ZONE = "Asia/Kolkata"
DAY = local_day(ZONE, NEW_YEAR_US)
DAWN_US = day_start_us(ZONE, DAY)
CAPS = {"AI": 200, "EMAILS": 5000}


def book_with(used: int, *, day: int = DAY, own: int | None = None) -> Book:
    book = empty_book()
    caps = {} if own is None else {"AI": own}
    return replace(book, wallet=replace(book.wallet, caps=caps), caps={("AI", day): used})


@pytest.mark.parametrize(
    ("used", "own", "remaining", "full_hours"),
    [
        (0, None, 200, None),
        (100, None, 100, None),  # as many again by the end of the day, which is too late
        (101, None, 99, 12 * 200 / 101),
        (200, None, 0, 12),
        (40, 60, 20, 18),
        (60, 40, 0, 12),  # the cap was lowered below what had been used
    ],
)
def test_use_limit_and_when_it_is_reached_at_this_pace(
    used: int, own: int | None, remaining: int, full_hours: float | None
) -> None:
    cap, other = caps_today(book_with(used, own=own), CAPS, DAWN_US + 12 * HOUR_US)
    assert (cap.cap, cap.used, cap.limit) == ("AI", used, own or 200)
    assert cap.remaining == remaining
    assert cap.resets_at_us == DAWN_US + 24 * HOUR_US
    full_us = None if full_hours is None else DAWN_US + round(full_hours * HOUR_US)
    assert cap.full_at_us == full_us
    assert (other.cap, other.used, other.limit) == ("EMAILS", 0, 5000)


def test_yesterday_does_not_count() -> None:
    assert caps_today(book_with(200, day=DAY - 1), CAPS, DAWN_US)[0].used == 0


def test_a_wallet_without_caps_has_none() -> None:
    assert caps_today(empty_book(), {}, DAWN_US) == []
