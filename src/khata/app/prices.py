"""Price lists: in memory for whoever decides, published to the store, seen within a second."""

import re
from collections.abc import Callable, Mapping, Sequence

from khata.app.audited import Change, note_change
from khata.app.invalid import Invalid
from khata.app.price_list import OPERATOR_CAPS
from khata.domain.actor import SERVICE, Actor
from khata.domain.pricing import MAX_PER, MAX_PRICE_CREDITS, Price, PriceList, PriceLists
from khata.domain.rules import Rules
from khata.domain.times import rfc3339
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.prices import insert_price_list, price_lists_after

MAX_FEATURES = 2_000
# A client's clock may be this far behind ours when it says "now".
_CLOCK_SKEW_US = 300_000_000

_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_UNIT = re.compile(r"[\w .%/-]{1,40}")


class Prices:
    """All versions ever published. They must be refreshed once before `rules` is asked."""

    def __init__(
        self, pool: Pool, now_us: Callable[[], int], caps: Mapping[str, int] = OPERATOR_CAPS
    ) -> None:
        self._pool = pool
        self._now_us = now_us
        self._rules = Rules(PriceLists(()), caps)

    def rules(self) -> Rules:
        """The price lists and caps that decisions go by at this moment."""
        return self._rules

    @property
    def latest(self) -> int:
        """The number of the latest version known here; 0 before there is one."""
        versions = self._rules.prices.versions
        return versions[-1].version if versions else 0

    def in_force(self) -> PriceList:
        """The list that holds now."""
        return self._rules.prices.at(self._now_us())

    def demand_valid(self, features: Sequence[Price]) -> None:
        """Raises `Invalid` unless these prices could be published."""
        _demand_valid(features, self._rules.caps)

    async def publish(
        self,
        features: Sequence[Price],
        effective_at_us: int | None = None,
        by: Actor = SERVICE,
    ) -> PriceList:
        """The next version, in force here at once or from then on. Raises `Invalid`."""
        self.demand_valid(features)
        now_us = self._now_us()
        effective = now_us if effective_at_us is None else effective_at_us
        if effective < now_us - _CLOCK_SKEW_US:
            raise Invalid("effective_at", "lies in the past; prices change from now on or later")
        effective = max(effective, now_us)
        async with borrowed(self._pool) as connection, connection.transaction():
            version = await insert_price_list(connection, features, effective, now_us)
            change = Change(
                organization_id=None,
                action="pricing.published",
                subject=f"pricing_{version}",
                after={"features": len(features), "effective_at": rfc3339(effective)},
            )
            await note_change(connection, by, change, now_us)
        await self.refresh()
        return self._rules.prices.version(version)

    async def versions(self) -> tuple[PriceList, ...]:
        """All versions, oldest first."""
        await self.refresh()
        return self._rules.prices.versions

    async def refresh(self) -> None:
        """Takes in what was published since, here or elsewhere."""
        async with borrowed(self._pool) as connection:
            found = await price_lists_after(connection, self.latest)
        # Another refresh may have been faster.
        if new := [prices for prices in found if prices.version > self.latest]:
            versions = (*self._rules.prices.versions, *new)
            self._rules = Rules(PriceLists(versions), self._rules.caps)


def _demand_valid(features: Sequence[Price], caps: Mapping[str, int]) -> None:
    if not 1 <= len(features) <= MAX_FEATURES:
        raise Invalid("features", f"must be 1 to {MAX_FEATURES} features")
    seen: set[str] = set()
    for place, price in enumerate(features):
        if wrong := _wrong_field(price, seen, caps):
            raise Invalid(f"features[{place}].{wrong[0]}", wrong[1])
        seen.add(price.feature)


def _wrong_field(price: Price, seen: set[str], caps: Mapping[str, int]) -> tuple[str, str] | None:
    code = "must be a capital letter, then up to 63 of A-Z 0-9 _"
    checks = (
        ("feature", _CODE.fullmatch(price.feature), code),
        ("feature", price.feature not in seen, "is priced twice"),
        ("category", _CODE.fullmatch(price.category), code),
        ("credits", 0 <= price.credits <= MAX_PRICE_CREDITS, f"must be 0 to {MAX_PRICE_CREDITS}"),
        ("per", 1 <= price.per <= MAX_PER, f"must be 1 to {MAX_PER}"),
        ("unit", _UNIT.fullmatch(price.unit), "must be 1 to 40 letters, digits or spaces"),
        ("cap", price.cap is None or price.cap in caps, f"must be null or of {', '.join(caps)}"),
    )
    return next(((field, message) for field, good, message in checks if not good), None)
