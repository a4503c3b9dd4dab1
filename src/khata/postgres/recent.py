"""Books that were committed lately, so that a busy wallet is not read again for each batch.

A book is good as long as the revision that its accounts are locked at is its own: whoever changes
any of the wallet's rows counts it up under that lock, be it another process or the settings.
"""

from collections import OrderedDict
from collections.abc import Iterable

from khata.domain.budgets import NO_COUNTS, Counts
from khata.domain.ids import WalletId
from khata.domain.wallet import Book

_DAYS_OF_CAPS = 9
# More of a wallet's counters are not worth their memory: they are read again when they are needed.
_COUNTERS = 256


class RecentBooks:
    """The books used last, by wallet."""

    def __init__(self, capacity: int = 20_000) -> None:
        self._capacity = capacity
        self._books: OrderedDict[WalletId, Book] = OrderedDict()

    def find(self, wallets: Iterable[WalletId], at_us: int) -> dict[WalletId, Book]:
        """The books known of these wallets on which nothing is due."""
        found: dict[WalletId, Book] = {}
        for wallet_id in wallets:
            book = self._books.get(wallet_id)
            if book is not None and book.due_us > at_us:
                found[wallet_id] = book
                self._books.move_to_end(wallet_id)
        return found

    def keep(self, books: Iterable[Book], counted_up: int = 0) -> None:
        """Remember books as seen, or as committed with their revision counted up by one.

        An older one never takes the place of a newer.
        """
        for book in books:
            revision = book.revision + counted_up
            known = self._books.get(book.wallet.id)
            if known is not None and known.revision > revision:
                continue
            self._books[book.wallet.id] = _lean(book, revision)
            self._books.move_to_end(book.wallet.id)
        while len(self._books) > self._capacity:
            self._books.popitem(last=False)

    def forget(self) -> None:
        """Know of no wallet any more."""
        self._books.clear()


def _lean(book: Book, revision: int) -> Book:
    """The book without what only one batch needed."""
    lots, caps = book.lots, book.caps
    if not all(lot.available or lot.reserved or lot.locked for lot in lots):
        lots = tuple(lot for lot in lots if lot.available or lot.reserved or lot.locked)
    if len(caps) > _DAYS_OF_CAPS:
        latest = max(day for _, day in caps)
        caps = {(cap, day): used for (cap, day), used in caps.items() if day > latest - 3}
    return Book(
        book.wallet,
        book.accounts,
        lots,
        caps=caps,
        meters=book.meters,
        due_us=book.due_us,
        revision=revision,
        recharge_below=book.recharge_below,
        recharges=book.recharges,
        counts=_lean_counts(book.counts),
    )


def _lean_counts(counts: Counts) -> Counts:
    """Only the wallet's own: others count the shared ones too, and know who is in which team."""
    return Counts(counts.own) if 0 < len(counts.own) <= _COUNTERS else NO_COUNTS
