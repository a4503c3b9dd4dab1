"""What a price trial reads of the past is what a replay of all that came before says."""

from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from khata.domain.ids import bucket_of
from khata.domain.ledger import Transaction
from khata.postgres import price_trials
from khata.postgres.asking import Connection, snapshot
from khata.postgres.connect import read_pool
from khata.postgres.price_trials import Asked, MovedWallet
from khata.postgres.server import Server
from khata.testing import SECOND_US
from lives import Life, lives
from pair import opened_pair
from past import book_after
from stored import empty


async def read_one_by_one(connection: Connection, asked: Asked) -> list[MovedWallet]:
    """The same wallets, each asked for with the one before."""
    found: list[MovedWallet] = []
    behind = None
    while piece := await price_trials.moved_wallets(connection, asked, behind, 1):
        found += piece
        behind = piece[-1]
    return found


@settings(
    max_examples=15,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    life=lives(),
    first=st.integers(0, 9),
    length=st.integers(1, 9),
    many=st.sampled_from([0, 2, 99]),
)
async def test_wallets_are_opened_as_they_stood(
    database: Server, life: Life, first: int, length: int, many: int
) -> None:
    empty(database.owner_dsn)
    from_us = life[min(first, len(life) - 1)].at_us
    to_us = from_us + length * SECOND_US
    async with AsyncExitStack() as stack:
        pair = await opened_pair(database, stack)
        for moment in life:
            await pair.carry_out(moment.items, moment.at_us)
        readers = await stack.enter_async_context(read_pool(database.app_dsn, size=1))
        asked = Asked(from_us=from_us, to_us=to_us)
        connection = await stack.enter_async_context(snapshot(readers))
        moved = await price_trials.moved_wallets(connection, asked, None, 10)
        one_by_one = await read_one_by_one(connection, asked)
        opened = await price_trials.opened(connection, moved, from_us)
        found: list[list[Transaction]] = [[] for _ in moved]
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(price_trials, "MANY", many)
            async for place, transaction in price_trials.in_period(connection, moved):
                found[place].append(transaction)

    shelves = pair.memory.shelves
    for each, then, period in zip(moved, opened, found, strict=True):
        ledger = shelves[each.wallet.id].transactions
        before = [t for t in ledger if t.at_us < from_us]
        assert then.book == book_after(each.wallet, before)
        assert period == [t for t in ledger if from_us <= t.at_us < to_us]
        assert then.refunded >= {t.source_id for t in period if t.type == "REFUND"}
    assert [each.wallet.id for each in moved] == sorted(
        (id_ for id_, shelf in shelves.items() if shelf.transactions[-1].at_us >= from_us),
        key=lambda id_: (bucket_of(id_), id_),
    )
    assert one_by_one == moved
