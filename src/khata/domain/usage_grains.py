"""From which sums a question about usage is answered: the coarsest that tell all that is asked.

The coarse ones are by whole hours or whole days of the wallet's zone. What a question wants beyond
whole days, its edges, is summed from the hours themselves.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from khata.domain.limits import day_start_us, local_day

Name = Literal["category", "feature", "member"]
Grain = Literal[
    "hour",
    "hour_category",
    "hour_of_feature",
    "hour_of_member",
    "day_feature",
    "day_member",
    "day_feature_of_member",
    "day_member_of_category",
    "day_member_of_feature",
]
Stretch = tuple[int, int]


class Narrowed(Struct, frozen=True):
    """Which usage is asked for: all, or that of a category, a feature, a member."""

    category: str | None = None
    feature: str | None = None
    member_id: str | None = None


class Sources(Struct, frozen=True):
    """The stretches that sums of a grain are good for, and those that only the hours are.

    `within` is the one name that such sums are asked for, where they lie by it.
    """

    grain: Grain
    within: str
    whole: Sequence[Stretch]
    edges: Sequence[Stretch]


def sources(
    time_zone: str, marks: Sequence[int], by: Name | None, narrowed: Narrowed, at_us: int
) -> Sources:
    """Where usage between each mark and the next comes from, when it is told apart by that and
    narrowed so. Nothing has been used yet beyond `at_us`."""
    days = _by_days(time_zone, _closed(time_zone, marks, at_us))
    hourly = _hourly(by, narrowed)
    # Days are fewer rows than hours, unless they leave edges.
    if hourly is not None and (days[1] or hourly[0] in {"hour", "hour_of_member"}):
        return Sources(*hourly, [(marks[0], marks[-1])], ())
    return Sources(*_daily(by, narrowed), *days)


def hourly_sources(marks: Sequence[int], by: Name | None, narrowed: Narrowed) -> Sources:
    """The same for a wallet whose days are others: its hours are good all the same."""
    whole = [(marks[0], marks[-1])]
    grain = _hourly(by, narrowed)
    return Sources("hour", "", (), whole) if grain is None else Sources(*grain, whole, ())


def _hourly(by: Name | None, narrowed: Narrowed) -> tuple[Grain, str] | None:
    """The sums by hour that tell this, if any do."""
    category, feature, member = narrowed.category, narrowed.feature, narrowed.member_id
    if member is not None:
        plain = category is None and feature is None and by in {None, "member"}
        return ("hour_of_member", member) if plain else None
    if by == "member":
        return None
    if feature is not None:
        return "hour_of_feature", feature
    if by == "feature":
        return None
    return ("hour", "") if category is None and by is None else ("hour_category", "")


def _daily(by: Name | None, narrowed: Narrowed) -> tuple[Grain, str]:
    """The sums by day that tell this: of any question some do."""
    if narrowed.member_id is not None:
        return "day_feature_of_member", narrowed.member_id
    if by != "member":
        return "day_feature", ""
    if narrowed.feature is not None:
        return "day_member_of_feature", narrowed.feature
    if narrowed.category is not None:
        return "day_member_of_category", narrowed.category
    return "day_member", ""


def _closed(time_zone: str, marks: Sequence[int], at_us: int) -> Sequence[int]:
    """The marks, the last of which may as well be the end of a day that is not over."""
    tomorrow_us = day_start_us(time_zone, local_day(time_zone, at_us) + 1)
    if at_us < marks[-1] < tomorrow_us:
        return [*marks[:-1], tomorrow_us]
    return marks


def _by_days(time_zone: str, marks: Sequence[int]) -> tuple[list[Stretch], list[Stretch]]:
    """The whole days between the marks, and what is left beside them."""
    whole: list[Stretch] = []
    edges: list[Stretch] = []
    for first, last in pairwise(marks):
        day, end = local_day(time_zone, first - 1) + 1, local_day(time_zone, last)
        if day < end:
            begun_us, ends_us = day_start_us(time_zone, day), day_start_us(time_zone, end)
            whole.append((begun_us, ends_us))
            edges += [(first, begun_us), (ends_us, last)]
        else:
            edges.append((first, last))
    return _joined(whole), _joined(edges)


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same without empty ones, and those that meet made one."""
    joined: list[Stretch] = []
    for first, last in stretches:
        if joined and joined[-1][1] == first:
            joined[-1] = (joined[-1][0], last)
        elif first < last:
            joined.append((first, last))
    return joined
