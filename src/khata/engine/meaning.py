"""What a transaction says of itself, held against the state that it is to follow from."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from msgspec.structs import replace

from khata.domain.holds import TRANSITIONS
from khata.domain.ids import TransactionId
from khata.domain.inr import DEFERRED, deferred_paise, is_balanced
from khata.domain.ledger import Facts, Transaction, TransactionType
from khata.domain.limits import local_day
from khata.domain.lots import total
from khata.domain.payouts import PAYOUT_TYPES
from khata.domain.pricing import NO_REMAINDER, Remainder
from khata.domain.restores import undone
from khata.domain.wallet import Book, Hold, Lot
from khata.engine.budget_meaning import budget_contradictions
from khata.engine.wallet_state import is_of_bucket

Value = str | int | None
# A field, what is expected in it, what is there.
Contradiction = tuple[str, Value, Value]

_OF_HOLDS: frozenset[TransactionType] = frozenset({"HOLD", "HOLD_CAPTURE", "HOLD_RELEASE"})
_COUNTS: frozenset[TransactionType] = frozenset({"HOLD", "USAGE_DEDUCTION"})
_WITH_MONEY: frozenset[TransactionType] = frozenset(
    {"CREDIT_PURCHASE", "BONUS_CREDIT", "LOCK", "UNLOCK", "CLAWBACK"}
)
_ENDS: Mapping[TransactionType, frozenset[str]] = {
    "HOLD_CAPTURE": frozenset({"captured"}),
    "HOLD_RELEASE": frozenset({"released", "expired"}),
}


def contradictions(t: Transaction, book: Book, marks: frozenset[str]) -> Iterator[Contradiction]:
    """All in which `t` contradicts the book before, which has what `t` names, if it exists."""
    yield from cap_contradictions(t.type, t.at_us, t.facts, book.caps, book.wallet.time_zone)
    yield from meter_contradictions(t.facts, book.meters.get(t.feature or ""))
    if t.facts.budgets:
        yield from budget_contradictions(t, book.counts.own, book.wallet.time_zone)
    if t.facts.money:
        yield from _money_contradictions(t)
    yield from _earlier_contradictions(t, book)
    had = {lot.id for lot in book.lots}
    known = had | {lot.id for lot in t.facts.grants}
    for draw in (*t.draws, *t.facts.clawed):
        if draw.grant_id not in known:
            yield "draws", "a grant of this wallet", draw.grant_id
    for lot in t.facts.grants:
        if lot.id in had:
            yield "facts.grants.id", "a new grant", lot.id
        yield from _grant_contradictions(t, lot, marks)


def cap_contradictions(
    type_: TransactionType,
    at_us: int,
    facts: Facts,
    used: Mapping[tuple[str, int], int],
    time_zone: str,
) -> Iterator[Contradiction]:
    """Caps that do not go on from where they were, or count on another day than the wallet's."""
    for use in facts.caps:
        before = used.get((use.cap, use.day), 0)
        after = before + 1 if type_ in _COUNTS else max(before - 1, 0)
        if use.before != before:
            yield f"facts.caps.{use.cap}.before", before, use.before
        if use.after != after:
            yield f"facts.caps.{use.cap}.after", after, use.after
        day = local_day(time_zone, at_us) if type_ in _COUNTS else _day_counted(facts.hold)
        if use.day != day:
            yield f"facts.caps.{use.cap}.day", day, use.day


def meter_contradictions(facts: Facts, carried: Remainder | None) -> Iterator[Contradiction]:
    """A remainder that does not go on from the one carried, or is a whole credit."""
    before, after = facts.remainder_before, facts.remainder_after
    if before is not None and not _same(before, carried or NO_REMAINDER):
        yield "facts.remainder_before", _shown(carried or NO_REMAINDER), _shown(before)
    if after is not None and not 0 <= after.numerator < after.denominator:
        yield "facts.remainder_after", "below one credit", _shown(after)


def pocket_contradictions(t: Transaction, before: Book, after: Book) -> Iterator[Contradiction]:
    """Lots that moved by other amounts than the accounts did, or have what no lot can have."""
    debt = after.accounts.debt - before.accounts.debt
    (available, reserved, locked), had = _pockets(after.lots), _pockets(before.lots)
    moved = (available - had[0] - debt, reserved - had[1], locked - had[2])
    changed = (t.available_change, t.reserved_change, t.locked_change)
    if moved != changed:
        yield (
            "draws",
            f"lots moving by {changed} credits (available, reserved, locked)",
            f"lots moving by {moved}",
        )
    if after.accounts.debt < 0:
        yield "draws", "no more debt paid than there is", total(t.draws)
    wrong = [lot.id for lot in after.lots if not _is_sound(lot)]
    if wrong:
        # What was wrong before is the fault of an earlier transaction.
        earlier = {lot.id for lot in before.lots if not _is_sound(lot)}
        for grant_id in wrong:
            if grant_id not in earlier:
                yield "draws", f"no more than {grant_id} has", t.id


def _earlier_contradictions(t: Transaction, book: Book) -> Iterator[Contradiction]:
    """What goes on from an earlier transaction, and does not go on from it."""
    if t.type == "CLAWBACK" and t.source == "transaction":
        yield from _restore_contradictions(t, book)
    elif t.type in _OF_HOLDS:
        yield from _hold_contradictions(t, book)
    elif t.type in PAYOUT_TYPES:
        yield from _payout_contradictions(t, book)


def _hold_contradictions(t: Transaction, book: Book) -> Iterator[Contradiction]:
    hold = t.facts.hold
    if hold is None or hold.id != t.source_id:
        yield "facts.hold", t.source_id, None if hold is None else hold.id
        return
    before = book.holds.get(hold.id)
    if t.type == "HOLD":
        if before is not None or hold.state != "open" or hold.draws != t.draws:
            yield "facts.hold", "a new hold of these draws", hold.id
        return
    if before is None:
        yield "facts.hold", "an open hold", hold.id
        return
    if hold.state not in _ENDS[t.type] & TRANSITIONS[before.state]:
        yield "facts.hold.state", " or ".join(sorted(_ENDS[t.type])), hold.state
    # Its expiry may have been extended, which no transaction tells.
    ended = replace(
        before, state=hold.state, captured=hold.captured, expires_at_us=hold.expires_at_us
    )
    if ended != hold or hold.captured != (total(t.draws) if t.type == "HOLD_CAPTURE" else 0):
        yield "facts.hold", "the hold as it was taken, and what was captured", hold.id


def _money_contradictions(t: Transaction) -> Iterator[Contradiction]:
    money = t.facts.money
    if t.type not in _WITH_MONEY:
        yield "facts.money", None, t.type
    if not is_balanced(money):
        yield "facts.money", "legs that sum to zero", sum(leg.paise for leg in money)
    # A purchase defers for its bonus lot too, and the sum over the wallet tells whether rightly.
    expected = t.recognized_paise if t.type == "CLAWBACK" else 0
    if t.type != "CREDIT_PURCHASE" and deferred_paise(money) != expected:
        yield f"facts.money.{DEFERRED}", expected, deferred_paise(money)


def _restore_contradictions(t: Transaction, book: Book) -> Iterator[Contradiction]:
    taken = book.clawbacks.get(TransactionId(t.source_id or ""))
    if taken is None or taken.is_restored:
        yield "source_id", "a clawback that was not undone yet", t.source_id
    elif (undone(taken.draws), undone(taken.clawed)) != (t.draws, t.facts.clawed):
        yield "draws", f"what {taken.id} drew", total(t.draws)


def _payout_contradictions(t: Transaction, book: Book) -> Iterator[Contradiction]:
    held = book.payouts.get(t.source_id or "")
    if t.type == "PAYOUT_HOLD":
        if held is not None:
            yield "source_id", "a new payout", t.source_id
        return
    if not held:
        yield "source_id", "a payout that holds credits", t.source_id
        return
    most = {draw.grant_id: draw.credits for draw in held}
    for draw in t.draws:
        if draw.credits > most.get(draw.grant_id, 0):
            yield "draws", "no more than the payout held of a grant", draw.grant_id


def _grant_contradictions(
    t: Transaction, lot: Lot, marks: frozenset[str]
) -> Iterator[Contradiction]:
    if not is_of_bucket(lot.id, "grt_", marks):
        yield "facts.grants.id", "an id of a grant in the wallet's bucket", lot.id
    if lot.sequence != t.sequence:
        yield "facts.grants.sequence", t.sequence, lot.sequence
    if lot.created_at_us != t.at_us:
        yield "facts.grants.created_at_us", t.at_us, lot.created_at_us


def _is_sound(lot: Lot) -> bool:
    available, reserved, locked = lot.available, lot.reserved, lot.locked
    return (
        available >= 0
        and reserved >= 0
        and locked >= 0
        and available + reserved + locked <= lot.granted
        and 0 <= lot.clawed_back <= lot.granted
    )


def _day_counted(hold: Hold | None) -> int:
    return 0 if hold is None else hold.day


def _pockets(lots: tuple[Lot, ...]) -> tuple[int, int, int]:
    available = reserved = locked = 0
    for lot in lots:
        available += lot.available
        reserved += lot.reserved
        locked += lot.locked
    return available, reserved, locked


def _same(one: Remainder, other: Remainder) -> bool:
    return one.numerator * other.denominator == other.numerator * one.denominator


def _shown(remainder: Remainder) -> str:
    return str(Fraction(remainder.numerator, remainder.denominator))
