"""Rows of the tables of budgets: one of each as it should be, others wrong; and planted faults."""

from collections.abc import Mapping

Row = Mapping[str, object]

OWN: Row = {"bucket": 7, "wallet_id": "wal_1", "organization_id": "org_1"}
TIME = "2026-01-05T00:00:00Z"
COUNTED: Row = {"budget_id": "bud_1", "since": TIME, "subject": "", "used": 1}

GOOD: Mapping[str, Row] = {
    "budgets": {
        "id": "bud_1",
        "organization_id": "org_1",
        "wallet_id": "wal_1",
        "of_key": False,
        "level": "member",
        "unit": "credits",
        "window_kind": "day",
        "limit_amount": 100,
        "on_limit": "refuse",
        "created_at": TIME,
        "updated_at": TIME,
    },
    "budget_counters": {**OWN, **COUNTED},
    "shared_budget_counters": {"bucket": 7, "organization_id": "org_1", **COUNTED},
}

SECOND: Row = {"id": "bud_2"}
OF_KEY: Row = {
    **SECOND,
    "of_key": True,
    "level": "key",
    "subject": "key_1",
    "wallet_id": None,
    "time_zone": "UTC",
}

PLANTED: list[tuple[str, str, Row]] = [
    ("budgets_level", "budgets", {**SECOND, "level": "planet"}),
    ("budgets_unit", "budgets", {**SECOND, "unit": "rupees"}),
    ("budgets_window", "budgets", {**SECOND, "window_kind": "year"}),
    ("budgets_on_limit", "budgets", {**SECOND, "on_limit": "cry"}),
    ("budgets_amounts", "budgets", {**SECOND, "limit_amount": -1}),
    ("budgets_amounts", "budgets", {**SECOND, "alert_at_percent": 101}),
    ("budgets_scope", "budgets", {**SECOND, "category": "AI", "feature": "AI_SUMMARY"}),
    ("budgets_subject", "budgets", {**SECOND, "level": "organization", "subject": "asha"}),
    ("budgets_zone", "budgets", {**SECOND, "time_zone": "UTC"}),
    ("budgets_zone", "budgets", {**SECOND, "wallet_id": None}),
    ("budgets_of_key", "budgets", {**OF_KEY, "level": "member"}),
    ("budgets_of_key", "budgets", {**OF_KEY, "subject": None}),
    ("budgets_of_key", "budgets", {**OF_KEY, "wallet_id": "wal_1", "time_zone": None}),
    ("budgets_of_nobody", "budgets", {**SECOND, "organization_id": None}),
    ("budget_counters_used", "budget_counters", {"subject": "asha", "used": -1}),
    ("shared_budget_counters_used", "shared_budget_counters", {"subject": "asha", "used": -1}),
]

# What is done to a ledger with budgets, by which statement, and what `verify` must find.
FAULTS: list[tuple[str, str, list[tuple[str, str, str]]]] = [
    (
        "a budget's counter",
        "update budget_counters set used = used - 1 where wallet_id = '{B}'",
        [("budget_counters", "bud_", "used")],
    ),
    (
        "a budget's counter is dropped",
        "delete from budget_counters where wallet_id = '{B}'",
        [("budget_counters", "bud_", "row")],
    ),
    (
        "the counter of a budget over several wallets",
        "update shared_budget_counters set used = used + 1",
        [("shared_budget_counters", "bud_", "used")],
    ),
    (
        "a charge that says it left a budget at less",
        (
            """update transactions set facts = replace(facts, '"after":205', '"after":204')"""
            " where wallet_id = '{B}' and sequence = {spent}"
        ),
        [
            ("transactions", "sequence {spent}", "hash"),
            (
                "transactions",
                "sequence {spent}",
                "facts.budgets.bud_01M8254JZ50AJ6BZEFX60J77V0.after",
            ),
        ],
    ),
    (
        "a wallet without a budget that counts it",
        "update wallets set budgets = '[]' where id = '{C}'",
        [("wallets", "", "budgets")],
    ),
]
