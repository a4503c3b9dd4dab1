"""Alerts and their rules over HTTP: of a wallet, of a whole organization, and nobody else's."""

from collections.abc import Callable, Iterator

import pytest

from served import Api, Json, Product

ACKNOWLEDGED = {"state": "acknowledged"}


@pytest.fixture
def tenant(product: Product, api: Api) -> Iterator[Api]:
    """A caller of an organization of its own."""
    organization_id = product.new_organization("alerted")
    with product.api(api.new_api_key("*", organization_id=organization_id)) as caller:
        yield caller


def low_wallet(product: Product, api: Api) -> str:
    wallet = api.new_wallet(300)
    api.consume(wallet, "EMAIL_SEND", quantity=150)
    product.watch()
    return wallet


def of(wallet: str) -> str:
    return f"/v1/wallets/{wallet}/alerts"


def rules_of(api: Api, path: str) -> dict[str, Json]:
    return {rule["type"]: rule for rule in api.get(path)["data"]}


def test_a_wallet_without_alerts_has_none(api: Api) -> None:
    wallet = api.new_wallet()
    assert api.get(f"/v1/wallets/{wallet}/alerts") == {"data": [], "next_cursor": None}
    for alert in ("alt_none", "alt_" + "0" * 26):
        refused = api.ask("POST", f"/v1/wallets/{wallet}/alerts/{alert}/acknowledge")
        assert (refused.status_code, refused.json()["code"]) == (404, "ALERT_NOT_FOUND")


def test_a_low_wallet_is_shown_until_somebody_has_seen_it(product: Product, api: Api) -> None:
    wallet = low_wallet(product, api)
    (alert,) = api.get(of(wallet))["data"]
    assert {name: alert[name] for name in ("type", "state", "wallet_id")} == {
        "type": "LOW_BALANCE",
        "state": "open",
        "wallet_id": wallet,
    }
    assert (alert["facts"]["available"], alert["facts"]["threshold"]) == (150, 200)
    seen = api.post(f"{of(wallet)}/{alert['id']}/acknowledge")
    assert seen == {**alert, **ACKNOWLEDGED, "acknowledged_at": seen["acknowledged_at"]}
    api.grant(wallet, 100)
    product.watch()
    (over,) = api.get(of(wallet), state="resolved")["data"]
    assert over == {**seen, "state": "resolved", "resolved_at": over["resolved_at"]}
    assert over["resolved_at"]


def test_an_organizations_alerts_are_listed_counted_and_seen(product: Product, tenant: Api) -> None:
    first, second = low_wallet(product, tenant), low_wallet(product, tenant)
    tenant.consume(second, "EMAIL_SEND", quantity=150)
    product.watch()
    every = tenant.get("/v1/alerts", count="true")
    assert (every["count"], every["count_is_capped"]) == (3, False)
    types = sorted((alert["wallet_id"] == second, alert["type"]) for alert in every["data"])
    assert types == [
        (False, "LOW_BALANCE"),
        (True, "CREDITS_EXHAUSTED"),
        (True, "LOW_BALANCE"),
    ]
    narrowed = tenant.get("/v1/alerts", type="LOW_BALANCE", wallet_id=first, state="open")
    (alert,) = narrowed["data"]
    assert alert["wallet_id"] == first
    page = tenant.get("/v1/alerts", limit=2)
    following = tenant.get("/v1/alerts", limit=2, cursor=page["next_cursor"])
    assert page["data"] + following["data"] == every["data"]
    assert following["next_cursor"] is None
    seen = tenant.post(f"/v1/alerts/{alert['id']}/acknowledge")
    assert seen == {**alert, **ACKNOWLEDGED, "acknowledged_at": seen["acknowledged_at"]}
    assert tenant.get("/v1/alerts", state="open", count="true")["count"] == 2


def test_nobody_sees_another_organizations_alerts(
    product: Product, api: Api, tenant: Api, caller: Callable[[str], Api]
) -> None:
    wallet = low_wallet(product, api)
    (alert,) = api.get(of(wallet))["data"]
    assert tenant.get("/v1/alerts") == {"data": [], "next_cursor": None}
    missing = tenant.ask("GET", "/v1/alerts", query={"wallet_id": wallet})
    assert (missing.status_code, missing.json()["code"]) == (404, "WALLET_NOT_FOUND")
    for alert_id in (alert["id"], "alt_" + "0" * 26, "nonsense"):
        refused = tenant.ask("POST", f"/v1/alerts/{alert_id}/acknowledge")
        assert (refused.status_code, refused.json()["code"]) == (404, "ALERT_NOT_FOUND")
    owner = caller(api.new_api_key("*", owner_type="user", owner_id="somebody"))
    assert owner.ask("GET", "/v1/alerts").status_code == 403


def test_a_wallet_has_a_rule_for_each_type_and_its_lines_are_its_settings(api: Api) -> None:
    wallet = api.new_wallet(low_balance_threshold=50)
    path = f"/v1/wallets/{wallet}/alert-rules"
    rules = rules_of(api, path)
    assert {name: rule["threshold"] for name, rule in rules.items() if rule["threshold"]} == {
        "LOW_BALANCE": 50,
        "RAPID_BURN": 5_000,
        "CREDITS_EXPIRING": 1,
    }
    assert all(rule["enabled"] and rule["email"] for rule in rules.values())
    wishes = [
        {"type": "LOW_BALANCE", "threshold": 80, "email": False},
        {"type": "RAPID_BURN", "threshold": 9_000},
        {"type": "CREDITS_EXPIRING", "threshold": 100},
        {"type": "CAP_REACHED", "enabled": False},
    ]
    answer = api.ask("PUT", path, {"rules": wishes})
    assert answer.status_code == 200
    changed = {rule["type"]: rule for rule in answer.json()["data"]}
    assert changed == rules_of(api, path)
    for wish in wishes:
        assert changed[str(wish["type"])] == {**rules[str(wish["type"])], **wish}
    shown = api.get(f"/v1/wallets/{wallet}")
    assert (shown["low_balance_threshold"], shown["rapid_burn_limit"]) == (80, 9_000)


def test_what_is_turned_off_is_over_and_raised_no_more(product: Product, api: Api) -> None:
    wallet = low_wallet(product, api)
    rules = f"/v1/wallets/{wallet}/alert-rules"
    assert rules_of(api, rules)["LOW_BALANCE"]["unresolved"] == 1
    off = {"rules": [{"type": "LOW_BALANCE", "enabled": False}]}
    assert api.ask("PUT", rules, off).status_code == 200
    (alert,) = api.get(of(wallet))["data"]
    assert alert["state"] == "resolved"
    api.grant(wallet, 1_000)
    api.consume(wallet, "EMAIL_SEND", quantity=1_000)
    product.watch()
    assert api.get(of(wallet), limit=200)["data"][-1:] == [alert]
    raised = [each["type"] for each in api.get(of(wallet))["data"]]
    assert raised.count("LOW_BALANCE") == 1
    rule = rules_of(api, rules)["LOW_BALANCE"]
    assert (rule["last_raised_at"], rule["unresolved"]) == (alert["raised_at"], 0)


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"type": "CAP_REACHED", "threshold": 5}, "rules[0].threshold"),
        ({"type": "RAPID_BURN", "threshold": 0}, "rules[0].threshold"),
        ({"type": "WEBHOOK_FAILING"}, "rules[0].type"),
        ({"type": "NOTHING"}, "rules[0].type"),
        ({"type": "LOW_BALANCE", "threshold": -1}, "rules[0].threshold"),
        ({"enabled": True}, "rules[0].type"),
        ({"type": "LOW_BALANCE", "sms": True}, "rules[0].sms"),
    ],
)
def test_a_rule_that_will_not_do_is_named(api: Api, rule: Json, field: str) -> None:
    wallet = api.new_wallet()
    answer = api.ask("PUT", f"/v1/wallets/{wallet}/alert-rules", {"rules": [rule]})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "VALIDATION_FAILED")
    assert problem["errors"][0]["field"] == field


def test_a_type_is_named_once(api: Api) -> None:
    wallet, twice = api.new_wallet(), [{"type": "LOW_BALANCE"}, {"type": "LOW_BALANCE"}]
    answer = api.ask("PUT", f"/v1/wallets/{wallet}/alert-rules", {"rules": twice})
    assert answer.json()["errors"][0]["field"] == "rules[1].type"


def test_an_organization_has_rules_for_what_concerns_all_of_it(tenant: Api) -> None:
    assert list(rules_of(tenant, "/v1/alert-rules")) == ["WEBHOOK_FAILING"]
    wish = {"rules": [{"type": "WEBHOOK_FAILING", "email": False}]}
    assert tenant.ask("PUT", "/v1/alert-rules", wish).status_code == 200
    assert not rules_of(tenant, "/v1/alert-rules")["WEBHOOK_FAILING"]["email"]
    wallets_own = {"rules": [{"type": "LOW_BALANCE"}]}
    refused = tenant.ask("PUT", "/v1/alert-rules", wallets_own)
    assert refused.json()["errors"][0]["field"] == "rules[0].type"


def test_a_frozen_wallet_says_why_and_is_released_in_one_step(product: Product, api: Api) -> None:
    wallet = api.new_wallet(20_000)
    one = f"/v1/wallets/{wallet}"
    assert api.ask("PATCH", one, {"rapid_burn_action": "freeze"}).status_code == 200
    api.consume(wallet, "EMAIL_SEND", quantity=5_001)
    product.watch()
    shown = api.get(one)
    assert (shown["status"], shown["frozen_reason"]) == ("frozen", "rapid_burn")
    refused = api.refused(f"{one}/consume", {"feature": "EMAIL_SEND"})
    assert (refused["code"], refused["reason"]) == ("WALLET_FROZEN", "rapid_burn")
    for _ in range(2):
        released = api.post(f"{one}/protection/release")
        assert (released["status"], released["frozen_reason"]) == ("active", None)
    product.watch()
    api.consume(wallet, "EMAIL_SEND")


def test_a_payment_that_failed_is_told_of_until_the_order_is_paid(
    product: Product, api: Api
) -> None:
    wallet = api.new_wallet()
    wish = {"pack_id": "pro", "payment_method": "upi"}
    order = api.post(f"/v1/wallets/{wallet}/orders", wish)["id"]
    for outcome, state in (("fail", "open"), ("fail", "open"), ("success", "resolved")):
        api.post(f"/v1/simulator/orders/{order}/pay", {"outcome": outcome})
        product.settle()
        product.watch()
        (alert,) = api.get("/v1/alerts", wallet_id=wallet, type="PAYMENT_FAILED")["data"]
        assert alert["state"] == state
    facts = {name: alert["facts"][name] for name in ("order_id", "amount", "currency")}
    assert facts == {"order_id": order, "amount": 60_200, "currency": "INR"}
