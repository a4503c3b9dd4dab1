"""What can be read of a wallet: itself, its gate, its ledger, grants, holds and statements."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from khata.app.anothers_limits import own_refusals, own_uses
from khata.app.books_seen import BooksSeen
from khata.app.invalid import Invalid
from khata.app.past_balances import Balances, balances_at
from khata.app.prices import Prices
from khata.domain.gate import Asked, Gate, gate
from khata.domain.holds import moved_to
from khata.domain.ids import GrantId, HoldId, TransactionId, WalletId, is_id
from khata.domain.ledger import Transaction
from khata.domain.receipt import Receipt, receipt
from khata.domain.refusals import UnknownFeature, WalletNotFound
from khata.domain.spending import is_budgeted
from khata.domain.wallet import Accounts, Book, Hold, HoldState, Lot, Wallet
from khata.engine.spender import spends_as
from khata.postgres import history, lists
from khata.postgres import refusals as kept_refusals
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.history import Count, Page, TransactionFilter
from khata.postgres.lists import GrantFilter
from khata.postgres.orders import pending_credits
from khata.postgres.refusals import KeptRefusal, RefusalFilter

__all__ = [
    "Balances",
    "Count",
    "GrantFilter",
    "RefusalFilter",
    "TransactionFilter",
    "Views",
    "WalletView",
]

# A client's clock may be this far ahead of ours when it says "now".
_CLOCK_SKEW_US = 300_000_000
_EVERYTHING = TransactionFilter()
_ALL_GRANTS = GrantFilter()


class WalletView(Struct, frozen=True, gc=False):
    """A wallet and its accounts as they count now, what has expired left out.

    `sequence` and `head` are of the last transaction in the ledger. `pending_credits` are of
    orders whose payment is under way.
    """

    wallet: Wallet
    accounts: Accounts
    pending_credits: int = 0


class Views:
    """Reads. Whatever has expired counts for nothing in them, booked or not."""

    def __init__(
        self,
        seen: BooksSeen,
        readers: Pool,
        streams: Pool,
        prices: Prices,
        now_us: Callable[[], int],
    ) -> None:
        self._seen = seen
        self._readers = readers
        # Slow readers of long documents keep their connections; lists must not wait for them.
        self._streams = streams
        self._prices = prices
        self._now_us = now_us

    async def wallet_view(self, wallet_id: str) -> WalletView | None:
        """The wallet with its balances; none where there is no such wallet."""
        return next(iter(await self.wallet_views([wallet_id])), None)

    async def wallet_views(self, wallet_ids: Sequence[str]) -> list[WalletView]:
        """Those wallets that there are, with their balances, in that order."""
        seen = await asyncio.gather(*map(self._seen.booked, wallet_ids))
        books = [book for book in seen if book is not None]
        if not books:
            return []
        async with borrowed(self._readers) as connection:
            on_order = await pending_credits(connection, [book.wallet.id for book in books])
        now_us = self._now_us()
        return [self._view(book, on_order[book.wallet.id], now_us) for book in books]

    def _view(self, book: Book, on_order: int, at_us: int) -> WalletView:
        settled, booked = self._seen.settled_at(book, at_us).accounts, book.accounts
        if settled is not booked:
            settled = replace(
                settled, sequence=booked.sequence, head=booked.head, at_us=booked.at_us
            )
        return WalletView(book.wallet, settled, on_order)

    async def gate(
        self, wallet_id: str, feature: str, quantity: int = 1, member_id: str | None = None
    ) -> Gate | WalletNotFound | UnknownFeature:
        """What the feature should show to this member, asked by whoever the task spends for."""
        book = await self._seen.settled(wallet_id)
        if book is None:
            return WalletNotFound(wallet_id)
        asked, at_us = Asked(feature, quantity, member_id, spends_as()), self._now_us()
        if is_budgeted(book, asked.spender):
            counted = await self._seen.counted(book.wallet.id, member_id, asked.spender)
            book, at_us = (book, at_us) if counted is None else counted
        return gate(book, asked, self._prices.rules(), at_us)

    async def transactions(
        self,
        wallet_id: str,
        chosen: TransactionFilter = _EVERYTHING,
        limit: int = 50,
        before_sequence: int | None = None,
    ) -> Sequence[Transaction]:
        """Up to `limit` transactions below that sequence, newest first; fewer where a page ends
        before it is full."""
        return (await self.page(wallet_id, chosen, limit, before_sequence)).transactions

    async def page(
        self,
        wallet_id: str,
        chosen: TransactionFilter = _EVERYTHING,
        limit: int = 50,
        before_sequence: int | None = None,
        newer_than: int | None = None,
    ) -> Page:
        """The same, with where the next page goes on. What is rare may not fill a page, or leave it
        empty, though more of it is further down."""
        if not is_id(wallet_id, "wal_"):
            return Page([], None, 0)
        wallet = WalletId(wallet_id)
        async with borrowed(self._readers) as connection:
            return await history.paged(
                connection, wallet, chosen, limit, before_sequence, newer_than
            )

    async def count(
        self, wallet_id: str, chosen: TransactionFilter = _EVERYTHING, *, is_far: bool = False
    ) -> Count:
        """How many transactions there are: exactly for a stretch of time, else up to 10,000, among
        the latest or far back."""
        if not is_id(wallet_id, "wal_"):
            return Count(0, is_capped=False)
        async with borrowed(self._readers) as connection:
            return await history.counted(connection, WalletId(wallet_id), chosen, is_far=is_far)

    async def stream(
        self, wallet_id: str, chosen: TransactionFilter = _EVERYTHING
    ) -> AsyncIterator[Transaction]:
        """All these transactions, oldest first, as of now, in constant memory."""
        if is_id(wallet_id, "wal_"):
            asked = history.everything(WalletId(wallet_id), chosen)
            async for transaction in history.streamed(self._streams, asked):
                yield transaction

    async def transaction(self, wallet_id: str, transaction_id: str) -> Transaction | None:
        """One transaction of that wallet."""
        if not is_id(transaction_id, "txn_"):
            return None
        async with borrowed(self._readers) as connection:
            return await history.transaction(
                connection, WalletId(wallet_id), TransactionId(transaction_id)
            )

    async def receipt(self, wallet_id: str, transaction_id: str) -> Receipt | None:
        """Why that transaction cost what it cost, and whether it is as it was written."""
        if not is_id(transaction_id, "txn_"):
            return None
        wallet, named = WalletId(wallet_id), TransactionId(transaction_id)
        async with borrowed(self._readers) as connection:
            transaction = await history.transaction(connection, wallet, named)
            if transaction is None:
                return None
            taken = await _hold_transaction(connection, transaction)
            drawn = [draw.grant_id for draw in transaction.draws]
            lots = await lists.grants_by_id(connection, wallet, drawn)
            around = await history.neighbours(connection, transaction)
        await self._know_price_of(transaction)
        found = receipt(transaction, lots, self._prices.rules().prices, taken, around)
        return replace(found, budgets=await own_uses(self._readers, found.budgets))

    async def balance_at(self, wallet_id: str, at_us: int) -> Balances | None:
        """The balances as they stood then. Raises `Invalid` for a time to come."""
        now_us = self._now_us()
        if at_us > now_us + _CLOCK_SKEW_US:
            raise Invalid("at", "lies in the future")
        if not is_id(wallet_id, "wal_"):
            return None
        return await balances_at(self._readers, self._seen, WalletId(wallet_id), min(at_us, now_us))

    async def grants(
        self,
        wallet_id: str,
        chosen: GrantFilter = _ALL_GRANTS,
        limit: int = 50,
        before: str | None = None,
    ) -> list[Lot]:
        """Up to `limit` grants with ids below `before`, newest first, with what is left now."""
        book = await self._seen.settled(wallet_id)
        if book is None:
            return []
        async with borrowed(self._readers) as connection:
            booked = await lists.grants(connection, book.wallet.id, chosen, limit, before)
        return _as_settled(booked, book)

    async def grant(self, wallet_id: str, grant_id: str) -> Lot | None:
        """One grant with what is left of it now."""
        book = await self._seen.settled(wallet_id)
        if book is None or not is_id(grant_id, "grt_"):
            return None
        async with borrowed(self._readers) as connection:
            booked = await lists.grant(connection, book.wallet.id, GrantId(grant_id))
        return None if booked is None else _as_settled([booked], book)[0]

    async def holds(
        self,
        wallet_id: str,
        state: HoldState | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[Hold]:
        """Up to `limit` holds with ids below `before`, newest first, in their states by now."""
        if not is_id(wallet_id, "wal_"):
            return []
        now_us = self._now_us()
        async with borrowed(self._readers) as connection:
            booked = await lists.holds(
                connection, WalletId(wallet_id), state, now_us, limit, before
            )
        return [_by_now(hold, now_us) for hold in booked]

    async def hold(self, wallet_id: str, hold_id: str) -> Hold | None:
        """One hold in its state by now."""
        if not (is_id(wallet_id, "wal_") and is_id(hold_id, "hld_")):
            return None
        async with borrowed(self._readers) as connection:
            booked = await lists.hold(connection, WalletId(wallet_id), HoldId(hold_id))
        return None if booked is None else _by_now(booked, self._now_us())

    async def refusals(
        self, wallet_id: WalletId, chosen: RefusalFilter, limit: int, before: str | None
    ) -> list[KeptRefusal]:
        """Up to `limit` refusals older than `before`, newest first, as far as they are kept."""
        async with borrowed(self._readers) as connection:
            found = await kept_refusals.refusals(connection, wallet_id, chosen, limit, before)
        return await own_refusals(self._readers, found)

    async def refusal(self, wallet_id: WalletId, refusal_id: str) -> KeptRefusal | None:
        """That refusal of the wallet."""
        async with borrowed(self._readers) as connection:
            found = await kept_refusals.refusal(connection, wallet_id, refusal_id)
        return None if found is None else (await own_refusals(self._readers, [found]))[0]

    async def _know_price_of(self, transaction: Transaction) -> None:
        if (transaction.price_version or 0) > self._prices.latest:
            await self._prices.refresh()


async def _hold_transaction(connection: Connection, captured: Transaction) -> Transaction | None:
    """The transaction that took the hold captured by this one. Both ids are of one decision."""
    hold = captured.facts.hold
    if captured.type != "HOLD_CAPTURE" or hold is None:
        return None
    taken_by = TransactionId("txn_" + hold.id.removeprefix("hld_"))
    return await history.transaction(connection, captured.wallet_id, taken_by)


def _as_settled(booked: Sequence[Lot], book: Book) -> list[Lot]:
    """A lot is in the book as long as anything is left of it."""
    settled = {lot.id: lot for lot in book.lots}
    return [settled.get(lot.id, lot) for lot in booked]


def _by_now(hold: Hold, now_us: int) -> Hold:
    is_over = hold.state == "open" and hold.expires_at_us <= now_us
    return moved_to(hold, "expired") if is_over else hold
