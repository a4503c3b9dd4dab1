"""Of a thousand charges that cross the line, on two stores at once, one starts a recharge."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial

import pytest

from khata.app.runtime import clock_us
from khata.domain.commands import Clawback, Command, Consume, GrantCredits, Purchase, Recorded
from khata.domain.recharge_trigger import SPENDING
from khata.engine.engine import Engine
from khata.postgres.asking import ask_pool, borrowed
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import Pool, open_engine_connection, registry_pool
from khata.postgres.recharges import arm
from khata.postgres.server import Server
from khata.testing import wallet
from lives import ACME, RULES
from stored import add_wallets, kept, verified

LINE = 200
RECHARGES = "select number, state, order_id from recharges order by number"
JOBS = "select kind, subject, wallet_id, wanted from jobs"


@pytest.fixture
async def pool(database: Server) -> AsyncIterator[Pool]:
    add_wallets(database.owner_dsn, wallet("acme"))
    async with registry_pool(database.app_dsn, size=2) as opened:
        yield opened


@pytest.fixture
async def engines(database: Server) -> AsyncIterator[list[Engine]]:
    """Two stores, as two processes would have them, each with the books that it remembers."""
    stores = [PostgresBooks(partial(open_engine_connection, database.app_dsn)) for _ in range(2)]
    yield [Engine(books, lambda: RULES, clock_us, max_batch=64) for books in stores]
    for books in stores:
        await books.close()


def given(credits: int) -> GrantCredits:
    return GrantCredits(
        wallet_id=ACME, idempotency_key=f"give-{credits}", kind="plan", credits=credits, note=""
    )


def used(number: int, credits: int = 1) -> Consume:
    key = f"use-{number:05}"
    return Consume(wallet_id=ACME, idempotency_key=key, feature="USE", quantity=credits)


async def carried_out(engine: Engine, command: Command) -> None:
    outcome = (await engine.submit(command)).outcome
    assert isinstance(outcome, Recorded), outcome


async def armed(pool: Pool, below: int | None) -> int | None:
    async with borrowed(pool) as connection, connection.transaction():
        return await arm(connection, ACME, below, clock_us())


async def test_a_thousand_charges_across_the_line_start_one_recharge(
    database: Server, pool: Pool, engines: list[Engine]
) -> None:
    await carried_out(engines[0], given(1_100))
    assert await armed(pool, LINE) is None
    answers = await asyncio.gather(
        *(engines[number % 2].submit(used(number)) for number in range(1000))
    )
    assert Counter(type(answer.outcome) for answer in answers) == {Recorded: 1000}
    assert await ask_pool(pool, RECHARGES) == [(1, "triggered", None)]
    assert await ask_pool(pool, JOBS) == [("recharge", f"{ACME}/1", ACME, 1)]
    found = kept(database.owner_dsn, ACME)
    assert (found.book.recharge_below, found.book.recharges) == (None, 1)
    assert verified(database.owner_dsn).differences == []


async def test_a_charge_down_to_the_line_starts_nothing_and_the_next_one_does(
    pool: Pool, engines: list[Engine]
) -> None:
    await carried_out(engines[0], given(300))
    await armed(pool, LINE)
    await carried_out(engines[0], used(1, 100))
    assert await ask_pool(pool, RECHARGES) == []
    await carried_out(engines[1], used(2))
    assert len(await ask_pool(pool, RECHARGES)) == 1


async def test_whoever_arms_below_the_line_starts_one_at_once(
    pool: Pool, engines: list[Engine]
) -> None:
    await carried_out(engines[0], given(150))
    assert await armed(pool, LINE) == 1
    assert await armed(pool, LINE) is None  # one is under way
    await carried_out(engines[0], used(1))
    assert len(await ask_pool(pool, RECHARGES)) == 1


async def test_what_is_turned_off_starts_nothing(pool: Pool, engines: list[Engine]) -> None:
    await carried_out(engines[0], given(300))
    await carried_out(engines[1], used(1))  # the second store remembers the wallet unarmed
    await armed(pool, LINE)
    await armed(pool, None)
    await carried_out(engines[1], used(2, 200))
    assert await ask_pool(pool, RECHARGES) == []


async def test_credits_that_a_lost_dispute_takes_start_no_recharge(
    pool: Pool, engines: list[Engine]
) -> None:
    bought = Purchase(
        wallet_id=ACME,
        idempotency_key="buy-300",
        credits=300,
        bonus_credits=0,
        price_paise=3_000,
        payment_id="pay-1",
    )
    await carried_out(engines[0], bought)
    await armed(pool, LINE)
    lost = Clawback(wallet_id=ACME, idempotency_key="lost-1", payment_id="pay-1", reach="whole")
    await carried_out(engines[0], lost)
    assert await ask_pool(pool, RECHARGES) == []
    assert "CLAWBACK" not in SPENDING
