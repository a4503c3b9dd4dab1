"""Payment methods over HTTP, where no gateway is set up and where what is sent will not do."""

from collections.abc import Callable

import pytest

from served import Api, Json, Product


def path_of(wallet: str) -> str:
    return f"/v1/wallets/{wallet}/payment-methods"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "kind"),
        ({"kind": "cash"}, "kind"),
        ({"kind": "upi", "vpa": "nobody"}, "vpa"),
        ({"kind": "upi", "token": "tok_visa"}, "token"),
        ({"kind": "card", "vpa": "asha@upi"}, "vpa"),
        ({"kind": "card", "token": "4100280000001007"}, "token"),
        ({"kind": "card", "token": "4100-2800-0000-1007"}, "token"),
        ({"kind": "card", "card_number": "4100280000001007"}, "card_number"),
        ({"kind": "upi", "provider": "paypal"}, "provider"),
        ({"kind": "upi", "provider": "razorpay"}, "provider"),
    ],
)
def test_what_will_not_do_is_named_and_nothing_is_kept(api: Api, wish: Json, field: str) -> None:
    wallet = api.new_wallet()
    answer = api.ask("POST", path_of(wallet), wish)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert "4100" not in answer.text
    assert api.get(path_of(wallet)) == {"data": []}


def test_a_method_that_is_not_there_cannot_be_removed(api: Api) -> None:
    wallet = api.new_wallet()
    for method in ("pm_none", "pm_" + "0" * 26):
        refused = api.ask("DELETE", f"{path_of(wallet)}/{method}")
        assert (refused.status_code, refused.json()["code"]) == (404, "PAYMENT_METHOD_NOT_FOUND")


def test_it_needs_the_right_to_pay(api: Api, caller: Callable[[str], Api]) -> None:
    wallet = api.new_wallet()
    reader = caller(api.new_api_key("wallets:read"))
    assert reader.get(path_of(wallet)) == {"data": []}
    assert reader.ask("POST", path_of(wallet), {"kind": "upi"}).status_code == 403
    payer = caller(api.new_api_key("payments:write"))
    assert payer.ask("GET", path_of(wallet)).status_code == 403


def test_a_wallet_recharges_itself_from_end_to_end(product: Product, api: Api) -> None:
    wallet = api.new_wallet(credits=150)
    answer = api.ask(
        "POST", path_of(wallet), {"provider": "simulator", "kind": "upi", "vpa": "success@razorpay"}
    )
    assert answer.status_code == 201
    method = answer.json()
    assert (method["state"], method["label"]) == ("confirmed", "su…@razorpay")
    assert api.get(path_of(wallet)) == {"data": [method]}
    wish = {"enabled": True, "amount": 50_000, "payment_method_id": method["id"]}
    path = f"/v1/wallets/{wallet}/auto-recharge"
    on = api.ask("PUT", path, wish)
    assert on.status_code == 200
    assert on.json()["state"] in {"scheduled", "charging", "idle"}
    product.settle()
    assert api.available(wallet) == 150 + 5_500
    (order,) = api.get(f"/v1/wallets/{wallet}/orders")["data"]
    assert (order["status"], order["quote"]["amount"]) == ("paid", 50_000)
    assert api.get(path)["state"] == "idle"
    removed = api.ask("DELETE", f"{path_of(wallet)}/{method['id']}")
    assert removed.json()["state"] == "cancelled"
    product.settle()
    off = api.get(path)
    assert (off["enabled"], off["disabled_reason"]) == (False, "method_removed")
