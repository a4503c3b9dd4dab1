"""What nobody may do to the books, tried on a real server, as the service and as the owner.

Every attack is refused by the constraint or the privilege that is there for it, by name.
"""

from typing import NamedTuple

import psycopg
import pytest

from khata.domain.ids import bucket_of
from khata.postgres.connect import connect
from khata.postgres.server import Server
from khata.testing import wallet, wallet_id
from stored import add_wallets

ACME = wallet_id("acme")
BUCKET = bucket_of(ACME)
HASH = "decode(repeat('ab', 32), 'hex')"

# One of everything, as the engine would write it, so that each attack differs in one thing only.
TRANSACTION = {
    "bucket": str(BUCKET),
    "wallet_id": f"'{ACME}'",
    "sequence": "2",
    "id": "'txn_b'",
    "organization_id": "'org_a'",
    "type": "'USAGE_DEDUCTION'",
    "at": "now()",
    "available_change": "-5",
    "reserved_change": "0",
    "locked_change": "0",
    "account": "'consumed.AI'",
    "account_change": "5",
    "available_after": "95",
    "reserved_after": "0",
    "locked_after": "0",
    "idempotency_key": "'key-b'",
    "fingerprint": "'\\x01'",
    "draws": "'[]'",
    "recognized_paise": "0",
    "hash_version": "1",
    "previous_hash": HASH,
    "hash": HASH,
}
GRANT = {
    "bucket": str(BUCKET),
    "wallet_id": f"'{ACME}'",
    "id": "'grt_b'",
    "organization_id": "'org_a'",
    "kind": "'bonus'",
    "priority": "50",
    "transferable": "true",
    "granted": "100",
    "available": "100",
    "live": "true",
    "sequence": "1",
    "created_at": "now()",
}
HOLD = {
    "bucket": str(BUCKET),
    "wallet_id": f"'{ACME}'",
    "id": "'hld_b'",
    "organization_id": "'org_a'",
    "state": "'open'",
    "feature": "'CALL'",
    "category": "'AI'",
    "credits": "5",
    "price_version": "1",
    "expires_at": "now()",
    "created_at": "now()",
    "draws": "'[]'",
    "day": "0",
}


def insert(table: str, row: dict[str, str], **changed: str) -> str:
    values = {**row, **changed}
    return f"insert into {table} ({', '.join(values)}) values ({', '.join(values.values())})"


FIRST = insert(
    "transactions",
    TRANSACTION,
    sequence="1",
    id="'txn_a'",
    available_change="100",
    account="'issued.bonus'",
    account_change="-100",
    available_after="100",
    idempotency_key="'key-a'",
)
OPENING = (
    FIRST,
    insert("grants", GRANT, id="'grt_a'"),
    insert("holds", HOLD, id="'hld_a'"),
    "update accounts set sequence = 1, available = 100, issued_bonus = -100",
)


class Wrong(NamedTuple):
    """A row that no bug may write, and the constraint that refuses it."""

    constraint: str
    statement: str


def ledger(**changed: str) -> str:
    return insert("transactions", TRANSACTION, **changed)


def lot(**changed: str) -> str:
    return insert("grants", GRANT, **changed)


def hold(**changed: str) -> str:
    return insert("holds", HOLD, **changed)


WRONG = [
    # A row of the ledger says nothing that does not add up.
    Wrong(
        "transactions_money_balanced",
        ledger(type="'LOCK'", facts="""'{"money":[["disputed",100],["gateway.x",-99]]}'"""),
    ),
    Wrong("transactions_balanced", ledger(available_change="-4")),
    Wrong("transactions_balanced", ledger(reserved_change="1")),
    Wrong("transactions_balanced", ledger(account="null", account_change="0")),
    Wrong("transactions_account", ledger(account="null")),
    Wrong("transactions_account", ledger(available_change="0", account_change="0")),
    Wrong("transactions_sequence", ledger(sequence="0")),
    Wrong("transactions_sides", ledger(reserved_after="-1")),
    Wrong("transactions_sides", ledger(locked_after="-1")),
    Wrong("transactions_hashes", ledger(hash="'\\x00'")),
    Wrong("transactions_hashes", ledger(previous_hash="''")),
    Wrong("transactions_key_with_fingerprint", ledger(fingerprint="null")),
    Wrong("transactions_key_with_fingerprint", ledger(idempotency_key="null")),
    # Nothing is decided or numbered twice.
    Wrong("transactions_pkey", ledger(sequence="1")),
    Wrong("transactions_id", ledger(id="'txn_a'")),
    Wrong("transactions_key", ledger(idempotency_key="'key-a'")),
    # A wallet's book sums to zero and is overdrawn by a clawback's debt only.
    Wrong("accounts_balanced", "update accounts set available = available + 1"),
    Wrong("accounts_balanced", "update accounts set consumed = consumed + 1"),
    Wrong("accounts_below_zero_only_by_debt", "update accounts set available = -1, consumed = 101"),
    Wrong("accounts_below_zero_only_by_debt", "update accounts set debt = -1"),
    Wrong("accounts_sides", "update accounts set reserved = -1, available = 101"),
    Wrong("accounts_sides", "update accounts set locked = -1, available = 101"),
    Wrong("accounts_bounds", "update accounts set available = 2e15, issued_bonus = -2e15"),
    Wrong("accounts_bounds", "update accounts set debt = 2e15"),
    # A lot holds what was granted, no more, and no pocket of it is below nothing.
    Wrong("grants_pockets", "update grants set available = 101"),
    Wrong("grants_pockets", "update grants set available = 100, reserved = 1"),
    Wrong("grants_pockets", "update grants set available = -1, reserved = 2"),
    Wrong("grants_pockets", "update grants set locked = -1"),
    Wrong("grants_pockets", lot(granted="0", available="0", live="false")),
    Wrong("grants_live", "update grants set available = 0"),
    Wrong("grants_live", lot(live="false")),
    Wrong("grants_clawed_back", "update grants set clawed_back = 101"),
    Wrong("grants_clawed_back", "update grants set clawed_back = -1"),
    Wrong("grants_cost", lot(cost_paise="-1")),
    Wrong("grants_kind", lot(kind="'gift'")),
    Wrong("grants_promo_stays", lot(kind="'promo'")),
    Wrong("grants_pkey", lot(id="'grt_a'")),
    Wrong("holds_state", hold(state="'lost'")),
    Wrong("holds_amounts", hold(credits="-1")),
    Wrong("holds_captured_once", hold(captured="1")),
    Wrong("holds_captured_once", "update holds set captured = 5"),
    Wrong("holds_pkey", hold(id="'hld_a'")),
    Wrong(
        "meters_below_one",
        f"insert into meters values ({BUCKET}, '{ACME}', 'TOKENS', 'org_a', 1000, 1000)",
    ),
    Wrong(
        "cap_counters_used",
        f"insert into cap_counters values ({BUCKET}, '{ACME}', 0, 'AI', 'org_a', -1)",
    ),
    Wrong(
        "outbox_stretch",
        f"insert into outbox values ({BUCKET}, '{ACME}', 1, 2, 'org_a', now())",
    ),
    Wrong("wallets_bucket", "update wallets set bucket = 256"),
    Wrong("wallets_status", "update wallets set status = 'gone'"),
    Wrong("wallets_thresholds", "update wallets set low_balance_threshold = -1"),
    Wrong("wallets_rapid_burn_action", "update wallets set rapid_burn_action = 'shout'"),
    Wrong("wallets_frozen_reason", "update wallets set frozen_reason = 'rapid_burn'"),
]

CHANGES_OF_THE_LEDGER = [
    "update transactions set available_change = -6, account_change = 6",
    "update transactions set metadata = '{}'",
    "delete from transactions",
    "truncate transactions",
    (
        "insert into transactions select * from transactions on conflict (bucket, id)"
        " do update set metadata = '{}'"
    ),
    (
        "merge into transactions t using accounts a on a.wallet_id = t.wallet_id"
        " when matched then delete"
    ),
    "with gone as (delete from transactions returning 1) select * from gone",
]

# What the service's role may never do, and has no privilege for.
BEYOND_THE_SERVICE = [
    *CHANGES_OF_THE_LEDGER,
    "alter table transactions disable trigger transactions_append_only",
    "alter table transactions disable trigger all",
    "alter table transactions drop constraint transactions_balanced",
    "alter table transactions add column note text",
    "alter table transactions rename to transactions_before",
    "alter table transactions owner to khata_app",
    "drop trigger transactions_append_only on transactions",
    "drop table transactions",
    "drop table transactions cascade",
    "drop schema khata cascade",
    (
        "create or replace function ledger_is_append_only() returns trigger language plpgsql"
        " as 'begin return new; end'"
    ),
    "drop function ledger_is_append_only() cascade",
    (
        "create trigger mine before insert on transactions for each row"
        " execute function ledger_is_append_only()"
    ),
    "create rule mine as on insert to transactions do instead nothing",
    "create table khata.mine ()",
    "create view khata.mine as select 1",
    "create schema mine",
    "set session_replication_role = replica",
    "set role khata_owner",
    "set session authorization khata_owner",
    "alter role khata_app superuser",
    "alter role khata_app createdb",
    "create role mine",
    "delete from accounts",
    "truncate accounts",
    "delete from grants",
    "delete from holds",
    "delete from wallets",
    "delete from wallet_owners",
    "update wallet_owners set owner_id = 'me'",
    "update price_lists set features = '[]'",
    "delete from price_lists",
    "delete from api_keys",
    "update answers set outcome = '{}'",
    "update organizations set id = 'org_mine'",
    "update organizations set is_default = false",
    "delete from organizations",
    "update signing_keys set public_key = decode(repeat('00', 32), 'hex')",
    "delete from signing_keys",
    "update public.schema_migrations set checksum = ''",
    "delete from public.schema_migrations",
    "copy transactions to program 'true'",
    "select pg_read_file('pg_hba.conf')",
    "select lo_import('/etc/passwd')",
    "load 'auto_explain'",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'khata_owner'",
]

WALLETS_TABLES = """
  ('wallets', 'accounts', 'transactions', 'answers', 'grants', 'holds', 'meters', 'cap_counters',
   'usage_hourly', 'outbox')"""
CONSTRAINTS = f"""
select conname from pg_constraint
where conrelid = any (select oid from pg_class where relname in {WALLETS_TABLES})
  and connamespace = 'khata'::regnamespace and contype in ('c', 'u')"""
# What the service deletes from: queues and what is kept for a time only; nothing of money, of
# credits or of who did what. A team is ended by its people, and its name is in the audit log.
FORGOTTEN = {
    *("answers", "outbox", "news", "events", "events_apart", "jobs", "attempts", "mails"),
    *("webhook_deliveries", "webhook_attempts", "webhook_lanes", "webhook_hourly"),
    *("sessions", "sign_in_links", "sign_in_attempts", "former_secrets", "teams"),
}
RIGHTS = """
select table_name, string_agg(privilege_type, ',' order by privilege_type)
from information_schema.role_table_grants
where grantee = 'khata_app' and privilege_type <> 'SELECT' group by table_name"""
ATTRIBUTES = """
select rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls from pg_roles
where rolname in ('khata_app', 'khata_tenant')"""
MEMBERSHIPS = """
select roleid::regrole::text from pg_auth_members
where member in ('khata_app'::regrole, 'khata_tenant'::regrole)"""
BEYOND_THE_TENANT = """
(select table_name, column_name, privilege_type from information_schema.role_column_grants
  where grantee = 'khata_tenant'
 union all
 select table_name, null, privilege_type from information_schema.role_table_grants
  where grantee = 'khata_tenant' and privilege_type = 'DELETE')
except
(select table_name, column_name, privilege_type from information_schema.role_column_grants
  where grantee = 'khata_app'
 union all
 select table_name, null, privilege_type from information_schema.role_table_grants
  where grantee = 'khata_app')"""


@pytest.fixture
def books(database: Server) -> Server:
    """A wallet with a grant of 100, a lot, a hold and one row in the ledger."""
    add_wallets(database.owner_dsn, wallet("acme"))
    with connect(database.owner_dsn) as owner:
        for statement in OPENING:
            owner.execute(statement.encode())
    return database


def refusal(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> str:
    """The constraint or else the error that refuses a statement; empty where nothing does."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement.encode())
    except psycopg.Error as refused:
        return refused.diag.constraint_name or type(refused).__name__
    return ""


@pytest.mark.parametrize("role", ["the service", "the owner"])
def test_no_row_breaks_a_constraint(books: Server, role: str) -> None:
    dsn = books.app_dsn if role == "the service" else books.owner_dsn
    with connect(dsn) as connection:
        found = [(refusal(connection, wrong.statement), wrong.statement) for wrong in WRONG]
    assert found == [tuple(wrong) for wrong in WRONG]


def test_each_constraint_of_the_books_is_attacked(database: Server) -> None:
    with connect(database.owner_dsn) as owner:
        named = owner.execute(CONSTRAINTS.encode()).fetchall()
    assert {name for (name,) in named} == {
        wrong.constraint for wrong in WRONG if not wrong.constraint.endswith("_pkey")
    }


def test_the_rows_that_attacks_start_from_are_sound(books: Server) -> None:
    with connect(books.app_dsn) as service:
        assert [refusal(service, statement) for statement in (ledger(), lot(), hold())] == [""] * 3


@pytest.mark.parametrize("replication", ["origin", "replica"])
def test_not_even_the_owner_changes_the_ledger(books: Server, replication: str) -> None:
    """The trigger fires always, also where a restore or a replica would switch others off."""
    with connect(books.owner_dsn) as owner:
        owner.execute(f"set session_replication_role = {replication}".encode())
        found = {each: refusal(owner, each) for each in CHANGES_OF_THE_LEDGER}
    assert found == dict.fromkeys(CHANGES_OF_THE_LEDGER, "RestrictViolation")


def test_the_service_has_no_way_around(books: Server) -> None:
    with connect(books.app_dsn) as service:
        found = {each: refusal(service, each) for each in BEYOND_THE_SERVICE}
    assert found == dict.fromkeys(BEYOND_THE_SERVICE, "InsufficientPrivilege")


def test_the_service_may_do_what_the_schema_grants_and_no_more(database: Server) -> None:
    with connect(database.owner_dsn) as owner:
        rights = owner.execute(RIGHTS).fetchall()
        attributes = owner.execute(ATTRIBUTES).fetchall()
        memberships = owner.execute(MEMBERSHIPS).fetchall()
    changing = {str(table): str(granted) for table, granted in rights}
    assert changing["transactions"] == changing["money_journal"] == "INSERT"
    assert {table for table, granted in changing.items() if "DELETE" in granted} == FORGOTTEN
    assert not any("TRUNCATE" in granted or "TRIGGER" in granted for granted in changing.values())
    assert attributes == [(False,) * 5] * 2
    assert memberships == [("khata_tenant",)]


def test_the_service_gains_nothing_by_becoming_a_tenant(database: Server) -> None:
    with connect(database.owner_dsn) as owner:
        assert owner.execute(BEYOND_THE_TENANT.encode()).fetchall() == []
