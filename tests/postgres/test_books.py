"""The books in PostgreSQL against those in memory: the same lives lead to the same rows.

Each moment of a life is carried out by one of several stores on the same database, as several
processes would, each with the books it remembers; between batches settings change behind them,
and the servers' clocks differ.
"""

from contextlib import AsyncExitStack
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from khata.app.wallets import WalletPatch
from khata.domain.ids import WalletId
from khata.engine.batch import Item
from khata.postgres.server import Server
from khata.testing import SECOND_US, CountedUlids
from lives import ACME, ZEN, Moment, budgeted_wallets, lives, resent
from pair import STORES, opened_pair
from stored import empty


class Step(NamedTuple):
    """How a moment is carried out: by which store, in pieces of which size, how late its clock
    is, and which settings of which wallet change before it."""

    store: int
    size: int
    late_us: int
    change: tuple[WalletId, WalletPatch] | None


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
    st.none() | st.none() | st.tuples(st.sampled_from((ACME, ZEN)), PATCHES),
)


@st.composite
def plans(draw: st.DrawFn) -> list[tuple[Moment, Step]]:
    """A life, and how each moment of it is carried out."""
    return [(moment, draw(STEPS)) for moment in draw(lives())]


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
        pair = await opened_pair(database, stack, budgeted_wallets())
        for moment, step in plan:
            if moment.armed is not None:
                await pair.arm(*moment.armed, moment.at_us)
            if step.change is not None:
                await pair.change(*step.change)
            for items in pieces(moment.items, step.size):
                await pair.carry_out(items, moment.at_us - step.late_us, step.store)
        pair.compare_rows()
        # A store that remembers nothing answers every key from its rows as memory does.
        pair.stores[0] = pair.new_store()
        anew = CountedUlids("anew")
        for moment, _ in plan:
            items = [resent(item, anew) for item in moment.items]
            await pair.carry_out(items, plan[-1][0].at_us, 0)
