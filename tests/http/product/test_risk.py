"""The risk of orders over HTTP: what shows in shadow, what is counted, what the audit log keeps."""

import json
from typing import Any

import psycopg

from desk import Clock
from served import Api, Json, Product

DAY_SECONDS = 86_400


def tried(api: Api, wallet_id: str, **body: object) -> Json:
    whole = {"amount": 15_000, "payment_method": "upi", **body}
    answer = api.ask("POST", f"/v1/wallets/{wallet_id}/orders", whole, key=api.new_key())
    return answer.json()


def rules(order: Json) -> dict[str, str]:
    """What the rules in shadow say, by rule."""
    return {said.split()[0]: said for said in order["risk"]["shadow"]}


def rows(product: Product, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(str(product.database.owner_dsn)) as owner:
        return owner.execute(statement.encode(), parameters).fetchall()


def test_velocity_shows_in_shadow_and_counts_nothing(api: Api) -> None:
    wallet_id = api.new_wallet()
    for _ in range(5):
        assert "R7" not in rules(tried(api, wallet_id))
    hasty = tried(api, wallet_id)
    assert rules(hasty)["R7"] == "R7 shadow, would be +20: 6 attempts of the account in 10 minutes"
    assert (hasty["risk"]["score"], hasty["risk"]["decision"]) == (0, "allow")


def test_a_request_that_comes_again_is_no_further_attempt(api: Api, product: Product) -> None:
    wallet_id, key = api.new_wallet(), api.new_key()
    body = {"amount": 15_000, "payment_method": "upi"}
    for _ in range(3):
        api.ask("POST", f"/v1/wallets/{wallet_id}/orders", body, key=key)
    counted = "select count(*) from khata.attempts where wallet_id = %s"
    assert rows(product, counted, wallet_id) == [(1,)]


def test_how_payments_ended_is_counted(api: Api, product: Product, clock: Clock) -> None:
    wallet_id = api.new_wallet()
    clock.turn(days=2)
    assert "R6" in rules(tried(api, wallet_id, amount=500_010))
    tried(api, wallet_id, simulate={"outcome": "fail"})
    tried(api, wallet_id, simulate={"outcome": "success"})
    product.settle()
    kept = rows(
        product,
        "select kind, address from khata.attempts where wallet_id = %s order by kind",
        wallet_id,
    )
    assert [kind for kind, _ in kept] == ["captured", "failed", "tried", "tried", "tried"]
    assert {address for _, address in kept} == {"127.0.0.1"}
    later = rules(tried(api, wallet_id, amount=500_010))
    assert "R6" not in later
    assert later["R4"].endswith("over five times the account's usual amount")


def test_a_blocked_order_stands_in_the_audit_log(api: Api, product: Product) -> None:
    wallet_id = api.new_wallet()
    buyer = {"name": "x' OR '1'='1", "state_code": "29"}
    problem = tried(api, wallet_id, buyer=buyer)
    assert (problem["code"], problem["score"]) == ("FRAUD_BLOCKED", 60)
    ((action, actor, address, after),) = rows(
        product,
        "select action, actor, address, after from khata.audit_log where subject = %s",
        problem["order_id"],
    )
    assert (action, address) == ("order.blocked", "127.0.0.1")
    assert actor.startswith("key_")
    assert json.loads(after) == {
        "wallet_id": wallet_id,
        "amount": 15_000,
        "score": 60,
        "reasons": "R3 +60: buyer.name looks like an SQL injection: a quote and a condition",
        "address_by": "peer",
        "peer": "127.0.0.1",
    }
