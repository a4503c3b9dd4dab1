"""Transactions as everybody is shown them, and the balances beside them."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from khata.app.shown.common import MetadataShown, Time, metadata_shown
from khata.domain import ledger
from khata.domain.inr import legs_of
from khata.domain.ledger import TransactionType
from khata.domain.pricing import Remainder
from khata.domain.times import rfc3339
from khata.domain.wallet import Draw as DrawOf


class Entry(Struct, frozen=True, gc=False):
    """One leg of a transaction: credits, or with the unit `INR` paise, debit positive.

    The legs of each unit sum to zero.
    """

    account: str
    unit: str
    amount: int


class Draw(Struct, frozen=True, gc=False):
    """Credits taken from one grant; negative where they went back to it."""

    grant_id: str
    credits: int


class Transaction(Struct, frozen=True, gc=False):
    """One row of the ledger. `credits` is `balance_after` less `balance_before`."""

    id: str
    wallet_id: str
    sequence: int
    type: TransactionType
    credits: int
    balance_before: int
    balance_after: int
    feature: str | None
    category: str | None
    quantity: int | None
    price_version: int | None
    member_id: str | None
    source: str | None
    source_id: str | None
    idempotency_key: str | None
    metadata: MetadataShown
    created_at: Time
    hash: str
    previous_hash: str
    entries: tuple[Entry, ...]
    draws: tuple[Draw, ...]
    note: str | UnsetType = UNSET
    occurred_at: Time | UnsetType = UNSET
    counterpart_wallet_id: str | UnsetType = UNSET
    remainder_before: Remainder | UnsetType = UNSET
    remainder_after: Remainder | UnsetType = UNSET


class WalletBalances(Struct, frozen=True, gc=False):
    """A wallet's credits as of the transaction of this sequence."""

    id: str
    available_credits: int
    reserved_credits: int
    locked_credits: int
    sequence: int


def transaction_shown(t: ledger.Transaction) -> Transaction:
    """The transaction as the API shows it."""
    facts = t.facts
    seen = (
        t.id,
        t.wallet_id,
        t.sequence,
        t.type,
        t.available_change,
        t.available_after - t.available_change,
        t.available_after,
        t.feature,
        t.category,
        t.quantity,
        t.price_version,
        t.member_id,
        t.source,
        t.source_id,
        t.idempotency_key,
        metadata_shown(t.metadata),
        rfc3339(t.at_us),
        t.hash.hex(),
        t.previous_hash.hex(),
        _entries(t),
        draws_shown(t.draws),
    )
    if facts is ledger.NO_FACTS:
        return Transaction(*seen)
    return Transaction(
        *seen,
        UNSET if facts.note is None else facts.note,
        UNSET if facts.occurred_at_us is None else rfc3339(facts.occurred_at_us),
        facts.counterpart_wallet_id or UNSET,
        facts.remainder_before or UNSET,
        facts.remainder_after or UNSET,
    )


def balances_shown(t: ledger.Transaction) -> WalletBalances:
    """The wallet's credits as of this very transaction."""
    return WalletBalances(
        t.wallet_id, t.available_after, t.reserved_after, t.locked_after, t.sequence
    )


def draws_shown(draws: tuple[DrawOf, ...]) -> tuple[Draw, ...]:
    """Draws by name."""
    return tuple([Draw(draw.grant_id, draw.credits) for draw in draws])


def _entries(t: ledger.Transaction) -> tuple[Entry, ...]:
    legs = (
        ("available", t.available_change),
        ("reserved", t.reserved_change),
        ("locked", t.locked_change),
        (t.account or "", t.account_change),
    )
    credits = tuple([Entry(account, "CREDIT", amount) for account, amount in legs if amount])
    if not (t.recognized_paise or t.facts.money or t.facts.grants):
        return credits
    return credits + tuple([Entry(leg.account, "INR", leg.paise) for leg in legs_of(t)])
