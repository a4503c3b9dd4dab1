"""Payout accounts over HTTP, and payouts where they are turned on."""

from collections.abc import Callable, Iterator

import pytest

from served import Api, Json, Product

BODY = {"holder_name": "Asha Rao", "account_number": "5010 0123 4567 89", "ifsc": "hdfc0001234"}


def account_of(wallet_id: str) -> str:
    return f"/v1/wallets/{wallet_id}/payout-account"


def put(api: Api, wallet_id: str, **changes: object) -> Json:
    answer = api.ask("PUT", account_of(wallet_id), {**BODY, **changes})
    return {**answer.json(), "status": answer.status_code}


def test_an_account_is_set_and_its_number_never_shown_again(api: Api) -> None:
    wallet_id = api.new_wallet()
    none = api.ask("GET", account_of(wallet_id))
    assert (none.status_code, none.content) == (204, b"")
    shown = put(api, wallet_id)
    assert shown.pop("status") == 200
    assert shown == {
        "wallet_id": wallet_id,
        "holder_name": "Asha Rao",
        "bank_name": "HDFC Bank",
        "account_number": "XXXXXX6789",
        "ifsc": "HDFC0001234",
        "verified_at": None,
        "updated_at": shown["updated_at"],
    }
    assert api.get(account_of(wallet_id)) == shown


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account_number": "12345678"}, "account_number"),
        ({"account_number": ""}, "account_number"),
        ({"account_number": 50100123456789}, "account_number"),
        ({"ifsc": "HDFC1001234"}, "ifsc"),
        ({"ifsc": "XYZB0000001"}, "bank_name"),
        ({"holder_name": "\u202eoaR"}, "holder_name"),
    ],
)
def test_what_will_not_do_is_named_and_not_repeated(api: Api, changes: Json, field: str) -> None:
    refused = put(api, api.new_wallet(), **changes)
    assert (refused["status"], refused["code"]) == (422, "VALIDATION_FAILED")
    assert refused["errors"][0]["field"] == field
    assert "12345678" not in str(refused)


def test_only_the_platform_says_that_an_account_is_the_owners(
    api: Api, caller: Callable[[str], Api]
) -> None:
    owner: Json = {"owner_type": "user", "owner_id": api.new_key()}
    wallet_id = api.new_wallet(**owner)
    theirs = caller(api.new_api_key("*", **owner))
    assert put(theirs, wallet_id)["verified_at"] is None
    path = f"{account_of(wallet_id)}/verification"
    refused = theirs.ask("PUT", path)
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    verified = api.ask("PUT", path).json()
    assert verified["verified_at"] is not None
    assert api.ask("PUT", path).json() == verified
    assert put(theirs, wallet_id, holder_name="Ravi Rao")["verified_at"] is None


def test_a_key_needs_the_scope(api: Api, caller: Callable[[str], Api]) -> None:
    wallet_id = api.new_wallet()
    put(api, wallet_id)
    reader = caller(api.new_api_key("wallets:read", "wallets:write"))
    assert reader.get(account_of(wallet_id))["account_number"] == "XXXXXX6789"
    assert put(reader, wallet_id)["required_scope"] == "payouts:write"


def test_payouts_are_off_and_it_is_said_why(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    for path in ("payouts", "payouts/pyo_1/release"):
        body = {"credits": 10} if path == "payouts" else None
        refused = api.refused(f"/v1/wallets/{wallet_id}/{path}", body)
        assert (refused["code"], refused["status"]) == ("PAYOUTS_DISABLED", 403)
        assert "closed system" in refused["detail"]
    assert api.available(wallet_id) == 100


@pytest.fixture
def paying(product: Product) -> Iterator[None]:
    """Payouts are on."""
    product.khata.payouts.enabled = True
    yield
    product.khata.payouts.enabled = False


@pytest.mark.usefixtures("paying")
def test_only_bought_credits_are_paid_out(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    path = f"/v1/wallets/{wallet_id}/payouts"
    refused = api.refused(path, {"credits": 1})
    assert (refused["code"], refused["payable"]) == ("NOT_PAYABLE", 0)
    assert api.refused(path, {"credits": 101})["code"] == "INSUFFICIENT_CREDITS"
    assert api.refused(path, {"credits": 0})["code"] == "INVALID_CREDIT_AMOUNT"
    assert api.refused(f"{path}/pyo_1/release")["code"] == "PAYOUT_NOT_FOUND"


@pytest.mark.usefixtures("paying")
def test_a_payout_is_held_and_released_once(api: Api, product: Product) -> None:
    wallet_id = api.new_wallet()
    product.buy(wallet_id, 500)
    path, key = f"/v1/wallets/{wallet_id}/payouts", api.new_key()
    held = api.ask("POST", path, {"credits": 200}, key=key)
    assert held.status_code == 201
    payout = held.json()["payout"]
    assert payout == {
        "id": payout["id"],
        "wallet_id": wallet_id,
        "credits": 200,
        "state": "held",
    }
    assert held.json()["transaction"]["type"] == "PAYOUT_HOLD"
    assert held.json()["wallet"]["locked_credits"] == 200
    again = api.ask("POST", path, {"credits": 200}, key=key)
    assert (again.content, again.headers["idempotent-replayed"]) == (held.content, "true")
    released = api.post(f"{path}/{payout['id']}/release")
    assert released["payout"] == {**payout, "state": "released"}
    assert (released["wallet"]["available_credits"], released["wallet"]["locked_credits"]) == (
        500,
        0,
    )
    assert api.refused(f"{path}/{payout['id']}/release")["code"] == "PAYOUT_NOT_HELD"
