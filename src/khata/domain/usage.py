"""Usage by wallet, hour, feature and member: what a batch of transactions adds to the rollups."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from khata.domain.ids import WalletId
from khata.domain.ledger import USAGE_TYPES, Transaction
from khata.domain.limits import local_hour_us


class UsageKey(NamedTuple):
    """One rollup row. `hour_us` is when an hour of the wallet's own clock began."""

    wallet_id: WalletId
    hour_us: int
    feature: str
    member_id: str


class Usage(NamedTuple):
    """Credits charged less refunded, charges, and their quantity. The first category stays."""

    category: str
    credits: int
    charges: int
    quantity: int


def rollup(
    transactions: Iterable[Transaction], time_zones: Mapping[WalletId, str]
) -> dict[UsageKey, Usage]:
    """The usage in these transactions, merged."""
    sums: dict[tuple[WalletId, int, str, str], tuple[str, list[int]]] = {}
    for t in transactions:
        is_charge = t.type in USAGE_TYPES
        if t.feature is None or t.category is None or not (is_charge or t.type == "REFUND"):
            continue
        hour_us = local_hour_us(time_zones[t.wallet_id], t.at_us)
        key = (t.wallet_id, hour_us, t.feature, t.member_id or "")
        found = sums.get(key)
        if found is None:
            found = sums[key] = (t.category, [0, 0, 0])
        added = found[1]
        added[0] += t.account_change
        added[1] += is_charge
        added[2] += t.quantity or 0
    return {UsageKey(*key): Usage(category, *added) for key, (category, added) in sums.items()}
