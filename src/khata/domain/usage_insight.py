"""What stands out of a wallet's usage, and could be changed: one finding, or none.

docs/reference/usage.md says when there is one. It is of a feature: the one that rose the most
against the period before, or else the one that most was used of. With it goes who used much of it
and when in the week, where much of it was one member's or most fell into a few hours.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from khata.domain.money import half_up

Finding = Literal["risen", "largest"]

# With less than this nothing is worth a word.
LEAST_CREDITS = 100
# In percent: of all that was used, and of what the feature was before.
RISE_OF_ALL = 10
RISE_OF_ITSELF = 25
LARGE = 20
# Of the feature: what one member must have used of it, and what must fall into few hours.
MUCH_OF_IT = 20
MOST_OF_IT = 50
LONGEST_HOURS = 6
DAY_HOURS = 24
WORKING_DAYS = 5


class FeatureUse(Struct, frozen=True, gc=False):
    """A feature's credits in the period and in the one before; none where that was not whole."""

    feature: str
    credits: int
    previous: int | None


class Standout(Struct, frozen=True, gc=False):
    """Which feature stands out, and by what."""

    finding: Finding
    use: FeatureUse


class BusyHours(Struct, frozen=True, gc=False):
    """Hours of the working days, until one that is not in them, and their part in percent."""

    since: int
    until: int
    percentage: int


def standout(features: Sequence[FeatureUse]) -> Standout | None:
    """The feature that stands out of all that were used, if one does."""
    whole = sum(max(each.credits, 0) for each in features)
    if whole < LEAST_CREDITS:
        return None
    risen = [each for each in features if _has_risen(each, whole)]
    if risen:
        return Standout("risen", max(risen, key=lambda each: (_rise(each), each.feature)))
    largest = max(features, key=lambda each: (each.credits, each.feature))
    return Standout("largest", largest) if largest.credits * 100 >= LARGE * whole else None


def risen_by_percent(use: FeatureUse) -> int | None:
    """By how much it rose; none where nothing was used before."""
    return half_up(_rise(use) * 100, use.previous) if use.previous else None


def busy_hours(week: Sequence[int]) -> BusyHours | None:
    """The fewest hours in a row, the same on each working day, that most fell into; if few did.

    `week` has the credits of its 168 hours, from Monday's first.
    """
    whole = sum(max(credits, 0) for credits in week)
    by_hour = [
        sum(max(week[day * DAY_HOURS + hour], 0) for day in range(WORKING_DAYS))
        for hour in range(DAY_HOURS)
    ]
    for length in range(1, LONGEST_HOURS + 1):
        used, first = max(
            (sum(by_hour[first : first + length]), -first)
            for first in range(DAY_HOURS - length + 1)
        )
        if whole and used * 100 >= MOST_OF_IT * whole:
            return BusyHours(-first, length - first, used * 100 // whole)
    return None


def _has_risen(use: FeatureUse, whole: int) -> bool:
    rise = _rise(use)
    if use.previous is None or rise <= 0:
        return False
    return rise * 100 >= RISE_OF_ALL * whole and rise * 100 >= RISE_OF_ITSELF * use.previous


def _rise(use: FeatureUse) -> int:
    return use.credits - (use.previous or 0)
