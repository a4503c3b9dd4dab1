"""A wallet's caps of today and the course of its balances, as they are shown."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from khata.app.balance_history import BalanceHistory, BalancePoint
from khata.app.past_balances import Balances
from khata.domain import caps_today
from khata.domain.days import date_text
from khata.domain.times import rfc3339
from khata.http.schemas.common import Instant, Time, microseconds_of
from khata.http.schemas.usage_figures import Day
from khata.http.schemas.usage_queries import Granularity


class CapToday(Struct, frozen=True):
    """Operations of the wallet's day under one cap.

    `full_at` is when the limit is reached at the pace of the day so far; null where it is not.
    """

    cap: str
    used: int
    limit: int
    remaining: int
    resets_at: Time
    full_at: Time | None


class CapsToday(Struct, frozen=True):
    """All caps of the wallet."""

    data: Sequence[CapToday]


class BalanceQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Of which days or hours; unless said otherwise of the last 45 days, today counted in."""

    since: Instant | None = field(default=None, name="from")
    until: Instant | None = field(default=None, name="to")
    granularity: Granularity = "day"

    @property
    def from_us(self) -> int | None:
        """`from` in microseconds."""
        return None if self.since is None else microseconds_of(self.since)

    @property
    def to_us(self) -> int | None:
        """`to` in microseconds."""
        return None if self.until is None else microseconds_of(self.until)


class BalanceAt(Struct, frozen=True):
    """The balances at an instant."""

    at: Time
    available_credits: int
    reserved_credits: int
    locked_credits: int


class DayBalance(Struct, frozen=True):
    """A day or hour, by when it began, and the balances at its end, or now while it is under way.

    `purchased_credits` were bought in it.
    """

    at: Time
    date: Day
    available_credits: int
    reserved_credits: int
    locked_credits: int
    purchased_credits: int


class BalanceCourse(Struct, frozen=True):
    """The balances day by day or hour by hour, none left out; `opening` is before the first."""

    since: Time = field(name="from")
    until: Time = field(name="to")
    time_zone: str
    granularity: Granularity
    opening: BalanceAt
    data: Sequence[DayBalance]


def caps_shown(caps: Sequence[caps_today.CapToday]) -> CapsToday:
    """The caps as the API shows them."""
    return CapsToday([_cap(cap) for cap in caps])


def balances_shown(query: BalanceQuery, history: BalanceHistory) -> BalanceCourse:
    """The balances as the API shows them."""
    return BalanceCourse(
        since=rfc3339(history.from_us),
        until=rfc3339(history.to_us),
        time_zone=history.time_zone,
        granularity=query.granularity,
        opening=_opening(history.opening),
        data=[_day(history.time_zone, point) for point in history.points],
    )


def _cap(cap: caps_today.CapToday) -> CapToday:
    full_us = cap.full_at_us
    full_at = None if full_us is None else rfc3339(full_us)
    resets_at = rfc3339(cap.resets_at_us)
    return CapToday(cap.cap, cap.used, cap.limit, cap.remaining, resets_at, full_at)


def _opening(balances: Balances) -> BalanceAt:
    at = rfc3339(balances.at_us)
    return BalanceAt(at, balances.available, balances.reserved, balances.locked)


def _day(time_zone: str, point: BalancePoint) -> DayBalance:
    stood = point.balances
    return DayBalance(
        at=rfc3339(point.begun_us),
        date=date_text(time_zone, point.begun_us),
        available_credits=stood.available,
        reserved_credits=stood.reserved,
        locked_credits=stood.locked,
        purchased_credits=point.purchased,
    )
