"""Who changed what: each administrative route leaves its entry, each organization reads its own.

The walk goes over every route of the document that changes something: one that is not told here
how to be carried out fails it.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import httpx2
import pytest

from desk import Clock
from estate import METHOD, Estate, Operation, asked, mark, operations
from khata.app.topups.terms import SalesTerms
from khata.domain.risk import RiskPolicy
from khata.domain.times import rfc3339
from khata.postgres.server import Server
from served import Api, Json, Product
from signed_in import PASSWORD, Browser, invite, person

Databases = Callable[[], AbstractContextManager[Server]]
Done = Callable[[Estate, Operation], httpx2.Response]

UNSAFE = [operation for operation in operations() if operation.method != "GET"]
AUDITED = [operation for operation in UNSAFE if "x-audit" in operation.told]


@pytest.fixture(scope="module")
def product(new_database: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own, whose operator looks at orders from a score of 40."""
    folder: Path = tmp_path_factory.mktemp("audited")
    terms = SalesTerms(risk=RiskPolicy(review_at=40))
    with new_database() as database, Product(database, folder, Clock(), terms) as running:
        yield running


@pytest.fixture(scope="module")
def platform(product: Product) -> Iterator[Api]:
    with product.api() as caller:
        yield caller


@pytest.fixture(scope="module")
def estate(product: Product, platform: Api) -> Iterator[Estate]:
    with Estate(product, platform) as made:
        yield made.furnish()


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


HOOKS = "/v1/webhook-endpoints"
HOOK = f"{HOOKS}/{{endpoint_id}}"
DAY_US = 86_400_000_000
SET_ACCOUNT = Operation("PUT", "/v1/wallets/{wallet_id}/payout-account")
ACCOUNT = {
    "holder_name": "Asha Rao",
    "bank_name": "HDFC Bank",
    "ifsc": "HDFC0000001",
    "account_number": "123456789012",
}


def plain(body: Json | None = None, **ids: Callable[[Estate], str]) -> Done:
    """With the estate's own key, on what it has or on something new of these kinds."""

    def done(estate: Estate, operation: Operation) -> httpx2.Response:
        fresh = {name: made(estate) for name, made in ids.items()}
        return asked(estate.api, operation, {**estate.ids, **fresh}, body)

    return done


def by_the_platform(body: Callable[[Estate], Json]) -> Done:
    def done(estate: Estate, operation: Operation) -> httpx2.Response:
        return asked(estate.platform, operation, estate.ids, body(estate))

    return done


def named(**body: object) -> Done:
    """The same as `plain`, under a name that is new."""

    def done(estate: Estate, operation: Operation) -> httpx2.Response:
        return asked(estate.api, operation, estate.ids, {"name": mark("x"), **body})

    return done


def new_wallet(estate: Estate, operation: Operation) -> httpx2.Response:
    body = {"owner_type": "user", "owner_id": mark("owner"), "name": "x"}
    return asked(estate.api, operation, estate.ids, body)


def reviewed(estate: Estate, operation: Operation) -> httpx2.Response:
    order = estate.paid_order(pack_id=None, amount=1_000_010)
    assert order["status"] == "review"
    body = {"decision": "approve", "reason": "known to us"}
    return asked(estate.api, operation, {**estate.ids, "order_id": order["id"]}, body)


def released(estate: Estate, operation: Operation) -> httpx2.Response:
    estate.freeze()
    return asked(estate.api, operation, estate.ids)


def disabled_endpoint(estate: Estate) -> str:
    made = estate.new_endpoint()
    estate.api.post(f"{HOOKS}/{made}/disable")
    return made


def sent_again(estate: Estate, operation: Operation) -> httpx2.Response:
    at_us = estate.product.clock.at_us
    times = {"from": rfc3339(at_us - DAY_US), "to": rfc3339(at_us + DAY_US)}
    return asked(estate.api, operation, estate.ids, {**times, "state": "any"})


def invitation(estate: Estate) -> Json:
    return invite(estate.api, f"{mark('ravi')}@delhi.example", "billing")


def invited(estate: Estate, operation: Operation) -> httpx2.Response:
    body = {"email": f"{mark('ravi')}@delhi.example", "name": "Asha", "role": "billing"}
    return asked(estate.api, operation, estate.ids, body)


def accepted(estate: Estate, operation: Operation) -> httpx2.Response:
    body = {"token": invitation(estate)["token"], "password": PASSWORD}
    with Browser(estate.product) as browser:
        return asked(browser, operation, estate.ids, body)


def signed_in(estate: Estate, operation: Operation) -> httpx2.Response:
    with person(estate.product, estate.api, "billing") as browser:
        body = {"email": browser.who()["user"]["email"], "password": PASSWORD}
    with Browser(estate.product) as another:
        return asked(another, operation, estate.ids, body)


def in_a_browser(ids: Callable[[Browser], Mapping[str, str]], body: Json | None = None) -> Done:
    """By somebody who is signed in."""

    def done(estate: Estate, operation: Operation) -> httpx2.Response:
        with person(estate.product, estate.api, "billing") as browser:
            return asked(browser, operation, ids(browser), body)

    return done


def verified(estate: Estate, operation: Operation) -> httpx2.Response:
    wallet = {**estate.ids, "wallet_id": estate.api.new_wallet()}
    assert asked(estate.api, SET_ACCOUNT, wallet, ACCOUNT).is_success
    return asked(estate.platform, operation, wallet)


def published(estate: Estate) -> Json:
    return {"features": estate.platform.get("/v1/pricing")["features"]}


HOW: Mapping[str, Done] = {
    "POST /v1/wallets": new_wallet,
    "PATCH /v1/wallets/{wallet_id}": named(),
    "POST /v1/wallets/{wallet_id}/protection/release": released,
    "PUT /v1/pricing": by_the_platform(published),
    "PUT /v1/wallets/{wallet_id}/billing-profile": named(state_code="29"),
    "POST /v1/wallets/{wallet_id}/orders/{order_id}/refund": plain({"amount": 1_000}),
    "POST /v1/wallets/{wallet_id}/orders/{order_id}/review": reviewed,
    "PUT /v1/wallets/{wallet_id}/payout-account": plain(ACCOUNT),
    "PUT /v1/wallets/{wallet_id}/payout-account/verification": verified,
    "POST /v1/api-keys": named(scopes=["wallets:read"]),
    "POST /v1/api-keys/{key_id}/rotate": plain({"overlap_seconds": 60}),
    "PATCH /v1/api-keys/{key_id}": plain({"spending_limit": {"credits": 9, "window": "day"}}),
    "POST /v1/budgets": plain({"level": "key", "limit": 900}),
    "PATCH /v1/budgets/{budget_id}": plain({"limit": 800}),
    "DELETE /v1/budgets/{budget_id}": plain(budget_id=Estate.new_budget),
    "DELETE /v1/api-keys/{key_id}": plain(key_id=lambda e: e.new_key("wallets:read")["id"]),
    "PUT /v1/wallets/{wallet_id}/auto-recharge": plain({"enabled": False}),
    "POST /v1/wallets/{wallet_id}/payment-methods": plain(METHOD),
    "DELETE /v1/wallets/{wallet_id}/payment-methods/{method_id}": plain(
        method_id=Estate.new_method
    ),
    "POST /v1/wallets/{wallet_id}/alerts/{alert_id}/acknowledge": plain(alert_id=Estate.new_alert),
    "POST /v1/alerts/{alert_id}/acknowledge": plain(alert_id=Estate.new_alert),
    "PUT /v1/wallets/{wallet_id}/alert-rules": plain(
        {"rules": [{"type": "LOW_BALANCE", "email": False}]}
    ),
    "PUT /v1/alert-rules": plain({"rules": [{"type": "WEBHOOK_FAILING", "email": False}]}),
    "POST /v1/organizations": by_the_platform(lambda _: {"name": mark("Org")}),
    "PATCH /v1/organizations/{organization_id}": named(),
    f"POST {HOOKS}": plain({"url": "https://example.com/x"}),
    f"PATCH {HOOK}": plain({"description": "another"}, endpoint_id=Estate.new_endpoint),
    f"DELETE {HOOK}": plain(endpoint_id=Estate.new_endpoint),
    f"POST {HOOK}/rotate-secret": plain({"overlap_hours": 1}),
    f"POST {HOOK}/disable": plain(endpoint_id=Estate.new_endpoint),
    f"POST {HOOK}/enable": plain(endpoint_id=disabled_endpoint),
    f"POST {HOOK}/test": plain(),
    f"POST {HOOK}/deliveries/{{delivery_id}}/redeliver": plain(),
    f"POST {HOOK}/deliveries/redeliver": sent_again,
    "POST /v1/session": signed_in,
    "DELETE /v1/session": in_a_browser(lambda _: {}),
    "PUT /v1/session/password": in_a_browser(
        lambda _: {}, {"password": "eight brown cows", "current_password": PASSWORD}
    ),
    "DELETE /v1/sessions/{session_id}": in_a_browser(
        lambda browser: {"session_id": browser.get("/v1/sessions")["data"][0]["id"]}
    ),
    "POST /v1/invitations": invited,
    "DELETE /v1/invitations/{invitation_id}": plain(invitation_id=lambda e: invitation(e)["id"]),
    "POST /v1/invitations/accept": accepted,
    "POST /v1/members": named(),
    "PATCH /v1/members/{member_id}": named(),
    "DELETE /v1/members/{member_id}": plain(member_id=Estate.new_member),
    "POST /v1/teams": named(),
    "PATCH /v1/teams/{team_id}": named(),
    "DELETE /v1/teams/{team_id}": plain(team_id=Estate.new_team),
}


def test_every_route_that_changes_something_says_what_is_told_of_it() -> None:
    untold = [op for op in UNSAFE if ("x-audit" in op.told) == ("x-unaudited" in op.told)]
    assert not untold, "say on the route what the audit log tells of it (audit=), or why nothing"
    assert {str(op) for op in AUDITED} == set(HOW), "tell here how the route is carried out"


@pytest.mark.parametrize("operation", AUDITED, ids=str)
def test_an_administrative_call_leaves_its_entry(
    operation: Operation, estate: Estate, product: Product
) -> None:
    answer = HOW[str(operation)](estate, operation)
    assert answer.is_success, answer.text
    entries = product.asked(
        "select action, actor, address, organization_id from audit_log where request_id = $1",
        answer.headers["x-request-id"],
    )
    assert {entry[0] for entry in entries} <= set(operation.told["x-audit"])
    assert entries
    for _, actor, address, organization_id in entries:
        assert actor.startswith(("key_", "usr_"))
        assert address is not None
        assert actor != estate.key_id or organization_id == estate.organization_id
    secrets = [secret for name, secret in answer.json().items() if name == "secret"]
    kept = product.asked("select before, after from audit_log order by id desc limit 20")
    assert not any(secret in str(kept) for secret in secrets)


def told(api: Api, **query: str | int) -> list[Json]:
    return api.get("/v1/audit-log", **query)["data"]


def test_an_entry_tells_who_what_on_what_and_from_where(estate: Estate) -> None:
    wallet = estate.api.new_wallet()
    answer = estate.api.ask("PATCH", f"/v1/wallets/{wallet}", {"name": "Later", "caps": {"AI": 9}})
    changed, created = told(estate.api, subject=wallet)
    assert changed == {
        "id": changed["id"],
        "created_at": rfc3339(estate.product.clock.at_us),
        "organization_id": estate.organization_id,
        "actor": estate.key_id,
        "actor_name": "a key",
        "address": "127.0.0.1",
        "request_id": answer.headers["x-request-id"],
        "action": "wallet.changed",
        "subject": wallet,
        "before": {"name": "Asha", "caps": {}},
        "after": {"name": "Later", "caps": {"AI": 9}},
    }
    assert (created["action"], created["before"], created["after"]["name"]) == (
        "wallet.created",
        None,
        "Asha",
    )


def test_what_changes_nothing_is_not_told(estate: Estate) -> None:
    wallet = estate.api.new_wallet()
    assert estate.api.ask("PATCH", f"/v1/wallets/{wallet}", {"name": "Asha"}).is_success
    body = {"name": "Asha Rao", "state_code": "29"}
    for _ in range(2):
        assert estate.api.ask("PUT", f"/v1/wallets/{wallet}/billing-profile", body).is_success
    actions = [entry["action"] for entry in told(estate.api, subject=wallet)]
    assert actions == ["billing_profile.set", "wallet.created"]


def test_it_is_narrowed_by_actor_action_and_time(estate: Estate) -> None:
    clock = estate.product.clock
    clock.turn(seconds=60)
    since = rfc3339(clock.at_us)
    team = estate.new_team()
    clock.turn(seconds=60)
    until = rfc3339(clock.at_us)
    estate.api.ask("PATCH", f"/v1/teams/{team}", {"name": mark("Team")})
    within = {"from": since, "to": until}
    assert [(e["action"], e["subject"]) for e in told(estate.api, **within)] == [
        ("team.created", team)
    ]
    assert [e["action"] for e in told(estate.api, **{"from": until})] == ["team.changed"]
    assert told(estate.api, actor=estate.key_id, action="team.changed", subject=team)
    assert told(estate.api, actor="key_none") == []


def test_it_is_read_page_by_page_and_as_csv(estate: Estate) -> None:
    whole = told(estate.api, limit=200)
    assert [e["id"] for e in whole] == sorted((e["id"] for e in whole), reverse=True)
    pages: list[Json] = []
    cursor: dict[str, str | int] = {}
    while True:
        page = estate.api.get("/v1/audit-log", limit=7, **cursor)
        pages += page["data"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert pages == whole
    answer = estate.api.ask("GET", "/v1/audit-log.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["id"] for row in rows] == [entry["id"] for entry in whole]
    assert rows[0]["action"] == whole[0]["action"]


def test_each_organization_reads_its_own_and_the_platform_all(
    estate: Estate, product: Product, platform: Api, opened: ExitStack
) -> None:
    other = opened.enter_context(Estate(product, platform))
    for api, organization_id in (
        (estate.api, estate.organization_id),
        (other.api, other.organization_id),
    ):
        assert {e["organization_id"] for e in told(api, limit=200)} == {organization_id}
        assert told(api, subject=estate.wallet) == told(
            platform, subject=estate.wallet, organization_id=organization_id
        )
    assert other.organization_id not in estate.api.ask("GET", "/v1/audit-log.csv").text
    platform.ask("PUT", "/v1/pricing", published(estate))
    for_all = told(platform, action="pricing.published")
    assert for_all[0]["organization_id"] is None
    assert told(estate.api, action="pricing.published") == []


def test_it_needs_the_scope_and_is_not_for_one_owner(estate: Estate, product: Product) -> None:
    with product.api(estate.new_key("audit:read")["secret"]) as reader:
        assert told(reader)
    bound = {"name": "x", "scopes": ["audit:read"], "organization_id": estate.organization_id}
    key = estate.platform.post("/v1/api-keys", {**bound, **estate.owner})
    for secret in (estate.new_key("wallets:write")["secret"], key["secret"]):
        with product.api(secret) as api:
            for path in ("/v1/audit-log", "/v1/audit-log.csv"):
                assert api.ask("GET", path).status_code == 403
