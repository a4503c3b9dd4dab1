"""Auto-recharge over HTTP: as the contract shows it."""

from collections.abc import Callable

import pytest

from served import Api, Json

OFF: Json = {
    "enabled": False,
    "threshold_credits": 200,
    "amount": 15_000,
    "currency": "INR",
    "payment_method_id": None,
    "daily_limit": None,
    "monthly_limit": None,
    "charged_this_month": None,
    "state": "idle",
    "backing_off_until": None,
    "disabled_reason": None,
}


def path_of(wallet: str) -> str:
    return f"/v1/wallets/{wallet}/auto-recharge"


def test_it_is_off_until_it_is_set_up(api: Api) -> None:
    wallet = api.new_wallet()
    assert api.get(path_of(wallet)) == OFF
    assert api.get(f"/v1/wallets/{wallet}")["auto_recharge"] == OFF


def test_what_is_set_is_shown_with_the_wallet(api: Api) -> None:
    wallet = api.new_wallet()
    wish = {"enabled": False, "threshold_credits": 500, "amount": 50_000, "daily_limit": 100_000}
    answer = api.ask("PUT", path_of(wallet), wish)
    assert answer.status_code == 200
    assert answer.json() == {**OFF, **wish}
    assert api.get(f"/v1/wallets/{wallet}")["auto_recharge"] == answer.json()


def test_a_limit_of_the_month_tells_what_it_has_on_it(api: Api) -> None:
    wallet = api.new_wallet()
    wish = {"enabled": False, "monthly_limit": 100_000}
    answer = api.ask("PUT", path_of(wallet), wish)
    assert answer.json() == {**OFF, **wish, "charged_this_month": 0}
    assert api.get(f"/v1/wallets/{wallet}")["auto_recharge"] == answer.json()


@pytest.mark.parametrize(
    ("wish", "code", "fact"),
    [
        ({"enabled": True}, "VALIDATION_FAILED", "payment_method_id"),
        ({"enabled": True, "payment_method_id": "pm_x"}, "VALIDATION_FAILED", "payment_method_id"),
        ({"enabled": False, "amount": 14_000}, "MINIMUM_ADD_FUNDS_REQUIRED", 15_000),
        ({"enabled": False, "amount": 15_005}, "VALIDATION_FAILED", "amount"),
        ({"enabled": False, "amount": -5}, "MINIMUM_ADD_FUNDS_REQUIRED", 15_000),
        ({"enabled": False, "amount": 150.5}, "VALIDATION_FAILED", "amount"),
        ({"enabled": False, "daily_limit": 100}, "VALIDATION_FAILED", "daily_limit"),
        ({"enabled": False, "threshold_credits": -1}, "VALIDATION_FAILED", "threshold_credits"),
        ({"amount": 50_000}, "VALIDATION_FAILED", "enabled"),
        ({"enabled": False, "card_number": "4111"}, "VALIDATION_FAILED", "card_number"),
    ],
)
def test_what_will_not_do_is_named(api: Api, wish: Json, code: str, fact: object) -> None:
    wallet = api.new_wallet()
    answer = api.ask("PUT", path_of(wallet), wish)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, code)
    named = problem["errors"][0]["field"] if "errors" in problem else problem["minimum_amount"]
    assert named == fact
    assert api.get(path_of(wallet)) == OFF


def test_it_needs_the_right_to_pay(api: Api, caller: Callable[[str], Api]) -> None:
    wallet = api.new_wallet()
    reader = caller(api.new_api_key("wallets:read", "wallets:write"))
    refused = reader.ask("PUT", path_of(wallet), {"enabled": False})
    assert refused.status_code == 403
    assert refused.json()["required_scope"] == "payments:write"
    payer = caller(api.new_api_key("payments:write"))
    assert payer.ask("PUT", path_of(wallet), {"enabled": False}).status_code == 200
