"""Each fault that is planted in a real ledger is found, and its very row is named."""

from typing import Protocol

import psycopg
import pytest

import budget_rows
from khata.domain.difference import Difference
from khata.postgres.audit import audit_here
from khata.postgres.connect import session_of

Found = tuple[str, str, str]

# What else would refuse some of these faults; verify must not lean on it.
GUARDS = [
    ("accounts", "accounts_balanced"),
    ("transactions", "transactions_balanced"),
    ("transactions", "transactions_money_balanced"),
    ("money_journal", "money_journal_balanced"),
    ("grants", "grants_pockets"),
    ("grants", "grants_live"),
    ("holds", "holds_captured_once"),
]


class Ledger(Protocol):
    """The ledger of conftest.py."""

    owner_dsn: str
    names: dict[str, str | int]


def found_after(dsn: str, statement: str) -> list[Difference]:
    """What is found after a change as only an owner can make who first takes the guards away."""
    with psycopg.connect(session_of(dsn, "vandal")) as owner:
        for trigger in ("transactions_append_only", "transactions_no_truncate"):
            owner.execute(f"alter table transactions disable trigger {trigger}".encode())
        for trigger in ("money_journal_append_only", "money_journal_no_truncate"):
            owner.execute(f"alter table money_journal disable trigger {trigger}".encode())
        for table, constraint in GUARDS:
            owner.execute(f"alter table {table} drop constraint {constraint}".encode())
        assert owner.execute(statement.encode()).rowcount == 1
        differences = audit_here(owner).differences
        owner.rollback()
    return differences


# What is done, by which statement, and what must be found: table, start of the row, field.
FAULTS: list[tuple[str, str, list[tuple[str, str, str]]]] = [
    (
        "an amount is changed, and its row stays balanced",
        (
            "update transactions set available_change = available_change - 1,"
            " account_change = account_change + 1 where wallet_id = '{A}' and sequence = {mail_4}"
        ),
        [
            ("transactions", "sequence {mail_4}", "hash"),
            ("transactions", "sequence {mail_4}", "available_after"),
        ],
    ),
    (
        "a row is unbalanced",
        (
            "update transactions set account_change = 2 where wallet_id = '{A}'"
            " and sequence = {mail_4}"
        ),
        [("transactions", "sequence {mail_4}", "account_change")],
    ),
    (
        "a row is dropped",
        "delete from transactions where wallet_id = '{A}' and sequence = {mail_4}",
        [
            ("transactions", "sequence {mail_5}", "sequence"),
            ("transactions", "sequence {mail_5}", "previous_hash"),
        ],
    ),
    (
        "the last row is dropped",
        "delete from transactions where wallet_id = '{A}' and sequence = {open}",
        [("accounts", "", "sequence"), ("accounts", "", "head")],
    ),
    (
        "the first row is dropped",
        "delete from transactions where wallet_id = '{A}' and sequence = 1",
        [("transactions", "sequence 2", "sequence"), ("accounts", "", "issued_purchase")],
    ),
    (
        "a row is inserted beyond the head",
        (
            "insert into transactions select (t).* from (select jsonb_populate_record(t, jsonb"
            """ '{{"sequence": 1000, "id": "txn_01M8254JZ50AJ6BZEFX60JZZZZ", "idempotency_key":"""
            """ "forged"}}') as t from transactions t where wallet_id = '{A}'"""
            " and sequence = {open}) as forged"
        ),
        [("transactions", "sequence 1000", "sequence"), ("accounts", "", "sequence")],
    ),
    (
        "a hash is changed",
        (
            "update transactions set hash = sha256('x') where wallet_id = '{A}'"
            " and sequence = {mail_4}"
        ),
        [
            ("transactions", "sequence {mail_4}", "hash"),
            ("transactions", "sequence {mail_5}", "previous_hash"),
        ],
    ),
    (
        "metadata is changed",
        (
            """update transactions set metadata = '{{"model":"e"}}' where wallet_id = '{A}'"""
            " and sequence = {usage}"
        ),
        [("transactions", "sequence {usage}", "hash")],
    ),
    (
        "facts are changed",
        (
            """update transactions set facts = replace(facts, '"after":4', '"after":9')"""
            " where wallet_id = '{A}' and sequence = {mail_3}"
        ),
        [
            ("transactions", "sequence {mail_3}", "hash"),
            ("transactions", "sequence {mail_3}", "facts.caps.EMAILS.after"),
        ],
    ),
    (
        "a leg in rupees is a paisa more",
        (
            "update transactions set facts = replace(facts, '-51017]', '-51016]')"
            " where wallet_id = '{C}' and sequence = {pack}"
        ),
        [
            ("transactions", "sequence {pack}", "facts.money"),
            ("transactions", "sequence {pack}", "hash"),
            ("wallets", "", "deferred_revenue"),
            ("accounts", "", "sum of all accounts in INR"),
        ],
    ),
    (
        "rupees are deferred that the draws do not say",
        (
            """update transactions set facts = replace(facts, '["income.usage.REFUNDS",',"""
            """ '["deferred_revenue",') where wallet_id = '{C}' and sequence = {refunded}"""
        ),
        [("transactions", "sequence {refunded}", "facts.money.deferred_revenue")],
    ),
    (
        "a refund is undone that never was",
        (
            "update transactions set source_id = 'txn_x' where wallet_id = '{C}'"
            " and sequence = {restored}"
        ),
        [("transactions", "sequence {restored}", "source_id")],
    ),
    (
        "a journal row is unbalanced",
        "update money_journal set legs = replace(legs, '-60200]', '-60201]')",
        [
            ("money_journal", "mny_", "sum of legs"),
            ("accounts", "", "sum of all accounts in INR"),
        ],
    ),
    (
        "a journal row of another organization",
        "update money_journal set organization_id = 'org_1'",
        [("money_journal", "mny_", "organization_id")],
    ),
    (
        "a journal row is unreadable",
        "update money_journal set legs = '[1]'",
        [("money_journal", "mny_", "legs")],
    ),
    (
        "a journal row of nobody's wallet",
        "update money_journal set wallet_id = 'wal_01M8254JZ5ZZJ6BZEFX60J77V0'",
        [("wallets", "", "row"), ("accounts", "", "row")],
    ),
    (
        "draws are changed",
        (
            "update transactions set draws = replace(draws, ',1]', ',2]') where wallet_id = '{A}'"
            " and sequence = {mail_4}"
        ),
        [
            ("transactions", "sequence {mail_4}", "hash"),
            ("transactions", "sequence {mail_4}", "draws"),
        ],
    ),
    (
        "draws are unreadable",
        "update transactions set draws = '[[' where wallet_id = '{A}' and sequence = {mail_4}",
        [("transactions", "sequence {mail_4}", "draws and facts")],
    ),
    (
        "time runs back",
        (
            "update transactions set at = at - interval '1 day' where wallet_id = '{A}'"
            " and sequence = {gift}"
        ),
        [("transactions", "sequence {gift}", "at"), ("transactions", "sequence {gift}", "hash")],
    ),
    (
        "a key is taken away",
        (
            "update transactions set idempotency_key = null, fingerprint = null"
            " where wallet_id = '{A}' and sequence = {mail_4}"
        ),
        [("transactions", "sequence {mail_4}", "hash")],
    ),
    (
        "a row moves to another organization",
        (
            "update transactions set organization_id = 'org_2' where wallet_id = '{A}'"
            " and sequence = {mail_4}"
        ),
        [("transactions", "sequence {mail_4}", "organization_id")],
    ),
    (
        "a row moves to another bucket",
        "update transactions set bucket = 9 where wallet_id = '{A}' and sequence = {open}",
        [("wallets", "", "row"), ("wallets", "", "bucket"), ("accounts", "", "sequence")],
    ),
    (
        "a wallet's accounts",
        (
            "update accounts set available = available + 5, adjusted = adjusted - 5"
            " where wallet_id = '{A}'"
        ),
        [("accounts", "", "available"), ("accounts", "", "adjusted")],
    ),
    (
        "a wallet's head",
        "update accounts set head = sha256('x') where wallet_id = '{A}'",
        [("accounts", "", "head")],
    ),
    (
        "accounts are gone",
        "delete from accounts where wallet_id = '{A}'",
        [("accounts", "", "row")],
    ),
    (
        "a wallet is gone",
        "delete from wallets where id = '{A}'",
        [("wallets", "", "row"), ("wallet_owners", "user u0", "wallet_id")],
    ),
    (
        "a wallet moves to another organization",
        "update wallets set organization_id = 'org_1' where id = '{C}'",
        [
            ("transactions", "sequence {plan}", "organization_id"),
            ("accounts", "", "organization_id"),
            ("wallet_owners", "user u2", "wallet_id"),
        ],
    ),
    (
        "a lot's pocket",
        "update grants set available = available + 1 where wallet_id = '{A}' and kind = 'bonus'",
        [("grants", "grt_", "available")],
    ),
    (
        "a lot is forged",
        (
            "insert into grants select (g).* from (select jsonb_populate_record(g, jsonb"
            """ '{{"id": "grt_01M8254JZ50AJ6BZEFX60JZZZZ"}}') as g from grants g"""
            " where wallet_id = '{A}' and kind = 'bonus') as forged"
        ),
        [("grants", "grt_01M8254JZ50AJ6BZEFX60JZZZZ", "row")],
    ),
    (
        "a lot is dropped",
        "delete from grants where wallet_id = '{A}' and kind = 'promo'",
        [("grants", "grt_", "row")],
    ),
    (
        "a lot lives longer",
        "update grants set expires_at = 'infinity' where wallet_id = '{A}' and kind = 'promo'",
        [("grants", "grt_", "expires_at_us")],
    ),
    (
        "a hold's state",
        "update holds set state = 'released' where wallet_id = '{A}' and state = 'open'",
        [("holds", "hld_", "state")],
    ),
    (
        "a closed hold's capture",
        "update holds set captured = 14 where wallet_id = '{A}' and state = 'captured'",
        [("holds", "hld_", "captured")],
    ),
    (
        "a hold is dropped",
        "delete from holds where wallet_id = '{A}' and state = 'released'",
        [("holds", "hld_", "row")],
    ),
    (
        "a hold is forged",
        (
            "insert into holds select (h).* from (select jsonb_populate_record(h, jsonb"
            """ '{{"id": "hld_01M8254JZ50AJ6BZEFX60JZZZZ"}}') as h from holds h"""
            " where wallet_id = '{A}' and state = 'open') as forged"
        ),
        [("holds", "hld_01M8254JZ50AJ6BZEFX60JZZZZ", "row")],
    ),
    (
        "a meter",
        "update meters set numerator = 1 where wallet_id = '{A}'",
        [("meters", "TOKENS", "numerator")],
    ),
    (
        "a cap counter",
        "update cap_counters set used = used - 1 where wallet_id = '{A}' and cap = 'EMAILS'",
        [("cap_counters", "EMAILS 2026-11-", "used")],
    ),
    *budget_rows.FAULTS,
    (
        "a rollup's credits",
        (
            "update usage_hourly set credits = credits + 1 where wallet_id = '{A}'"
            " and feature = 'EMAIL_SEND'"
        ),
        [("usage_hourly", "2026-11-", "credits")],
    ),
    (
        "a rollup is dropped",
        "delete from usage_hourly where wallet_id = '{B}'",
        [("usage_hourly", "2026-11-", "row")],
    ),
    (
        "a rollup of nothing",
        (
            "insert into usage_hourly values (0, 'wal_01M8254JZ500J6BZEFX60J77VV',"
            " '2026-01-01 00:30Z', 'EMAIL_SEND', '', 'org_1', 'QUEUE', 1, 1, 1)"
        ),
        [
            ("wallets", "", "row"),
            ("accounts", "", "row"),
            ("usage_hourly", "2026-01-01T00:30:00.000000Z EMAIL_SEND", "row"),
        ],
    ),
    (
        "a sum of hours that nobody summed up",
        (
            "insert into usage_sums values (2, '{A}', 'day_member', '', now(), '', '', 'mem-1',"
            " 'org_1', 5, 1, 1)"
        ),
        [("usage_sums", "day_member", "organization_id, credits, count and quantity")],
    ),
    (
        "an answer of nobody's wallet",
        "update answers set wallet_id = 'wal_x'",
        [("answers", "key-extend", "organization_id")],
    ),
    (
        "news beyond the head",
        "insert into outbox values (2, '{A}', 9999, 9999, 'org_1', now())",
        [("outbox", "sequence 9999", "sequence and organization_id")],
    ),
    (
        "an invoice of nothing, after a gap, under another's number",
        (
            "insert into invoices select 'inv_1', 'org_1', '{C}', 'invoice', 'CR', '26-27', 2,"
            """ 'CR/26-27/0000003', 'ord_1', '{{"total_paise": 60200}}', now()"""
        ),
        [
            ("invoices", "CR/26-27/0000003", "number and organization_id"),
            ("invoices", "CR/26-27/0000003", "total_paise"),
            ("invoice_series", "CR/26-27", "serials"),
        ],
    ),
    (
        "a number that was taken for nothing",
        "insert into invoice_series values ('CN', '26-27', 1)",
        [("invoice_series", "CN/26-27", "serials")],
    ),
]


@pytest.mark.parametrize(
    ("statement", "expected"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_planted_fault_is_named(ledger: Ledger, statement: str, expected: list[Found]) -> None:
    differences = found_after(ledger.owner_dsn, statement.format_map(ledger.names))
    rows = [(d.table, d.row, d.field) for d in differences]
    for table, row, field in expected:
        start = row.format_map(ledger.names)
        matching = [found for found in rows if found[0] == table and found[2] == field]
        assert any(found[1].startswith(start) for found in matching), (rows, table, row, field)


def test_a_fault_is_the_fault_of_its_wallet_alone(ledger: Ledger) -> None:
    differences = found_after(ledger.owner_dsn, FAULTS[0][1].format_map(ledger.names))
    assert {difference.wallet_id for difference in differences} == {
        ledger.names["A"],
        "all wallets",
    }
