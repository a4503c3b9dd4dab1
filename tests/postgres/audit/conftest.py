"""A real ledger with everything that can happen to a wallet, written by the engine."""

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from khata.domain.budgets import Budget
from khata.domain.commands import Command, Recorded, SettleWallet
from khata.domain.consume import Consume
from khata.domain.disputes import Clawback, LockPurchase, UnlockPurchase
from khata.domain.grants import GrantCredits, Purchase
from khata.domain.holds import CaptureHold, ExtendHold, OpenHold, ReleaseHold
from khata.domain.ids import HoldId, OrganizationId, TransactionId, Ulid, WalletId
from khata.domain.inr import DisputeMoney, RefundMoney
from khata.domain.ledger import Transaction, numbered
from khata.domain.money_journal import MoneyPosting, Occasion, payment_settled
from khata.domain.pricing import Price, PriceList, PriceLists
from khata.domain.refunds import RefundUsage
from khata.domain.restores import RestoreRefund
from khata.domain.rules import Rules
from khata.domain.transfers import Transfer
from khata.domain.wallet import Wallet
from khata.engine.engine import Engine
from khata.postgres.binary import register
from khata.postgres.books import PostgresBooks
from khata.postgres.budgets import KeptBudget, insert_budget
from khata.postgres.connect import open_engine_connection, session_of
from khata.postgres.money_journal import post_money
from khata.postgres.server import Server
from khata.postgres.wallets import insert_wallet

A = WalletId("wal_01M8254JZ50AJ6BZEFX60J77VS")
B = WalletId("wal_01M8254JZ5W1J6BZEFX60J77VT")
C = WalletId("wal_01M8254JZ5ZZJ6BZEFX60J77VV")
HOUR_US = 3_600_000_000
PRICES = [
    Price("AI_SUMMARY", "AI", 15, cap="AI"),
    Price("TOKENS", "AI", 3, per=1000),
    Price("EMAIL_SEND", "QUEUE", 1, cap="EMAILS"),
]
FEATURES = {price.feature: price for price in PRICES}
RULES = Rules(PriceLists((PriceList(1, 0, FEATURES),)), {"AI": 200, "EMAILS": 5000})


class Ledger(NamedTuple):
    """A database with a ledger in it, and what the tests call its wallets and sequences."""

    owner_dsn: str
    names: dict[str, str | int]


class Diary:
    """Submits commands one by one, by a clock turned by hand, and remembers what came of them."""

    def __init__(self, books: PostgresBooks) -> None:
        self.at_us = 1_795_000_000_123_456
        self._engine = Engine(books, lambda: RULES, lambda: self.at_us)
        self.made: dict[str, Transaction] = {}

    async def do(self, name: str, command: Command) -> Transaction:
        command = replace(command, idempotency_key=f"key-{name}")
        answer = await self._engine.submit(command)
        assert isinstance(answer.outcome, Recorded), answer
        self.made[name] = answer.outcome.transaction
        return answer.outcome.transaction

    async def settle(self, wallet_id: WalletId) -> None:
        await self._engine.submit(SettleWallet(wallet_id=wallet_id))

    async def submit(self, command: Command) -> None:
        await self._engine.submit(command)


async def open_wallets(dsn: str) -> None:
    connection = await psycopg.AsyncConnection.connect(session_of(dsn, "test"), autocommit=True)
    register(connection)
    async with connection:
        await connection.execute(
            "insert into organizations values ('org_1', 'One', true, now()),"
            " ('org_2', 'Two', false, now())"
        )
        for number, (wallet_id, organization) in enumerate(((A, 1), (B, 1), (C, 2))):
            organization_id = OrganizationId(f"org_{organization}")
            wallet = Wallet(wallet_id, organization_id, "user", f"u{number}", "n", 0, 0)
            await insert_wallet(connection, wallet)
        await open_budgets(connection)


async def open_budgets(connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> None:
    """One of wallet B, and one over all wallets of C's organization."""
    for number, (organization, wallet_id) in enumerate(((1, B), (2, None))):
        budget = Budget(
            id="bud_01M8254JZ50AJ6BZEFX60J77V" + str(number),
            level="organization",
            unit="credits",
            window="lifetime",
            limit=1000,
            time_zone=None if wallet_id else "UTC",
        )
        kept = KeptBudget(
            budget,
            OrganizationId(f"org_{organization}"),
            wallet_id,
            name=None,
            of_key=False,
            created_at_us=0,
            updated_at_us=0,
        )
        await insert_budget(connection, kept)


async def first_hours(diary: Diary) -> None:
    """Wallet A, with everything that can happen to one."""
    await diary.do(
        "purchase",
        Purchase(wallet_id=A, credits=1000, price_paise=10001, payment_id="p1", bonus_credits=100),
    )
    await diary.do(
        "promo",
        GrantCredits(
            wallet_id=A, kind="promo", credits=50, note="", expires_at_us=diary.at_us + HOUR_US
        ),
    )
    usage = await diary.do(
        "usage",
        Consume(wallet_id=A, feature="AI_SUMMARY", member_id="mem_1", metadata='{"model":"é"}'),
    )
    for number in range(20):
        await diary.do(f"mail_{number}", Consume(wallet_id=A, feature="EMAIL_SEND"))
    await diary.do("tokens", Consume(wallet_id=A, feature="TOKENS", quantity=250))
    captured = await diary.do("hold", OpenHold(wallet_id=A, feature="AI_SUMMARY", quantity=2))
    await diary.do("capture", CaptureHold(wallet_id=A, hold_id=hold_of(captured), quantity=1))
    released = await diary.do("hold_2", OpenHold(wallet_id=A, feature="TOKENS", quantity=5))
    await diary.do("release", ReleaseHold(wallet_id=A, hold_id=hold_of(released)))
    await diary.do("hold_3", OpenHold(wallet_id=A, feature="AI_SUMMARY", quantity=1))
    await diary.do(
        "refund", RefundUsage(wallet_id=A, transaction_id=TransactionId(usage.id), reason="")
    )


async def later(diary: Diary) -> None:
    """Expiries, disputes and gifts, and wallets B and C."""
    diary.at_us += 2 * HOUR_US
    await diary.settle(A)
    await diary.do("lock", LockPurchase(wallet_id=A, payment_id="p1"))
    await diary.do("unlock", UnlockPurchase(wallet_id=A, payment_id="p1"))
    await diary.do("gift", Transfer(wallet_id=A, to_wallet_id=B, credits=150, note="for you"))
    await diary.do(
        "back", GrantCredits(wallet_id=A, kind="adjustment", credits=-7, note="a mistake")
    )
    opened = await diary.do("open", OpenHold(wallet_id=A, feature="AI_SUMMARY", credits=9))
    await diary.submit(
        ExtendHold(
            wallet_id=A, idempotency_key="key-extend", hold_id=hold_of(opened), ttl_seconds=7200
        )
    )
    await diary.do("bought", Purchase(wallet_id=B, credits=60, price_paise=600, payment_id="p2"))
    await diary.do("spent", Consume(wallet_id=B, feature="EMAIL_SEND", quantity=205))
    await diary.do("chargeback", Clawback(wallet_id=B, payment_id="p2", reach="whole"))
    await diary.do("again", Purchase(wallet_id=B, credits=500, price_paise=5000, payment_id="p3"))
    await diary.do("plan", GrantCredits(wallet_id=C, kind="plan", credits=500, note=""))
    await diary.do("far", Consume(wallet_id=C, feature="EMAIL_SEND"))
    await money(diary)


async def money(diary: Diary) -> None:
    """A pack bought at a gateway, disputed in vain, and a part of it refunded, which failed."""
    pack = Purchase(
        wallet_id=C,
        credits=5000,
        bonus_credits=500,
        price_paise=50_000,
        fee_paise=1_017,
        igst_paise=9_183,
        payable_paise=60_200,
        payment_id="p4",
        gateway="simulator",
    )
    dispute = DisputeMoney("disp_1", "simulator", 60_200)
    refund = RefundMoney("rfnd_1", 35_400, igst_paise=5_400)
    await diary.do("pack", pack)
    await diary.do("disputed", LockPurchase(wallet_id=C, payment_id="p4", dispute=dispute))
    await diary.do("won", UnlockPurchase(wallet_id=C, payment_id="p4", dispute=dispute))
    taken = Clawback(wallet_id=C, payment_id="p4", reach="unspent", credits=3_500, refund=refund)
    t = await diary.do("refunded", taken)
    restored = RestoreRefund(wallet_id=C, transaction_id=t.id, payment_id="p4")
    await diary.do("restored", restored)


def settlement() -> MoneyPosting:
    """The pack's payment, come to the bank."""
    occasion = Occasion(
        id="mny_" + numbered(Ulid(C[4:]), 1, C),
        wallet_id=C,
        organization_id=OrganizationId("org_2"),
        at_us=1_795_000_000_123_456,
        gateway="simulator",
    )
    return payment_settled(occasion, "p4", 60_200, 1_421, 217)


def hold_of(transaction: Transaction) -> HoldId:
    assert transaction.facts.hold is not None
    return transaction.facts.hold.id


async def written(dsn: str) -> dict[str, Transaction]:
    await open_wallets(dsn)
    books = PostgresBooks(lambda: open_engine_connection(dsn))
    diary = Diary(books)
    await first_hours(diary)
    await later(diary)
    await books.close()
    async with await psycopg.AsyncConnection.connect(session_of(dsn, "test")) as connection:
        register(connection)
        await post_money(connection, settlement())
    return diary.made


@pytest.fixture(scope="session")
def ledger(server: Server, template: str) -> Ledger:
    """A database that others are copied from, with a ledger that the engine wrote."""
    name = "template_ledger"
    copy(server, template, name)
    made = asyncio.run(written(make_conninfo(server.app_dsn, dbname=name)))
    sequences = {label: t.sequence for label, t in made.items()}
    return Ledger(
        make_conninfo(server.owner_dsn, dbname=name), {"A": A, "B": B, "C": C, **sequences}
    )


@pytest.fixture
def books(server: Server, ledger: Ledger) -> Iterator[str]:
    """A copy of the ledger that may be changed: the owner's DSN."""
    name = "audited"
    copy(server, str(conninfo_to_dict(ledger.owner_dsn)["dbname"]), name)
    yield make_conninfo(server.owner_dsn, dbname=name)
    with psycopg.connect(server.owner_dsn, autocommit=True) as owner:
        owner.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def copy(server: Server, source: str, name: str) -> None:
    make = sql.SQL("create database {} template {}")
    with psycopg.connect(server.owner_dsn, autocommit=True) as owner:
        owner.execute(make.format(sql.Identifier(name), sql.Identifier(source)))
