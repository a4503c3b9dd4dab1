"""Payouts: credits set aside to be paid out as money, and given back when nothing comes of it.

Only credits that were bought can be paid out: bonus, promo and plan credits were never paid for,
and an adjustment isn't money. They are taken in burn-down order, and which lots they are stays with
the payout, so that a release gives back these and leaves alone what a dispute has locked.
"""

from collections.abc import Iterable, Mapping

from khata.domain.ledger import Posting, Stamp, TransactionType
from khata.domain.lots import burn_down, total
from khata.domain.refusals import InsufficientCredits, NotPayable, PayoutNotFound, PayoutNotHeld
from khata.domain.rules import WalletCommand
from khata.domain.wallet import Book, Draw, Lot

PAYOUT_TYPES: frozenset[str] = frozenset({"PAYOUT_HOLD", "PAYOUT_RELEASE"})


class HoldPayout(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="payout_hold", omit_defaults=True
):
    """Set credits aside for a payout."""

    credits: int


class ReleasePayout(
    WalletCommand, frozen=True, gc=False, kw_only=True, tag="payout_release", omit_defaults=True
):
    """Give a payout's credits back, all that are still there."""

    payout_id: str


def hold_payout(
    book: Book, command: HoldPayout, stamp: Stamp
) -> Posting | InsufficientCredits | NotPayable:
    """Moves bought credits from available to locked, under a new payout's id."""
    if command.credits > book.accounts.available:
        return InsufficientCredits.of(command.credits, book.accounts.available)
    bought = (lot for lot in book.lots if lot.kind == "purchase")
    draws = burn_down(bought, command.credits)
    if total(draws) < command.credits:
        return NotPayable(command.credits, total(draws))
    return _moved("PAYOUT_HOLD", draws, "pyo_" + stamp.ulid, available=-command.credits)


def release_payout(book: Book, command: ReleasePayout) -> Posting | PayoutNotFound | PayoutNotHeld:
    """Moves the payout's credits back to available, but for those clawed back meanwhile."""
    held = book.payouts.get(command.payout_id)
    if held is None:
        return PayoutNotFound(command.payout_id)
    if not held:
        return PayoutNotHeld(command.payout_id)
    locked = {lot.id: lot.locked for lot in book.lots}
    left = (Draw(draw.grant_id, min(draw.credits, locked.get(draw.grant_id, 0))) for draw in held)
    draws = tuple(draw for draw in left if draw.credits)
    return _moved("PAYOUT_RELEASE", draws, command.payout_id, available=total(draws))


def held_for_payouts(book: Book, lot: Lot) -> int:
    """How many of a lot's locked credits are set aside for payouts, and not by a dispute."""
    draws = (draw for held in book.payouts.values() for draw in held if draw.grant_id == lot.id)
    return min(total(draws), lot.locked)


def payouts_after(
    payouts: Mapping[str, tuple[Draw, ...]],
    movements: Iterable[tuple[str, str | None, tuple[Draw, ...]]],
) -> Mapping[str, tuple[Draw, ...]]:
    """What payouts hold after these movements, each a type, a payout's id and its draws.

    A payout that was released holds nothing, and is still known.
    """
    after = dict(payouts)
    for type_, payout_id, draws in movements:
        assert payout_id is not None, "a payout's movement names it"
        if type_ == "PAYOUT_RELEASE":
            after[payout_id] = ()
        else:
            after.setdefault(payout_id, draws)
    return after


def _moved(
    type_: TransactionType, draws: tuple[Draw, ...], payout_id: str, available: int
) -> Posting:
    return Posting(
        type_,
        available_change=available,
        locked_change=-available,
        draws=draws,
        source="payout",
        source_id=payout_id,
    )
