"""Price lists: what a feature costs, in whole credits with exact metering."""

from collections.abc import Mapping
from fractions import Fraction
from math import lcm

from msgspec import Struct

MAX_PRICE_CREDITS = 10**6
MAX_PER = 10**6


class Price(Struct, frozen=True, gc=False):
    """`credits` for every `per` units of a feature. A `per` above 1 is metered exactly."""

    feature: str
    category: str
    credits: int
    per: int = 1
    unit: str = "call"
    cap: str | None = None
    premium: bool = False


class PriceList(Struct, frozen=True, gc=False):
    """One published version. Versions are never edited, only followed by others."""

    version: int
    effective_at_us: int
    features: Mapping[str, Price]
    published_at_us: int = 0


class PriceLists(Struct, frozen=True, gc=False):
    """All versions, oldest first."""

    versions: tuple[PriceList, ...]

    def at(self, at_us: int) -> PriceList:
        """The list in force: the latest version whose time has come."""
        for prices in reversed(self.versions):
            if prices.effective_at_us <= at_us:
                return prices
        return self.versions[0]

    def version(self, number: int) -> PriceList:
        """The list of that version. A version that never was is a bug of the caller."""
        return next(prices for prices in self.versions if prices.version == number)


class Remainder(Struct, frozen=True, gc=False):
    """A part of a credit that was used and not yet billed, below 1."""

    numerator: int
    denominator: int


NO_REMAINDER = Remainder(0, 1)


class Bill(Struct, frozen=True, gc=False):
    """Whole credits to charge now; for a metered price the remainder before and after."""

    credits: int
    before: Remainder | None = None
    after: Remainder | None = None


def bill(price: Price, quantity: int, carried: Remainder | None) -> Bill:
    """What this quantity costs now, given the remainder carried so far for the feature."""
    if price.per == 1:
        return Bill(price.credits * quantity)
    before = over(carried or NO_REMAINDER, price.per)
    scale = before.denominator // price.per
    used = before.numerator + quantity * price.credits * scale
    whole, rest = divmod(used, before.denominator)
    return Bill(whole, before, Remainder(rest, before.denominator))


def over(remainder: Remainder, per: int) -> Remainder:
    """The same fraction over `per` where it fits, else over their least common multiple.

    A price change may leave a third of a credit behind a price per 1,000: nothing is rounded.
    """
    fraction = Fraction(remainder.numerator, remainder.denominator)
    denominator = lcm(fraction.denominator, per)
    return Remainder(fraction.numerator * denominator // fraction.denominator, denominator)


def reserve(price: Price, quantity: int) -> int:
    """Credits that surely cover this quantity whatever remainder is carried."""
    return -(-quantity * price.credits // price.per)
