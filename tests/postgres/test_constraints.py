"""The database itself refuses rows that break an invariant, whoever writes them."""

from collections.abc import Mapping
from typing import LiteralString

import psycopg
import pytest
from psycopg import errors, sql

import budget_rows
import money_rows
import people_rows
import webhook_rows
from khata.postgres.server import Server

Row = Mapping[str, object]

OWN: Row = {"bucket": 7, "wallet_id": "wal_1", "organization_id": "org_1"}
BUCKET_ONLY: Row = {"bucket": 7, "wallet_id": "wal_1"}
TIME = "2026-01-05T00:00:00Z"

# One row of each table that is as it should be.
GOOD: Mapping[str, Row] = {
    "organizations": {"id": "org_1", "name": "One", "is_default": True, "created_at": TIME},
    "wallet_owners": {
        "organization_id": "org_1",
        "owner_type": "user",
        "owner_id": "own-1",
        "wallet_id": "wal_1",
    },
    "price_lists": {"version": 1, "effective_at": TIME, "published_at": TIME, "features": "[]"},
    "api_keys": {
        "id": "key_1",
        "secret_hash": b"1",
        "hint": "khk_",
        "name": "One",
        "scopes": ["*"],
        "created_at": TIME,
    },
    "wallets": {
        "bucket": 7,
        "id": "wal_1",
        "organization_id": "org_1",
        "owner_type": "user",
        "owner_id": "own-1",
        "name": "One",
        "time_zone": "Asia/Kolkata",
        "low_balance_threshold": 200,
        "rapid_burn_limit": 5000,
        "created_at": TIME,
        "updated_at": TIME,
    },
    "accounts": OWN,
    "transactions": {
        **OWN,
        "sequence": 1,
        "id": "txn_1",
        "type": "BONUS_CREDIT",
        "at": TIME,
        "available_change": 5,
        "reserved_change": 0,
        "locked_change": 0,
        "account": "issued.bonus",
        "account_change": -5,
        "available_after": 5,
        "reserved_after": 0,
        "locked_after": 0,
        "idempotency_key": "key-1",
        "fingerprint": b"1",
        "draws": "[]",
        "recognized_paise": 0,
        "hash_version": 1,
        "previous_hash": bytes(32),
        "hash": bytes(32),
    },
    "grants": {
        **OWN,
        "id": "grt_1",
        "kind": "bonus",
        "priority": 50,
        "transferable": True,
        "granted": 5,
        "available": 5,
        "live": True,
        "sequence": 1,
        "created_at": TIME,
    },
    "holds": {
        **OWN,
        "id": "hld_1",
        "state": "open",
        "feature": "USE",
        "category": "API",
        "credits": 5,
        "price_version": 1,
        "expires_at": TIME,
        "created_at": TIME,
        "draws": "[]",
        "day": 0,
    },
    "meters": {**OWN, "feature": "USE", "numerator": 1, "denominator": 2},
    "cap_counters": {**OWN, "day": 0, "cap": "AI", "used": 1},
    "usage_sums": {
        **OWN,
        "grain": "hour",
        "within": "",
        "starts": TIME,
        "category": "",
        "feature": "",
        "member_id": "",
        "credits": 1,
        "count": 1,
        "quantity": 1,
    },
    "usage_summed": {**OWN, "until": TIME},
    "outbox": {**OWN, "sequence": 1, "first_sequence": 1, "at": TIME},
    "news": {
        **OWN,
        "id": "evt_1",
        "kind": "alert.raised",
        "subject": "alt_1",
        "at": TIME,
    },
    "events": {
        "position": 1,
        "organization_id": "org_1",
        "wallet_id": "wal_1",
        "kind": "ledger",
        "first_sequence": 1,
        "sequence": 2,
        "at": TIME,
    },
    "event_head": {"position": 0},
    "event_readers": {"name": "one", "position": 1},
    "events_apart": {
        "reader": "one",
        "position": 1,
        "event": "{}",
        "error": "KeyError",
        "tries": 5,
        "since": TIME,
        "tried_at": TIME,
    },
    "signing_keys": {"id": "sig_1", "public_key": bytes(32), "created_at": TIME},
    **budget_rows.GOOD,
    **money_rows.GOOD,
    **people_rows.GOOD,
    **webhook_rows.GOOD,
}

NEXT: Row = {"sequence": 2, "id": "txn_2", "idempotency_key": "key-2"}
OTHER_TRANSACTION: Row = {"sequence": 3, "id": "txn_3", "idempotency_key": "key-3"}
OTHER_KEY: Row = {"id": "key_2", "secret_hash": b"2"}

# What is planted beside the good row: the constraint, its table, and what is wrong.
PLANTED: list[tuple[str, str, Row]] = [
    ("wallet_owners_wallet", "wallet_owners", {"owner_id": "own-2"}),
    ("wallet_owners_type", "wallet_owners", {"owner_type": "robot", "wallet_id": "wal_2"}),
    ("price_lists_version_check", "price_lists", {"version": 0}),
    ("api_keys_secret", "api_keys", {"id": "key_2"}),
    ("api_keys_owner", "api_keys", {**OTHER_KEY, "owner_type": "user"}),
    (
        "api_keys_owner_in_organization",
        "api_keys",
        {**OTHER_KEY, "owner_type": "user", "owner_id": "own-1"},
    ),
    ("signing_keys_ed25519", "signing_keys", {"id": "sig_2", "public_key": b"short"}),
    ("wallets_bucket", "wallets", {"bucket": 256}),
    ("wallets_status", "wallets", {"id": "wal_2", "status": "lost"}),
    ("wallets_thresholds", "wallets", {"id": "wal_2", "low_balance_threshold": -1}),
    ("wallets_thresholds", "wallets", {"id": "wal_2", "rapid_burn_limit": 0}),
    ("wallets_rapid_burn_action", "wallets", {"id": "wal_2", "rapid_burn_action": "shout"}),
    ("wallets_frozen_reason", "wallets", {"id": "wal_2", "frozen_reason": "rapid_burn"}),
    ("accounts_balanced", "accounts", {"wallet_id": "wal_2", "available": 1}),
    (
        "accounts_below_zero_only_by_debt",
        "accounts",
        {"wallet_id": "wal_2", "available": -1, "consumed": 1},
    ),
    (
        "accounts_below_zero_only_by_debt",
        "accounts",
        {"wallet_id": "wal_2", "available": -2, "debt": 1, "consumed": 2},
    ),
    ("accounts_sides", "accounts", {"wallet_id": "wal_2", "available": 1, "reserved": -1}),
    ("accounts_sides", "accounts", {"wallet_id": "wal_2", "available": 1, "locked": -1}),
    (
        "accounts_bounds",
        "accounts",
        {"wallet_id": "wal_2", "available": 10**15 + 1, "adjusted": -(10**15) - 1},
    ),
    ("transactions_pkey", "transactions", {"id": "txn_2", "idempotency_key": "key-2"}),
    ("transactions_id", "transactions", {"sequence": 2, "idempotency_key": "key-2"}),
    ("transactions_key", "transactions", {"sequence": 2, "id": "txn_2"}),
    ("transactions_balanced", "transactions", {**NEXT, "available_change": 6}),
    (
        "transactions_money_balanced",
        "transactions",
        {**NEXT, "facts": '{"money":[["bank",100],["disputed",-99]]}'},
    ),
    ("transactions_account", "transactions", {**NEXT, "account": None}),
    (
        "transactions_account",
        "transactions",
        {**NEXT, "available_change": 0, "account_change": 0},
    ),
    ("transactions_sequence", "transactions", {**NEXT, "sequence": 0}),
    ("transactions_sides", "transactions", {**NEXT, "reserved_after": -1}),
    ("transactions_sides", "transactions", {**NEXT, "locked_after": -1}),
    ("transactions_key_with_fingerprint", "transactions", {**NEXT, "fingerprint": None}),
    ("transactions_key_with_fingerprint", "transactions", {**NEXT, "idempotency_key": None}),
    ("transactions_hashes", "transactions", {**NEXT, "hash": b"short"}),
    ("grants_kind", "grants", {"id": "grt_2", "kind": "gift"}),
    ("grants_pockets", "grants", {"id": "grt_2", "available": 6}),
    ("grants_pockets", "grants", {"id": "grt_2", "available": -1, "reserved": 2}),
    ("grants_pockets", "grants", {"id": "grt_2", "reserved": 1}),
    ("grants_pockets", "grants", {"id": "grt_2", "granted": 0, "available": 0, "live": False}),
    ("grants_live", "grants", {"id": "grt_2", "live": False}),
    ("grants_live", "grants", {"id": "grt_2", "available": 0}),
    ("grants_clawed_back", "grants", {"id": "grt_2", "clawed_back": 6}),
    ("grants_clawed_back", "grants", {"id": "grt_2", "clawed_back": -1}),
    ("grants_cost", "grants", {"id": "grt_2", "cost_paise": -1}),
    ("grants_promo_stays", "grants", {"id": "grt_2", "kind": "promo"}),
    ("holds_state", "holds", {"id": "hld_2", "state": "lost"}),
    ("holds_amounts", "holds", {"id": "hld_2", "credits": -1}),
    ("holds_amounts", "holds", {"id": "hld_2", "state": "captured", "captured": -1}),
    ("holds_captured_once", "holds", {"id": "hld_2", "captured": 1}),
    ("meters_below_one", "meters", {"feature": "CALL", "numerator": 2}),
    ("meters_below_one", "meters", {"feature": "CALL", "numerator": -1}),
    ("cap_counters_used", "cap_counters", {"day": 1, "used": -1}),
    ("usage_sums_grain", "usage_sums", {"grain": "month"}),
    ("outbox_stretch", "outbox", {"sequence": 2, "first_sequence": 3}),
    ("events_position", "events", {"position": 0}),
    ("events_pkey", "events", {}),
    ("events_shape", "events", {"position": 2, "first_sequence": 3}),
    ("events_shape", "events", {"position": 2, "wallet_id": None}),
    ("events_shape", "events", {"position": 2, "id": "evt_1"}),
    ("events_shape", "events", {"position": 2, "kind": "alert.raised"}),
    ("event_head_one", "event_head", {"is_head": False}),
    ("event_head_position", "event_head", {"position": -1}),
    ("event_readers_position", "event_readers", {"name": "two", "position": -1}),
    ("events_apart_tries", "events_apart", {"position": 2, "tries": 0}),
    ("events_apart_pkey", "events_apart", {}),
    *budget_rows.PLANTED,
    *money_rows.PLANTED,
    *people_rows.PLANTED,
    *webhook_rows.PLANTED,
]

NAMED = """
select conname from pg_constraint
where connamespace = 'khata'::regnamespace and contype in ('c', 'u')
"""


def add(owner: psycopg.Connection, table: str, row: Row) -> None:
    statement = sql.SQL("insert into khata.{} ({}) values ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join([sql.Placeholder()] * len(row)),
    )
    owner.execute(statement, list(row.values()))


def test_every_constraint_is_broken_here_and_holds(database: Server) -> None:
    with psycopg.connect(database.owner_dsn) as owner:
        named = {name for (name,) in owner.execute(NAMED)}
        owner.execute("delete from khata.event_head")  # which has its one row from the first
        for table, row in GOOD.items():
            add(owner, table, row)
        for constraint, table, wrong in PLANTED:
            with pytest.raises(errors.IntegrityError) as refused, owner.transaction():
                add(owner, table, {**GOOD[table], **wrong})
            assert refused.value.diag.constraint_name == constraint, wrong
        owner.rollback()
    assert named <= {constraint for constraint, _, _ in PLANTED}


@pytest.mark.parametrize(
    "forbidden",
    [
        "update khata.transactions set metadata = '{}'",
        "delete from khata.transactions",
        "truncate khata.transactions",
        "update khata.invoices set number = '1'",
        "delete from khata.invoices",
        "update khata.audit_log set action = '1'",
        "delete from khata.audit_log",
        "update khata.money_journal set legs = '[]'",
        "delete from khata.money_journal",
        "truncate khata.money_journal",
    ],
)
def test_the_ledger_is_never_changed_not_even_by_its_owner_nor_by_the_service(
    database: Server, forbidden: LiteralString
) -> None:
    with psycopg.connect(database.owner_dsn) as owner:
        for table in ("organizations", "transactions", "invoices", "audit_log", "money_journal"):
            add(owner, table, GOOD[table])
        owner.commit()
        with pytest.raises(errors.RestrictViolation):
            owner.execute(forbidden)
    with psycopg.connect(database.app_dsn) as service, pytest.raises(errors.InsufficientPrivilege):
        service.execute(forbidden)


def test_a_refund_of_money_is_undone_once(database: Server) -> None:
    undoes: Row = {
        **GOOD["transactions"],
        "type": "CLAWBACK",
        "source": "transaction",
        "source_id": "txn_9",
    }
    with psycopg.connect(database.owner_dsn) as owner:
        add(owner, "transactions", undoes)
        add(owner, "transactions", {**undoes, **OTHER_TRANSACTION, "source": "payment"})
        with pytest.raises(errors.UniqueViolation) as refused:
            add(owner, "transactions", {**undoes, **NEXT})
    assert refused.value.diag.constraint_name == "transactions_restored_once"


def test_words_that_look_like_legs_are_none(database: Server) -> None:
    told = '{"note":"say \\"money\\":[[1,2]] to me"}'
    with psycopg.connect(database.owner_dsn) as owner:
        add(owner, "transactions", {**GOOD["transactions"], "facts": told})
        (count,) = owner.execute("select count(*) from khata.money_entries").fetchone() or (None,)
    assert count == 0
