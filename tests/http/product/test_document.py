"""The document of the product: whole, and at peace with itself."""

from collections import Counter
from itertools import chain

from khata.app.keys import SCOPES
from khata.http.problems import KINDS
from served import DOCUMENT, Api, Json

# The contract's routes of the core, in its order.
CONTRACT = """
POST /v1/wallets
GET /v1/wallets
GET /v1/wallets/{wallet_id}
PATCH /v1/wallets/{wallet_id}
GET /v1/wallets/{wallet_id}/balance
POST /v1/wallets/{wallet_id}/consume
POST /v1/batch
GET /v1/wallets/{wallet_id}/transactions
GET /v1/wallets/{wallet_id}/transactions/{transaction_id}
GET /v1/wallets/{wallet_id}/transactions/{transaction_id}/receipt
GET /v1/wallets/{wallet_id}/transactions.csv
POST /v1/wallets/{wallet_id}/holds
GET /v1/wallets/{wallet_id}/holds
GET /v1/wallets/{wallet_id}/holds/{hold_id}
POST /v1/wallets/{wallet_id}/holds/{hold_id}/capture
POST /v1/wallets/{wallet_id}/holds/{hold_id}/release
POST /v1/wallets/{wallet_id}/holds/{hold_id}/extend
POST /v1/wallets/{wallet_id}/grants
GET /v1/wallets/{wallet_id}/grants
POST /v1/wallets/{wallet_id}/refunds
POST /v1/wallets/{wallet_id}/transfers
GET /v1/wallets/{wallet_id}/gate
GET /v1/wallets/{wallet_id}/auto-recharge
PUT /v1/wallets/{wallet_id}/auto-recharge
GET /v1/wallets/{wallet_id}/payment-methods
POST /v1/wallets/{wallet_id}/payment-methods
DELETE /v1/wallets/{wallet_id}/payment-methods/{method_id}
GET /v1/wallets/{wallet_id}/alerts
POST /v1/wallets/{wallet_id}/alerts/{alert_id}/acknowledge
GET /v1/wallets/{wallet_id}/events
GET /v1/events
GET /v1/wallets/{wallet_id}/alert-rules
PUT /v1/wallets/{wallet_id}/alert-rules
POST /v1/wallets/{wallet_id}/protection/release
GET /v1/alerts
POST /v1/alerts/{alert_id}/acknowledge
GET /v1/alert-rules
PUT /v1/alert-rules
GET /v1/wallets/{wallet_id}/payout-account
PUT /v1/wallets/{wallet_id}/payout-account
PUT /v1/wallets/{wallet_id}/payout-account/verification
POST /v1/wallets/{wallet_id}/payouts
POST /v1/wallets/{wallet_id}/payouts/{payout_id}/release
GET /v1/wallets/{wallet_id}/usage/forecast
GET /v1/wallets/{wallet_id}/usage/forecast.csv
GET /v1/pricing
PUT /v1/pricing
GET /v1/pricing/versions
POST /v1/pricing/simulate
POST /v1/api-keys
GET /v1/api-keys
POST /v1/api-keys/{key_id}/rotate
DELETE /v1/api-keys/{key_id}
GET /v1/audit-log
GET /v1/audit-log.csv
GET /v1/wallets/{wallet_id}/statement
GET /v1/wallets/{wallet_id}/usage/summary
GET /v1/wallets/{wallet_id}/usage/summary.csv
GET /v1/wallets/{wallet_id}/usage/breakdown
GET /v1/wallets/{wallet_id}/usage/breakdown.csv
GET /v1/wallets/{wallet_id}/usage/series
GET /v1/wallets/{wallet_id}/usage/series.csv
GET /v1/wallets/{wallet_id}/usage/features
GET /v1/wallets/{wallet_id}/usage/features.csv
GET /v1/wallets/{wallet_id}/usage/team
GET /v1/wallets/{wallet_id}/usage/team.csv
GET /v1/wallets/{wallet_id}/usage/heatmap
GET /v1/wallets/{wallet_id}/usage/heatmap.csv
GET /v1/wallets/{wallet_id}/usage/insight
GET /v1/wallets/{wallet_id}/usage/caps
GET /v1/wallets/{wallet_id}/usage/caps.csv
GET /v1/wallets/{wallet_id}/balance-history
GET /v1/wallets/{wallet_id}/balance-history.csv
GET /v1/usage/summary
GET /v1/usage/summary.csv
GET /v1/usage/breakdown
GET /v1/usage/breakdown.csv
GET /v1/usage/series
GET /v1/usage/series.csv
GET /v1/usage/features
GET /v1/usage/features.csv
GET /v1/usage/team
GET /v1/usage/team.csv
GET /v1/usage/wallets
GET /v1/usage/wallets.csv
GET /v1/usage/heatmap
GET /v1/usage/heatmap.csv
GET /v1/reports/trial-balance
GET /v1/reports/revenue
GET /v1/reports/liability
GET /v1/ledger/export
GET /v1/packs
POST /v1/quotes
POST /v1/wallets/{wallet_id}/orders
GET /v1/wallets/{wallet_id}/orders
GET /v1/wallets/{wallet_id}/orders/{order_id}
POST /v1/wallets/{wallet_id}/orders/{order_id}/refund
GET /v1/wallets/{wallet_id}/orders/{order_id}/refunds
GET /v1/wallets/{wallet_id}/disputes
POST /v1/wallets/{wallet_id}/orders/{order_id}/review
POST /v1/simulator/orders/{order_id}/pay
GET /v1/wallets/{wallet_id}/billing-profile
PUT /v1/wallets/{wallet_id}/billing-profile
GET /v1/wallets/{wallet_id}/invoices
GET /v1/wallets/{wallet_id}/invoices.csv
GET /v1/invoices/{invoice_id}
GET /v1/invoices/{invoice_id}.pdf
GET /v1/invoices/{invoice_id}.html
GET /v1/invoices/{invoice_id}.inv-01.json
POST /v1/payments/webhooks/{provider}
POST /v1/organizations
GET /v1/organizations
GET /v1/organizations/{organization_id}
PATCH /v1/organizations/{organization_id}
POST /v1/members
GET /v1/members
GET /v1/members/{member_id}
PATCH /v1/members/{member_id}
DELETE /v1/members/{member_id}
POST /v1/teams
GET /v1/teams
GET /v1/teams/{team_id}
PATCH /v1/teams/{team_id}
DELETE /v1/teams/{team_id}
POST /v1/budgets
GET /v1/budgets
GET /v1/budgets/{budget_id}
GET /v1/budgets/{budget_id}/usage
PATCH /v1/budgets/{budget_id}
DELETE /v1/budgets/{budget_id}
GET /v1/wallets/{wallet_id}/refusals
GET /v1/wallets/{wallet_id}/refusals/{refusal_id}
PATCH /v1/api-keys/{key_id}
POST /v1/session
GET /v1/session
PATCH /v1/session
DELETE /v1/session
PUT /v1/session/password
GET /v1/session/ways
POST /v1/session/password-reset
GET /v1/session/oidc/start
GET /v1/session/oidc/callback
GET /v1/sessions
DELETE /v1/sessions/{session_id}
POST /v1/invitations
GET /v1/invitations
DELETE /v1/invitations/{invitation_id}
POST /v1/invitations/accept
POST /v1/webhook-endpoints
GET /v1/webhook-endpoints
GET /v1/webhook-endpoints/{endpoint_id}
PATCH /v1/webhook-endpoints/{endpoint_id}
DELETE /v1/webhook-endpoints/{endpoint_id}
POST /v1/webhook-endpoints/{endpoint_id}/rotate-secret
POST /v1/webhook-endpoints/{endpoint_id}/enable
POST /v1/webhook-endpoints/{endpoint_id}/disable
POST /v1/webhook-endpoints/{endpoint_id}/test
GET /v1/webhook-endpoints/{endpoint_id}/figures
GET /v1/webhook-endpoints/{endpoint_id}/deliveries
GET /v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}
POST /v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/redeliver
POST /v1/webhook-endpoints/{endpoint_id}/deliveries/redeliver
GET /healthz
GET /readyz
GET /metrics
"""

# Of the POSTs on a wallet, those that move neither credits nor money.
MOVE_NOTHING = ("/acknowledge", "/payment-methods", "/protection/release")


def operations() -> dict[str, Json]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }


def test_the_contract_is_there_and_nothing_else() -> None:
    assert set(operations()) == set(CONTRACT.strip().splitlines())


def test_it_is_served_as_it_is_printed(api: Api) -> None:
    assert api.get("/openapi.json") == DOCUMENT


def test_every_operation_is_named_and_told() -> None:
    names = Counter(operation["operationId"] for operation in operations().values())
    assert max(names.values()) == 1
    for where, operation in operations().items():
        assert operation["summary"], where
        assert operation["tags"], where


def test_every_scope_is_one_that_a_key_can_have() -> None:
    asked = {operation.get("x-required-scope") for operation in operations().values()}
    assert asked - {None} <= set(SCOPES)


def test_what_moves_credits_needs_a_key() -> None:
    for where, operation in operations().items():
        names = [each["name"] for each in operation["parameters"]]
        moves = where.startswith("POST /v1/wallets/") and not where.endswith(MOVE_NOTHING)
        assert ("Idempotency-Key" in names) is moves, where


def test_every_problem_that_may_come_is_explained() -> None:
    told = chain.from_iterable(
        operation["responses"].values() for operation in operations().values()
    )
    codes = {code for each in told for code in each["description"].split(", ") if "_" in code}
    assert {code.removesuffix("_<CAP>") for code in codes} <= set(KINDS)


def test_nothing_optional_is_left_undescribed() -> None:
    """A body's fields have types and limits that a client can be made of."""
    for where, operation in operations().items():
        if "requestBody" not in operation:
            continue
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        name = schema["$ref"].rpartition("/")[2]
        body = DOCUMENT["components"]["schemas"][name]
        assert body["additionalProperties"] is False, where
        assert body["description"], where


def test_what_changes_something_says_what_the_audit_log_tells_of_it() -> None:
    """One of the two stands on each route: `audit`, or `unaudited` and why."""
    for where, operation in operations().items():
        said = {"x-audit", "x-unaudited"} & operation.keys()
        assert len(said) == (0 if where.startswith("GET ") else 1), where
