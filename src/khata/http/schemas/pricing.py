"""Price lists as they are read and published."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from khata.app.prices import MAX_FEATURES
from khata.domain import pricing as domain
from khata.domain.pricing import MAX_PER, MAX_PRICE_CREDITS
from khata.domain.times import rfc3339
from khata.http.schemas.common import Cursor, Instant, Limit, Time

Code = Annotated[str, Meta(pattern="^[A-Z][A-Z0-9_]{0,63}$")]


class PricedFeature(Struct, frozen=True, forbid_unknown_fields=True):
    """`credits` for every `per` units. A `per` above 1 is metered exactly."""

    feature: Code
    category: Code
    credits: Annotated[int, Meta(ge=0, le=MAX_PRICE_CREDITS)]
    per: Annotated[int, Meta(ge=1, le=MAX_PER)] = 1
    unit: Annotated[str, Meta(min_length=1, max_length=40)] = "call"
    cap: Code | None = None
    premium: bool = False


class PriceListBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole new list; it replaces the one before from `effective_at`, or from now on."""

    features: Annotated[list[PricedFeature], Meta(min_length=1, max_length=MAX_FEATURES)]
    effective_at: Instant | None = None

    def prices(self) -> list[domain.Price]:
        """The prices as the domain knows them."""
        return [
            domain.Price(f.feature, f.category, f.credits, f.per, f.unit, f.cap, f.premium)
            for f in self.features
        ]


class PriceList(Struct, frozen=True):
    """One published version."""

    version: int
    effective_at: Time
    published_at: Time
    features: tuple[PricedFeature, ...]


class VersionQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of versions, newest first."""

    limit: Limit = 50
    cursor: Cursor | None = None


def price_list_shown(prices: domain.PriceList) -> PriceList:
    """The list as the API shows it."""
    return PriceList(
        prices.version,
        rfc3339(prices.effective_at_us),
        rfc3339(prices.published_at_us),
        tuple(_shown(price) for price in prices.features.values()),
    )


def _shown(p: domain.Price) -> PricedFeature:
    return PricedFeature(p.feature, p.category, p.credits, p.per, p.unit, p.cap, p.premium)
