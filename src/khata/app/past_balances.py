"""A wallet's balances as they stood at an instant, by its ledger.

What expired is booked a while after it expired: by a sweep, or before the next decision. So the
bookings right behind the instant say with `occurred_at_us` whether they counted by then already;
and what is not booked yet is projected.
"""

from msgspec import Struct

from khata.app.books_seen import BooksSeen
from khata.domain.ids import WalletId
from khata.domain.ledger import Transaction
from khata.domain.wallet import Book
from khata.postgres import history
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool

_AT_ONCE = 100


class Balances(Struct, frozen=True, gc=False):
    """Credits at an instant, and the last transaction at or before it."""

    at_us: int
    sequence: int
    available: int = 0
    reserved: int = 0
    locked: int = 0

    def moved(self, available: int, reserved: int, locked: int) -> "Balances":
        """With these changes."""
        return Balances(
            self.at_us,
            self.sequence,
            self.available + available,
            self.reserved + reserved,
            self.locked + locked,
        )


async def balances_at(
    readers: Pool, seen: BooksSeen, wallet_id: WalletId, at_us: int
) -> Balances | None:
    """The balances then; none where there is no such wallet. `at_us` is no later than now."""
    book = await seen.booked(wallet_id)
    if book is None:
        return None
    async with borrowed(readers) as connection:
        sequence = await history.sequence_at(connection, wallet_id, at_us)
        before = await _at(connection, wallet_id, sequence)
        stood = Balances(at_us, sequence)
        if before is not None:
            stood = stood.moved(before.available_after, before.reserved_after, before.locked_after)
        stood, last = await _with_late_bookings(connection, wallet_id, stood)
    return projected(seen, book, stood, last)


def projected(seen: BooksSeen, book: Book, stood: Balances, last: int | None) -> Balances:
    """With what had expired by then and is not booked yet, if `last` is the last of the book."""
    if last != book.accounts.sequence:
        return stood
    then, booked = seen.settled_at(book, stood.at_us).accounts, book.accounts
    return stood.moved(
        then.available - booked.available,
        then.reserved - booked.reserved,
        then.locked - booked.locked,
    )


async def _at(connection: Connection, wallet_id: WalletId, sequence: int) -> Transaction | None:
    found = await history.transactions(
        connection, history.by_sequence(wallet_id, sequence, sequence)
    )
    return found[0] if found else None


async def _with_late_bookings(
    connection: Connection, wallet_id: WalletId, stood: Balances
) -> tuple[Balances, int | None]:
    """With the expiries booked right behind the instant that had happened by then; and the last
    sequence if nothing else came after them."""
    last = stood.sequence
    while True:
        behind = history.by_sequence(wallet_id, last + 1, last + _AT_ONCE)
        found = await history.transactions(connection, behind)
        for t in found:
            occurred = t.facts.occurred_at_us
            if occurred is None:
                return stood, None
            if occurred <= stood.at_us:
                stood = stood.moved(t.available_change, t.reserved_change, t.locked_change)
        last += len(found)
        if len(found) < _AT_ONCE:
            return stood, last
