"""Keys that are bound see what is theirs, and learn nothing of anything else.

Every route of the document is tried with a wallet of somebody else: the answer must be the one
for a wallet that does not exist, to the byte but for the id.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from served import DOCUMENT, Api, Json, Product

NO_WALLET = "wal_01K9Z3NDEKTSV4RRFFQ69G5FAV"
BOUNDS = ("owner", "organization")
PAYOUTS = "/v1/wallets/{wallet_id}/payouts"
# What is off here, what the platform alone may say, and what names a method that nobody has.
REFUSED_IN_ITS_OWN = {
    (PAYOUTS, "PAYOUTS_DISABLED"),
    (f"{PAYOUTS}/{{payout_id}}/release", "PAYOUTS_DISABLED"),
    ("/v1/wallets/{wallet_id}/payout-account/verification", "FORBIDDEN"),
    ("/v1/wallets/{wallet_id}/auto-recharge", "VALIDATION_FAILED"),
}


# What a route needs to be asked, or to come to an end.
QUERIES = {
    "/v1/wallets/{wallet_id}/gate": {"feature": "AI_SUMMARY"},
    "/v1/wallets/{wallet_id}/events": {"follow": "false"},
}


class Ids(dict[str, str]):
    """Ids of somebody else's things by the name of their parameter; nobody has any others."""

    def __missing__(self, name: str) -> str:
        return f"{name}_01K9Z3NDEKTSV4RRFFQ69G5FAV"


class Theirs(NamedTuple):
    """A caller who is bound, a wallet of its own, and somebody else's with something in it."""

    caller: Api
    bounds: Json
    own: str
    foreign: str
    ids: Ids


def wallet_routes() -> list[tuple[str, str]]:
    return [
        (method.upper(), template)
        for template, operations in DOCUMENT["paths"].items()
        for method in operations
        if "{wallet_id}" in template
    ]


@pytest.fixture(scope="module", params=BOUNDS)
def theirs(request: pytest.FixtureRequest, product: Product, api: Api) -> Iterator[Theirs]:
    bounds: Json = {"owner_type": "user", "owner_id": api.new_key()}
    own, foreign = api.new_wallet(100, **bounds), api.new_wallet(100)
    if request.param == "organization":
        bounds = {"organization_id": product.new_organization(f"own{api.new_key()}")}
        own = api.new_wallet(100, **bounds)
    order = {"pack_id": "pro", "payment_method": "upi"}
    ids = Ids(
        hold_id=api.hold(foreign, credits=1)["hold"]["id"],
        transaction_id=api.consume(foreign)["transaction"]["id"],
        order_id=api.post(f"/v1/wallets/{foreign}/orders", order)["id"],
    )
    with product.api(api.new_api_key("*", **bounds)) as caller:
        yield Theirs(caller, bounds, own, foreign, ids)


def body_for(operation: Json, other: str) -> Any:
    if "requestBody" not in operation:
        return None
    example = operation["requestBody"]["content"]["application/json"].get("example", {})
    return {**example, "to_wallet_id": other} if "to_wallet_id" in example else example


@pytest.mark.parametrize(("method", "address"), wallet_routes())
def test_a_foreign_wallet_is_as_good_as_none(theirs: Theirs, method: str, address: str) -> None:
    operation = DOCUMENT["paths"][address][method.lower()]
    query = QUERIES.get(address)
    answers: list[tuple[int, str]] = []
    for wallet_id in (theirs.foreign, NO_WALLET):
        path = address.format_map(Ids(theirs.ids, wallet_id=wallet_id))
        body = body_for(operation, theirs.own)
        answer = theirs.caller.ask(method, path, body, key=theirs.caller.new_key(), query=query)
        answers.append((answer.status_code, answer.text.replace(wallet_id, "<wallet>")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    assert '"WALLET_NOT_FOUND"' in answers[0][1]


@pytest.mark.parametrize(("method", "address"), wallet_routes())
def test_its_own_wallet_is_open_to_the_same_key(theirs: Theirs, method: str, address: str) -> None:
    operation = DOCUMENT["paths"][address][method.lower()]
    query = QUERIES.get(address)
    path = address.format_map(Ids(theirs.ids, wallet_id=theirs.own))
    answer = theirs.caller.ask(
        method, path, body_for(operation, NO_WALLET), key=theirs.caller.new_key(), query=query
    )
    code = "" if answer.is_success else answer.json()["code"]
    assert answer.is_success or "_NOT_FOUND" in code or (address, code) in REFUSED_IN_ITS_OWN
    assert theirs.own not in answer.text or answer.is_success


def test_items_of_a_batch_are_looked_at_one_by_one(theirs: Theirs, api: Api) -> None:
    item = {"op": "consume", "feature": "API_HEAVY_QUERY"}
    wallets = (theirs.own, theirs.foreign, NO_WALLET)
    items = [{**item, "wallet_id": each, "idempotency_key": api.new_key()} for each in wallets]
    results = theirs.caller.post("/v1/batch", {"items": items})["results"]
    assert [result["status"] for result in results] == [200, 404, 404]
    shown = [
        str(result).replace(each, "<wallet>") for result, each in zip(results, wallets, strict=True)
    ]
    assert shown[1] == shown[2]


def test_only_its_own_wallets_are_listed(theirs: Theirs, api: Api) -> None:
    listed = theirs.caller.get("/v1/wallets", limit=200)["data"]
    assert theirs.own in [wallet["id"] for wallet in listed]
    shown = [{name: wallet[name] for name in theirs.bounds} for wallet in listed]
    assert all(bounds == theirs.bounds for bounds in shown)
    foreign = api.get(f"/v1/wallets/{theirs.foreign}")
    for query in (
        {"owner_id": foreign["owner_id"]},
        {"organization_id": foreign["organization_id"], "owner_id": foreign["owner_id"]},
        {"owner_type": "community"},
    ):
        assert theirs.caller.get("/v1/wallets", **query)["data"] == []


def test_a_foreign_organization_is_as_good_as_none(theirs: Theirs, product: Product) -> None:
    foreign = product.new_organization(f"foreign{theirs.caller.new_key()}")
    owner = {"owner_type": "user", "owner_id": theirs.caller.new_key(), "name": "x"}
    for path, body in (
        ("/v1/wallets", owner),
        ("/v1/api-keys", {"name": "x", "scopes": ["wallets:read"]}),
    ):
        problems = [
            theirs.caller.refused(path, {**body, "organization_id": each})
            for each in (foreign, "org_none")
        ]
        assert problems[0] == problems[1]
        assert problems[0]["errors"][0]["field"] == "organization_id"


def test_keys_beget_keys_within_their_bounds_only(
    theirs: Theirs, api: Api, caller: Callable[[str], Api]
) -> None:
    made = theirs.caller.post("/v1/api-keys", {"name": "x", "scopes": ["wallets:read"]})
    assert {name: made[name] for name in theirs.bounds} == theirs.bounds
    child = caller(made["secret"])
    assert child.ask("GET", f"/v1/wallets/{theirs.foreign}").status_code == 404
    foreign_key = api.post("/v1/api-keys", {"name": "x", "scopes": ["*"]})["id"]
    listed = theirs.caller.get("/v1/api-keys", limit=200)["data"]
    assert made["id"] in [key["id"] for key in listed]
    assert foreign_key not in [key["id"] for key in listed]
    answer = theirs.caller.ask("DELETE", f"/v1/api-keys/{foreign_key}")
    unknown = theirs.caller.ask("DELETE", f"/v1/api-keys/{foreign_key[:-1]}0")
    assert (answer.status_code, answer.json()["code"]) == (404, "KEY_NOT_FOUND")
    assert answer.json().keys() == unknown.json().keys()


def test_prices_are_not_for_them_to_publish(theirs: Theirs) -> None:
    features = theirs.caller.get("/v1/pricing")["features"]
    refused = theirs.caller.ask("PUT", "/v1/pricing", {"features": features})
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")


def test_wallets_are_made_within_the_bounds(theirs: Theirs) -> None:
    owner = {"owner_type": "user", "owner_id": theirs.caller.new_key(), "name": "x"}
    answer = theirs.caller.ask("POST", "/v1/wallets", owner)
    if "owner_id" in theirs.bounds:
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
        again = theirs.caller.ask("POST", "/v1/wallets", {**theirs.bounds, "name": "x"})
        assert (again.status_code, again.json()["id"]) == (200, theirs.own)
    else:
        assert answer.json()["organization_id"] == theirs.bounds["organization_id"]


def test_gifts_stay_within_the_organization(theirs: Theirs, product: Product, api: Api) -> None:
    """A gift's receiver is somebody else by nature, but never of another organization."""
    far = product.new_organization(f"far{theirs.caller.new_key()}")
    path = f"/v1/wallets/{theirs.own}/transfers"
    answers: list[str] = []
    for to in (api.new_wallet(organization_id=far), NO_WALLET):
        refused = theirs.caller.refused(path, {"to_wallet_id": to, "credits": 1, "note": "x"})
        assert refused["code"] == "WALLET_NOT_FOUND"
        answers.append(str(refused).replace(to, "<wallet>"))
    assert answers[0] == answers[1]
