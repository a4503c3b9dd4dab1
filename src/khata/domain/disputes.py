"""Lots know their payment: a purchase's credits can be locked, unlocked and clawed back.

Where money moves with them, a dispute's or a refund's, the same transaction books it.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec.structs import replace

from khata.domain import inr
from khata.domain.inr import DisputeMoney, Legs, RefundMoney
from khata.domain.ledger import Facts, Posting, TransactionType, recognized_paise
from khata.domain.lots import burn_down, first_drawn, merged, total
from khata.domain.payouts import held_for_payouts
from khata.domain.refund_money import Standing
from khata.domain.refusals import InsufficientCredits
from khata.domain.rules import WalletCommand
from khata.domain.wallet import Book, Draw, Lot


class LockPurchase(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="lock", omit_defaults=True
):
    """Lock what is unspent of a purchase (a dispute was opened).

    `dispute` is the money that the gateway holds back, where it does so now.
    """

    payment_id: str
    dispute: DisputeMoney | None = None


class UnlockPurchase(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="unlock", omit_defaults=True
):
    """Unlock what is locked of a purchase (the dispute was won, and its money is free again)."""

    payment_id: str
    dispute: DisputeMoney | None = None


class Clawback(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="clawback", omit_defaults=True
):
    """Take a purchase's credits back: what is unspent, or the whole of it even into debt.

    `credits` limits an unspent clawback to a part of the purchase. `reckoned_credits` is what was
    unspent when a refund was reckoned: it is refused if less is left now. `refund` is money owed
    back from then on, `dispute` money that the bank has kept.
    """

    payment_id: str
    reach: Literal["unspent", "whole"]
    credits: int | None = None
    reckoned_credits: int = 0
    refund: RefundMoney | None = None
    dispute: DisputeMoney | None = None


def lock(book: Book, command: LockPurchase) -> Posting:
    """Moves the purchase's available credits to locked."""
    draws = tuple(
        Draw(lot.id, lot.available) for lot in _purchase(book, command.payment_id) if lot.available
    )
    return _with_dispute(locked(draws, command.payment_id), command.dispute, inr.disputed)


def unlock(book: Book, command: UnlockPurchase) -> Posting:
    """Moves the purchase's locked credits back to available, but for those held for payouts."""
    lots = _purchase(book, command.payment_id)
    disputed = (Draw(lot.id, lot.locked - held_for_payouts(book, lot)) for lot in lots)
    draws = tuple(draw for draw in disputed if draw.credits)
    unlocked = _between_pockets("UNLOCK", draws, command.payment_id, available=total(draws))
    return _with_dispute(unlocked, command.dispute, inr.won)


def locked(draws: tuple[Draw, ...], payment_id: str) -> Posting:
    """These credits of a purchase moved from available to locked."""
    return _between_pockets("LOCK", draws, payment_id, available=-total(draws))


def clawback(book: Book, command: Clawback) -> Posting | InsufficientCredits:
    """Takes the purchase's own credits, bonus first; for the whole, other paid lots and debt."""
    assert command.refund is None or command.reach == "unspent", "a refund takes what is unspent"
    lots = _purchase(book, command.payment_id)
    owed = _owed(lots)
    own = _own(lots)
    if command.reach == "unspent":
        credits = total(own) if command.credits is None else command.credits
        required = max(credits, command.reckoned_credits)
        if required > total(own):
            return InsufficientCredits.of(required, total(own))
        own = first_drawn(own, credits)
        return _clawed(book, command, own, own)
    whole = tuple(Draw(lot.id, _unclawed(lot)) for lot in lots if _unclawed(lot))
    others = (
        lot for lot in book.lots if lot.kind == "purchase" and lot.payment_id != command.payment_id
    )
    draws = merged(own, burn_down(others, owed - total(own)))
    return _clawed(book, command, draws, first_drawn(whole, owed))


def standing(lots: Sequence[Lot], refunded_paise: int) -> Standing:
    """Where a purchase with these lots stands: what a refund's clawback would find of it."""
    lots = sorted(lots, key=_bonus_first)
    own = _own(lots)
    paid = {lot.id for lot in lots if lot.kind == "purchase"}
    unspent_paid = sum(draw.credits for draw in own if draw.grant_id in paid)
    return Standing(
        gone_credits=_owed(lots) - total(own),
        unspent_bonus=total(own) - unspent_paid,
        unspent_paid=unspent_paid,
        refunded_paise=refunded_paise,
    )


def _clawed(
    book: Book, command: Clawback, draws: tuple[Draw, ...], clawed: tuple[Draw, ...]
) -> Posting:
    locked = {lot.id: lot.locked for lot in book.lots}
    from_locked = sum(min(draw.credits, locked[draw.grant_id]) for draw in draws)
    posting = Posting(
        "CLAWBACK",
        available_change=from_locked - total(clawed),
        locked_change=-from_locked,
        account="clawed_back" if clawed else None,
        draws=draws,
        facts=Facts(payment_id=command.payment_id, clawed=clawed),
        source="payment",
        source_id=command.payment_id,
    )
    return _with_money(posting, command, recognized_paise(book, posting))


def _with_money(posting: Posting, command: Clawback, recognized: int) -> Posting:
    """The clawback with the legs of its money, and the part of them that was deferred."""
    refund = command.refund
    if refund is None:
        return _with_dispute(posting, command.dispute, lambda money: inr.lost(money, recognized))
    money = inr.refunded(refund, recognized)
    facts = replace(posting.facts, money=money, refund_id=refund.refund_id)
    return replace(posting, facts=facts)


def _with_dispute(
    posting: Posting, dispute: DisputeMoney | None, legs: Callable[[DisputeMoney], Legs]
) -> Posting:
    if dispute is None:
        return posting
    facts = replace(posting.facts, money=legs(dispute), dispute_id=dispute.dispute_id)
    return replace(posting, facts=facts)


def _between_pockets(
    type_: TransactionType, draws: tuple[Draw, ...], payment_id: str, available: int
) -> Posting:
    return Posting(
        type_,
        available_change=available,
        locked_change=-available,
        draws=draws,
        facts=Facts(payment_id=payment_id),
        source="payment",
        source_id=payment_id,
    )


def _purchase(book: Book, payment_id: str) -> list[Lot]:
    """The purchase's lots, its bonus first."""
    lots = (lot for lot in book.lots if lot.payment_id == payment_id)
    return sorted(lots, key=_bonus_first)


def _bonus_first(lot: Lot) -> tuple[bool, int]:
    return lot.kind == "purchase", lot.sequence


def _own(lots: list[Lot]) -> tuple[Draw, ...]:
    """What of the purchase's own credits is there to be taken back."""
    unspent = tuple(Draw(lot.id, _unspent(lot)) for lot in lots if _unspent(lot))
    return first_drawn(unspent, _owed(lots))


def _owed(lots: list[Lot]) -> int:
    """What of the purchase was not clawed back yet. Credits given away and back count once."""
    bought = [lot for lot in lots if lot.from_grant_id is None] or lots
    owed = sum(lot.granted for lot in bought) - sum(lot.clawed_back for lot in lots)
    return max(owed, 0)


def _unclawed(lot: Lot) -> int:
    return lot.granted - lot.clawed_back


def _unspent(lot: Lot) -> int:
    """What is left of the lot, but for credits that came back after they were clawed back."""
    return min(lot.available + lot.locked, _unclawed(lot))
