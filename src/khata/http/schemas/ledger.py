"""Filters of the ledger's reads, and a page of it."""

from __future__ import annotations

from typing import Annotated, Final, get_args

from msgspec import Meta, Struct, field

from khata.app.views import TransactionFilter
from khata.domain.ledger import TransactionType
from khata.http.problems import invalid
from khata.http.schemas.common import (
    CountedPage,
    Cursor,
    FeatureCode,
    Instant,
    Limit,
    MemberId,
    microseconds_of,
)
from khata.http.schemas.transactions import Transaction

TYPES: Final = get_args(TransactionType)

# Of names, some divided by commas.
Types = Annotated[str, Meta(max_length=400, pattern="^[A-Za-z_]+(,[A-Za-z_]+)*$")]
Categories = Annotated[str, Meta(max_length=400, pattern="^[^,]{1,64}(,[^,]{1,64})*$")]


class FilterQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which transactions; `from` counts in, `to` does not.

    Of `type` and `category` there may be several, divided by commas: any of them is meant.
    """

    type: Types | None = None
    feature: FeatureCode | None = None
    category: Categories | None = None
    member_id: MemberId | None = None
    since: Instant | None = field(default=None, name="from")
    until: Instant | None = field(default=None, name="to")
    q: Annotated[str, Meta(min_length=1, max_length=200)] | None = None

    def chosen(self) -> TransactionFilter:
        """The filter as the views know it."""
        return TransactionFilter(
            types=_types(self.type),
            feature=self.feature,
            categories=frozenset(self.category.split(",")) if self.category else frozenset(),
            member_id=self.member_id,
            from_us=None if self.since is None else microseconds_of(self.since),
            to_us=None if self.until is None else microseconds_of(self.until),
            q=self.q,
        )


def _types(named: str | None) -> frozenset[str]:
    """422 for one that there is not."""
    asked = named.split(",") if named else []
    unknown = [each for each in asked if each not in TYPES]
    if unknown:
        raise invalid("type", f"must be of {', '.join(TYPES)}: not {unknown[0]}")
    return frozenset(asked)


class TransactionQuery(FilterQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The same as pages."""

    limit: Limit = 50
    cursor: Cursor | None = None
    newer_than: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    count: bool = False
    count_far: bool = False


class TransactionPage(CountedPage[Transaction], frozen=True, kw_only=True):
    """Some transactions, newest first. What comes after an answer without a cursor has a higher
    sequence than its `newest_sequence`: ask for it by `newer_than`."""

    newest_sequence: int


class StatementQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The stretch of the ledger; everything up to now if nothing is said."""

    since: Instant | None = field(default=None, name="from")
    until: Instant | None = field(default=None, name="to")
