"""Wallets' books as they stand now, for whoever only looks: read in batches, nobody waits.

While one look is under way the next askers gather, and all of them share the next: one flush of
statements in one snapshot, whose fixed cost is what a single read mostly costs.
"""

from collections.abc import Callable, Sequence

from khata.domain.budgets import Spender
from khata.domain.ids import Ulid, WalletId, is_id
from khata.domain.ledger import Stamp
from khata.domain.rules import Rules
from khata.domain.settle import settle
from khata.domain.wallet import Book
from khata.engine.batcher import Batcher
from khata.engine.books import Need
from khata.engine.confined import confined_to
from khata.postgres.books import PostgresBooks

# What is only projected is never recorded, so nobody sees the ids it is given.
_NEVER_RECORDED = Ulid("0" * 26)


class BooksSeen:
    """Books as booked and as they stand once everything due is settled."""

    def __init__(
        self, books: PostgresBooks, rules: Callable[[], Rules], now_us: Callable[[], int]
    ) -> None:
        self._books = books
        self._rules = rules
        self._now_us = now_us
        self._looks = Batcher[WalletId, Book | None](self._look)

    async def booked(self, wallet_id: str) -> Book | None:
        """The book as it is recorded, if it is the task's to know of. Raises `Unavailable`."""
        if not is_id(wallet_id, "wal_"):
            return None
        book = await self._looks.submit(WalletId(wallet_id))
        # The engine's connections see all organizations, so the database refuses nothing here.
        if book is None or confined_to() in {None, book.wallet.organization_id}:
            return book
        return None

    async def settled(self, wallet_id: str) -> Book | None:
        """The book without what has expired by now. Raises `Unavailable`."""
        book = await self.booked(wallet_id)
        return None if book is None else self.settled_at(book, self._now_us())

    def settled_at(self, book: Book, at_us: int) -> Book:
        """The book without what has expired by then. Its sequence and head run ahead of the
        ledger where something was due."""
        if book.due_us > at_us:
            return book
        stamp = Stamp(_NEVER_RECORDED, max(at_us, book.accounts.at_us))
        return settle(book, stamp, self._rules())[0]

    async def counted(
        self, wallet_id: WalletId, member_id: str | None, spender: Spender
    ) -> tuple[Book, int] | None:
        """The settled book with what its budgets have counted for this spender, and as of when."""
        now_us = self._now_us()
        need = Need(wallets=[wallet_id], at_us=now_us, spendings=[(wallet_id, member_id, spender)])
        book = (await self._books.look(need)).get(wallet_id)
        if book is None:
            return None
        at_us = max(now_us, book.accounts.at_us)
        return self.settled_at(book, at_us), at_us

    async def drain(self) -> None:
        """Finish the looks under way, and take no more."""
        await self._looks.drain()

    async def _look(self, wallet_ids: Sequence[WalletId]) -> list[Book | None]:
        need = Need(wallets=sorted(set(wallet_ids)), at_us=self._now_us())
        books = await self._books.look(need)
        return [books.get(wallet_id) for wallet_id in wallet_ids]
