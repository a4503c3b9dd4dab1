"""The constraints of postgres/schema.sql on a batch's rows, by the same names.

What the database would not take, the books in memory do not take either.
"""

from collections.abc import Iterator

from khata.domain.inr import is_balanced
from khata.domain.ledger import Transaction
from khata.domain.wallet import Accounts, Book, Hold, Lot

BOUND = 10**15


class ConstraintBroken(Exception):
    """A row broke the constraint of this name: a bug, whoever wrote it."""


def check_transaction(t: Transaction) -> None:
    """Raise `ConstraintBroken` where the ledger would refuse this row."""
    changes = t.available_change + t.reserved_change + t.locked_change
    _require(changes + t.account_change == 0, "transactions_balanced", t)
    _require((t.account is None) == (t.account_change == 0), "transactions_account", t)
    _require(t.sequence > 0, "transactions_sequence", t)
    _require(t.reserved_after >= 0 and t.locked_after >= 0, "transactions_sides", t)
    _require(is_balanced(t.facts.money), "transactions_money_balanced", t)
    keyless, unmarked = t.idempotency_key is None, t.fingerprint is None
    _require(keyless == unmarked, "transactions_key_with_fingerprint", t)
    _require(len(t.hash) == len(t.previous_hash) == 32, "transactions_hashes", t)


def check_book(book: Book) -> None:
    """Raise `ConstraintBroken` where the database would refuse a row of this book."""
    _check_accounts(book.accounts)
    for lot in book.lots:
        _check_lot(lot)
    for hold in book.holds.values():
        _check_hold(hold)
    for remainder in book.meters.values():
        below = 0 <= remainder.numerator < remainder.denominator
        _require(below, "meters_below_one", remainder)
    for used in book.caps.values():
        _require(used >= 0, "cap_counters_used", book.caps)
    for used in book.counts.own.values():
        _require(used >= 0, "budget_counters_used", book.counts)


def own_accounts(accounts: Accounts) -> int:
    """Credits that the wallet holds, in all pockets and after its debt."""
    return accounts.available + accounts.reserved + accounts.locked


def counter_accounts(accounts: Accounts) -> dict[str, int]:
    """Where the credits came from (negative) and went (positive)."""
    a = accounts
    return {
        "issued_purchase": a.issued_purchase,
        "issued_bonus": a.issued_bonus,
        "issued_promo": a.issued_promo,
        "issued_plan": a.issued_plan,
        "adjusted": a.adjusted,
        "consumed": a.consumed,
        "expired": a.expired,
        "transferred": a.transferred,
        "clawed_back": a.clawed_back,
    }


def _check_accounts(a: Accounts) -> None:
    _require(own_accounts(a) + sum(counter_accounts(a).values()) == 0, "accounts_balanced", a)
    _require(a.available >= -a.debt and a.debt >= 0, "accounts_below_zero_only_by_debt", a)
    _require(a.reserved >= 0 and a.locked >= 0, "accounts_sides", a)
    _require(a.available <= BOUND and a.debt <= BOUND, "accounts_bounds", a)


def _check_lot(lot: Lot) -> None:
    pockets = tuple(_pockets(lot))
    whole = lot.granted > 0 and min(pockets) >= 0 and sum(pockets) <= lot.granted
    _require(whole, "grants_pockets", lot)
    _require(0 <= lot.clawed_back <= lot.granted, "grants_clawed_back", lot)
    _require(lot.cost_paise >= 0, "grants_cost", lot)
    _require(not (lot.kind == "promo" and lot.transferable), "grants_promo_stays", lot)


def _check_hold(hold: Hold) -> None:
    _require(hold.credits >= 0 and hold.captured >= 0, "holds_amounts", hold)
    _require(hold.state == "captured" or hold.captured == 0, "holds_captured_once", hold)


def _pockets(lot: Lot) -> Iterator[int]:
    yield from (lot.available, lot.reserved, lot.locked)


def _require(holds: bool, constraint: str, row: object) -> None:
    if not holds:
        raise ConstraintBroken(f"{constraint}: {row}")
