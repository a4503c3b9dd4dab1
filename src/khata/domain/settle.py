"""Settle: what has expired on a wallet by now is booked before anything else is decided.

Expiry is logical: a lot or hold counts for nothing from its instant on, whether or not a sweeper
has passed. So every decision and every read first settles the book, by this one function.
"""

from msgspec.structs import replace

from khata.domain.evolve import evolve
from khata.domain.holds import give_back
from khata.domain.ledger import Facts, Posting, Stamp, Transaction, record
from khata.domain.rules import Rules
from khata.domain.wallet import Book, Draw, Lot


def settle(
    book: Book, stamp: Stamp, rules: Rules, number: int = 1
) -> tuple[Book, tuple[Transaction, ...]]:
    """The book with expired holds given back and then expired lots booked as breakage.

    Its transactions are numbered from `number` in the decision that they belong to.
    """
    if book.due_us > stamp.at_us:
        return book, ()
    done: list[Transaction] = []
    while (posting := _next_due(book, rules, stamp.at_us)) is not None:
        transaction = record(book, posting, stamp, number=number + len(done))
        book = evolve(book, transaction)
        done.append(transaction)
    # The book need not hold every hold there is, only those due by now.
    return replace(book, due_us=stamp.at_us + 1), tuple(done)


def _next_due(book: Book, rules: Rules, at_us: int) -> Posting | None:
    due = (h for h in book.holds.values() if h.state == "open" and h.expires_at_us <= at_us)
    hold = min(due, key=lambda hold: (hold.expires_at_us, hold.id), default=None)
    if hold is not None:
        return give_back(book, hold, "expired", rules, hold.expires_at_us)
    lots = (lot for lot in book.lots if lot.available and lot.expires_at_us <= at_us)
    lot = min(lots, key=lambda lot: (lot.expires_at_us, lot.id), default=None)
    return None if lot is None else _expiry(lot)


def _expiry(lot: Lot) -> Posting:
    return Posting(
        "EXPIRY",
        available_change=-lot.available,
        account="expired",
        draws=(Draw(lot.id, lot.available),),
        facts=Facts(occurred_at_us=lot.expires_at_us),
        source="grant",
        source_id=lot.id,
    )
