"""The published schedule, what answers mean, and when an endpoint rests or is given up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.delivery_plan import (
    DAY_US,
    HOUR_US,
    PAUSES,
    SECOND_US,
    Verdict,
    is_failing,
    next_try_us,
    rest_us,
    retry_after_us,
    verdict_on,
    why_given_up,
)

AT_US = 1_795_600_000 * SECOND_US


def test_the_published_schedule() -> None:
    seconds, at_us, tries = [0], 0, 1
    while (next_us := next_try_us(tries, at_us, None, 0)) is not None:
        seconds.append((next_us - at_us) // SECOND_US)
        tries, at_us = tries + 1, next_us
    minute, hour = 60, 3600
    assert seconds == [
        *(0, 5, 5 * minute, 30 * minute, 2 * hour, 5 * hour),
        *(10 * hour, 14 * hour, 20 * hour, 24 * hour),
    ]


@given(st.integers(1, len(PAUSES) - 1), st.integers(0, 999))
def test_chance_makes_a_pause_longer_by_up_to_a_tenth(tries: int, chance: int) -> None:
    pause_us = PAUSES[tries] * SECOND_US
    next_us = next_try_us(tries, AT_US, None, chance)
    assert next_us is not None
    assert pause_us <= next_us - AT_US < pause_us * 11 // 10


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (None, "unreachable"),
        *((status, "accepted") for status in (200, 201, 202, 204, 299)),
        *((status, "refused") for status in (100, 199, 300, 301, 302, 307, 308, 400, 404, 500)),
        *((status, "overloaded") for status in (429, 502, 503, 504)),
        (410, "gone"),
    ],
)
def test_what_a_status_means(status: int | None, verdict: Verdict) -> None:
    assert verdict_on(status) == verdict


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 7 ", 7),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1e3", None),
        ("٣", None),
        ("99999999999999999999", 86_400),
        ("Wed, 25 Nov 2026 11:07:40 GMT", 860),
        ("Wed, 25 Nov 2026 11:07:40 -0000", 860),
        ("Wed, 25 Nov 2025 11:07:40 GMT", None),
        ("Wed, 25 Nov 2099 11:07:40 GMT", 86_400),
        ("Wed, 99 Nov 2026 11:07:40 GMT", None),
    ],
)
def test_the_moment_that_a_retry_after_names(header: str | None, seconds: int | None) -> None:
    at_us = 1_795_604_000 * SECOND_US
    expected = None if seconds is None else at_us + seconds * SECOND_US
    assert retry_after_us(header, at_us) == expected


@given(st.text(max_size=60))
def test_whatever_a_receiver_writes_there_does_no_harm(header: str) -> None:
    named_us = retry_after_us(header, AT_US)
    assert named_us is None or AT_US < named_us <= AT_US + DAY_US


def test_a_retry_after_makes_the_pause_longer_and_never_shorter() -> None:
    later_us = AT_US + HOUR_US
    assert next_try_us(1, AT_US, later_us, 0) == later_us
    assert next_try_us(1, AT_US, AT_US + 1, 0) == AT_US + 5 * SECOND_US
    assert next_try_us(len(PAUSES), AT_US, later_us, 0) is None


def test_an_endpoint_that_can_not_be_reached_rests_longer_each_time() -> None:
    rests = [rest_us("unreachable", failures, AT_US, None) for failures in (1, 2, 3, 6, 7, 1000)]
    assert [at_us and (at_us - AT_US) // SECOND_US for at_us in rests] == [5, 10, 20, 160, 300, 300]
    assert rest_us("overloaded", 1, AT_US, AT_US + HOUR_US) == AT_US + HOUR_US
    assert rest_us("refused", 9, AT_US, None) is None


@pytest.mark.parametrize(
    ("since_us", "verdict", "given_up"),
    [
        (AT_US - 5 * DAY_US, "refused", True),
        (AT_US - 5 * DAY_US + 1, "refused", False),
        (AT_US, "gone", True),
    ],
)
def test_an_endpoint_is_given_up_after_five_days_or_when_it_says_so(
    since_us: int, verdict: Verdict, given_up: bool
) -> None:
    assert bool(why_given_up(since_us, verdict, AT_US)) is given_up


def test_people_are_alerted_after_an_hour() -> None:
    assert not is_failing(AT_US - HOUR_US + 1, AT_US)
    assert is_failing(AT_US - HOUR_US, AT_US)
