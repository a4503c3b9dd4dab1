"""Figures of usage as they are shown, with what they compare to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Raw, Struct, field

from khata.app.usage import Course, Looked, Point, Share, Shares, WeekHour
from khata.domain import usage_summary
from khata.domain.days import date_text
from khata.domain.money import PAISE_PER_CREDIT
from khata.domain.pricing import Price
from khata.domain.roles import Role
from khata.domain.times import rfc3339
from khata.domain.wallet import OwnerType, Wallet
from khata.http.schemas.common import Time
from khata.http.schemas.usage_queries import Granularity, OrganizationSeriesQuery, SeriesQuery
from khata.postgres.members import Member

# An exact decimal, to a tenth: JSON's own numbers are that, floats are not.
Percentage = Annotated[
    Raw, Meta(extra_json_schema={"type": "number", "minimum": 0, "maximum": 100})
]
Day = Annotated[str, Meta(extra_json_schema={"format": "date"})]


class UsageSummary(Struct, frozen=True):
    """What was used, at which pace, and what that comes to; whole credits.

    `available_worth` is what is available at the official rate, in paise.
    """

    since: Time = field(name="from")
    until: Time = field(name="to")
    time_zone: str
    total_consumed: int
    previous_period: int
    daily_average: int
    burn_rate_per_day: int
    monthly_estimate: int
    today: int
    usual_by_now: int | None
    this_month: int
    previous_month: int
    previous_month_by_now: int
    available_credits: int
    available_worth: int
    days_left: int | None
    runs_out_at: Time | None


class CategoryShare(Struct, frozen=True):
    """A category's part of what was used."""

    category: str
    credits: int
    count: int
    percentage: Percentage
    previous_credits: int


class UsageBreakdown(Struct, frozen=True):
    """Usage by category, the most first. The percentages sum to exactly 100."""

    since: Time = field(name="from")
    until: Time = field(name="to")
    total_credits: int
    total_count: int
    data: Sequence[CategoryShare]


class FeaturePrice(Struct, frozen=True):
    """What a feature costs now: so many credits for so many units."""

    credits: int
    per: int
    unit: str


class FeatureShare(Struct, frozen=True):
    """A feature's part; `trend` has its credits day by day.

    `price` is that of the list in force; null for a feature that is priced no more.
    """

    feature: str
    category: str | None
    credits: int
    count: int
    quantity: int
    percentage: Percentage
    previous_credits: int
    price: FeaturePrice | None
    trend: Sequence[int]


class OtherShare(Struct, frozen=True):
    """What those beyond the limit come to together, and how many they are."""

    names: int
    credits: int
    count: int
    percentage: Percentage
    previous_credits: int


class UsageFeatures(Struct, frozen=True):
    """The top consuming features, the most first."""

    since: Time = field(name="from")
    until: Time = field(name="to")
    total_credits: int
    total_count: int
    data: Sequence[FeatureShare]
    other: OtherShare | None


class MemberShare(Struct, frozen=True):
    """A member's part. `last_activity` is when the hour of the last charge began.

    `member_id` is null for what was used by nobody in particular.
    """

    member_id: str | None
    name: str | None
    role: Role | None
    credits_used: int
    count: int
    last_activity: Time | None
    percentage: Percentage
    previous_credits_used: int


class UsageTeam(Struct, frozen=True):
    """Usage by member, the most first."""

    since: Time = field(name="from")
    until: Time = field(name="to")
    total_credits: int
    total_count: int
    members: int
    data: Sequence[MemberShare]
    other: OtherShare | None


class WalletShare(Struct, frozen=True):
    """A wallet's part. `last_activity` is when the hour of the last charge began."""

    wallet_id: str
    name: str | None
    owner_type: OwnerType | None
    owner_id: str | None
    credits: int
    count: int
    percentage: Percentage
    previous_credits: int
    last_activity: Time | None


class UsageWallets(Struct, frozen=True):
    """Usage by wallet, the most first."""

    since: Time = field(name="from")
    until: Time = field(name="to")
    total_credits: int
    total_count: int
    wallets: int
    data: Sequence[WalletShare]
    other: OtherShare | None


class PointPart(Struct, frozen=True):
    """What was used under one name, in an hour or day or in all; null for nobody in particular."""

    name: str | None
    credits: int
    count: int


class OtherPart(Struct, frozen=True):
    """What was used under names that are not among the largest."""

    credits: int
    count: int


class UsagePoint(Struct, frozen=True):
    """An hour or a day, when it began, on which date in the zone, and what was used."""

    at: Time
    date: Day
    credits: int
    count: int
    parts: Sequence[PointPart]
    other: OtherPart | None


class UsageSeries(Struct, frozen=True):
    """Usage hour by hour or day by day, none left out.

    `totals` are the largest names and what was used under each in all, `other` what was used under
    the rest.
    """

    since: Time = field(name="from")
    until: Time = field(name="to")
    time_zone: str
    granularity: Granularity
    by: str
    totals: Sequence[PointPart]
    other: OtherPart | None
    data: Sequence[UsagePoint]


class HourOfWeek(Struct, frozen=True):
    """One hour of the week by the clock of the zone; weekday 1 is Monday."""

    weekday: Annotated[int, Meta(ge=1, le=7)]
    hour: Annotated[int, Meta(ge=0, le=23)]
    credits: int
    count: int


class UsageHeatmap(Struct, frozen=True):
    """Usage by hour of the week: all 168, Monday's first hour first."""

    since: Time = field(name="from")
    until: Time = field(name="to")
    time_zone: str
    busiest: HourOfWeek | None
    data: Sequence[HourOfWeek]


def summary_shown(looked: Looked, figures: usage_summary.Summary) -> UsageSummary:
    """The summary as the API shows it."""
    runs_out_us = figures.runs_out_at_us
    return UsageSummary(
        since=rfc3339(figures.from_us),
        until=rfc3339(figures.to_us),
        time_zone=looked.zone,
        total_consumed=figures.total_consumed,
        previous_period=figures.previous_period,
        daily_average=figures.daily_average,
        burn_rate_per_day=figures.burn_rate_per_day,
        monthly_estimate=figures.monthly_estimate,
        today=figures.today,
        usual_by_now=figures.usual_by_now,
        this_month=figures.this_month,
        previous_month=figures.previous_month,
        previous_month_by_now=figures.previous_month_by_now,
        available_credits=looked.viewed.available,
        available_worth=looked.viewed.available * PAISE_PER_CREDIT,
        days_left=figures.days_left,
        runs_out_at=None if runs_out_us is None else rfc3339(runs_out_us),
    )


def breakdown_shown(looked: Looked, shares: Shares) -> UsageBreakdown:
    """The shares of categories."""
    data = [
        CategoryShare(s.name or "", s.credits, s.charges, _exact(s.percentage), s.previous)
        for s in shares.shares
    ]
    return UsageBreakdown(*_period(looked), shares.credits, shares.charges, data)


def features_shown(looked: Looked, shares: Shares, prices: Mapping[str, Price]) -> UsageFeatures:
    """The shares of features, with what they cost now."""
    data = [
        FeatureShare(
            s.name or "",
            s.category,
            s.credits,
            s.charges,
            s.quantity,
            _exact(s.percentage),
            s.previous,
            _price(prices.get(s.name or "")),
            s.course,
        )
        for s in shares.shares
    ]
    totals = (shares.credits, shares.charges)
    return UsageFeatures(*_period(looked), *totals, data, _other(shares))


def team_shown(looked: Looked, shares: Shares, members: Mapping[str, Member]) -> UsageTeam:
    """The shares of members, with name and role of those that are known."""
    totals = (shares.credits, shares.charges, shares.names)
    data = [_member(share, members.get(share.name or "")) for share in shares.shares]
    return UsageTeam(*_period(looked), *totals, data, _other(shares))


def wallets_shown(looked: Looked, shares: Shares, wallets: Mapping[str, Wallet]) -> UsageWallets:
    """The shares of wallets."""
    totals = (shares.credits, shares.charges, shares.names)
    data = [_wallet(share, wallets.get(share.name or "")) for share in shares.shares]
    return UsageWallets(*_period(looked), *totals, data, _other(shares))


def series_shown(
    looked: Looked, query: SeriesQuery | OrganizationSeriesQuery, course: Course
) -> UsageSeries:
    """The course as the API shows it."""
    return UsageSeries(
        *_period(looked),
        looked.zone,
        query.granularity,
        query.by,
        [PointPart(s.name or None, s.credits, s.charges) for s in course.shares],
        None if course.other is None else OtherPart(course.other.credits, course.other.charges),
        [_point(looked.zone, point) for point in course.points],
    )


def heatmap_shown(looked: Looked, week: Sequence[WeekHour]) -> UsageHeatmap:
    """The week as the API shows it."""
    data = [HourOfWeek(h.place // 24 + 1, h.place % 24, h.credits, h.charges) for h in week]
    busiest = max(data, key=lambda hour: hour.credits)
    found = busiest if busiest.credits > 0 else None
    return UsageHeatmap(*_period(looked), looked.zone, found, data)


def _period(looked: Looked) -> tuple[str, str]:
    return rfc3339(looked.from_us), rfc3339(looked.to_us)


def _wallet(share: Share, wallet: Wallet | None) -> WalletShare:
    last_us = share.last_hour_us
    return WalletShare(
        wallet_id=share.name or "",
        name=None if wallet is None else wallet.name,
        owner_type=None if wallet is None else wallet.owner_type,
        owner_id=None if wallet is None else wallet.owner_id,
        credits=share.credits,
        count=share.charges,
        percentage=_exact(share.percentage),
        previous_credits=share.previous,
        last_activity=None if last_us is None else rfc3339(last_us),
    )


def _price(price: Price | None) -> FeaturePrice | None:
    return None if price is None else FeaturePrice(price.credits, price.per, price.unit)


def _exact(percentage: Decimal) -> Raw:
    return Raw(str(percentage).encode())


def _member(share: Share, member: Member | None) -> MemberShare:
    last_us = share.last_hour_us
    return MemberShare(
        member_id=share.name,
        name=None if member is None else member.name,
        role=None if member is None else member.role,
        credits_used=share.credits,
        count=share.charges,
        last_activity=None if last_us is None else rfc3339(last_us),
        percentage=_exact(share.percentage),
        previous_credits_used=share.previous,
    )


def _other(shares: Shares) -> OtherShare | None:
    other = shares.other
    if other is None:
        return None
    names = shares.names - len(shares.shares)
    return OtherShare(names, other.credits, other.charges, _exact(other.percentage), other.previous)


def _point(time_zone: str, point: Point) -> UsagePoint:
    parts = [
        PointPart(used.name or None, used.credits, used.charges)
        for used in point.parts
        if used.name is not None
    ]
    others = [used for used in point.parts if used.name is None]
    other = OtherPart(others[0].credits, others[0].charges) if others else None
    date = date_text(time_zone, point.at_us)
    return UsagePoint(rfc3339(point.at_us), date, point.credits, point.charges, parts, other)
