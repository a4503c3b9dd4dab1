"""Verify: a wallet's ledger is replayed from nothing, and all that is stored held against it."""

from collections.abc import Iterable, Iterator, Mapping
from operator import add, attrgetter

import msgspec
from msgspec import Struct

from khata.domain.budgets import Counter
from khata.domain.difference import Difference
from khata.domain.ids import OrganizationId, bucket_of, is_id
from khata.domain.inr import DEFERRED, TRANSFERRED, Leg, is_balanced
from khata.domain.ledger import unearned_paise
from khata.domain.wallet import NEVER_US, Wallet
from khata.engine.compare import (
    HoldCheck,
    Table,
    UsageCheck,
    accounts_differences,
    cap_row,
    counter_row,
)
from khata.engine.ledger_row import AT_US
from khata.engine.recount import LATE_US
from khata.engine.replay import Replay
from khata.engine.stored import StoredMoney, StoredWallet
from khata.engine.wallet_state import WalletState, is_of_bucket

# The accounts of a wallet's book whose sum is zero.
BALANCED = (
    "available",
    "reserved",
    "locked",
    "issued_purchase",
    "issued_bonus",
    "issued_promo",
    "issued_plan",
    "adjusted",
    "consumed",
    "expired",
    "transferred",
    "clawed_back",
)
# Of a ledger that is wrong throughout, the first differences tell enough.
MAX_DIFFERENCES = 1000
# From this many rows on it is worth it to let go of what is done with.
_LONG = 500
_balances = attrgetter(*BALANCED)
_legs = msgspec.json.Decoder(tuple[Leg, ...]).decode


class Checked(Struct):
    """How much was checked, what it sums to per account over all wallets, and what is wrong."""

    wallets: int = 0
    transactions: int = 0
    grants: int = 0
    holds: int = 0
    meters: int = 0
    cap_counters: int = 0
    budget_counters: int = 0
    rollups: int = 0
    journal: int = 0
    credits: tuple[int, ...] = (0,) * len(BALANCED)
    paise: dict[str, int] = {}
    shared: dict[Counter, int] = {}
    difference_count: int = 0
    differences: list[Difference] = []

    def note(self, differences: Iterable[Difference]) -> None:
        """Counts differences, and keeps the first of them."""
        for difference in differences:
            self.difference_count += 1
            if len(self.differences) < MAX_DIFFERENCES:
                self.differences.append(difference)

    def add(self, other: "Checked") -> None:
        """Adds what was checked elsewhere."""
        self.wallets += other.wallets
        self.transactions += other.transactions
        self.grants += other.grants
        self.holds += other.holds
        self.meters += other.meters
        self.cap_counters += other.cap_counters
        self.budget_counters += other.budget_counters
        self.rollups += other.rollups
        self.journal += other.journal
        self.credits = tuple(map(add, self.credits, other.credits))
        for account, paise in other.paise.items():
            self.paise[account] = self.paise.get(account, 0) + paise
        for counter, used in other.shared.items():
            self.shared[counter] = self.shared.get(counter, 0) + used
        if other.difference_count:
            self.difference_count += other.difference_count - len(other.differences)
            self.note(other.differences)


def total_differences(checked: Checked) -> Iterator[Difference]:
    """The sums over all wallets: zero altogether, and what was given away has arrived."""
    totals = dict(zip(BALANCED, checked.credits, strict=True))
    for field, amount in (
        ("sum of all accounts", sum(totals.values())),
        ("transferred", totals["transferred"]),
        ("sum of all accounts in INR", sum(checked.paise.values())),
        ("transferred in INR", checked.paise.get(TRANSFERRED, 0)),
    ):
        if amount:
            yield Difference("accounts", "all wallets", "", field, 0, amount)


def shared_differences(checked: Checked, stored: Mapping[Counter, int]) -> Iterator[Difference]:
    """What all wallets added to the budgets they share, and what is stored of it."""
    for counter in checked.shared.keys() | stored.keys():
        expected, found = checked.shared.get(counter, 0), stored.get(counter, 0)
        if expected != found:
            row = counter_row(counter)
            yield Difference("shared_budget_counters", "all wallets", row, "used", expected, found)


def verify_wallet(stored: StoredWallet) -> Iterator[Checked]:
    """Checks one wallet. What it yields, bit by bit, is to be added up."""
    if not is_id(stored.wallet_id, "wal_"):
        yield _noted(Checked(), [_of_wallet(stored, "id", "an id of a wallet", stored.wallet_id)])
        return
    wallet = _wallet_of(stored)
    checked = _noted(Checked(wallets=1), _identity_differences(stored))
    replay = Replay(wallet)
    holds, usage = HoldCheck(wallet, stored.holds), UsageCheck(wallet, stored.usage)
    for rows in stored.transactions:
        replay.take(rows)
        checked.transactions += len(rows)
        checked.note(replay.differences_taken())
        if len(rows) < _LONG:
            continue
        before_us = rows[-1][AT_US] - LATE_US
        checked.note(holds.read(replay.holds_made))
        checked.note(holds.closed(replay.closed_taken()))
        checked.note(usage.closed(replay.state.usage.closed(before_us), before_us))
        yield checked
        checked = Checked()
    checked.note(holds.closed(replay.closed_taken()))
    checked.note(holds.finish(replay.state.holds))
    checked.note(usage.closed(replay.state.usage.closed(NEVER_US)))
    checked.holds, checked.rollups = holds.count, usage.count
    _note_end(checked, stored, wallet, replay.state)
    yield checked


def _note_end(checked: Checked, stored: StoredWallet, wallet: Wallet, state: WalletState) -> None:
    """Holds the wallet's other rows against where its last transaction left it."""
    owed, unearned = -state.paise.get(DEFERRED, 0), sum(map(unearned_paise, state.lots.values()))
    if owed != unearned:
        checked.note([_of_wallet(stored, "deferred_revenue", unearned, owed)])
    grants, meters, caps = (Table(name, wallet) for name in ("grants", "meters", "cap_counters"))
    lots = ((organization_id, lot.id, lot) for organization_id, lot in stored.lots)
    checked.note(accounts_differences(wallet, state.accounts, stored.accounts))
    checked.note(grants.rows(state.lots, lots, str, grants.fields))
    checked.note(meters.rows(state.meters, stored.meters, str, meters.fields))
    checked.note(caps.rows(state.caps, stored.caps, cap_row, caps.value))
    counters = Table("budget_counters", wallet)
    # One that stands at zero need have no row.
    expected = {counter: used for counter, used in state.counters.items() if used}
    found = (each for each in stored.counters if each[2])
    checked.note(counters.rows(expected, found, counter_row, counters.value))
    checked.budget_counters, checked.shared = counters.count, state.shared
    checked.grants, checked.meters, checked.cap_counters = grants.count, meters.count, caps.count
    checked.credits = _balances(state.accounts)
    checked.paise = state.paise
    for money in stored.journal:
        checked.journal += 1
        checked.note(_journal_differences(wallet, money, state))


def _journal_differences(
    wallet: Wallet, money: StoredMoney, state: WalletState
) -> Iterator[Difference]:
    """Whether a row of the journal is the wallet's and balances; adds its legs to the others."""
    table = Table("money_journal", wallet)
    yield from table.organization(money.id, money.organization_id)
    if not is_of_bucket(money.id, "mny_", state.marks):
        yield table.field(money.id, "id", "an id of the wallet's bucket", money.id)
    try:
        legs = _legs(money.legs)
    except ValueError as error:
        yield table.field(money.id, "legs", "legs in INR", str(error))
        return
    if not is_balanced(legs):
        yield table.field(money.id, "sum of legs", 0, sum(leg.paise for leg in legs))
    state.add_legs(legs)


def _noted(checked: Checked, differences: Iterable[Difference]) -> Checked:
    checked.note(differences)
    return checked


def _wallet_of(stored: StoredWallet) -> Wallet:
    """The wallet; where its row is gone, what its rows say of it."""
    if stored.wallet is not None:
        return stored.wallet
    organization_id = OrganizationId("") if stored.accounts is None else stored.accounts[0]
    return Wallet(stored.wallet_id, organization_id, "user", "", "", 0, 0)


def _identity_differences(stored: StoredWallet) -> Iterator[Difference]:
    if stored.wallet is None:
        yield _of_wallet(stored, "row", "present", "missing")
    bucket = bucket_of(stored.wallet_id)
    if bucket != stored.bucket:
        yield _of_wallet(stored, "bucket", bucket, stored.bucket)


def _of_wallet(
    stored: StoredWallet, field: str, expected: str | int, found: str | int
) -> Difference:
    return Difference("wallets", stored.wallet_id, "", field, expected, found)
