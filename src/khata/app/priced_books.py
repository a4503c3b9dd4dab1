"""Books for an engine that is not the only one: prices published elsewhere are learned in time.

Another process may have published a price list and taken a hold at it before we refreshed ours.
Such a hold can be captured only at that list, so it is fetched and the batch runs again.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from khata.app.prices import Prices
from khata.domain.ledger import Transaction
from khata.engine.books import Books, Changes, Interrupted, Loaded, Need, Session


class _PricesBehind(Exception):
    """A hold names a version that we have not seen."""


class PricedBooks:
    """Sessions whose holds name known price lists only."""

    def __init__(self, books: Books, prices: Prices) -> None:
        self._books = books
        self._prices = prices

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[Session]:
        """A session. Raises `Interrupted` when the batch is to run again with newer prices."""
        try:
            async with self._books.session() as session:
                yield _PricedSession(session, self._prices.latest)
        except _PricesBehind as behind:
            await self._prices.refresh()
            raise Interrupted("prices were published elsewhere") from behind


class _PricedSession:
    def __init__(self, session: Session, latest: int) -> None:
        self._session = session
        self._latest = latest

    async def load(self, need: Need) -> Loaded:
        loaded = await self._session.load(need)
        for book in loaded.books.values():
            for hold in book.holds.values():
                if hold.price_version > self._latest:
                    raise _PricesBehind
        return loaded

    def add(self, transactions: Sequence[Transaction]) -> None:
        self._session.add(transactions)

    async def write(self, changes: Changes) -> None:
        await self._session.write(changes)
