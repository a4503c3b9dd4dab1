"""The last unit of a budget, wanted by 500 callers in four processes: one of them gets it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial

from msgspec.structs import replace

from engine_process import RULES, Said
from khata.app.runtime import clock_us
from khata.domain.budgets import Budget, Spender
from khata.domain.commands import CaptureHold, Consume, GrantCredits, OpenHold, Recorded
from khata.domain.ids import HoldId, WalletId
from khata.domain.wallet import Wallet
from khata.engine.engine import Engine
from khata.engine.spender import spending_as
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import open_engine_connection
from khata.postgres.server import Server
from khata.testing import wallet, wallet_id
from lives import budget
from processes import deadlocks, told_by_processes
from stored import add_wallets, shared_counters, verified

PROCESSES, CALLERS, LIMIT, TAKEN = 4, 500, 200, 199
EVER = {"window": "lifetime"}
SHARED = budget("all together", "credits", LIMIT, time_zone="UTC", **EVER)
OWN_LIMIT = budget("the key's own", "credits", LIMIT, level="key", time_zone="UTC", **EVER)
ROBOT, LIMITED = Spender("key_robot"), Spender("key_limited", "org_1", OWN_LIMIT)

# A budget of each level on a wallet of its own, and by whom it is used up.
OF_LEVELS: Mapping[str, tuple[Budget | None, str | None, Spender]] = {
    "whole": (budget("whole", "credits", LIMIT, **EVER), None, ROBOT),
    "asha": (budget("asha", "credits", LIMIT, level="member", **EVER), "asha", ROBOT),
    "robot": (
        budget("robot", "credits", LIMIT, level="key", subject="key_robot", **EVER),
        None,
        ROBOT,
    ),
    "api": (budget("api", "credits", LIMIT, category="API", **EVER), None, ROBOT),
    "limited one": (None, None, LIMITED),
    "limited two": (None, None, LIMITED),
}
TOGETHER = ("one", "two", "three")


def wallets() -> Iterator[Wallet]:
    for name, (of_level, _, _) in OF_LEVELS.items():
        yield replace(wallet(name), budgets=() if of_level is None else (of_level,))
    for name in TOGETHER:
        yield replace(wallet(name), budgets=(SHARED,))


def asked(name: str, number: str, amount: int = 1) -> Said:
    _, member_id, spender = OF_LEVELS.get(name, (None, None, ROBOT))
    key = f"{name.replace(' ', '-')}-{number}"
    return Said(key, "use", wallet_id(name), amount, member_id=member_id, spender=spender)


def plan(process: int) -> list[Said]:
    """A share of the 500 calls at each budget; those at the same one go to its wallets in turns."""
    said: list[Said] = []
    for number in range(CALLERS // PROCESSES):
        turn = f"{process}-{number}"
        said += [asked(name, turn) for name in ("whole", "asha", "robot", "api")]
        said.append(asked(("limited one", "limited two")[number % 2], turn))
        said.append(asked(TOGETHER[number % 3], turn))
    return said


async def test_of_500_callers_one_takes_the_last_of_each_budget(database: Server) -> None:
    add_wallets(database.owner_dsn, *wallets())
    books = PostgresBooks(partial(open_engine_connection, database.app_dsn))
    engine = Engine(books, lambda: RULES, clock_us)
    for each in wallets():
        await engine.submit(granted(each.id))
    for name in ("whole", "asha", "robot", "api", "limited one", "one"):
        said = asked(name, "before", TAKEN)
        charge = Consume(
            wallet_id=said.wallet_id,
            idempotency_key=said.key,
            feature="USE",
            quantity=TAKEN,
            member_id=said.member_id,
        )
        with spending_as(said.spender):
            assert isinstance((await engine.submit(charge)).outcome, Recorded)
    told = told_by_processes(database.app_dsn, [plan(process) for process in range(PROCESSES)])
    codes = Counter((_kind(heard.key), heard.code) for one in told for heard in one)
    expected = {"RECORDED": 1, "BUDGET_EXCEEDED": CALLERS - 1}
    for kind in ("whole", "asha", "robot", "api", "limited", "together"):
        assert {code: codes[kind, code] for code in expected} == expected, kind
    assert set(shared_counters(database.owner_dsn).values()) == {LIMIT}
    assert deadlocks(database) == 0
    assert verified(database.owner_dsn).differences == []
    await books.close()


async def test_what_a_hold_gives_back_another_process_can_take(database: Server) -> None:
    """Two stores that remember books, on two wallets under one budget."""
    add_wallets(database.owner_dsn, *wallets())
    stores = [PostgresBooks(partial(open_engine_connection, database.app_dsn)) for _ in range(2)]
    here, there = (Engine(store, lambda: RULES, clock_us) for store in stores)
    one, two = wallet_id("one"), wallet_id("two")
    for each in (one, two):
        await here.submit(granted(each))
    hold = OpenHold(wallet_id=one, idempotency_key="hold-1", feature="USE", credits=LIMIT)
    taken = (await here.submit(hold)).outcome
    assert isinstance(taken, Recorded)
    charge = Consume(wallet_id=two, idempotency_key="charge-1", feature="USE", quantity=50)
    refused = (await there.submit(charge)).outcome
    assert getattr(refused, "over", 0) == 50
    hold_id = HoldId(taken.transaction.source_id or "")
    part = CaptureHold(wallet_id=one, idempotency_key="part-1", hold_id=hold_id, credits=150)
    assert isinstance((await here.submit(part)).outcome, Recorded)
    again = replace(charge, idempotency_key="charge-2")
    assert isinstance((await there.submit(again)).outcome, Recorded)
    one_more = Consume(wallet_id=one, idempotency_key="charge-3", feature="USE")
    assert getattr((await here.submit(one_more)).outcome, "used", 0) == LIMIT
    assert verified(database.owner_dsn).differences == []
    for store in stores:
        await store.close()


def granted(each: WalletId) -> GrantCredits:
    return GrantCredits(
        wallet_id=each, idempotency_key="begin", kind="plan", credits=1_000, note=""
    )


def _kind(key: str) -> str:
    name = key.partition("-")[0]
    return "together" if name in TOGETHER else name
