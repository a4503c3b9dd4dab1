"""Filters of the ledger's reads."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from khata.app.views import TransactionFilter
from khata.domain.ledger import TransactionType
from khata.http.schemas.common import (
    Cursor,
    FeatureCode,
    Instant,
    Limit,
    MemberId,
    microseconds_of,
)


class FilterQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which transactions; `from` counts in, `to` does not."""

    type: TransactionType | None = None
    feature: FeatureCode | None = None
    category: FeatureCode | None = None
    member_id: MemberId | None = None
    since: Instant | None = field(default=None, name="from")
    until: Instant | None = field(default=None, name="to")
    q: Annotated[str, Meta(min_length=1, max_length=200)] | None = None

    def chosen(self) -> TransactionFilter:
        """The filter as the views know it."""
        return TransactionFilter(
            type=self.type,
            feature=self.feature,
            category=self.category,
            member_id=self.member_id,
            from_us=None if self.since is None else microseconds_of(self.since),
            to_us=None if self.until is None else microseconds_of(self.until),
            q=self.q,
        )


class TransactionQuery(FilterQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same as pages."""

    limit: Limit = 50
    cursor: Cursor | None = None
    count: bool = False


class StatementQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The stretch of the ledger; everything up to now if nothing is said."""

    since: Instant | None = field(default=None, name="from")
    until: Instant | None = field(default=None, name="to")
