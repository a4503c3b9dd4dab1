"""The check of a range of buckets, on one connection, in a snapshot that several may share."""

from collections.abc import Iterator

from msgspec import Struct
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from khata.domain.budgets import Counter
from khata.domain.ids import WalletId
from khata.engine.stored import StoredWallet
from khata.engine.verify import Checked, verify_wallet
from khata.postgres import audit_rows
from khata.postgres.connect import connect
from khata.postgres.streams import Key, Stream

BEGIN = "begin isolation level repeatable read read only"
EXPORT_SNAPSHOT = "select pg_export_snapshot()"
# One long read of everything: let it take the plan that is best for the whole, and its time.
SETTINGS = """
select set_config(name, setting, true) from (values
  ('cursor_tuple_fraction', '1.0'), ('jit', 'off'), ('work_mem', '64MB'),
  ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0')
) as wished (name, setting)"""

# Rows of the ledger fetched at once.
_PIECE = 2000
_LEDGER = "transactions"
_SELECTS = {
    "wallets": audit_rows.WALLETS,
    "accounts": audit_rows.ACCOUNTS,
    "grants": audit_rows.LOTS,
    "holds": audit_rows.HOLDS,
    "meters": audit_rows.METERS,
    "cap_counters": audit_rows.CAPS,
    "budget_counters": audit_rows.COUNTERS,
    "usage_hourly": audit_rows.USAGE,
    "money_journal": audit_rows.MONEY,
}


class Buckets(Struct, frozen=True):
    """A range of buckets, both ends included."""

    first: int
    last: int


def open_snapshot(dsn: str, snapshot: str | None = None) -> Connection[TupleRow]:
    """A connection in a read-only transaction that sees one moment: a new one, or that exported.

    Raises psycopg.OperationalError.
    """
    connection = connect(dsn, name="khata verify")
    connection.execute(BEGIN)
    if snapshot is not None:
        connection.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot)))
    connection.execute(SETTINGS)
    return connection


def check_buckets(connection: Connection[TupleRow], buckets: Buckets) -> Iterator[Checked]:
    """Checks all wallets of these buckets, and all rows of wallets that are none."""
    streams = _opened(connection, buckets)
    every = tuple(streams.values())
    try:
        while keys := [key for stream in every if (key := stream.key) is not None]:
            key = min(keys)
            yield from verify_wallet(_stored(streams, key))
            for stream in every:
                stream.skip(key)
    finally:
        for stream in every:
            stream.close()


def shared_counters(connection: Connection[TupleRow]) -> dict[Counter, int]:
    """What budgets over several wallets have counted, as the connection's snapshot sees it."""
    rows = connection.execute(audit_rows.SHARED_COUNTERS)
    return {Counter(*row[:3]): row[3] for row in rows}


def _opened(connection: Connection[TupleRow], buckets: Buckets) -> dict[str, Stream]:
    bounds = {"first": buckets.first, "last": buckets.last}
    ledger = Stream(
        connection,
        _LEDGER,
        audit_rows.TRANSACTIONS.format(**bounds),
        piece=_PIECE,
        key_of=audit_rows.ledger_key,
    )
    others = {
        table: Stream(connection, table, select.format(**bounds))
        for table, select in _SELECTS.items()
    }
    return {_LEDGER: ledger, **others}


def _stored(streams: dict[str, Stream], key: Key) -> StoredWallet:
    rows = {table: stream.of(key) for table, stream in streams.items() if table != _LEDGER}
    wallet, accounts = next(rows["wallets"], None), next(rows["accounts"], None)
    return StoredWallet(
        bucket=key[0],
        wallet_id=WalletId(key[1]),
        wallet=None if wallet is None else audit_rows.wallet(wallet),
        accounts=None if accounts is None else audit_rows.accounts(accounts),
        transactions=streams[_LEDGER].pieces(key),
        lots=map(audit_rows.lot, rows["grants"]),
        holds=map(audit_rows.hold, rows["holds"]),
        meters=map(audit_rows.meter, rows["meters"]),
        caps=map(audit_rows.cap, rows["cap_counters"]),
        usage=map(audit_rows.usage, rows["usage_hourly"]),
        counters=map(audit_rows.counter, rows["budget_counters"]),
        journal=map(audit_rows.money, rows["money_journal"]),
    )
