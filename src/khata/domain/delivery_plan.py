"""When a delivery is tried, what an answer means, and when its endpoint is given up.

    0 s · 5 s · 5 min · 30 min · 2 h · 5 h · 10 h · 14 h · 20 h · 24 h, then it is a dead letter

Each pause is up to a tenth longer by a chance that is passed in, so that what failed together does
not come back together.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Literal

SECOND_US: Final = 1_000_000
HOUR_US: Final = 3600 * SECOND_US
DAY_US: Final = 24 * HOUR_US

# The pause in seconds before each try.
PAUSES: Final = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
CHANCES: Final = 1_000
_LONGEST_RETRY_AFTER_US = DAY_US
_FIRST_REST_US = 5 * SECOND_US
_LONGEST_REST_US = 300 * SECOND_US

FAILING_AFTER_US: Final = HOUR_US
"""After so long without a single success people are alerted."""

GIVEN_UP_AFTER_US: Final = 5 * DAY_US
"""After so long without a single success an endpoint is disabled."""

Verdict = Literal["accepted", "refused", "overloaded", "unreachable", "gone"]
"""What became of an attempt: `refused` is an answer of the receiver that is no success, and
`overloaded` one that asks for less; `unreachable` is no answer; `gone` asks never to come again."""

_TOLD: Final[Mapping[int, Verdict]] = {
    410: "gone",
    429: "overloaded",
    502: "overloaded",
    503: "overloaded",
    504: "overloaded",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def verdict_on(status: int | None) -> Verdict:
    """What a status means; none where no answer came. Redirects are failures: none is followed."""
    if status is None:
        return "unreachable"
    return "accepted" if 200 <= status < 300 else _TOLD.get(status, "refused")


def next_try_us(tries: int, at_us: int, retry_after_us: int | None, chance: int) -> int | None:
    """When a delivery that has failed so many times is tried again; never after the last.

    `chance` is from 0 to 999. A receiver's Retry-After makes the pause longer, up to a day.
    """
    assert 0 <= chance < CHANCES, "a chance of a thousand"
    if tries >= len(PAUSES):
        return None
    pause_us = PAUSES[tries] * SECOND_US
    planned_us = at_us + pause_us + pause_us * chance // (10 * CHANCES)
    return planned_us if retry_after_us is None else max(planned_us, retry_after_us)


def rest_us(verdict: Verdict, failures: int, at_us: int, retry_after_us: int | None) -> int | None:
    """Until when nothing is sent to an endpoint that is overloaded or can't be reached.

    `failures` counts this one and those before it without a success between: 5 s, 10, 20 … 5 min,
    or what the receiver asks for. What it merely refuses does not hold up the rest.
    """
    if verdict not in {"overloaded", "unreachable"}:
        return None
    pause_us = min(_FIRST_REST_US << min(failures - 1, 16), _LONGEST_REST_US)
    return max(at_us + pause_us, retry_after_us or 0)


def retry_after_us(header: str | None, at_us: int) -> int | None:
    """The moment that a Retry-After names, in seconds or as a date, a day ahead at most."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        named_us = at_us + int(text[:9]) * SECOND_US
    else:
        try:
            named_us = _microseconds(parsedate_to_datetime(text))
        except (ValueError, OverflowError):
            return None
    return min(named_us, at_us + _LONGEST_RETRY_AFTER_US) if named_us > at_us else None


def _microseconds(at: datetime) -> int:
    known = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return round((known - _EPOCH).total_seconds()) * SECOND_US


def is_failing(failing_since_us: int, at_us: int) -> bool:
    """Whether people are to be alerted that their endpoint has been failing for so long."""
    return at_us - failing_since_us >= FAILING_AFTER_US


def why_given_up(failing_since_us: int, verdict: Verdict, at_us: int) -> str | None:
    """Why an endpoint that has failed just now is to be disabled, if it is."""
    if verdict == "gone":
        return "The receiver answered 410 Gone."
    if at_us - failing_since_us >= GIVEN_UP_AFTER_US:
        return "Nothing was accepted for five days."
    return None
