"""An engine in a process of its own: says the commands of a plan in an order of its own.

Its arguments are the database, a seed and the engine's lanes. It says `ready`, waits for a plan on
its input, one JSON document, and answers with one: for each key its outcome, its transaction, and
whether it was a replay.
"""

import asyncio
import random
import sys
from functools import partial
from typing import Literal

import msgspec
import uvloop
from msgspec import Struct

from khata.app.runtime import clock_us
from khata.domain.budgets import NOBODY, Spender
from khata.domain.commands import CaptureHold, Command, Consume, OpenHold, Recorded, Transfer
from khata.domain.ids import HoldId, WalletId
from khata.domain.pricing import Price
from khata.engine.batch import Answer
from khata.engine.engine import Engine
from khata.engine.spender import spending_as
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import open_engine_connection
from khata.testing import price_list, rules

CALLERS = 48
CAP = 200
RULES = rules(
    price_list(Price("TOKENS", "AI", 3, per=1000), Price("CALL", "AI", 1, cap="AI")),
    caps={"AI": CAP},
)


class Said(Struct, frozen=True):
    """One request. What is held is captured at once, under a key of its own."""

    key: str
    does: Literal["use", "tokens", "call", "hold", "give"]
    wallet_id: WalletId
    amount: int = 1
    to_wallet_id: WalletId = WalletId("")
    member_id: str | None = None
    spender: Spender = NOBODY


class Heard(Struct, frozen=True):
    """What a key was answered."""

    key: str
    code: str
    transaction_id: str
    replayed: bool


def command(said: Said) -> Command:
    wallet_id, key, amount = said.wallet_id, said.key, said.amount
    match said.does:
        case "use":
            return Consume(
                wallet_id=wallet_id,
                idempotency_key=key,
                feature="USE",
                quantity=amount,
                member_id=said.member_id,
            )
        case "tokens":
            return Consume(
                wallet_id=wallet_id, idempotency_key=key, feature="TOKENS", quantity=amount
            )
        case "call":
            return Consume(wallet_id=wallet_id, idempotency_key=key, feature="CALL")
        case "hold":
            return OpenHold(wallet_id=wallet_id, idempotency_key=key, feature="USE", credits=amount)
        case "give":
            return Transfer(
                wallet_id=wallet_id,
                idempotency_key=key,
                to_wallet_id=said.to_wallet_id,
                credits=amount,
                note="",
            )


def heard(key: str, answer: Answer) -> Heard:
    match answer.outcome:
        case Recorded(transaction):
            return Heard(key, "RECORDED", transaction.id, answer.replayed)
        case refusal:
            return Heard(key, getattr(refusal, "code", "?"), "", answer.replayed)


async def say(engine: Engine, said: Said) -> list[Heard]:
    with spending_as(said.spender):
        answer = await engine.submit(command(said))
    told = [heard(said.key, answer)]
    if said.does == "hold" and isinstance(answer.outcome, Recorded):
        key = f"{said.key}-capture"
        capture = CaptureHold(
            wallet_id=said.wallet_id,
            idempotency_key=key,
            hold_id=HoldId(answer.outcome.transaction.source_id or ""),
            credits=said.amount // 2,
        )
        told.append(heard(key, await engine.submit(capture)))
    return told


async def caller(engine: Engine, plan: list[Said], told: list[Heard]) -> None:
    while plan:
        told += await say(engine, plan.pop())


async def main(dsn: str, seed: str, lanes: str) -> None:
    books = PostgresBooks(partial(open_engine_connection, dsn))
    engine = Engine(books, lambda: RULES, clock_us, lanes=int(lanes))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    plan = msgspec.json.decode(sys.stdin.readline(), type=list[Said])
    random.Random(seed).shuffle(plan)  # noqa: S311 - the same order on every run
    told: list[Heard] = []
    await asyncio.gather(*(caller(engine, plan, told) for _ in range(CALLERS)))
    await engine.drain()
    await books.close()
    sys.stdout.write(msgspec.json.encode(told).decode() + "\n")


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
