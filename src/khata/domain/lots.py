"""Burn-down: which lots pay, in which order, and how credits move between a lot's pockets."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from khata.domain.wallet import Draw, Lot


class Move(NamedTuple):
    """What one drawn credit does to the pockets of its lot."""

    available: int = 0
    reserved: int = 0
    locked: int = 0


SPEND = Move(available=-1)
RESERVE = Move(available=-1, reserved=+1)
UNRESERVE = Move(available=+1, reserved=-1)
LOCK = Move(available=-1, locked=+1)
UNLOCK = Move(available=+1, locked=-1)
SPEND_LOCKED = Move(locked=-1)


def burn_order(lot: Lot) -> tuple[int, int, bool, int, str]:
    """Priority, then soonest expiry (never last), free before paid, oldest first."""
    return (lot.priority, lot.expires_at_us, lot.kind == "purchase", lot.sequence, lot.id)


def burn_down(lots: Iterable[Lot], credits: int) -> tuple[Draw, ...]:
    """Draws for up to this many credits, from lots in burn-down order."""
    assert credits >= 0, "what is drawn is not negative"
    draws: list[Draw] = []
    for lot in lots:
        if not credits:
            break
        if lot.available:
            taken = min(credits, lot.available)
            draws.append(Draw(lot.id, taken))
            credits -= taken
    return tuple(draws)


def total(draws: Iterable[Draw]) -> int:
    """Credits of all these draws together."""
    return sum(draw.credits for draw in draws)


def moved(lots: tuple[Lot, ...], draws: tuple[Draw, ...], move: Move) -> tuple[Lot, ...]:
    """The lots after each draw's credits moved between pockets."""
    if not draws:
        return lots
    if len(draws) == 1 and lots and lots[0].id == draws[0].grant_id:
        return (_moved(lots[0], draws[0].credits, move), *lots[1:])
    credits = {draw.grant_id: draw.credits for draw in draws}
    return tuple(_moved(lot, credits[lot.id], move) if lot.id in credits else lot for lot in lots)


def first_drawn(draws: tuple[Draw, ...], credits: int) -> tuple[Draw, ...]:
    """The part of these draws that covers their first `credits`."""
    assert credits >= 0, "what is drawn is not negative"
    kept: list[Draw] = []
    for draw in draws:
        if not credits:
            break
        taken = min(draw.credits, credits)
        kept.append(Draw(draw.grant_id, taken))
        credits -= taken
    return tuple(kept)


def given_back(draws: tuple[Draw, ...], returned: int, credits: int) -> tuple[Draw, ...]:
    """Negative draws that undo `credits` of these, last drawn first, after `returned` of them."""
    assert credits >= 0, "what is given back is not negative"
    undone: list[Draw] = []
    for draw in reversed(draws):
        skipped = min(draw.credits, returned)
        returned -= skipped
        back = min(draw.credits - skipped, credits)
        credits -= back
        if back:
            undone.append(Draw(draw.grant_id, -back))
    return tuple(undone)


def merged(first: tuple[Draw, ...], second: tuple[Draw, ...]) -> tuple[Draw, ...]:
    """Both, with one draw a lot, in the order in which the lots come first."""
    credits = {draw.grant_id: 0 for draw in (*first, *second)}
    for draw in (*first, *second):
        credits[draw.grant_id] += draw.credits
    return tuple(Draw(grant_id, amount) for grant_id, amount in credits.items())


def _moved(lot: Lot, credits: int, move: Move) -> Lot:
    return replace(
        lot,
        available=lot.available + move.available * credits,
        reserved=lot.reserved + move.reserved * credits,
        locked=lot.locked + move.locked * credits,
    )
