"""What the store holds of one wallet, as the check of it reads it: in streams, in key order."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from khata.domain.budgets import Counter
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.pricing import Remainder
from khata.domain.usage import Usage, UsageKey
from khata.domain.wallet import Accounts, Hold, Lot, Wallet
from khata.engine.ledger_row import Row

# The organization that a row names comes first in each of these.
StoredAccounts = tuple[OrganizationId, Accounts]
StoredLot = tuple[OrganizationId, Lot]
StoredHold = tuple[OrganizationId, Hold]
StoredMeter = tuple[OrganizationId, str, Remainder]
StoredCap = tuple[OrganizationId, tuple[str, int], int]
StoredCounter = tuple[OrganizationId, Counter, int]
StoredUsage = tuple[OrganizationId, UsageKey, Usage]


class StoredMoney(NamedTuple):
    """A row of the journal of money, its legs as they are stored."""

    organization_id: OrganizationId
    id: str
    legs: str


class StoredWallet(NamedTuple):
    """All rows of one wallet. Each iterator may be read once, in step with the others.

    `transactions` come in pieces, by sequence; `usage` by hour. Any part may be missing.
    """

    bucket: int
    wallet_id: WalletId
    wallet: Wallet | None
    accounts: StoredAccounts | None
    transactions: Iterator[Sequence[Row]]
    lots: Iterable[StoredLot]
    holds: Iterator[StoredHold]
    meters: Iterable[StoredMeter]
    caps: Iterable[StoredCap]
    usage: Iterator[StoredUsage]
    journal: Iterable[StoredMoney] = ()
    counters: Iterable[StoredCounter] = ()
