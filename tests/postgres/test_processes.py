"""Several processes on one database meet on hot wallets: no deadlock, and each key decided once."""

import asyncio
import random
from collections import Counter, defaultdict
from functools import partial
from typing import Literal

from engine_process import CAP, RULES, Heard, Said
from khata.app.runtime import clock_us
from khata.domain.commands import Command, Consume, GrantCredits, Recorded
from khata.domain.ids import WalletId
from khata.engine.engine import Engine
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import open_engine_connection
from khata.postgres.server import Server
from khata.testing import wallet, wallet_id
from processes import deadlocks, told_by_processes
from stored import add_wallets, kept, verified

PROCESSES = 4
WALLETS = [f"hot {number}" for number in range(6)]
GIVEN = 800

Does = Literal["use", "tokens", "call", "hold", "give"]


def ids() -> list[WalletId]:
    return [wallet_id(name) for name in WALLETS]


def plan(chance: random.Random, size: int) -> list[Said]:
    """Requests on all wallets, more than their credits allow."""
    kinds: list[Does] = ["use", "use", "tokens", "call", "hold", "give"]
    said: list[Said] = []
    for number in range(size):
        here, there = chance.sample(ids(), 2)
        amount = chance.randint(1, 20)
        said.append(Said(f"key-{number:06}", chance.choice(kinds), here, amount, there))
    return said


async def begun(database: Server, *commands: Command) -> None:
    """Wallets with credits, and with whatever else a test begins with."""
    add_wallets(database.owner_dsn, *(wallet(name) for name in WALLETS))
    books = PostgresBooks(partial(open_engine_connection, database.app_dsn))
    engine = Engine(books, lambda: RULES, clock_us)
    gifts = [
        GrantCredits(wallet_id=each, idempotency_key="begin", kind="plan", credits=GIVEN, note="")
        for each in ids()
    ]
    for wave in (gifts, commands):
        answers = await asyncio.gather(*(engine.submit(command) for command in wave))
        assert all(isinstance(answer.outcome, Recorded) for answer in answers)
    await books.close()


async def test_four_processes_meet_on_hot_wallets(database: Server) -> None:
    """Each sends the same requests, in an order of its own, with gifts that go both ways."""
    await begun(database)
    requests = plan(random.Random("hot wallets"), 1500)  # noqa: S311 - the same on every run
    told = told_by_processes(database.app_dsn, [requests] * PROCESSES)
    by_key: defaultdict[str, list[Heard]] = defaultdict(list)
    for heard in (each for one in told for each in one):
        by_key[heard.key].append(heard)
    for key, answers in by_key.items():
        assert len(answers) == PROCESSES, key
        assert len({(each.code, each.transaction_id) for each in answers}) == 1, answers
        assert [each.replayed for each in answers].count(False) == 1, answers
    codes = Counter(answers[0].code for answers in by_key.values())
    assert codes["RECORDED"] > 100, codes
    assert codes["INSUFFICIENT_CREDITS"] > 20, codes
    assert deadlocks(database) == 0
    checked = verified(database.owner_dsn)
    assert checked.differences == []
    assert checked.transactions == len(WALLETS) + codes["RECORDED"] + gifts_received(database)


def gifts_received(database: Server) -> int:
    return sum(
        t.type == "TRANSFER_IN"
        for each in ids()
        for t in kept(database.owner_dsn, each).transactions
    )


async def test_no_two_processes_take_the_last_of_a_cap(database: Server) -> None:
    hot = ids()[0]
    taken = [
        Consume(wallet_id=hot, idempotency_key=f"before-{number}", feature="CALL")
        for number in range(CAP - 1)
    ]
    await begun(database, *taken)
    plans = [
        [Said(f"call-{process}-{number}", "call", hot) for number in range(125)]
        for process in range(PROCESSES)
    ]
    told = told_by_processes(database.app_dsn, plans)
    codes = Counter(heard.code for one in told for heard in one)
    assert codes == {"RECORDED": 1, "DAILY_LIMIT_EXCEEDED_AI": 499}
    assert verified(database.owner_dsn).differences == []
