"""The books in PostgreSQL against those in memory: the same lives lead to the same rows.

Each moment of a life is carried out by one of several stores on the same database, as several
processes would, each with the books it remembers; between batches settings change behind them,
and the servers' clocks differ.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.app.wallets import WalletPatch, Wallets
from khata.domain.wallet import Wallet
from khata.engine.batch import Answers, Item, run_batch
from khata.engine.ids import UlidMint
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import open_engine_connection, registry_pool
from khata.postgres.server import Server
from khata.testing import SECOND_US, MemoryBooks, wallet
from lives import ACME, RULES, ZEN, Moment, lives
from stored import add_wallets, empty, kept, plain, verified

STORES = 3
CAPS = {"AI": 10}
DAY_SECONDS = 86_400


class Step(NamedTuple):
    """How a moment is carried out: by which store, in pieces of which size, how late its clock
    is, and which settings of which wallet change before it."""

    store: int
    size: int
    late_us: int
    change: tuple[int, WalletPatch] | None


PATCHES = st.sampled_from(
    (
        WalletPatch(status="frozen"),
        WalletPatch(status="active"),
        WalletPatch(caps={"AI": 1}),
        WalletPatch(caps={"AI": None}),
    )
)
STEPS = st.builds(
    Step,
    st.integers(0, STORES - 1),
    st.sampled_from((1, 2, 256)),
    st.sampled_from((0, 0, 0, SECOND_US, 3 * SECOND_US)),
    st.none() | st.none() | st.tuples(st.integers(0, 1), PATCHES),
)


@st.composite
def plans(draw: st.DrawFn) -> list[tuple[Moment, Step]]:
    """A life, and how each moment of it is carried out."""
    return [(moment, draw(STEPS)) for moment in draw(lives())]


def two_wallets() -> list[Wallet]:
    return [wallet("acme"), replace(wallet("zen"), caps={"AI": 2})]


class Pair:
    """The books in memory, and several stores on one database."""

    def __init__(self, database: Server, wallets: Wallets) -> None:
        self.memory = MemoryBooks(*two_wallets())
        self.database = database
        self.stores = [store_on(database) for _ in range(STORES)]
        self._wallets = wallets
        self._changed_at_us = 0

    async def carry_out(self, items: Sequence[Item], at_us: int, store: int) -> list[Answers]:
        """The answers, which are the same from both."""
        in_memory = await run_batch(self.memory, items, RULES, at_us)
        in_postgres = await run_batch(self.stores[store], items, RULES, at_us)
        assert in_postgres == in_memory
        return in_postgres

    async def change(self, wallet_at: int, patch: WalletPatch) -> None:
        """Change settings as the registry does, behind the back of every store."""
        changed = await self._wallets.change((ACME, ZEN)[wallet_at], patch)
        assert changed is not None
        self.memory.add(changed)

    def compare_rows(self) -> None:
        for wallet_id, shelf in self.memory.shelves.items():
            found = kept(self.database.owner_dsn, wallet_id)
            assert found.transactions == shelf.transactions
            assert plain(found.book) == plain(shelf.book)
            assert found.answers == {
                key: (answer.fingerprint, answer.outcome) for key, answer in shelf.answers.items()
            }
        assert verified(self.database.owner_dsn).differences == []


def store_on(database: Server) -> PostgresBooks:
    return PostgresBooks(partial(open_engine_connection, database.app_dsn))


async def opened_pair(database: Server, stack: AsyncExitStack) -> Pair:
    add_wallets(database.owner_dsn, *two_wallets())
    pool = await stack.enter_async_context(registry_pool(database.app_dsn, size=1))
    pair = Pair(database, Wallets(pool, UlidMint(), lambda: 0, CAPS))
    for store in pair.stores:
        stack.push_async_callback(store.close)
    return pair


def pieces(items: list[Item], size: int) -> list[list[Item]]:
    return [items[place : place + size] for place in range(0, len(items), size)]


# An example is some hundred round trips: what fails is told as found, not shrunk for minutes.
@settings(
    max_examples=60,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(plan=plans())
async def test_the_same_life_leads_to_the_same_rows(
    database: Server, plan: list[tuple[Moment, Step]]
) -> None:
    empty(database.owner_dsn)
    async with AsyncExitStack() as stack:
        pair = await opened_pair(database, stack)
        for moment, step in plan:
            if step.change is not None:
                await pair.change(*step.change)
            for items in pieces(moment.items, step.size):
                await pair.carry_out(items, moment.at_us - step.late_us, step.store)
        pair.compare_rows()
