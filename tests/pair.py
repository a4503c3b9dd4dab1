"""The books in memory and several stores on one database, which must always agree."""

from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from functools import partial

from khata.app.wallets import WalletPatch, Wallets
from khata.domain.ids import WalletId
from khata.domain.inr import legs_of
from khata.domain.ledger import Transaction
from khata.domain.wallet import Wallet
from khata.engine.batch import Answers, Item, run_batch
from khata.engine.ids import UlidMint
from khata.postgres import recharges
from khata.postgres.asking import borrowed
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import Pool, open_engine_connection, registry_pool
from khata.postgres.server import Server
from khata.testing import MemoryBooks
from lives import RULES, two_wallets
from stored import Reader, add_wallets, kept, plain, shared_counters, verified

STORES = 3
CAPS = {"AI": 10}


class Pair:
    """Each store stands for a process of its own, with the books that it remembers."""

    def __init__(
        self, database: Server, stack: AsyncExitStack, pool: Pool, wallets: Sequence[Wallet]
    ) -> None:
        self.memory = MemoryBooks(*wallets)
        self.database = database
        self._stack = stack
        self._pool = pool
        self._wallets = Wallets(pool, UlidMint(), lambda: 0, CAPS)
        self.stores = [self.new_store() for _ in range(STORES)]

    def new_store(self) -> PostgresBooks:
        """One more store, which remembers nothing yet."""
        store = PostgresBooks(partial(open_engine_connection, self.database.app_dsn))
        self._stack.push_async_callback(store.close)
        return store

    async def carry_out(self, items: Sequence[Item], at_us: int, store: int = 0) -> list[Answers]:
        """The answers, which are the same from both."""
        in_memory = await run_batch(self.memory, items, RULES, at_us)
        in_postgres = await run_batch(self.stores[store], items, RULES, at_us)
        assert in_postgres == in_memory
        return in_postgres

    async def change(self, wallet_id: WalletId, patch: WalletPatch) -> None:
        """Change settings as the registry does, behind the back of every store."""
        changed = await self._wallets.change(wallet_id, patch)
        assert changed is not None
        self.memory.add(changed)

    async def arm(self, wallet_id: WalletId, below: int | None, at_us: int) -> None:
        """Arm a wallet as its settings do, when its recharges have come to their end."""
        with Reader(self.database.owner_dsn) as owner:
            owner.ask("update recharges set state = 'succeeded'")
        async with borrowed(self._pool) as connection, connection.transaction():
            await recharges.arm(connection, wallet_id, below, at_us)
        self.memory.arm(wallet_id, below)

    def compare_rows(self) -> None:
        """Every row is what memory says, and `verify` finds nothing."""
        for wallet_id, shelf in self.memory.shelves.items():
            found = kept(self.database.owner_dsn, wallet_id)
            assert found.transactions == shelf.transactions
            assert found.legs == legs_by_sequence(shelf.transactions)
            assert plain(found.book) == plain(shelf.book)
            assert found.recharges == shelf.recharges
            assert found.answers == {
                key: (answer.fingerprint, answer.outcome) for key, answer in shelf.answers.items()
            }
        assert shared_counters(self.database.owner_dsn) == self.memory.shared
        assert verified(self.database.owner_dsn).differences == []


async def opened_pair(
    database: Server, stack: AsyncExitStack, wallets: Sequence[Wallet] | None = None
) -> Pair:
    """Both wallets (or these), new, in memory and in an empty database."""
    made = two_wallets() if wallets is None else wallets
    add_wallets(database.owner_dsn, *made)
    pool = await stack.enter_async_context(registry_pool(database.app_dsn, size=1))
    return Pair(database, stack, pool, made)


def legs_by_sequence(ledger: Iterable[Transaction]) -> dict[int, list[tuple[str, int]]]:
    """What the view `entries` must tell in INR, of those transactions that have any."""
    legs = {t.sequence: sorted((leg.account, leg.paise) for leg in legs_of(t)) for t in ledger}
    return {sequence: found for sequence, found in legs.items() if found}
