"""Price lists as they are read and published."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, convert, field

from khata.app.prices import MAX_FEATURES
from khata.domain import price_trial
from khata.domain import pricing as domain
from khata.domain.price_trial import PriceTrial
from khata.domain.pricing import MAX_PER, MAX_PRICE_CREDITS
from khata.domain.times import rfc3339
from khata.http.schemas.common import AnyId, Cursor, Instant, Limit, Time

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


Features = Annotated[list[PricedFeature], Meta(min_length=1, max_length=MAX_FEATURES)]


class PriceListBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole new list; it replaces the one before from `effective_at`, or from now on."""

    features: Features
    effective_at: Instant | None = None

    def prices(self) -> list[domain.Price]:
        """The prices as the domain knows them."""
        return [price_of(feature) for feature in self.features]


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


class TrialBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Prices to try on the usage `from` a time on and before `to`, of all wallets or one.

    `organization_id` is for keys of the whole platform; others try on their own.
    """

    features: Features
    since: Instant = field(name="from")
    until: Instant = field(name="to")
    wallet_id: AnyId | None = None
    organization_id: AnyId | None = None

    def prices(self) -> list[domain.Price]:
        """The prices as the domain knows them."""
        return [price_of(feature) for feature in self.features]


class FeatureTried(Struct, frozen=True):
    """What a feature cost, less refunds, and would have cost.

    One that the prices leave out would have been refused: it costs nothing.
    """

    feature: str
    category: str
    is_priced: bool
    count: int
    quantity: int
    actual_credits: int
    proposed_credits: int


class WalletTried(Struct, frozen=True):
    """`runs_dry_at`: when its credits first would not have covered what it really did."""

    wallet_id: str
    actual_credits: int
    proposed_credits: int
    runs_dry_at: Time | None


class Trial(Struct, frozen=True, kw_only=True):
    """A period's usage as it was and as proposed.

    Up to 1,000 wallets are named: those that run dry, soonest first, then those whose costs change
    most. The counts are of all that used anything.
    """

    since: Time = field(name="from")
    until: Time = field(name="to")
    actual_credits: int
    proposed_credits: int
    features: tuple[FeatureTried, ...]
    wallets: tuple[WalletTried, ...]
    wallet_count: int
    runs_dry_count: int


def trial_shown(trial: PriceTrial) -> Trial:
    """The trial as the API shows it."""
    return Trial(
        since=rfc3339(trial.from_us),
        until=rfc3339(trial.to_us),
        actual_credits=trial.actual_credits,
        proposed_credits=trial.proposed_credits,
        features=tuple(
            convert(each, FeatureTried, from_attributes=True) for each in trial.features
        ),
        wallets=tuple(_wallet_shown(each) for each in trial.wallets),
        wallet_count=trial.wallet_count,
        runs_dry_count=trial.runs_dry_count,
    )


def _wallet_shown(tried: price_trial.WalletTried) -> WalletTried:
    dry_at_us = tried.runs_dry_at_us
    return WalletTried(
        tried.wallet_id,
        tried.actual_credits,
        tried.proposed_credits,
        None if dry_at_us is None else rfc3339(dry_at_us),
    )


def price_list_shown(prices: domain.PriceList) -> PriceList:
    """The list as the API shows it."""
    return PriceList(
        prices.version,
        rfc3339(prices.effective_at_us),
        rfc3339(prices.published_at_us),
        tuple(_shown(price) for price in prices.features.values()),
    )


def price_of(f: PricedFeature) -> domain.Price:
    """The price as the domain knows it."""
    return domain.Price(f.feature, f.category, f.credits, f.per, f.unit, f.cap, f.premium)


def _shown(p: domain.Price) -> PricedFeature:
    return PricedFeature(p.feature, p.category, p.credits, p.per, p.unit, p.cap, p.premium)
