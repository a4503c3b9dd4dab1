"""The engine's store: a batch's rows are read under the wallets' locks and written in bulk."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from psycopg import AsyncConnection, OperationalError
from psycopg.errors import ReadOnlySqlTransaction

from khata.domain.ids import WalletId
from khata.domain.ledger import Transaction
from khata.domain.wallet import Book
from khata.engine.books import Changes, Interrupted, Loaded, Need, Unavailable
from khata.engine.counters import are_concerned
from khata.postgres.counters import counted, seen
from khata.postgres.load import (
    LOCK_ACCOUNTS,
    REVISIONS,
    SNAPSHOT,
    about_commands,
    about_wallets,
    books,
    lock,
    priors,
    revisions,
    with_named,
)
from khata.postgres.recent import RecentBooks
from khata.postgres.records import SharedTexts
from khata.postgres.wire import Row, Wire, row_types
from khata.postgres.write import changed_books, insertion, statements

Connect = Callable[[], Awaitable[AsyncConnection[Row]]]

# The second comes from a server that was the primary until a moment ago.
_CUT_OFF = (OperationalError, ReadOnlySqlTransaction)


class PostgresBooks:
    """Sessions on connections that are kept open between batches."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._idle: list[Wire] = []
        self._recent = RecentBooks()

    @asynccontextmanager
    async def session(self) -> AsyncGenerator["PostgresSession"]:
        """A session. What the database cut off is raised as `Interrupted`."""
        async with self._wire() as wire:
            yield PostgresSession(wire, self._recent)
            if not wire.is_idle:
                await wire.flush([("rollback", ())])

    async def look(self, need: Need) -> Mapping[WalletId, Book]:
        """The books of those wallets that exist, without a lock, each of one instant."""
        known = self._recent.find(need.wallets, need.at_us)
        async with self._wire() as wire:
            current: dict[WalletId, Book] = {}
            if known:
                found = await wire.flush([revisions(list(known))])
                current = {
                    wallet_id: known[wallet_id]
                    for wallet_id, revision in found[REVISIONS]
                    if known[wallet_id].revision == revision
                }
            rest = [wallet_id for wallet_id in need.wallets if wallet_id not in current]
            if rest:
                asked = about_wallets(rest, need.at_us)
                read = books(await wire.flush([(SNAPSHOT, ()), *asked, ("commit", ())]))
                self._recent.keep(read.values())
                current |= read
            if are_concerned(need, current):
                return await seen(wire, need, current)
        return current

    async def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def _wire(self) -> AsyncGenerator[Wire]:
        wire = self._idle.pop() if self._idle else await self._opened()
        try:
            yield wire
        except _CUT_OFF as error:
            # What answers next may be another server, or one restored from a backup.
            self._recent.forget()
            raise Interrupted(str(error)) from error
        finally:
            await self._put_back(wire)

    async def _opened(self) -> Wire:
        try:
            connection = await self._connect()
            try:
                return Wire(connection, await row_types(connection))
            except BaseException:
                await connection.close()
                raise
        except OperationalError as error:
            raise Unavailable("the database cannot be reached") from error

    async def _put_back(self, wire: Wire) -> None:
        if wire.is_idle:
            self._idle.append(wire)
        else:
            await wire.close()


class PostgresSession:
    """One transaction: a flush that locks and reads, then a flush that writes and commits."""

    def __init__(self, wire: Wire, recent: RecentBooks) -> None:
        self._wire = wire
        self._recent = recent
        self._shared = SharedTexts()

    async def load(self, need: Need) -> Loaded:
        """Lock the wallets in id order, then read their rows in separate statements.

        Rows read by the locking statement itself would be stale after a wait for the lock. What
        is known of a wallet already is used if its revision says that nothing has changed.
        """
        known = self._recent.find(need.wallets, need.at_us)
        unknown = [wallet for wallet in need.wallets if wallet not in known]
        found = await self._wire.flush(
            [
                ("begin", ()),
                lock(need.wallets),
                *about_commands(need),
                *(about_wallets(unknown, need.at_us) if unknown else ()),
            ]
        )
        ready = books(found) if unknown else {}
        changed: list[WalletId] = []
        for wallet_id, revision in found[LOCK_ACCOUNTS]:
            if wallet_id in known and known[wallet_id].revision == revision:
                ready[wallet_id] = known[wallet_id]
            elif wallet_id in known:
                changed.append(wallet_id)
        if changed:
            ready |= books(await self._wire.flush(about_wallets(changed, need.at_us)))
        named = with_named(ready, found)
        if not are_concerned(need, named):
            return Loaded(named, priors(found))
        complete, shared = await counted(self._wire, need, named)
        return Loaded(complete, priors(found), shared)

    def add(self, transactions: Sequence[Transaction]) -> None:
        """Hand over decided transactions: the server stores them while the next are decided."""
        self._wire.send([insertion(transactions, self._shared)])

    async def write(self, changes: Changes) -> None:
        """Write all else and commit."""
        await self._wire.flush([*statements(changes, self._shared), ("commit", ())])
        self._recent.keep((after for _, after in changed_books(changes)), counted_up=1)
