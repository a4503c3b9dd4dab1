"""Whom the limit that a key brings along is told to: it counts what that key spends anywhere."""

from collections.abc import Callable

import httpx2
import pytest

from served import Api, Product

Caller = Callable[[str], Api]


def consumed(api: Api, wallet_id: str, quantity: int = 1) -> httpx2.Response:
    asked = {"feature": "API_HEAVY_QUERY", "quantity": quantity}
    return api.ask("POST", f"/v1/wallets/{wallet_id}/consume", asked, key=api.new_key())


@pytest.fixture
def robot(api: Api, caller: Caller) -> Api:
    """Who holds a key of the platform that may spend 20 credits in all organizations together."""
    limit = {"credits": 20, "window": "day"}
    made = api.post("/v1/api-keys", {"name": "robot", "scopes": ["*"], "spending_limit": limit})
    return caller(made["secret"])


def test_a_platform_keys_limit_tells_no_organization_what_others_spend(
    api: Api, robot: Api, organization: str, admin: Api
) -> None:
    elsewhere, here = api.new_wallet(1_000), api.new_wallet(1_000, organization_id=organization)
    charge, key = {"feature": "API_HEAVY_QUERY", "quantity": 2}, api.new_key()
    consume = f"/v1/wallets/{here}/consume"
    assert consumed(robot, elsewhere, quantity=2).is_success
    spent = robot.post(consume, {**charge, "quantity": 1})["transaction"]["id"]
    asked = robot.ask("POST", consume, charge, key=key)
    assert (asked.status_code, asked.json()["used"], asked.json()["limit"]) == (429, 15, 20)
    again = robot.ask("POST", consume, charge, key=key)
    assert again.content == asked.content
    receipt, refusals = (
        f"/v1/wallets/{here}/transactions/{spent}/receipt",
        f"/v1/wallets/{here}/refusals",
    )
    (use,) = api.get(receipt)["budgets"]
    assert (use["before"], use["after"]) == (10, 15)
    assert api.get(refusals)["data"][0]["facts"]["used"] == 15
    assert admin.get(receipt) == {**api.get(receipt), "budgets": []}
    (listed,) = admin.get(refusals)["data"]
    assert listed == admin.get(f"{refusals}/{asked.json()['refusal_id']}")
    assert (listed["code"], listed["level"]) == ("BUDGET_EXCEEDED", "key")
    assert listed["facts"] == {"level": "key"}
    assert {listed[name] for name in ("over", "resets_at", "key_id")} == {None}
    replayed = admin.ask("POST", consume, charge, key=key)
    assert (replayed.status_code, replayed.headers["idempotent-replayed"]) == (429, "true")
    assert replayed.json()["level"] == "key"
    for told in (listed["detail"], replayed.json()["detail"]):
        assert not any(part in told for part in ("bud_", "key_", "15", "20"))
    assert not {"budget_id", "subject", "used", "limit", "over"} & replayed.json().keys()


def test_a_platform_keys_limit_alerts_no_organization(
    product: Product, api: Api, robot: Api, organization: str, admin: Api
) -> None:
    wallet_id = api.new_wallet(1_000, organization_id=organization)
    for quantity, status in ((2, 200), (3, 429), (2, 200), (1, 429)):
        assert consumed(robot, wallet_id, quantity=quantity).status_code == status
        product.watch()
    assert admin.get("/v1/alerts")["data"] == []


def test_an_organizations_own_key_shows_what_it_has_spent(
    product: Product, api: Api, caller: Caller, organization: str, admin: Api
) -> None:
    limit = {"credits": 10, "window": "day"}
    body = {"name": "robot", "scopes": ["*"], "organization_id": organization}
    own = caller(api.post("/v1/api-keys", {**body, "spending_limit": limit})["secret"])
    wallet_id = api.new_wallet(1_000, organization_id=organization)
    spent = own.consume(wallet_id, "API_HEAVY_QUERY", quantity=2)["transaction"]["id"]
    assert consumed(own, wallet_id).status_code == 429
    product.watch()
    (use,) = admin.get(f"/v1/wallets/{wallet_id}/transactions/{spent}/receipt")["budgets"]
    assert (use["before"], use["after"], use["limit"]) == (0, 10, 10)
    (listed,) = admin.get(f"/v1/wallets/{wallet_id}/refusals")["data"]
    assert (listed["facts"]["used"], listed["over"]) == (10, 5)
    (alert,) = admin.get("/v1/alerts")["data"]
    assert (alert["type"], alert["facts"]["used"]) == ("BUDGET_REACHED", 10)
