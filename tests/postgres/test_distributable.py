"""The schema and the statements keep the rules by which they distribute over machines unchanged.

The rules are those of ARCHITECTURE.md; here plain PostgreSQL's own catalog is held against them.
"""

import re
from collections.abc import Iterator

import pytest

from khata.postgres.server import Server
from statements import all_statements
from stored import Reader

# A wallet's tables. Whatever else there is is a small registry, copied or not distributed.
OF_WALLETS = {
    "wallets",
    "accounts",
    "transactions",
    "answers",
    "grants",
    "holds",
    "meters",
    "cap_counters",
    "budget_counters",
    "shared_budget_counters",  # in the bucket of the budget
    "usage_hourly",
    "usage_sums",
    "usage_summed",
    "outbox",
    "news",
    "claims",
    "money_journal",
    "orders",
    "payments",
    "refunds",
    "disputes",
    "billing_profiles",
    "payment_methods",
    "payout_accounts",
    "alerts",
    "alert_rules",
    "watches",
    "forecasts",
    "mails",
    "jobs",
    "recharge_settings",
    "recharges",
}
REGISTRIES = {
    "organizations",
    "wallet_owners",
    "price_lists",
    "api_keys",
    "budgets",
    "signing_keys",
    "gateway_names",
    "inbox",
    "rejected_events",
    "invoice_series",
    "invoices",
    "attempts",
    "audit_log",
    "former_secrets",
    "event_head",
    "events",
    "event_readers",
    "events_apart",
    "users",
    "teams",
    "members",
    "sessions",
    "invitations",
    "sign_in_links",
    "sign_in_attempts",
    "identities",
    "webhook_endpoints",
    "webhook_deliveries",
    "webhook_lanes",
    "webhook_attempts",
    "webhook_hourly",
}

TABLES = """
select c.relname, exists (
  select 1 from pg_attribute where attrelid = c.oid and attname = 'bucket' and attnotnull)
from pg_class c where c.relnamespace = 'khata'::regnamespace and c.relkind in ('r', 'p')"""
OPEN_TO_ALL = """
select relname from pg_class c
where relnamespace = 'khata'::regnamespace and relkind in ('r', 'p') and not (
  relrowsecurity and exists (
    select 1 from pg_policies
    where schemaname = 'khata' and tablename = relname and 'khata_app' = any(roles)))"""
UNIQUE_KEYS = """
select c.relname, i.relname, a.attname
from pg_index x
join pg_class i on i.oid = x.indexrelid
join pg_class c on c.oid = x.indrelid
join pg_attribute a on a.attrelid = c.oid and a.attnum = x.indkey[0]
where c.relnamespace = 'khata'::regnamespace and x.indisunique"""
FOREIGN_KEYS = """
select conrelid::regclass::text, confrelid::regclass::text from pg_constraint
where contype = 'f' and connamespace = 'khata'::regnamespace"""
EXCLUSIONS = """
select conname from pg_constraint
where contype = 'x' and connamespace = 'khata'::regnamespace"""
MADE_VALUES = """
select c.relname, a.attname, a.attidentity::text, a.attgenerated::text,
  coalesce(pg_get_expr(d.adbin, d.adrelid), '')
from pg_attribute a
join pg_class c on c.oid = a.attrelid
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'khata'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0"""
SEQUENCES = """
select relname from pg_class where relnamespace = 'khata'::regnamespace and relkind = 'S'"""
TRIGGERS = """
select c.relname, p.proname, p.prosrc from pg_trigger t
join pg_class c on c.oid = t.tgrelid
join pg_proc p on p.oid = t.tgfoid
where c.relnamespace = 'khata'::regnamespace and not t.tgisinternal"""
VOLATILE = """
select distinct proname::text from pg_proc
where provolatile = 'v' and pronamespace in ('pg_catalog'::regnamespace, 'khata'::regnamespace)"""

# How SQL writes what is no call: these are as volatile as now().
CLOCKS = re.compile(
    r"\b(now\(\)|current_timestamp|localtimestamp|current_date|current_time|localtime)\b",
    re.IGNORECASE,
)
CHANGES = re.compile(
    r"\b(update\s+(?!of\b)(\w+)|delete\s+from\s+(\w+)|insert\s+into\s+(\w+))", re.IGNORECASE
)
ROW_LOCK = re.compile(r"\bfor\s+(no\s+key\s+)?(update|share|key\s+share)\b", re.IGNORECASE)


@pytest.fixture
def reader(database: Server) -> Iterator[Reader]:
    with Reader(database.owner_dsn) as opened:
        yield opened


def changed_tables(statement: str) -> set[str]:
    return {name for found in CHANGES.findall(statement) for name in found[1:] if name}


def test_every_table_is_a_wallets_or_a_named_registry(reader: Reader) -> None:
    tables = dict(reader.ask(TABLES))
    assert {name for name, has_bucket in tables.items() if has_bucket} == OF_WALLETS
    assert {name for name, has_bucket in tables.items() if not has_bucket} == REGISTRIES


def test_every_table_says_whose_its_rows_are(reader: Reader) -> None:
    """`select keep_apart('…')` in its migration; tests/postgres/test_tenants.py tries it."""
    assert [name for (name,) in reader.ask(OPEN_TO_ALL)] == []


def test_every_unique_key_of_a_wallets_table_begins_with_the_bucket(reader: Reader) -> None:
    keys = [row for row in reader.ask(UNIQUE_KEYS) if row[0] in OF_WALLETS]
    assert {table for table, _, _ in keys} == OF_WALLETS
    assert {(index, column) for _, index, column in keys if column != "bucket"} == set()
    assert reader.ask(EXCLUSIONS) == []


def test_no_foreign_key_touches_a_wallets_table(reader: Reader) -> None:
    touched = {table for pair in reader.ask(FOREIGN_KEYS) for table in pair}
    assert touched
    assert not {table.removeprefix("khata.") for table in touched} & OF_WALLETS


def test_no_value_is_made_by_the_database(reader: Reader) -> None:
    """Ids and times are parameters: there is no identity, no sequence and no volatile default."""
    volatile = {name for (name,) in reader.ask(VOLATILE)}
    for table, column, identity, generated, default in reader.ask(MADE_VALUES):
        assert not identity, f"{table}.{column}"
        assert not generated, f"{table}.{column}"
        assert not set(re.findall(r"(\w+)\(", default)) & volatile, f"{table}.{column}"
        assert not CLOCKS.search(default), f"{table}.{column}"
    assert reader.ask(SEQUENCES) == []


def test_triggers_look_at_no_other_row(reader: Reader) -> None:
    triggers = reader.ask(TRIGGERS)
    assert {(table, name) for table, name, _ in triggers} == {
        ("transactions", "ledger_is_append_only"),
        ("invoices", "ledger_is_append_only"),
        ("audit_log", "ledger_is_append_only"),
        ("money_journal", "ledger_is_append_only"),
    }
    assert not any(re.search(r"\b(select|perform|update|insert)\b", src) for _, _, src in triggers)


def test_no_change_to_a_wallets_table_calls_what_is_volatile(reader: Reader) -> None:
    volatile = {name for (name,) in reader.ask(VOLATILE)}
    changing = {
        name: statement
        for name, statement in all_statements().items()
        if changed_tables(statement) & OF_WALLETS
    }
    assert len(changing) > 12
    for name, statement in changing.items():
        assert not set(re.findall(r"(\w+)\(", statement)) & volatile, name
        assert not CLOCKS.search(statement), name


def test_no_statement_changes_a_registry_and_a_wallets_table_at_once() -> None:
    for name, statement in all_statements().items():
        changed = changed_tables(statement)
        assert not (changed & OF_WALLETS and changed & REGISTRIES), name


def test_there_is_one_row_lock_on_wallets_and_one_on_each_end_of_the_events() -> None:
    locking = {name for name, statement in all_statements().items() if ROW_LOCK.search(statement)}
    of_events = {"events.LOCK_HEAD", "events.LOCK_READER", "events_apart.LOCK_APART"}
    assert locking == {f"{name}.LOCK_ACCOUNTS" for name in ("load", "books", "budgets")} | of_events
    skipping = {name for name, text in all_statements().items() if "skip locked" in text}
    assert skipping == {"events.LOCK_READER", "events_apart.LOCK_APART"}
    assert not any("pg_notify" in statement for statement in all_statements().values())
