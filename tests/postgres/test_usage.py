"""Usage from the rollups is what a recount of the ledger comes to, however it is asked for."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khata.domain.ids import bucket_of
from khata.domain.ledger import USAGE_TYPES, Transaction
from khata.domain.limits import HOUR_US, local_hour_us
from khata.postgres import usage
from khata.postgres.binary import Instant
from khata.postgres.connect import read_pool
from khata.postgres.server import Server
from khata.postgres.usage import By, Narrowed
from khata.testing import NEW_YEAR_US
from lives import ACME, ZEN, Life, lives
from pair import opened_pair
from stored import Reader, empty

ZONE = "Asia/Kolkata"
KINDS = (
    Narrowed(),
    Narrowed(category="AI"),
    Narrowed(feature="CALL"),
    Narrowed(member_id="mem-1"),
    Narrowed(category="AI", feature="TOKENS", member_id="mem-1"),
    Narrowed(category="nothing"),
)
WAYS: Sequence[By | None] = (None, "category", "feature", "member")

ADD_HOUR = """
insert into usage_hourly (bucket, wallet_id, hour, feature, member_id, organization_id, category,
  credits, count, quantity) values ($1, $2, $3, 'CALL', $4, 'org_1', 'AI', $5, $6, 1)"""

Sums = dict[tuple[int, str | None], tuple[int, int, int]]


def recounted(
    ledger: Sequence[Transaction], marks: Sequence[int], by: By | None, narrowed: Narrowed
) -> Sums:
    """The same, from the transactions one by one."""
    sums: defaultdict[tuple[int, str | None], list[int]] = defaultdict(lambda: [0, 0, 0])
    for t in ledger:
        if t.feature is None or t.type not in {*USAGE_TYPES, "REFUND"} or not meant(t, narrowed):
            continue
        hour_us = local_hour_us(ZONE, t.at_us)
        segment = sum(mark <= hour_us for mark in marks) - 1
        if 0 <= segment < len(marks) - 1:
            names = {"category": t.category, "feature": t.feature, "member": t.member_id or ""}
            found = sums[segment, names[by] if by else None]
            found[0] += t.account_change
            found[1] += t.type in USAGE_TYPES
            found[2] += t.quantity or 0
    return {place: (found[0], found[1], found[2]) for place, found in sums.items()}


def meant(t: Transaction, narrowed: Narrowed) -> bool:
    return all(
        wanted is None or wanted == found
        for wanted, found in (
            (narrowed.category, t.category),
            (narrowed.feature, t.feature),
            (narrowed.member_id, t.member_id),
        )
    )


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    life=lives(),
    seconds_an_hour=st.sampled_from((1, 900, 20_000)),
    marks=st.lists(st.integers(-2, 60), min_size=2, max_size=6, unique=True).map(sorted),
)
async def test_any_life_is_summed_as_its_ledger_says(
    database: Server, life: Life, seconds_an_hour: int, marks: list[int]
) -> None:
    """A life of seconds is stretched to hours and days, so that it meets several of them."""
    empty(database.owner_dsn)
    instants = [local_hour_us(ZONE, NEW_YEAR_US) + mark * HOUR_US for mark in marks]
    async with AsyncExitStack() as stack:
        pair = await opened_pair(database, stack)
        pool = await stack.enter_async_context(read_pool(database.app_dsn, size=1))
        for moment in life:
            at_us = NEW_YEAR_US + (moment.at_us - NEW_YEAR_US) * seconds_an_hour
            await pair.carry_out(moment.items, at_us, 0)
        shelves = pair.memory.shelves
        for wallets in ([ACME], [ACME, ZEN]):
            ledger = [t for each in wallets for t in shelves[each].transactions]
            for by in WAYS:
                for narrowed in KINDS:
                    async with pool.connection() as reader:
                        found = await usage.used(reader, wallets, instants, by, narrowed)
                    sums = {
                        (each.segment, each.name): (each.credits, each.charges, each.quantity)
                        for each in found
                    }
                    assert sums == recounted(ledger, instants, by, narrowed)


async def test_names_that_are_not_asked_for_are_summed_up(database: Server) -> None:
    fill(database)
    async with read_pool(database.app_dsn, size=1) as pool, pool.connection() as reader:
        marks = [0, 10 * HOUR_US]
        found = await usage.used(reader, [ACME], marks, "member", named=["mem-1", ""])
    assert {each.name: each.credits for each in found} == {"mem-1": 10, "": 1, None: 2300}


async def test_the_last_hour_is_of_the_last_charge_and_no_refund(database: Server) -> None:
    fill(database)
    async with read_pool(database.app_dsn, size=1) as pool, pool.connection() as reader:
        found = await usage.used(reader, [ACME], [0, 10 * HOUR_US], "member")
    hours = {each.name: each.last_hour_us for each in found}
    assert hours == {"": HOUR_US, "mem-1": 2 * HOUR_US, "mem-2": 3 * HOUR_US, "mem-3": None}


def fill(database: Server) -> None:
    """Four members and what they used, in the first hours of 1970; one had only a refund."""
    with Reader(database.owner_dsn) as owner:
        for hour, member, credits, charges in (
            (1, "", 1, 1),
            (2, "mem-1", 10, 1),
            (3, "mem-2", 2400, 2),
            (4, "mem-3", -100, 0),
        ):
            place = (bucket_of(ACME), ACME, Instant(hour * HOUR_US), member)
            owner.ask(ADD_HOUR, *place, credits, charges)
