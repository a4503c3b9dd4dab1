"""Of which usage somebody asks: of which hours and kind, and how much is named."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from khata.domain.usage_grains import Narrowed
from khata.http.schemas.common import AnyId, FeatureCode, Instant, MemberId, microseconds_of

Top = Annotated[int, Meta(ge=1, le=1000)]
Granularity = Literal["hour", "day"]


class UsageQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of which hours and kind; unless said otherwise of the last 30 days, today counted in.

    Hours count whole: that in which `from` lies, and that in which the moment before `to` lies.
    """

    since: Instant | None = field(default=None, name="from")
    until: Instant | None = field(default=None, name="to")
    member_id: MemberId | None = None
    category: FeatureCode | None = None
    feature: FeatureCode | None = None

    @property
    def from_us(self) -> int | None:
        """`from` in microseconds."""
        return None if self.since is None else microseconds_of(self.since)

    @property
    def to_us(self) -> int | None:
        """`to` in microseconds."""
        return None if self.until is None else microseconds_of(self.until)

    @property
    def narrowed(self) -> Narrowed:
        """The kind, as the store knows it."""
        return Narrowed(self.category, self.feature, self.member_id)


class TopQuery(UsageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same, and how many are named; the rest is summed up."""

    limit: Top = 50


class SeriesQuery(UsageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same, hour by hour or day by day, told apart by something."""

    granularity: Granularity = "day"
    by: Literal["category", "feature", "member"] = "category"
    limit: Annotated[int, Meta(ge=1, le=50)] = 10


class OrganizationQuery(UsageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same of an organization's wallets together, in the days of one zone.

    `organization_id` is for keys of the whole platform; others are asked for their own.
    """

    organization_id: AnyId | None = None
    time_zone: AnyId | None = None


class OrganizationTopQuery(
    OrganizationQuery, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """The same, and how many are named; the rest is summed up."""

    limit: Top = 50


class OrganizationSeriesQuery(
    OrganizationQuery, frozen=True, forbid_unknown_fields=True, kw_only=True
):
    """The same, hour by hour or day by day, told apart by something."""

    granularity: Granularity = "day"
    by: Literal["category", "feature", "member", "wallet"] = "category"
    limit: Annotated[int, Meta(ge=1, le=50)] = 10
