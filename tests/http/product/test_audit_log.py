"""Who changed what: each administrative route leaves its entry, each organization reads its own.

The walk goes over every route of the document that changes something: one that is not told here
how to be carried out fails it.
"""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from administered import HOW, granted, published
from desk import Clock
from estate import Estate, Operation, mark, operations
from khata.app.topups.terms import SalesTerms
from khata.domain.risk import RiskPolicy
from khata.domain.times import rfc3339
from khata.postgres.server import Server
from served import Api, Json, Product

Databases = Callable[[], AbstractContextManager[Server]]

UNSAFE = [operation for operation in operations() if operation.method != "GET"]
AUDITED = [operation for operation in UNSAFE if "x-audit" in operation.told]


@pytest.fixture(scope="module")
def product(new_database: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own, whose operator looks at orders from a score of 40."""
    folder: Path = tmp_path_factory.mktemp("audited")
    terms = SalesTerms(risk=RiskPolicy(review_at=40))
    with new_database() as database, Product(database, folder, Clock(), terms) as running:
        running.khata.payouts.enabled = True
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


def test_credits_that_are_given_are_told_of_once(estate: Estate) -> None:
    wallet, key = estate.api.new_wallet(), estate.api.new_key()
    path = f"/v1/wallets/{wallet}/grants"
    given, again = (estate.api.post(path, granted(100), key=key) for _ in range(2))
    assert again == given
    taken = estate.api.post(path, granted(-30))
    assert estate.api.refused(path, granted(-300))["code"] == "INSUFFICIENT_CREDITS"
    estate.api.consume(wallet)
    entries = told(estate.api, subject=wallet)
    assert [e["action"] for e in entries] == [
        "credits.taken_back",
        "credits.granted",
        "wallet.created",
    ]
    assert [e["before"]["available_credits"] for e in entries[:2]] == [100, 0]
    assert [e["after"]["available_credits"] for e in entries[:2]] == [70, 100]
    for entry, moved in zip(entries, (taken, given), strict=False):
        assert entry["after"]["transaction_id"] == moved["transaction"]["id"]
        assert entry["after"]["note"] == "a correction"
        assert (entry["actor"], entry["address"]) == (estate.key_id, "127.0.0.1")


def test_what_changes_nothing_is_not_told(estate: Estate) -> None:
    wallet = estate.api.new_wallet()
    assert estate.api.ask("PATCH", f"/v1/wallets/{wallet}", {"name": "Asha"}).is_success
    body = {"name": "Asha Rao", "state_code": "29"}
    for _ in range(2):
        assert estate.api.ask("PUT", f"/v1/wallets/{wallet}/billing-profile", body).is_success
    actions = [entry["action"] for entry in told(estate.api, subject=wallet)]
    assert actions == ["billing_profile.set", "wallet.created"]


def test_a_line_moved_by_a_rule_is_told_as_the_wallets_setting(estate: Estate) -> None:
    wallet = estate.api.new_wallet()
    lines: list[Json] = [
        {"type": "RAPID_BURN", "threshold": 1_000_000},
        {"type": "LOW_BALANCE", "threshold": 0},
    ]
    path = f"/v1/wallets/{wallet}/alert-rules"
    for _ in range(2):
        assert estate.api.ask("PUT", path, {"rules": lines}).is_success
    changed, created = told(estate.api, subject=wallet)
    assert (changed["action"], created["action"]) == ("wallet.changed", "wallet.created")
    assert changed["before"] == {"low_balance_threshold": 200, "rapid_burn_limit": 5_000}
    assert changed["after"] == {"low_balance_threshold": 0, "rapid_burn_limit": 1_000_000}
    assert (changed["actor"], changed["address"]) == (estate.key_id, "127.0.0.1")


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
