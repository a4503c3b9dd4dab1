"""Usage counted anew from the ledger, to hold against the hourly rollups."""

from collections.abc import Sequence

from khata.domain.ledger import Transaction
from khata.domain.limits import HOUR_US, QUARTER_US, local_hour_us
from khata.domain.usage import Usage, UsageKey, rollup
from khata.domain.wallet import Wallet
from khata.engine.ledger_row import (
    ACCOUNT_CHANGE,
    AT_US,
    CATEGORY,
    FEATURE,
    MEMBER_ID,
    QUANTITY,
    Row,
)

# Where a zone's clock is set back, an hour of it may begin before one that was seen already.
LATE_US = 2 * HOUR_US

Place = tuple[int, str, str]
Sums = tuple[str, list[int]]


class Recount:
    """Usage of one wallet by hour, feature and member, until its hour is closed."""

    def __init__(self, wallet: Wallet) -> None:
        self._wallet_id = wallet.id
        self._zones = {wallet.id: wallet.time_zone}
        self._zone = wallet.time_zone
        # Within this time the hour that began then is the hour of the zone's clock.
        self._hour_us = self._from_us = self._until_us = 0
        self._counted: dict[Place, Sums] = {}

    def add(self, transaction: Transaction) -> None:
        """Count a transaction of any type."""
        for key, usage in rollup((transaction,), self._zones).items():
            place = (key.hour_us, key.feature, key.member_id)
            _, sums = self._counted.setdefault(place, (usage.category, [0, 0, 0]))
            sums[0] += usage.credits
            sums[1] += usage.charges
            sums[2] += usage.quantity

    def add_plain(self, rows: Sequence[Row]) -> None:
        """Count charges that have a feature and a category: the same as `add` of each."""
        counted = self._counted
        hour_us, from_us, until_us = self._hour_us, self._from_us, self._until_us
        for row in rows:
            if not from_us <= row[AT_US] < until_us:
                hour_us, from_us, until_us = self._hour_of(row[AT_US])
            place = (hour_us, row[FEATURE], row[MEMBER_ID] or "")
            found = counted.get(place)
            if found is None:
                found = counted[place] = (row[CATEGORY], [0, 0, 0])
            sums = found[1]
            sums[0] += row[ACCOUNT_CHANGE]
            sums[1] += 1
            sums[2] += row[QUANTITY] or 0

    def closed(self, before_us: int) -> dict[UsageKey, Usage]:
        """Takes out the hours that began before then."""
        taken: dict[UsageKey, Usage] = {}
        for place in [place for place in self._counted if place[0] < before_us]:
            category, sums = self._counted.pop(place)
            taken[UsageKey(self._wallet_id, *place)] = Usage(category, *sums)
        return taken

    def _hour_of(self, at_us: int) -> tuple[int, int, int]:
        """When the hour of this instant began, and from when until when that is sure."""
        hour_us = local_hour_us(self._zone, at_us)
        quarter_us = at_us // QUARTER_US * QUARTER_US
        self._hour_us = hour_us
        self._from_us = max(hour_us, quarter_us)
        self._until_us = min(hour_us + HOUR_US, quarter_us + QUARTER_US)
        return self._hour_us, self._from_us, self._until_us
