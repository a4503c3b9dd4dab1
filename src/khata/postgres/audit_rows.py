"""What `verify` selects of each table, and the rows made into the domain's values."""

from typing import Any

from khata.domain.budgets import Counter
from khata.domain.pricing import Remainder
from khata.domain.usage import Usage, UsageKey
from khata.domain.wallet import NEVER_US, Wallet
from khata.engine import ledger_row
from khata.engine.stored import (
    StoredAccounts,
    StoredCap,
    StoredCounter,
    StoredHold,
    StoredLot,
    StoredMeter,
    StoredMoney,
    StoredUsage,
)
from khata.postgres import rows
from khata.postgres.rows import ACCOUNT_COLUMNS, HOLD_COLUMNS, LOT_COLUMNS, WALLET_COLUMNS

Row = tuple[Any, ...]

# A timestamptz counts microseconds from 2000; moved by 30 years it counts them from 1970.
_MOVED = "({} + interval '946684800 seconds')"
# What never expires stands as infinity, whose count is this and not the domain's.
_INFINITY = 2**63 - 1


_TIMES = frozenset({"at", "expires_at", "created_at", "updated_at", "hour", "since"})


def _columns(text: str) -> str:
    names = [name.strip() for name in text.split(",")]
    return ", ".join(_MOVED.format(name) if name in _TIMES else name for name in names)


def _select(table: str, columns: str, order: str, key: str = "bucket, wallet_id, ") -> str:
    return (
        f"select {key}{_columns(columns)} from {table}"
        f" where bucket between {{first}} and {{last}} order by {order}"
    )


_LEDGER_COLUMNS = ", ".join(
    {
        "at_us": "at",
        "draws_text": "draws",
        "facts_text": "facts",
        "has_fingerprint": "fingerprint is not null",
    }.get(name, name)
    for name in ledger_row.COLUMNS
)
TRANSACTIONS = _select("transactions", _LEDGER_COLUMNS, "bucket, wallet_id, sequence", key="")
WALLETS = _select("wallets", WALLET_COLUMNS, "bucket, id", key="bucket, id, ")
ACCOUNTS = _select("accounts", f"organization_id, {ACCOUNT_COLUMNS}", "bucket, wallet_id")
LOTS = _select("grants", f"organization_id, {LOT_COLUMNS}", "bucket, wallet_id, id")
HOLDS = _select("holds", f"organization_id, {HOLD_COLUMNS}", "bucket, wallet_id, id")
METERS = _select(
    "meters",
    "organization_id, feature, numerator::text, denominator::text",
    "bucket, wallet_id, feature",
)
CAPS = _select("cap_counters", "organization_id, cap, day, used", "bucket, wallet_id, day, cap")
COUNTERS = _select(
    "budget_counters",
    "organization_id, budget_id, since, subject, used",
    "bucket, wallet_id, budget_id, since, subject",
)
SHARED_COUNTERS = """
select budget_id, (extract(epoch from since) * 1000000)::bigint, subject, used
from shared_budget_counters"""
USAGE = _select(
    "usage_hourly",
    "organization_id, hour, feature, member_id, category, credits, count, quantity",
    "bucket, wallet_id, hour, feature, member_id",
)

MONEY = _select("money_journal", "organization_id, id, legs", "bucket, wallet_id, id")

_EXPIRES_AT = LOT_COLUMNS.split(", ").index("expires_at")


def ledger_key(row: Row) -> tuple[int, str]:
    """The bucket and wallet of a row of `TRANSACTIONS`."""
    return row[ledger_row.BUCKET], row[ledger_row.WALLET_ID]


def wallet(row: Row) -> Wallet:
    """The wallet of a row of `WALLETS`."""
    return rows.wallet(row[2:])


def accounts(row: Row) -> StoredAccounts:
    """The accounts of a row of `ACCOUNTS`."""
    return row[2], rows.accounts(row[3:])


def lot(row: Row) -> StoredLot:
    """The lot of a row of `LOTS`."""
    fields = list(row[3:])
    if fields[_EXPIRES_AT] == _INFINITY:
        fields[_EXPIRES_AT] = NEVER_US
    return row[2], rows.lot(fields)


def hold(row: Row) -> StoredHold:
    """The hold of a row of `HOLDS`."""
    return row[2], rows.hold(row[3:])


def meter(row: Row) -> StoredMeter:
    """The meter of a row of `METERS`."""
    return row[2], row[3], Remainder(int(row[4]), int(row[5]))


def cap(row: Row) -> StoredCap:
    """The counter of a row of `CAPS`."""
    return row[2], (row[3], row[4]), row[5]


def counter(row: Row) -> StoredCounter:
    """The counter of a row of `COUNTERS`."""
    return row[2], Counter(*row[3:6]), row[6]


def money(row: Row) -> StoredMoney:
    """The posting of a row of `MONEY`."""
    return StoredMoney(*row[2:])


def usage(row: Row) -> StoredUsage:
    """The rollup of a row of `USAGE`."""
    _, wallet_id, organization_id, hour_us, feature, member_id, *counted = row
    return organization_id, UsageKey(wallet_id, hour_us, feature, member_id), Usage(*counted)
