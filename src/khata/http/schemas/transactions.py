"""Transactions, the balances beside them, and why they cost what they cost."""

from __future__ import annotations

from msgspec import Struct

from khata.app.shown.transactions import (
    Draw,
    Entry,
    Transaction,
    WalletBalances,
    balances_shown,
    draws_shown,
    transaction_shown,
)
from khata.domain.pricing import Price
from khata.domain.receipt import ChainFault, DrawnLot
from khata.domain.receipt import Receipt as ReceiptOf
from khata.http.schemas.budget_uses import BudgetUse, use_shown
from khata.http.schemas.grants import Grant, grant_shown

__all__ = [
    "CapUse",
    "ChainLink",
    "Draw",
    "DrawnGrant",
    "Entry",
    "EntryTotal",
    "Moved",
    "PriceRule",
    "Receipt",
    "Transaction",
    "WalletBalances",
    "balances_shown",
    "draws_shown",
    "receipt_shown",
    "transaction_shown",
]


class Moved(Struct, frozen=True, gc=False):
    """A transaction and the wallet's credits right after it."""

    transaction: Transaction
    wallet: WalletBalances


class PriceRule(Struct, frozen=True):
    """What the feature cost by the price list of that version."""

    feature: str
    category: str
    credits: int
    per: int
    unit: str
    cap: str | None
    premium: bool
    version: int


class DrawnGrant(Struct, frozen=True):
    """Credits drawn from one grant, in the order of burn-down."""

    credits: int
    grant: Grant


class CapUse(Struct, frozen=True):
    """A daily cap as the decision found and left it."""

    cap: str
    before: int
    after: int
    limit: int


class ChainLink(Struct, frozen=True):
    """A transaction's place in its wallet's chain, computed anew for this answer.

    `fault` says what is wrong where it is not `verified`: its `content` does not come to its hash,
    it does not continue the one `before`, or what is `after` does not continue it.
    """

    sequence: int
    hash: str
    previous_hash: str
    verified: bool
    fault: ChainFault | None


class EntryTotal(Struct, frozen=True):
    """What a transaction's entries in one unit come to, in and out: the same, for it balances."""

    unit: str
    debit: int
    credit: int


class Receipt(Struct, frozen=True):
    """Why a transaction cost what it cost. A capture's cap and budgets were counted when its hold
    was taken; what differed at the capture, budgets counted then. `worth` is what its credits are
    worth at the official rate, in paise."""

    transaction: Transaction
    totals: tuple[EntryTotal, ...]
    worth: int
    price: PriceRule | None
    lots: tuple[DrawnGrant, ...]
    caps: tuple[CapUse, ...]
    budgets: tuple[BudgetUse, ...]
    hold_transaction: Transaction | None
    chain: ChainLink


def receipt_shown(receipt: ReceiptOf) -> Receipt:
    """The receipt as the API shows it."""
    t, taken = receipt.transaction, receipt.hold_transaction
    shown = transaction_shown(t)
    return Receipt(
        transaction=shown,
        totals=_totals(shown.entries),
        worth=receipt.worth_paise,
        price=None if receipt.price is None else _rule(receipt.price, t.price_version or 0),
        lots=tuple(_drawn(t.wallet_id, lot) for lot in receipt.lots),
        caps=tuple(CapUse(cap.cap, cap.before, cap.after, cap.limit) for cap in receipt.caps),
        budgets=tuple(map(use_shown, receipt.budgets)),
        hold_transaction=None if taken is None else transaction_shown(taken),
        chain=_link(receipt),
    )


def _totals(entries: tuple[Entry, ...]) -> tuple[EntryTotal, ...]:
    by_unit: dict[str, list[int]] = {}
    for entry in entries:
        by_unit.setdefault(entry.unit, []).append(entry.amount)
    return tuple(
        EntryTotal(
            unit,
            sum(amount for amount in amounts if amount > 0),
            -sum(amount for amount in amounts if amount < 0),
        )
        for unit, amounts in by_unit.items()
    )


def _link(receipt: ReceiptOf) -> ChainLink:
    t, fault = receipt.transaction, receipt.chain_fault
    return ChainLink(t.sequence, t.hash.hex(), t.previous_hash.hex(), fault is None, fault)


def _rule(price: Price, version: int) -> PriceRule:
    return PriceRule(
        price.feature,
        price.category,
        price.credits,
        price.per,
        price.unit,
        price.cap,
        price.premium,
        version,
    )


def _drawn(wallet_id: str, drawn: DrawnLot) -> DrawnGrant:
    return DrawnGrant(drawn.credits, grant_shown(wallet_id, drawn.lot))
