"""Reading the ledger of a long wallet costs what is shown, not the history."""

from itertools import accumulate
from random import Random

import psycopg
import pytest

from khata.domain.ids import OrganizationId, WalletId
from khata.engine.confined import confine
from khata.postgres import history
from khata.postgres.asking import ask_pool
from khata.postgres.balances import stood_at
from khata.postgres.connect import read_pool
from khata.postgres.history import Query, TransactionFilter
from khata.postgres.server import Server
from pages_read import pages_read, without_and_with_statistics

LONG = WalletId("wal_" + "0" * 26)
LENGTH = 15_000
SECOND_US = 1_000_000

# One transaction a second from 1970 on; each thousandth is a grant.
FILL = """
insert into khata.transactions (bucket, wallet_id, sequence, id, organization_id, type, at,
  available_change, reserved_change, locked_change, account_change, available_after,
  reserved_after, locked_after, feature, idempotency_key, fingerprint, draws, recognized_paise,
  hash_version, previous_hash, hash)
select 0, %(wallet)s, n, 'txn_' || lpad(n::text, 26, '0'), 'org_1',
  case when n %% 1000 = 0 then 'BONUS_CREDIT' else 'USAGE_DEDUCTION' end, to_timestamp(n),
  0, 0, 0, 0, 0, 0, 0, 'EMAIL_SEND', 'key-' || n, '\\x00', '[]', 0, 1,
  decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex')
from generate_series(1, %(length)s) n"""
ACCOUNTS = """
insert into khata.accounts (bucket, wallet_id, organization_id, sequence)
values (0, %(wallet)s, 'org_1', %(length)s)"""

PAGES = [
    TransactionFilter(),
    TransactionFilter(from_us=100 * SECOND_US, to_us=10_000 * SECOND_US),
    TransactionFilter(to_us=10 * SECOND_US),
    TransactionFilter(types=frozenset({"BONUS_CREDIT"})),
    TransactionFilter(types=frozenset({"REFUND"})),
    TransactionFilter(types=frozenset({"REFUND", "BONUS_CREDIT", "HOLD"})),
    TransactionFilter(types=frozenset({"REFUND", "USAGE_DEDUCTION"})),
    TransactionFilter(types=frozenset({"REFUND", "BONUS_CREDIT"}), feature="EMAIL_SEND"),
    TransactionFilter(types=frozenset({"USAGE_DEDUCTION"})),
    TransactionFilter(feature="EMAIL_SEND"),
    TransactionFilter(q="txn_" + "0" * 23 + "500"),
]
ONE = Query(history.TRANSACTION, (0, "txn_" + "0" * 23 + "500"))


@pytest.fixture
def filled(database: Server) -> Server:
    values = {"wallet": LONG, "length": LENGTH}
    with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
        owner.execute(FILL, values)
        owner.execute(ACCOUNTS, values)
    return database


@pytest.mark.parametrize("whose", [None, OrganizationId("org_1")])
async def test_pages_look_at_few_rows_with_and_without_statistics(
    filled: Server, whose: OrganizationId | None
) -> None:
    confine(whose)
    async with read_pool(filled.app_dsn) as pool:
        for known in without_and_with_statistics(filled.owner_dsn, "transactions"):
            for before in (None, LENGTH // 2):
                for query in (ONE, *(history.page(LONG, chosen, 50, before) for chosen in PAGES)):
                    read = await pages_read(pool, query)
                    assert read < 400, (known, query)


async def test_a_stretch_is_counted_without_being_read(filled: Server) -> None:
    async with read_pool(filled.app_dsn) as pool, pool.connection() as connection:
        for from_us, to_us, expected in (
            (None, None, (1, LENGTH)),
            (10 * SECOND_US, None, (10, LENGTH)),
            (10 * SECOND_US, 20 * SECOND_US, (10, 19)),
            (None, 20 * SECOND_US + 1, (1, 20)),
        ):
            assert await history.stretch(connection, LONG, from_us, to_us) == expected


async def test_a_filter_is_counted_up_to_ten_thousand(filled: Server) -> None:
    async with read_pool(filled.app_dsn) as pool, pool.connection() as connection:
        mails = await history.counted(connection, LONG, TransactionFilter(feature="EMAIL_SEND"))
        assert mails == history.Count(10_000, is_capped=True)
        grants = await history.counted(
            connection, LONG, TransactionFilter(types=frozenset({"BONUS_CREDIT"}))
        )
        assert grants == history.Count(15, is_capped=False)
        several = TransactionFilter(types=frozenset({"BONUS_CREDIT", "REFUND"}))
        assert await history.counted(connection, LONG, several) == grants


async def test_a_long_ledger_streams_in_its_order(filled: Server) -> None:
    async with read_pool(filled.app_dsn, size=1) as pool:
        query = history.by_sequence(LONG, 1, LENGTH)
        streamed = [t.sequence async for t in history.streamed(pool, query)]
        assert streamed == list(range(1, LENGTH + 1))
        assert await ask_pool(pool, "select 1") == [(1,)]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (TransactionFilter(q="key-100"), 1 + 10 + 100),
        (TransactionFilter(q="key-100", types=frozenset({"USAGE_DEDUCTION"})), 109),
        (TransactionFilter(q="key-100", from_us=1005 * SECOND_US, to_us=10_050 * SECOND_US), 55),
        (TransactionFilter(feature="AI_SUMMARY"), 0),
        (TransactionFilter(types=frozenset({"BONUS_CREDIT", "HOLD"}), feature="EMAIL_SEND"), 15),
        (TransactionFilter(types=frozenset({"BONUS_CREDIT", "REFUND"}), q="key-10"), 2),
        (TransactionFilter(types=frozenset({"BONUS_CREDIT", "USAGE_DEDUCTION"}), q="key-100"), 111),
        (TransactionFilter(member_id="bela", types=frozenset({"HOLD"})), 0),
        (TransactionFilter(categories=frozenset({"AI"}), to_us=0), 0),
    ],
)
async def test_what_is_rare_is_found_page_by_page(
    filled: Server, monkeypatch: pytest.MonkeyPatch, chosen: TransactionFilter, found: int
) -> None:
    """No page compares more rows than it may, and all together leave none out."""
    monkeypatch.setattr(history, "COMPARED_AT_FIRST", 500)
    monkeypatch.setattr(history, "COMPARED_TO_COUNT", 700)
    monkeypatch.setattr(history, "COMPARED_AT_MOST", 1000)
    monkeypatch.setattr(history, "SEARCHED_AT_MOST", 1000)
    whole = history.everything(LONG, chosen)
    async with read_pool(filled.app_dsn, size=1) as pool, pool.connection() as connection:
        expected = [t.sequence for t in await history.transactions(connection, whole)]
        seen: list[int] = []
        below: int | None = None
        for _ in range(20):
            page = await history.paged(connection, LONG, chosen, 20, below)
            seen += [t.sequence for t in page.transactions]
            below = page.following
            if below is None:
                break
        assert below is None
        assert seen == expected[::-1]
        assert len(seen) == found
        counted = await history.counted(connection, LONG, chosen)
        assert counted.count <= found
        assert counted.is_capped or counted.count == found
        farther = await history.counted(connection, LONG, chosen, is_far=True)
        assert counted.count <= farther.count <= found
        assert farther.is_capped or farther.count == found


@pytest.mark.parametrize("limit", [7, 200])
@pytest.mark.parametrize(
    "chosen",
    [
        TransactionFilter(),
        TransactionFilter(q="key-100"),
        TransactionFilter(feature="EMAIL_SEND"),
        TransactionFilter(types=frozenset({"BONUS_CREDIT"})),
        TransactionFilter(types=frozenset({"BONUS_CREDIT", "HOLD"})),
        TransactionFilter(from_us=9_990 * SECOND_US),
        TransactionFilter(categories=frozenset({"AI"}), to_us=0),
    ],
)
async def test_what_is_newer_is_all_of_it_and_nothing_else(
    filled: Server, monkeypatch: pytest.MonkeyPatch, chosen: TransactionFilter, limit: int
) -> None:
    monkeypatch.setattr(history, "COMPARED_AT_FIRST", 50)
    monkeypatch.setattr(history, "COMPARED_AT_MOST", 100)
    monkeypatch.setattr(history, "SEARCHED_AT_MOST", 100)
    since = LENGTH - 180
    whole = history.everything(LONG, chosen)
    async with read_pool(filled.app_dsn, size=1) as pool, pool.connection() as connection:
        expected = [t.sequence for t in await history.transactions(connection, whole)]
        seen: list[int] = []
        below: int | None = None
        for _ in range(50):
            page = await history.paged(connection, LONG, chosen, limit, below, since)
            assert page.newest == LENGTH
            seen += [t.sequence for t in page.transactions]
            below = page.following
            if below is None:
                break
        assert below is None
        assert seen == [each for each in reversed(expected) if each > since]
        nothing = await history.paged(connection, LONG, chosen, limit, None, LENGTH)
        assert (nothing.transactions, nothing.following) == ([], None)


async def test_a_count_looks_far_back_where_that_is_asked_for(
    filled: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "COMPARED_TO_COUNT", 700)
    rare = TransactionFilter(q="key-100")
    async with read_pool(filled.app_dsn, size=1) as pool, pool.connection() as connection:
        near = await history.counted(connection, LONG, rare)
        far = await history.counted(connection, LONG, rare, is_far=True)
    assert (near.count, near.is_capped) == (0, True)
    assert (far.count, far.is_capped) == (111, False)


async def test_a_first_page_looks_as_far_as_a_small_wallet_goes_and_the_next_one_farther(
    filled: Server,
) -> None:
    nowhere = TransactionFilter(q="nowhere")
    async with read_pool(filled.app_dsn, size=1) as pool, pool.connection() as connection:
        first = await history.paged(connection, LONG, nowhere, 50, None)
        assert (first.transactions, first.following) == ([], LENGTH - 10_000 + 1)
        rest = await history.paged(connection, LONG, nowhere, 50, first.following)
        assert (rest.transactions, rest.following) == ([], None)


async def test_a_full_page_ends_where_it_is_full(filled: Server) -> None:
    async with read_pool(filled.app_dsn, size=1) as pool, pool.connection() as connection:
        mails = TransactionFilter(feature="EMAIL_SEND")
        page = await history.paged(connection, LONG, mails, 50, 101)
        assert ([t.sequence for t in page.transactions][-1], page.following) == (51, 51)
        last = await history.paged(connection, LONG, mails, 50, page.following)
        assert (len(last.transactions), last.following) == (50, None)


IRREGULAR = """
insert into khata.transactions (bucket, wallet_id, sequence, id, organization_id, type, at,
  available_change, reserved_change, locked_change, account_change, available_after,
  reserved_after, locked_after, draws, recognized_paise, hash_version, previous_hash, hash)
select 0, %(wallet)s, n, 'txn_' || lpad(n::text, 26, '0'), 'org_1', 'EXPIRY',
  to_timestamp(at), 0, 0, 0, 0, 0, 0, 0, '[]', 0, 1,
  decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex')
from unnest(%(times)s::bigint[]) with ordinality as t (at, n)"""


@pytest.mark.parametrize("length", [0, 1, 2, 3, 700])
async def test_many_instants_are_found_as_each_alone_however_time_went(
    database: Server, length: int
) -> None:
    """Bursts within one second, long pauses, and days of a steady trickle."""
    chance = Random(length)  # noqa: S311 - when, not which secret
    steps = [chance.choice((0, 0, 0, 1, 2, 60, 100_000)) for _ in range(length)]
    times = list(accumulate(steps, initial=1_000))[1:]
    with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
        owner.execute(IRREGULAR, {"wallet": LONG, "times": times})
        owner.execute(ACCOUNTS, {"wallet": LONG, "length": length})
    edges = {0, 999, 1_000, *times, *(at + 1 for at in times), *(at - 1 for at in times)}
    instants = sorted(at * SECOND_US for at in edges)
    async with read_pool(database.app_dsn, size=1) as pool, pool.connection() as connection:
        together = await stood_at(connection, LONG, instants)
        alone = [await history.sequence_at(connection, LONG, at_us) for at_us in instants]
    assert [stood.sequence for stood in together] == alone
    expected = [sum(at * SECOND_US <= at_us for at in times) for at_us in instants]
    assert alone == expected
