"""What the store's tests share: wallets made in a database, and their rows read back as values."""

from typing import Any, Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from psycopg import RawCursor

from khata.domain.budgets import Counter, Counts
from khata.domain.commands import Extended
from khata.domain.ids import WalletId, bucket_of
from khata.domain.ledger import Transaction
from khata.domain.lots import burn_order
from khata.domain.pricing import Remainder
from khata.domain.refusals import AnyRefusal
from khata.domain.wallet import Book, Wallet
from khata.engine.verify import Checked, shared_differences, total_differences
from khata.postgres import audit_part, binary, rows
from khata.postgres.connect import connect
from khata.postgres.rows import (
    ACCOUNT_COLUMNS,
    HOLD_COLUMNS,
    LOT_COLUMNS,
    TRANSACTION_COLUMNS,
    WALLET_COLUMNS,
)

Row = tuple[Any, ...]
_outcome = msgspec.json.Decoder(Extended | AnyRefusal).decode

ADD_ORGANIZATION = """
insert into organizations (id, name, created_at) values ($1, 'Tests', now())
on conflict do nothing"""
ADD_WALLET = f"""
insert into wallets (bucket, {WALLET_COLUMNS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"""
ADD_ACCOUNTS = "insert into accounts (bucket, wallet_id, organization_id) values ($1, $2, $3)"

# The owner can do what the service never can: a test that needs many empty databases has one.
EMPTY = """
alter table transactions disable trigger transactions_no_truncate;
alter table money_journal disable trigger money_journal_no_truncate;
truncate transactions, answers, accounts, wallets, wallet_owners, grants, holds, meters,
  cap_counters, budget_counters, shared_budget_counters, usage_hourly, usage_sums,
  usage_summed, outbox, money_journal,
  recharges, jobs;
alter table transactions enable always trigger transactions_no_truncate;
alter table money_journal enable always trigger money_journal_no_truncate"""


COUNTERS = "budget_id, since, subject, used"


class Kept(Struct):
    """All that the rows of one wallet say."""

    book: Book
    transactions: list[Transaction]
    legs: dict[int, list[tuple[str, int]]]
    answers: dict[str, tuple[bytes, Extended | AnyRefusal]]
    recharges: list[int]


class Reader:
    """Plain questions to a database, one statement at a time, answered in binary form."""

    def __init__(self, dsn: str) -> None:
        self.connection = connect(dsn)
        binary.register(self.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, statement: str, *parameters: object) -> list[Row]:
        """The rows that a statement answers."""
        cursor: RawCursor[Row] = RawCursor(self.connection)
        cursor.execute(statement.encode(), parameters, binary=True)
        return cursor.fetchall() if cursor.description else []


def empty(owner_dsn: str) -> None:
    """Take everything out of the wallets' tables."""
    with connect(owner_dsn) as owner:
        owner.execute(EMPTY)


def add_wallets(owner_dsn: str, *wallets: Wallet) -> None:
    """Make these wallets, with empty books."""
    with Reader(owner_dsn) as reader:
        for wallet in wallets:
            place = (bucket_of(wallet.id), wallet.id)
            times = (binary.Instant(wallet.created_at_us), binary.Instant(wallet.updated_at_us))
            identity = (wallet.organization_id, wallet.owner_type, wallet.owner_id, wallet.name)
            settings = (wallet.low_balance_threshold, wallet.rapid_burn_limit)
            burn = (wallet.rapid_burn_action, wallet.frozen_reason)
            limits = (rows.caps_text(wallet.caps), *burn, rows.budgets_text(wallet.budgets))
            state = (wallet.status, wallet.time_zone)
            reader.ask(ADD_ORGANIZATION, wallet.organization_id)
            reader.ask(ADD_WALLET, *place, *identity, *times, *state, *settings, *limits)
            reader.ask(ADD_ACCOUNTS, *place, wallet.organization_id)


def kept(dsn: str, wallet_id: WalletId) -> Kept:
    """The wallet's rows, every lot and hold there ever was."""
    with Reader(dsn) as reader:
        return _kept(reader, wallet_id)


def shared_counters(dsn: str) -> dict[Counter, int]:
    """What budgets over several wallets have counted, where anything was."""
    with Reader(dsn) as reader:
        rows = reader.ask(f"select {COUNTERS} from shared_budget_counters where used > 0")
    return {Counter(*row[:3]): row[3] for row in rows}


def _kept(reader: Reader, wallet_id: WalletId) -> Kept:
    place = (bucket_of(wallet_id), wallet_id)

    def of_wallet(columns: str, table: str, also: str = "") -> list[Row]:
        where = f"bucket = $1 and wallet_id = $2 {also}"
        return reader.ask(f"select {columns} from {table} where {where}", *place)

    wallet = reader.ask(
        f"select {WALLET_COLUMNS} from wallets where bucket = $1 and id = $2", *place
    )
    lots = [rows.lot(row) for row in of_wallet(LOT_COLUMNS, "grants")]
    holds = [rows.hold(row) for row in of_wallet(HOLD_COLUMNS, "holds")]
    meters = of_wallet("feature, numerator::text, denominator::text", "meters")
    (line,) = of_wallet("recharge_below, recharges", "accounts")
    ledger = [rows.transaction(row) for row in of_wallet(TRANSACTION_COLUMNS, "transactions")]
    return Kept(
        Book(
            wallet=rows.wallet(wallet[0]),
            accounts=rows.accounts(of_wallet(ACCOUNT_COLUMNS, "accounts")[0]),
            lots=tuple(sorted(lots, key=burn_order)),
            holds={hold.id: hold for hold in holds},
            caps={
                (cap, day): used for cap, day, used in of_wallet("cap, day, used", "cap_counters")
            },
            meters={feature: Remainder(int(n), int(d)) for feature, n, d in meters},
            recharge_below=line[0],
            recharges=line[1],
            counts=Counts(
                {
                    Counter(*row[:3]): row[3]
                    for row in of_wallet(COUNTERS, "budget_counters", "and used > 0")
                }
            ),
        ),
        sorted(ledger, key=lambda t: t.sequence),
        _legs(of_wallet("sequence, account, amount", "entries", "and unit = 'INR'")),
        {
            key: (fingerprint, _outcome(outcome))
            for key, fingerprint, outcome in of_wallet(
                "idempotency_key, fingerprint, outcome", "answers"
            )
        },
        sorted(number for (number,) in of_wallet("number", "recharges")),
    )


def _legs(entries: list[Row]) -> dict[int, list[tuple[str, int]]]:
    """The legs in INR by the sequence of their transaction, in the order of their accounts."""
    legs: dict[int, list[tuple[str, int]]] = {}
    for sequence, account, amount in sorted(entries):
        legs.setdefault(sequence, []).append((account, amount))
    return legs


def plain(book: Book) -> Book:
    """The book without what no row of its own keeps."""
    return replace(book, due_us=0, revision=0, charges={}, payouts={})


def verified(owner_dsn: str) -> Checked:
    """What `verify` makes of the whole database."""
    everything = audit_part.Buckets(0, 255)
    checked = Checked()
    with audit_part.open_snapshot(owner_dsn) as connection:
        for part in audit_part.check_buckets(connection, everything):
            checked.add(part)
        stored = audit_part.shared_counters(connection)
    checked.differences.extend(total_differences(checked))
    checked.differences.extend(shared_differences(checked, stored))
    return checked
