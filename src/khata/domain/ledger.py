"""Transactions: what the ledger records, and how a rule's posting becomes one."""

from operator import attrgetter
from typing import Literal

import msgspec
from msgspec import Struct

from khata.domain import chain
from khata.domain.budgets import NOBODY, BudgetUse, Spender
from khata.domain.ids import OrganizationId, TransactionId, Ulid, WalletId, bucket_of, derived
from khata.domain.inr import Legs
from khata.domain.money import half_up
from khata.domain.pricing import Remainder
from khata.domain.wallet import Book, Draw, Hold, Lot

TransactionType = Literal[
    "CREDIT_PURCHASE",
    "BONUS_CREDIT",
    "USAGE_DEDUCTION",
    "REFUND",
    "ADMIN_ADJUSTMENT",
    "HOLD",
    "HOLD_CAPTURE",
    "HOLD_RELEASE",
    "EXPIRY",
    "TRANSFER_IN",
    "TRANSFER_OUT",
    "LOCK",
    "UNLOCK",
    "CLAWBACK",
    "PAYOUT_HOLD",
    "PAYOUT_RELEASE",
]

# The counter-accounts of a wallet's book, and the column of `Accounts` that sums each.
COUNTER_ACCOUNTS = {
    "issued.purchase": "issued_purchase",
    "issued.bonus": "issued_bonus",
    "issued.promo": "issued_promo",
    "issued.plan": "issued_plan",
    "adjusted": "adjusted",
    "expired": "expired",
    "transferred": "transferred",
    "clawed_back": "clawed_back",
}
CONSUMED = "consumed."

USAGE_TYPES: frozenset[str] = frozenset({"USAGE_DEDUCTION", "HOLD_CAPTURE"})
_LEAVES_LOTS: frozenset[str] = frozenset(
    {
        "USAGE_DEDUCTION",
        "HOLD_CAPTURE",
        "REFUND",
        "EXPIRY",
        "ADMIN_ADJUSTMENT",
        "TRANSFER_OUT",
        "CLAWBACK",
        "CREDIT_PURCHASE",
        "TRANSFER_IN",
    }
)


def counter_column(account: str) -> str:
    """The column of `Accounts` that sums a counter-account."""
    return "consumed" if account.startswith(CONSUMED) else COUNTER_ACCOUNTS[account]


class CapUse(Struct, frozen=True, gc=False):
    """A daily cap as a decision found and left it. `day` counts days since 1970 in the wallet's
    zone."""

    cap: str
    day: int
    before: int
    after: int
    limit: int


class Facts(Struct, frozen=True, gc=False, omit_defaults=True):
    """What an operation says of itself beyond its amounts. Part of the hash, as JSON text."""

    caps: tuple[CapUse, ...] = ()
    hold: Hold | None = None
    grants: tuple[Lot, ...] = ()
    remainder_before: Remainder | None = None
    remainder_after: Remainder | None = None
    note: str | None = None
    occurred_at_us: int | None = None
    payment_id: str | None = None
    clawed: tuple[Draw, ...] = ()
    counterpart_wallet_id: WalletId | None = None
    money: Legs = ()
    order_id: str | None = None
    refund_id: str | None = None
    dispute_id: str | None = None
    budgets: tuple[BudgetUse, ...] = ()


NO_FACTS = Facts()


class Posting(Struct, frozen=True, gc=False):
    """What a rule wants recorded: changes that sum to zero with the counter-account's."""

    type: TransactionType
    available_change: int = 0
    reserved_change: int = 0
    locked_change: int = 0
    account: str | None = None
    draws: tuple[Draw, ...] = ()
    facts: Facts = NO_FACTS
    feature: str | None = None
    category: str | None = None
    quantity: int | None = None
    price_version: int | None = None
    member_id: str | None = None
    source: str | None = None
    source_id: str | None = None
    metadata: str | None = None


class Stamp(Struct, frozen=True, gc=False):
    """What the door gives a decision besides the command: ids, time, the body's fingerprint, and
    who sent it."""

    ulid: Ulid
    at_us: int
    fingerprint: bytes = b""
    spender: Spender = NOBODY


class Transaction(Struct, frozen=True, gc=False):
    """One row of the ledger, chained to the wallet's previous one."""

    id: TransactionId
    organization_id: OrganizationId
    wallet_id: WalletId
    sequence: int
    type: TransactionType
    at_us: int
    available_change: int
    reserved_change: int
    locked_change: int
    account: str | None
    account_change: int
    available_after: int
    reserved_after: int
    locked_after: int
    feature: str | None
    category: str | None
    quantity: int | None
    price_version: int | None
    member_id: str | None
    source: str | None
    source_id: str | None
    idempotency_key: str | None
    metadata: str | None
    draws: tuple[Draw, ...]
    facts: Facts
    facts_text: str | None
    recognized_paise: int
    previous_hash: bytes
    hash: bytes
    fingerprint: bytes | None = None
    hash_version: int = chain.VERSION

    @property
    def balance_before(self) -> int:
        """`available` before, in credits."""
        return self.available_after - self.available_change


_encode = msgspec.json.Encoder().encode
_hashed = attrgetter(*chain.FIELDS)


def record(
    book: Book,
    posting: Posting,
    stamp: Stamp,
    *,
    number: int = 0,
    key: str | None = None,
) -> Transaction:
    """The transaction that this posting is on that book, numbered and chained.

    `number` tells several transactions of one decision apart; only its own carries the key.
    """
    accounts, wallet = book.accounts, book.wallet
    p = posting
    facts_text = None if p.facts is NO_FACTS else _encode(p.facts).decode()
    sequence = accounts.sequence + 1
    transaction_id = TransactionId("txn_" + numbered(stamp.ulid, number, wallet.id))
    account_change = -(p.available_change + p.reserved_change + p.locked_change)
    available = accounts.available + p.available_change
    reserved = accounts.reserved + p.reserved_change
    locked = accounts.locked + p.locked_change
    recognized = recognized_paise(book, p)
    # What the hash covers and the row has, in the one order of both.
    told = (
        p.type,
        stamp.at_us,
        p.available_change,
        p.reserved_change,
        p.locked_change,
        p.account,
        account_change,
        available,
        reserved,
        locked,
        p.feature,
        p.category,
        p.quantity,
        p.price_version,
        p.member_id,
        p.source,
        p.source_id,
        key,
        p.metadata,
        p.draws,
    )
    hashed = chain.digest(
        accounts.head, (wallet.id, sequence, transaction_id, *told, facts_text, recognized)
    )
    return Transaction(
        transaction_id,
        wallet.organization_id,
        wallet.id,
        sequence,
        *told,
        p.facts,
        facts_text,
        recognized,
        accounts.head,
        hashed,
        stamp.fingerprint if key is not None else None,
    )


def numbered(ulid: Ulid, number: int, wallet_id: WalletId) -> Ulid:
    """The ULID of the `number`-th thing a decision makes for this wallet."""
    return derived(ulid, number, bucket_of(wallet_id)) if number else ulid


def recognized_paise(book: Book, posting: Posting | Transaction) -> int:
    """The part of the lots' cost that these draws use up, so that the parts of a lot sum exactly.

    After u of a lot's C credits are gone, round(P * u / C) of its price P is earned.
    """
    if posting.type not in _LEAVES_LOTS:
        return 0
    total = 0
    for draw in posting.draws:
        for lot in posting.facts.grants:
            if lot.id == draw.grant_id and lot.cost_paise:
                total += earned_paise(lot, 0, draw.credits)
        for lot in book.lots:
            if lot.id == draw.grant_id and lot.cost_paise:
                total += earned_paise(lot, lot.gone, draw.credits)
    return total


def unearned_paise(lot: Lot) -> int:
    """Paise of the lot's cost that are not used up yet."""
    return lot.cost_paise - half_up(lot.cost_paise * lot.gone, lot.granted)


def earned_paise(lot: Lot, gone: int, credits: int) -> int:
    """Paise of the lot's cost that `credits` more of it use up when `gone` are gone already."""
    after = half_up(lot.cost_paise * (gone + credits), lot.granted)
    return after - half_up(lot.cost_paise * gone, lot.granted)


def hash_of(t: Transaction) -> bytes:
    """The hash that the transaction must have, by what it says and the hash that it names."""
    return chain.digest(t.previous_hash, _hashed(t))
