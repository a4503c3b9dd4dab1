"""Usage from the rollups is what a recount of the ledger comes to, however it is asked for."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khata.app.usage_summing import UsageSumming
from khata.domain.ids import bucket_of
from khata.domain.ledger import USAGE_TYPES, Transaction
from khata.domain.limits import HOUR_US, day_start_us, local_day, local_hour_us
from khata.domain.usage_grains import Name, Narrowed, Sources, sources
from khata.postgres import usage
from khata.postgres.binary import Instant
from khata.postgres.connect import read_pool, registry_pool
from khata.postgres.server import Server
from khata.postgres.usage import Question, Used, Worth
from khata.testing import NEW_YEAR_US, wallet
from lives import ACME, ZEN, Life, lives
from pair import opened_pair
from stored import Reader, add_wallets, empty, verified

ZONE = "Asia/Kolkata"
KINDS = (
    Narrowed(),
    Narrowed(category="AI"),
    Narrowed(feature="CALL"),
    Narrowed(member_id="mem-1"),
    Narrowed(category="AI", feature="TOKENS"),
    Narrowed(category="AI", member_id="mem-2"),
    Narrowed(category="AI", feature="TOKENS", member_id="mem-1"),
    Narrowed(category="nothing"),
)
WAYS: Sequence[Name | None] = (None, "category", "feature", "member")

ADD_HOUR = """
insert into usage_hourly (bucket, wallet_id, hour, feature, member_id, organization_id, category,
  credits, count, quantity) values ($1, $2, $3, 'CALL', $4, 'org_1', 'AI', $5, $6, 1)"""

ADD_HOURS = """
insert into usage_hourly (bucket, wallet_id, hour, feature, member_id, organization_id, category,
  credits, count, quantity)
select $1, $2, $3 + n * interval '1 hour', 'CALL', 'mem-1', 'org_1', 'AI', 1, 1, 1
from generate_series(0, $4::bigint - 1) as n"""

Sums = dict[tuple[int, str | None], tuple[int, int, int]]
EARLY = [0, 10 * HOUR_US]


def from_hours(marks: Sequence[int]) -> Sources:
    """No sums but those by the hour are looked at."""
    return Sources("hour", "", (), [(marks[0], marks[-1])])


def recounted(
    ledger: Sequence[Transaction], marks: Sequence[int], by: Name | None, narrowed: Narrowed
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


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    life=lives(),
    seconds_a_second=st.sampled_from((900, 20_000, 60_000)),
    marks=st.lists(st.integers(-2, 12), min_size=2, max_size=5, unique=True).map(sorted),
    mark_us=st.sampled_from((HOUR_US, 5 * HOUR_US, 24 * HOUR_US)),
    sums_after=st.sets(st.integers(0, 9)),
)
async def test_any_life_is_summed_as_its_ledger_says(
    database: Server,
    life: Life,
    seconds_a_second: int,
    marks: list[int],
    mark_us: int,
    sums_after: set[int],
) -> None:
    """A life of seconds is stretched to hours and days; now and then the worker sums it up."""
    empty(database.owner_dsn)
    begin_us = day_start_us(ZONE, local_day(ZONE, NEW_YEAR_US))
    instants = [begin_us + mark * mark_us for mark in marks]
    async with AsyncExitStack() as stack:
        pair = await opened_pair(database, stack)
        pool = await stack.enter_async_context(read_pool(database.app_dsn, size=1))
        writers = await stack.enter_async_context(registry_pool(database.app_dsn, size=1))
        summing = UsageSumming(writers, lambda: 0)
        at_us = NEW_YEAR_US
        for number, moment in enumerate(life):
            at_us = NEW_YEAR_US + (moment.at_us - NEW_YEAR_US) * seconds_a_second
            await pair.carry_out(moment.items, at_us, 0)
            if number in sums_after:
                await summing.step(ACME, ACME)
        shelves = pair.memory.shelves
        assert verified(database.owner_dsn).differences == []
        async with pool.connection() as reader:
            for wallets in ([ACME], [ACME, ZEN]):
                ledger = [t for each in wallets for t in shelves[each].transactions]
                for by, narrowed in product(WAYS, KINDS):
                    chosen = sources(ZONE, instants, by, narrowed, at_us)
                    question = Question(wallets, instants, chosen, by=by, narrowed=narrowed)
                    found, _ = await usage.used(reader, question)
                    assert summed(found) == recounted(ledger, instants, by, narrowed)


def summed(found: Sequence[Used]) -> Sums:
    return {
        (each.segment, each.name): (each.credits, each.charges, each.quantity) for each in found
    }


async def test_names_that_are_not_asked_for_are_summed_up(database: Server) -> None:
    fill(database)
    async with read_pool(database.app_dsn, size=1) as pool, pool.connection() as reader:
        question = Question([ACME], EARLY, from_hours(EARLY), by="member", named=["mem-1", ""])
        found, _ = await usage.used(reader, question)
    assert {each.name: each.credits for each in found} == {"mem-1": 10, "": 1, None: 2300}


async def test_the_last_hour_is_of_the_last_charge_and_no_refund(database: Server) -> None:
    fill(database)
    async with read_pool(database.app_dsn, size=1) as pool, pool.connection() as reader:
        question = Question([ACME], EARLY, from_hours(EARLY), by="member")
        found, _ = await usage.used(reader, question)
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


async def test_what_is_summed_up_is_not_read_by_the_hour_again(database: Server) -> None:
    """The last hours stay as they are: more may come to them."""
    with Reader(database.owner_dsn) as owner:
        add_wallets(database.owner_dsn, wallet("acme"))
        owner.ask(ADD_HOURS, bucket_of(ACME), ACME, Instant(NEW_YEAR_US), 100)
        last_us = NEW_YEAR_US + 99 * HOUR_US
        owner.ask("update accounts set at = $1", Instant(last_us))
    marks = [NEW_YEAR_US - 200 * HOUR_US, NEW_YEAR_US + 200 * HOUR_US]
    whole = Sources("hour", "", [(marks[0], marks[1])], ())
    asked = Question([ACME], marks, whole)
    worths = [Worth(rows, marks[1]) for rows in (100, 3, 4)]
    worths += [Worth(rows, last_us - 2 * HOUR_US) for rows in (97, 98)]
    found: list[list[bool]] = []
    async with registry_pool(database.app_dsn, size=1) as pool:
        summing = UsageSumming(pool, lambda: 0)
        for _ in range(3):
            async with pool.connection() as reader:
                looks = [await usage.used(reader, asked, worth) for worth in worths]
            assert {used[0].credits for used, _ in looks} == {100}
            found.append([of == [ACME] for _, of in looks])
            assert await summing.step(ACME, ACME) is None
    assert found == [[True, True, True, True, False], *[[False, True, False, False, False]] * 2]


async def test_two_who_sum_up_at_the_same_time_do_it_once(database: Server) -> None:
    with Reader(database.owner_dsn) as owner:
        add_wallets(database.owner_dsn, wallet("acme"))
        owner.ask(ADD_HOURS, bucket_of(ACME), ACME, Instant(NEW_YEAR_US), 2000)
        owner.ask("update accounts set at = $1", Instant(NEW_YEAR_US + 2000 * HOUR_US))
    async with registry_pool(database.app_dsn, size=4) as pool:
        summing = UsageSumming(pool, lambda: 7)
        # 83 days are twelve weeks, whoever sums them up; a thirteenth step finds nothing.
        steps = await asyncio.gather(*(summing.step(ACME, ACME) for _ in range(13)))
    assert sorted(steps, key=str) == [*[7] * 11, None, None]
    with Reader(database.owner_dsn) as owner:
        sums = owner.ask("select grain, sum(credits)::bigint from usage_sums group by grain")
    assert {credits for _, credits in sums} == {1998}
    assert len(sums) == 9
