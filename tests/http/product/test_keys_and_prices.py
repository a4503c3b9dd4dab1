"""API keys: their scopes and bounds; the price list and its versions."""

from collections.abc import Callable

import pytest

from desk import Clock
from khata.app.keys import SCOPES
from khata.domain.times import rfc3339
from served import DOCUMENT, OWNER_KEY, Api, Product

Caller = Callable[[str], Api]


@pytest.mark.parametrize(
    "shown",
    [
        None,
        "",
        "Bearer",
        "Bearer khk_",
        f"Basic {OWNER_KEY}",
        f"Bearer {OWNER_KEY}x",
        f"Bearer {OWNER_KEY[:-1]}O",
        f"Bearer {OWNER_KEY}, Bearer {OWNER_KEY}",
        "Bearer " + "khk_" + "ö" * 40,
    ],
)
def test_without_a_good_key_nothing_is_answered(product: Product, shown: str | None) -> None:
    sent = {} if shown is None else {b"Authorization": shown.encode()}
    with Api(product.url, None) as nobody:
        answer = nobody.raw("GET", "/v1/wallets", headers=sent)
    assert answer.status_code == 401


def test_a_key_is_shown_once_and_revoked_at_once(api: Api, caller: Caller) -> None:
    organization = api.post("/v1/organizations", {"name": "Delhi Devs"})["id"]
    keeper = caller(api.new_api_key("keys:write", "wallets:read", organization_id=organization))
    made = keeper.post("/v1/api-keys", {"name": "Billing", "scopes": ["wallets:read"]})
    assert made["secret"].startswith("khk_")
    assert len(made["secret"]) == 47
    billing = caller(made["secret"])
    assert billing.ask("GET", "/v1/wallets").status_code == 200
    own, listed = keeper.get("/v1/api-keys")["data"]
    assert listed["last_used_at"] == made["created_at"]
    assert {**listed, "last_used_at": None, "secret": made["secret"]} == made
    assert made["created_by"] == own["id"]
    revoked = api.ask("DELETE", f"/v1/api-keys/{made['id']}")
    assert revoked.json()["revoked_at"] is not None
    assert billing.ask("GET", "/v1/wallets").status_code == 401
    assert api.ask("DELETE", f"/v1/api-keys/{made['id']}").json() == revoked.json()
    assert api.ask("DELETE", "/v1/api-keys/key_none").json()["code"] == "KEY_NOT_FOUND"


def test_a_key_is_rotated_by_whom_it_is_within_reach_of(api: Api, caller: Caller) -> None:
    made = api.post("/v1/api-keys", {"name": "Billing", "scopes": ["wallets:read"]})
    path = f"/v1/api-keys/{made['id']}/rotate"
    rotated = api.post(path, {"overlap_seconds": 60})
    assert (rotated["id"], rotated["name"]) == (made["id"], "Billing")
    assert rotated["secret"] != made["secret"]
    for secret in (made["secret"], rotated["secret"]):
        assert caller(secret).ask("GET", "/v1/wallets").status_code == 200
    api.post(path, {"overlap_seconds": 0})
    for secret in (made["secret"], rotated["secret"]):
        assert caller(secret).ask("GET", "/v1/wallets").status_code == 401
    keeper = caller(api.new_api_key("keys:write"))
    refused = keeper.refused(path, {})
    assert (refused["status"], refused["required_scope"]) == (403, "wallets:read")
    api.ask("DELETE", f"/v1/api-keys/{made['id']}")
    assert api.refused(path, {})["code"] == "KEY_ENDED"
    too_long = api.refused(path, {"overlap_seconds": 10**9})
    assert too_long["errors"][0]["field"] == "overlap_seconds"


def test_what_only_the_platform_may_do_its_own_keys_give(api: Api, caller: Caller) -> None:
    organization = api.post("/v1/organizations", {"name": "Delhi Devs"})["id"]
    everything = caller(api.new_api_key("*", organization_id=organization))
    for scope in ("*", "wallets:grant", "pricing:write"):
        refused = everything.refused("/v1/api-keys", {"name": "x", "scopes": [scope]})
        assert (refused["status"], refused["code"]) == (403, "FORBIDDEN")
    assert everything.new_api_key("wallets:consume", "keys:write")
    path = f"/v1/api-keys/{api.get('/v1/api-keys')['data'][0]['id']}/rotate"
    assert everything.refused(path, {})["code"] == "KEY_NOT_FOUND"


def test_a_key_may_have_an_end(api: Api, caller: Caller, clock: Clock) -> None:
    ends = rfc3339(clock.at_us + 60_000_000)
    body = {"name": "x", "scopes": ["wallets:read"], "expires_at": ends}
    made = api.post("/v1/api-keys", body)
    assert made["expires_at"] == ends
    assert caller(made["secret"]).ask("GET", "/v1/wallets").status_code == 200
    clock.turn(seconds=60)
    assert caller(made["secret"]).ask("GET", "/v1/wallets").status_code == 401
    refused = api.refused("/v1/api-keys", body)
    assert refused["errors"][0]["field"] == "expires_at"


def test_keys_are_listed_page_by_page(api: Api) -> None:
    for _ in range(3):
        api.new_api_key("wallets:read")
    everything = [key["id"] for key in api.get("/v1/api-keys", limit=200)["data"]]
    seen: list[str] = []
    query: dict[str, str | int] = {"limit": 2}
    while True:
        page = api.get("/v1/api-keys", **query)
        seen += [key["id"] for key in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen[: len(everything)] == everything


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_opens_its_routes_and_no_others(api: Api, caller: Caller, scope: str) -> None:
    holder = caller(api.new_api_key(scope))
    for method, template, needed in scoped_routes():
        path = template.replace("{wallet_id}", api.new_wallet()).replace("{hold_id}", "hld_1")
        # A live stream would have no end.
        query = {"follow": "false"} if template.endswith("/events") else None
        answer = holder.ask(method, path, key=holder.new_key(), query=query)
        if needed == scope:
            # Payouts are off, whatever the key.
            refused = answer.status_code == 403 and answer.json()["code"] != "PAYOUTS_DISABLED"
            assert not refused, (method, path)
        else:
            assert answer.status_code == 403, (method, path)
            assert answer.json()["required_scope"] == needed


def scoped_routes() -> list[tuple[str, str, str]]:
    return [
        (method.upper(), template, operation["x-required-scope"])
        for template, operations in DOCUMENT["paths"].items()
        for method, operation in operations.items()
        if "x-required-scope" in operation
    ]


def test_items_of_a_batch_need_their_own_scopes(api: Api, caller: Caller) -> None:
    wallet_id = api.new_wallet(100)
    consumer = caller(api.new_api_key("wallets:consume"))
    named = {"wallet_id": wallet_id}
    items = [
        {"op": "consume", "idempotency_key": "key-000001", "feature": "INVITE_MEMBER", **named},
        {"op": "grant", "idempotency_key": "key-000002", "kind": "plan", "credits": 1,
         "note": "x", **named},
        {"op": "refund", "idempotency_key": "key-000003", "transaction_id": "t", "reason": "x",
         **named},
    ]  # fmt: skip
    results = consumer.post("/v1/batch", {"items": items})["results"]
    assert [(result["status"], result.get("required_scope")) for result in results] == [
        (200, None),
        (403, "wallets:grant"),
        (403, "wallets:refund"),
    ]


def test_nobody_gives_what_they_have_not(api: Api, caller: Caller) -> None:
    holder = caller(api.new_api_key("keys:write", "wallets:read"))
    assert holder.new_api_key("wallets:read")
    for scope in ("*", "wallets:consume"):
        refused = holder.refused("/v1/api-keys", {"name": "x", "scopes": [scope]})
        assert (refused["status"], refused["required_scope"]) == (403, scope)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["wallets:everything"]}, "scopes[0]"),
        ({"scopes": ["*"], "owner_type": "user"}, "owner_id"),
        ({"scopes": ["*"], "owner_id": "asha"}, "owner_type"),
        ({"scopes": ["*"], "organization_id": "org_none"}, "organization_id"),
        ({"scopes": ["*"], "secret": OWNER_KEY}, "secret"),
    ],
)
def test_keys_that_will_not_do(api: Api, body: dict[str, object], field: str) -> None:
    refused = api.refused("/v1/api-keys", {"name": "x", **body})
    assert (refused["status"], refused["errors"][0]["field"]) == (422, field)


def test_publishing_replaces_the_whole_list_from_its_time_on(api: Api, clock: Clock) -> None:
    before = api.get("/v1/pricing")
    extra = {"feature": "NEW_ONE", "category": "API", "credits": 2}
    body = {"features": [*before["features"], extra]}
    later = {**body, "effective_at": rfc3339(clock.at_us + 60_000_000)}
    published = api.ask("PUT", "/v1/pricing", later)
    assert published.status_code == 201
    assert published.json()["version"] == before["version"] + 1
    assert api.get("/v1/pricing") == before
    clock.turn(seconds=60)
    assert api.get("/v1/pricing") == published.json()
    versions = api.get("/v1/pricing/versions", limit=1)
    assert versions["data"] == [published.json()]
    older = api.get("/v1/pricing/versions", limit=1, cursor=versions["next_cursor"])
    assert older["data"][0]["version"] == before["version"]
    api.ask("PUT", "/v1/pricing", {"features": before["features"]})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"features": []}, "features"),
        ({"features": [{"feature": "a", "category": "API", "credits": 1}]}, "features[0].feature"),
        ({"features": [{"feature": "A", "category": "API", "credits": -1}]}, "features[0].credits"),
        ({"features": [{"feature": "A", "category": "API", "credits": 1, "per": 0}]},
         "features[0].per"),
        ({"features": [{"feature": "A", "category": "API", "credits": 1, "cap": "FAX"}]},
         "features[0].cap"),
        ({"features": [{"feature": "A", "category": "API", "credits": 1}] * 2},
         "features[1].feature"),
        ({"features": [{"feature": "A", "category": "API", "credits": 1}],
          "effective_at": "2020-01-01T00:00:00Z"}, "effective_at"),
    ],
)  # fmt: skip
def test_price_lists_that_will_not_do(api: Api, body: object, field: str) -> None:
    before = api.get("/v1/pricing")
    answer = api.ask("PUT", "/v1/pricing", body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert api.get("/v1/pricing") == before


def test_probes_and_documents_need_no_key(product: Product) -> None:
    with Api(product.url, None) as nobody:
        for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/problems"):
            assert nobody.ask("GET", path).status_code == 200, path
