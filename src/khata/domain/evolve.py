"""Evolve: the book after a transaction, from nothing but what the transaction says.

The batch, `verify`, the price trial and the property tests all go through here.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from khata.domain.budgets import counts_after
from khata.domain.ids import HoldId, TransactionId
from khata.domain.ledger import NO_FACTS, Transaction, counter_column
from khata.domain.lots import (
    LOCK,
    RESERVE,
    SPEND,
    SPEND_LOCKED,
    UNLOCK,
    UNRESERVE,
    burn_order,
    moved,
    total,
)
from khata.domain.payouts import PAYOUT_TYPES, payouts_after
from khata.domain.recharge_trigger import after_spending
from khata.domain.wallet import Accounts, Book, Charge, Draw, Hold, Lot, TakenBack

_GRANTS: frozenset[str] = frozenset({"CREDIT_PURCHASE", "BONUS_CREDIT", "TRANSFER_IN"})
# These put credits back into lots, which may have expired meanwhile.
_RETURNS: frozenset[str] = frozenset(
    {"HOLD_CAPTURE", "HOLD_RELEASE", "REFUND", "UNLOCK", "PAYOUT_RELEASE", "CLAWBACK"}
)


def evolve(book: Book, transaction: Transaction) -> Book:
    """The book after this transaction."""
    after = _booked(book, transaction)
    return after if book.recharge_below is None else after_spending(after, transaction)


def _booked(book: Book, transaction: Transaction) -> Book:
    t, facts = transaction, transaction.facts
    lots = _lots_after(book, t)
    accounts = _accounts_after(book.accounts, t)
    if facts is NO_FACTS and t.type == "USAGE_DEDUCTION":
        return _with(book, accounts, lots, book.holds, book.caps, book.due_us)
    holds, caps = book.holds, book.caps
    if facts.hold is not None:
        holds = {**holds, facts.hold.id: facts.hold}
    if facts.caps:
        caps = {**caps, **{(use.cap, use.day): use.after for use in facts.caps}}
    after = _with(book, accounts, lots, holds, caps, _due_after(book, t, lots))
    if facts.remainder_after is not None and t.feature is not None:
        after = replace(after, meters={**book.meters, t.feature: facts.remainder_after})
    if facts.budgets:
        after = replace(after, counts=counts_after(book.counts, facts.budgets))
    if t.type == "REFUND":
        after = replace(after, charges=_charges_after(book.charges, t))
    if t.type == "CLAWBACK":
        after = replace(after, clawbacks=_clawbacks_after(book.clawbacks, t))
    if t.type in PAYOUT_TYPES:
        moved_by = (t.type, t.source_id, t.draws)
        after = replace(after, payouts=payouts_after(book.payouts, [moved_by]))
    return after


def _with(
    book: Book,
    accounts: Accounts,
    lots: tuple[Lot, ...],
    holds: Mapping[HoldId, Hold],
    caps: Mapping[tuple[str, int], int],
    due_us: int,
) -> Book:
    return Book(
        book.wallet,
        accounts,
        lots,
        holds,
        caps,
        book.meters,
        book.charges,
        due_us,
        book.revision,
        book.clawbacks,
        book.payouts,
        recharge_below=book.recharge_below,
        recharges=book.recharges,
        counts=book.counts,
    )


def _due_after(book: Book, t: Transaction, lots: tuple[Lot, ...]) -> int:
    """No later than the first expiry: what this transaction adds may come before all others."""
    due_us = book.due_us
    if t.facts.hold is not None and t.facts.hold.state == "open":
        due_us = min(due_us, t.facts.hold.expires_at_us)
    if t.facts.grants or t.type in _RETURNS:
        due_us = min([due_us, *(lot.expires_at_us for lot in lots if lot.available)])
    return due_us


def _lots_after(book: Book, t: Transaction) -> tuple[Lot, ...]:
    match t.type:
        case "USAGE_DEDUCTION" | "EXPIRY" | "TRANSFER_OUT" | "REFUND":
            return moved(book.lots, t.draws, SPEND)
        case "HOLD":
            return moved(book.lots, t.draws, RESERVE)
        case "HOLD_CAPTURE":
            return moved(_unreserved(book, t), t.draws, SPEND)
        case "HOLD_RELEASE":
            return _unreserved(book, t)
        case "LOCK" | "PAYOUT_HOLD":
            return moved(book.lots, t.draws, LOCK)
        case "UNLOCK" | "PAYOUT_RELEASE":
            return moved(book.lots, t.draws, UNLOCK)
        case "CLAWBACK":
            return _clawed(book, t)
        case "ADMIN_ADJUSTMENT" if not t.facts.grants:
            return moved(book.lots, t.draws, SPEND)
        case "CREDIT_PURCHASE" | "BONUS_CREDIT" | "TRANSFER_IN" | "ADMIN_ADJUSTMENT":
            return tuple(sorted((*book.lots, *t.facts.grants), key=burn_order))


def _unreserved(book: Book, t: Transaction) -> tuple[Lot, ...]:
    assert t.facts.hold is not None, f"{t.id} names no hold"
    return moved(book.lots, book.holds[t.facts.hold.id].draws, UNRESERVE)


def _clawed(book: Book, t: Transaction) -> tuple[Lot, ...]:
    locked = {lot.id: lot.locked for lot in book.lots}
    # What comes back of a refund that failed comes back unlocked.
    from_locked = tuple(
        Draw(d.grant_id, max(min(d.credits, locked[d.grant_id]), 0)) for d in t.draws
    )
    rest = tuple(
        Draw(draw.grant_id, draw.credits - taken.credits)
        for draw, taken in zip(t.draws, from_locked, strict=True)
    )
    lots = moved(moved(book.lots, from_locked, SPEND_LOCKED), rest, SPEND)
    clawed = {draw.grant_id: draw.credits for draw in t.facts.clawed}
    return tuple(
        replace(lot, clawed_back=lot.clawed_back + clawed[lot.id]) if lot.id in clawed else lot
        for lot in lots
    )


def _accounts_after(accounts: Accounts, t: Transaction) -> Accounts:
    a = accounts
    if t.account is not None and t.account.startswith("consumed."):
        return Accounts(
            t.sequence,
            t.hash,
            t.at_us,
            t.available_after,
            t.reserved_after,
            t.locked_after,
            a.debt,
            a.issued_purchase,
            a.issued_bonus,
            a.issued_promo,
            a.issued_plan,
            a.adjusted,
            a.consumed + t.account_change,
            a.expired,
            a.transferred,
            a.clawed_back,
        )
    after = replace(
        accounts,
        sequence=t.sequence,
        head=t.hash,
        at_us=t.at_us,
        available=t.available_after,
        reserved=t.reserved_after,
        locked=t.locked_after,
        debt=_debt_after(accounts.debt, t),
    )
    if t.account is None:
        return after
    column = counter_column(t.account)
    return replace(after, **{column: getattr(accounts, column) + t.account_change})


def _debt_after(debt: int, t: Transaction) -> int:
    if t.type == "CLAWBACK":
        return debt + t.account_change - total(t.draws)
    return debt - total(t.draws) if t.type in _GRANTS else debt


def _charges_after(
    charges: Mapping[TransactionId, Charge], t: Transaction
) -> Mapping[TransactionId, Charge]:
    charge = charges.get(TransactionId(t.source_id or ""))
    if charge is None:
        return charges
    return {**charges, charge.id: replace(charge, refunded=charge.refunded + t.available_change)}


def _clawbacks_after(
    clawbacks: Mapping[TransactionId, TakenBack], t: Transaction
) -> Mapping[TransactionId, TakenBack]:
    taken = clawbacks.get(TransactionId(t.source_id or ""))
    if taken is None:
        return clawbacks
    return {**clawbacks, taken.id: replace(taken, is_restored=True)}
