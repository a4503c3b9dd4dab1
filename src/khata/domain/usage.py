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
    """Credits charged less refunded, charges, and their quantity."""

    category: str
    credits: int
    charges: int
    quantity: int


def rollup(
    transactions: Iterable[Transaction], time_zones: Mapping[WalletId, str]
) -> dict[UsageKey, Usage]:
    """The usage in these transactions, merged."""
    merged: dict[UsageKey, Usage] = {}
    for t in transactions:
        if t.feature is None or t.category is None:
            continue
        if t.type not in USAGE_TYPES and t.type != "REFUND":
            continue
        hour = local_hour_us(time_zones[t.wallet_id], t.at_us)
        key = UsageKey(t.wallet_id, hour, t.feature, t.member_id or "")
        _, credits, charges, quantity = merged.get(key, (t.category, 0, 0, 0))
        merged[key] = Usage(
            t.category,
            credits + t.account_change,
            charges + (t.type in USAGE_TYPES),
            quantity + (t.quantity or 0),
        )
    return merged
