"""Each statement means something to a real server, and those of a batch read no more than asked.

Plans are looked at as the engine's connections make them: once, before the tables have statistics,
or with those of a database where one wallet has most of the rows.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg.pq import ExecStatus

from khata.domain.ids import bucket_of
from khata.postgres import counters, load, write
from khata.postgres.connect import ENGINE_LIMITS, ENGINE_PLANS, connect, session_of
from khata.postgres.server import Server
from khata.testing import wallet_id
from statements import all_statements

Node = dict[str, Any]
Use = tuple[str, str]

BIG = wallet_id("big")
ROWS = 50_000
OTHERS = 5_000

# The index of each table that a statement reads, and the last column it is searched by.
HOT: dict[str, dict[str, set[Use]]] = {
    load.LOCK_ACCOUNTS: {"accounts": {("accounts_pkey", "wallet_id")}},
    load.REVISIONS: {"accounts": {("accounts_pkey", "wallet_id")}},
    load.ACCOUNTS: {"accounts": {("accounts_pkey", "wallet_id")}},
    load.WALLETS: {"wallets": {("wallets_pkey", "id")}},
    load.TRANSACTIONS_BY_KEY: {"transactions": {("transactions_key", "idempotency_key")}},
    load.ANSWERS_BY_KEY: {"answers": {("answers_pkey", "idempotency_key")}},
    load.LIVE_LOTS: {"grants": {("grants_live_of_wallet", "wallet_id")}},
    load.DUE_HOLDS: {
        "holds": {("holds_open", "expires_at")},
        "cap_counters": {("cap_counters_pkey", "cap")},
    },
    load.NEXT_HOLD: {"holds": {("holds_open", "expires_at")}},
    load.CAP_COUNTERS: {"cap_counters": {("cap_counters_pkey", "day")}},
    load.METERS: {"meters": {("meters_pkey", "wallet_id")}},
    load.HOLDS_BY_ID: {
        "holds": {("holds_pkey", "id")},
        "cap_counters": {("cap_counters_pkey", "cap")},
    },
    load.CHARGES_BY_ID: {
        "transactions": {("transactions_id", "id"), ("transactions_refunds", "source_id")}
    },
    load.LOTS_OF_CHARGES: {
        "transactions": {("transactions_id", "id")},
        "grants": {("grants_pkey", "id")},
    },
    load.CLAWBACKS_BY_ID: {
        "transactions": {("transactions_id", "id"), ("transactions_restored_once", "source_id")}
    },
    load.LOTS_OF_PAYMENTS: {"grants": {("grants_payment", "payment_id")}},
    load.PAYOUTS: {"transactions": {("transactions_other_than_usage", "type")}},
    counters.MEMBERS: {
        "members": {("members_external_id", "external_id"), ("members_of_organization", "id")}
    },
    counters.OWN_COUNTERS: {"budget_counters": {("budget_counters_pkey", "subject")}},
    counters.SHARED_COUNTERS: {
        "shared_budget_counters": {("shared_budget_counters_pkey", "subject")}
    },
    write.UPDATE_ACCOUNTS: {"accounts": {("accounts_pkey", "wallet_id")}},
    write.UPDATE_LOTS: {"grants": {("grants_pkey", "id")}},
    write.UPDATE_HOLDS: {"holds": {("holds_pkey", "id")}},
}
# These only add rows, or find the one to change by the key they conflict on.
ADDING = {
    write.INSERT_TRANSACTIONS,
    write.INSERT_LOTS,
    write.INSERT_HOLDS,
    write.INSERT_OUTBOX,
    write.INSERT_ANSWERS,
    write.INSERT_ACTS,
    write.UPSERT_METERS,
    write.UPSERT_CAPS,
    write.UPSERT_COUNTERS,
    counters.LOCK_SHARED_COUNTERS,
    counters.WRITE_SHARED_COUNTERS,
    write.ADD_USAGE,
    write.INSERT_RECHARGES,
    write.INSERT_RECHARGE_JOBS,
}
DEAR = {"Seq Scan", "Sort", "Incremental Sort", "Hash Join", "Merge Join", "Bitmap Heap Scan"}
# Pages that a statement may touch for one wallet and one key, of thousands that its table has.
PAGES = 24

_OF = """from unnest(%(wallets)s::text[], %(buckets)s::smallint[], %(rows)s::integer[])
  as of (wallet, bucket, rows) cross join generate_series(1, of.rows) n"""
FILL = [
    """insert into wallets (bucket, id, organization_id, owner_type, owner_id, name, time_zone,
      low_balance_threshold, rapid_burn_limit, created_at, updated_at)
    select bucket, wallet, 'org', 'user', wallet, '', 'UTC', 0, 1, 'epoch', 'epoch' {of}
    where n = 1""",
    """insert into accounts (bucket, wallet_id, organization_id)
    select bucket, wallet, 'org' {of} where n = 1""",
    """insert into transactions (bucket, wallet_id, sequence, id, organization_id, type, at,
      available_change, reserved_change, locked_change, account, account_change, available_after,
      reserved_after, locked_after, source_id, idempotency_key, fingerprint, draws,
      recognized_paise, hash_version, previous_hash, hash)
    select bucket, wallet, n, wallet || n, 'org',
      case n % 9 when 0 then 'REFUND' else 'USAGE_DEDUCTION' end, 'epoch',
      case n % 9 when 0 then 1 else -1 end, 0, 0, 'consumed.AI',
      case n % 9 when 0 then -1 else 1 end, 0, 0, 0,
      case n % 9 when 0 then wallet || n - 1 end, wallet || n, '',
      '[["' || wallet || n || '", 1]]', 0, 1, sha256(''), sha256('') {of}""",
    """insert into grants (bucket, wallet_id, id, organization_id, kind, priority, transferable,
      granted, available, live, payment_id, sequence, created_at)
    select bucket, wallet, wallet || n, 'org', 'purchase', 50, true, 1, (n % 5000 = 0)::int,
      n % 5000 = 0, wallet || n, n, 'epoch' {of}""",
    """insert into holds (bucket, wallet_id, id, organization_id, state, feature, category, credits,
      price_version, expires_at, created_at, draws, cap, day)
    select bucket, wallet, wallet || n, 'org',
      case n % 5000 when 0 then 'open' else 'expired' end, 'CALL', 'AI', 1, 1, 'epoch', 'epoch',
      '[]', 'AI', n {of}""",
    """insert into answers (bucket, wallet_id, idempotency_key, organization_id, fingerprint, at,
      outcome) select bucket, wallet, wallet || n, 'org', '', 'epoch', '' {of}""",
    """insert into cap_counters (bucket, wallet_id, day, cap, organization_id, used)
    select bucket, wallet, n, 'AI', 'org', 1 {of}""",
    """insert into meters (bucket, wallet_id, feature, organization_id, numerator, denominator)
    select bucket, wallet, 'TOKENS', 'org', 0, 1 {of} where n = 1""",
]


def fill(owner_dsn: str) -> None:
    """One wallet with most of the history, and thousands with hardly any."""
    wallets = [BIG, *(wallet_id(f"other {number}") for number in range(OTHERS))]
    given = {
        "wallets": wallets,
        "buckets": [bucket_of(each) for each in wallets],
        "rows": [ROWS, *[1] * OTHERS],
    }
    with connect(owner_dsn) as owner:
        for statement in FILL:
            owner.execute(statement.format(of=_OF).replace("% ", "%% ").encode(), given)


def open_as_engine(database: Server) -> psycopg.Connection[tuple[Any, ...]]:
    dsn = session_of(database.app_dsn, "plans", defaults=ENGINE_LIMITS, pinned=ENGINE_PLANS)
    return psycopg.connect(dsn, autocommit=True)


class Seen(NamedTuple):
    """What a plan does."""

    steps: set[str]
    uses: dict[str, set[Use]]
    pages: int


def planned(connection: psycopg.Connection[tuple[Any, ...]], statement: str) -> Seen:
    """The plan, with nothing asked for."""
    return _explained(connection, statement, "null", "")


def carried_out(connection: psycopg.Connection[tuple[Any, ...]], statement: str) -> Seen:
    """The plan, with one key of the big wallet asked for, and the pages it took."""
    name = f"'{{{BIG}7777}}'"
    given = [f"'{{{bucket_of(BIG)}}}'", f"'{{{BIG}}}'"]
    when = {counters.OWN_COUNTERS: ["'{epoch}'", name], counters.SHARED_COUNTERS: [name]}
    third = {load.CAP_COUNTERS: f"'{{{ROWS - 3}}}'"}
    times = {load.DUE_HOLDS: "'{-infinity}'", load.NEXT_HOLD: "'{-infinity}'"}
    if statement == counters.SHARED_COUNTERS:
        times = {statement: "'{epoch}'"}
    arguments = [*given, {**third, **times}.get(statement, name), *when.get(statement, [])]
    arguments = arguments[: _parameters(statement)]
    return _explained(connection, statement, ", ".join(arguments), ", analyze, buffers, timing off")


def _explained(
    connection: psycopg.Connection[tuple[Any, ...]], statement: str, given: str, options: str
) -> Seen:
    wanted = given if given != "null" else ", ".join(["null"] * _parameters(statement))
    connection.execute(f"prepare hot as {statement}".encode())
    (row,) = connection.execute(
        f"explain (format json, verbose{options}) execute hot({wanted})".encode()
    )
    connection.execute("deallocate hot")
    top: Node = row[0][0]["Plan"]
    nodes = list(_nodes(top))
    uses: dict[str, set[Use]] = {}
    for node in nodes:
        if "Index Name" in node and "Relation Name" in node:
            columns = re.findall(r"\((?:\w+\.)?(\w+) [<>=]", node.get("Index Cond", ""))
            use = (node["Index Name"], _last(connection, node["Index Name"], columns))
            uses.setdefault(node["Relation Name"], set()).add(use)
    pages = top.get("Shared Hit Blocks", 0) + top.get("Shared Read Blocks", 0)
    return Seen({node["Node Type"] for node in nodes}, uses, pages)


def _parameters(statement: str) -> int:
    return max(int(number) for number in re.findall(r"\$(\d+)", statement))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _last(connection: psycopg.Connection[tuple[Any, ...]], index: str, columns: list[str]) -> str:
    """The last of the index's columns that is searched by, all before it being searched by too."""
    (row,) = connection.execute(INDEX_COLUMNS, [index])
    last = ""
    for column in row[0]:
        if column not in columns:
            break
        last = column
    return last


INDEX_COLUMNS = """
select array_agg(attname::text order by attnum) from pg_attribute where attrelid = %s::regclass"""


def test_every_statement_is_understood_by_the_server(database: Server) -> None:
    statements = all_statements()
    with connect(database.owner_dsn) as owner:
        refused = {
            name: result.error_message.decode()
            for name, statement in statements.items()
            if (result := owner.pgconn.prepare(name.encode(), statement.encode())).status
            != ExecStatus.COMMAND_OK
        }
    assert not refused
    assert len(statements) > 60


def test_every_statement_of_a_batch_has_its_index() -> None:
    of_batches = {
        statement
        for name, statement in all_statements().items()
        if name.startswith(("load.", "write.", "counters."))
    }
    assert of_batches == HOT.keys() | ADDING


@pytest.mark.parametrize("state", ["empty", "filled", "analyzed"])
def test_a_batch_asks_by_index_alone(database: Server, state: str) -> None:
    if state != "empty":
        fill(database.owner_dsn)
    if state == "analyzed":
        with connect(database.owner_dsn) as owner:
            owner.execute("analyze")
    with open_as_engine(database) as engine:
        for statement, expected in HOT.items():
            seen = planned(engine, statement)
            assert seen.uses == expected, statement
            assert not seen.steps & DEAR, statement
        for statement in ADDING:
            assert not planned(engine, statement).steps & DEAR, statement


def test_a_long_history_costs_a_batch_nothing(database: Server) -> None:
    fill(database.owner_dsn)
    with open_as_engine(database) as engine:
        for statement in HOT:
            if statement.lstrip().startswith("select"):
                assert carried_out(engine, statement).pages <= PAGES, statement
