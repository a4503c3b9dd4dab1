"""Webhooks out over HTTP: endpoints set, events received, the log looked at and sent once more."""

from collections.abc import Callable, Iterator

import pytest

from khata.domain.roles import Role
from receiver import Receiver, in_turn, status
from served import Api, Json, Product
from signed_in import person

Caller = Callable[[str], Api]
ALL = "/v1/webhook-endpoints"


@pytest.fixture
def receiver(product: Product) -> Iterator[Receiver]:
    opened = product.run(Receiver().__aenter__())
    yield opened
    product.run(opened.__aexit__())


@pytest.fixture
def wallet(admin: Api, api: Api, product: Product) -> str:
    """A wallet of the organization; all older news is told before."""
    made = admin.new_wallet()
    api.grant(made, 100)
    product.tell()
    return made


def listening(caller: Api, receiver: Receiver, *event_types: str, **body: object) -> Json:
    return caller.post(ALL, {"url": receiver.url, "event_types": event_types, **body})


def deliveries(caller: Api, endpoint: Json, **query: str | int) -> list[Json]:
    return caller.get(f"{ALL}/{endpoint['id']}/deliveries", **query)["data"]


def audited(product: Product, subject: str) -> list[str]:
    rows = product.asked("select action from audit_log where subject = $1 order by at, id", subject)
    return [action for (action,) in rows]


def test_an_endpoint_is_made_changed_and_deleted(
    admin: Api, organization: str, product: Product
) -> None:
    made = admin.post(ALL, {"url": "https://example.com/x", "description": "Ours"})
    assert made["secret"].startswith("whsec_")
    assert (made["organization_id"], made["state"]) == (organization, "enabled")
    path = f"{ALL}/{made['id']}"
    shown = admin.get(path)
    assert "secret" not in shown
    assert shown["last_day"]["attempts"] == shown["waiting"] == 0
    assert admin.get(ALL)["data"] == [shown]
    changed = admin.ask("PATCH", path, {"event_types": ["alert.raised", "alert.raised"]}).json()
    assert (changed["event_types"], changed["url"]) == (["alert.raised"], made["url"])
    same = admin.ask("PATCH", path, {}).json()
    assert same == changed
    assert admin.post(f"{path}/disable")["why"] == "It was disabled by hand."
    assert admin.refused(f"{path}/test")["code"] == "WEBHOOK_ENDPOINT_DISABLED"
    assert admin.post(f"{path}/enable")["state"] == "enabled"
    rotated = admin.post(f"{path}/rotate-secret", {"overlap_hours": 1})
    assert rotated["secret"] != made["secret"]
    assert rotated["old_secret_until"] is not None
    assert admin.post(f"{path}/rotate-secret", {"overlap_hours": 0})["old_secret_until"] is None
    assert admin.ask("DELETE", path).json()["id"] == made["id"]
    assert admin.ask("DELETE", path).status_code == 404
    assert admin.get(ALL)["data"] == []
    assert audited(product, made["id"]) == [
        "webhook_endpoint.created",
        "webhook_endpoint.changed",
        "webhook_endpoint.disabled",
        "webhook_endpoint.enabled",
        "webhook_endpoint.secret_rotated",
        "webhook_endpoint.secret_rotated",
        "webhook_endpoint.deleted",
    ]
    texts = product.asked("select before || after from audit_log where subject = $1", made["id"])
    assert "whsec_" not in str(texts)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "https://user:x@example.com/"}, "url"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "https://example.com/#x"}, "url"),
        ({"url": "https://example.com/", "event_types": ["wallet.lost"]}, "event_types[0]"),
        ({"url": "https://example.com/", "event_types": ["webhook_endpoint.test"]}, "event_types"),
        ({"url": "https://example.com/", "description": "x" * 501}, "description"),
        ({"url": "https://example.com/", "organization_id": "org_none"}, "organization_id"),
    ],
)
def test_what_will_not_do_is_named(api: Api, body: Json, field: str) -> None:
    problem = api.refused(ALL, body)
    assert problem["code"] == "VALIDATION_FAILED"
    assert problem["errors"][0]["field"].startswith(field)


def test_there_are_no_more_than_fifty(admin: Api) -> None:
    body = {"url": "https://example.com/"}
    made = [admin.post(ALL, body)["id"] for _ in range(50)]
    assert admin.refused(ALL, body)["code"] == "TOO_MANY_WEBHOOK_ENDPOINTS"
    first = admin.get(ALL, limit=30)
    second = admin.get(ALL, limit=30, cursor=first["next_cursor"])
    assert sorted(each["id"] for each in first["data"] + second["data"]) == sorted(made)
    assert second["next_cursor"] is None


def test_what_was_sent_is_looked_at(
    admin: Api, wallet: str, receiver: Receiver, product: Product
) -> None:
    receiver.answer = in_turn(status(500, b"busy"), status(200, b"thanks"))
    made = listening(admin, receiver, "wallet.updated")
    admin.consume(wallet)
    product.tell()
    product.clock.turn(seconds=6)
    product.tell()
    (listed,) = deliveries(admin, made)
    assert (listed["state"], listed["attempts"], listed["last_status"]) == ("delivered", 2, 200)
    assert (listed["wallet_id"], listed["event_type"]) == (wallet, "wallet.updated")
    whole = admin.get(f"{ALL}/{made['id']}/deliveries/{listed['id']}")
    assert whole["body"] == receiver.received[0].body.decode()
    assert [each["status"] for each in whole["timeline"]] == [500, 200]
    assert [each["response"] for each in whole["timeline"]] == ["busy", "thanks"]
    for attempt, request in zip(whole["timeline"], receiver.received, strict=True):
        assert attempt["headers"].items() <= request.headers.items()
        assert set(attempt["headers"]) == {
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
        }
    day = admin.get(f"{ALL}/{made['id']}")["last_day"]
    assert (day["attempts"], day["accepted"], day["accepted_percentage"]) == (2, 1, 50)
    figures = admin.get(f"{ALL}/{made['id']}/figures")
    assert figures["whole"]["attempts"] == 2
    assert len(figures["hours"]) in {24, 25}
    assert sum(hour["accepted"] for hour in figures["hours"]) == 1


def test_the_log_is_filtered_and_paged(
    admin: Api, wallet: str, receiver: Receiver, product: Product
) -> None:
    receiver.answer = in_turn(status(410), status(200))
    made = listening(admin, receiver, "transaction.created")
    path = f"{ALL}/{made['id']}"
    admin.consume(wallet)
    product.tell()
    admin.post(f"{path}/enable")
    product.clock.turn(seconds=10)
    for _ in range(3):
        admin.consume(wallet)
    product.tell()
    assert len(deliveries(admin, made)) == 4
    (failed,) = deliveries(admin, made, state="failed")
    assert failed["last_status"] == 410
    newest_at = deliveries(admin, made, limit=1)[0]["created_at"]
    assert len(deliveries(admin, made, **{"from": newest_at})) == 3
    assert deliveries(admin, made, to=newest_at) == [failed]
    assert deliveries(admin, made, event_type="wallet.updated") == []
    assert len(deliveries(admin, made, wallet_id=wallet)) == 4
    assert deliveries(admin, made, wallet_id="wal_other") == []
    first = admin.get(f"{path}/deliveries", limit=3)
    second = admin.get(f"{path}/deliveries", limit=3, cursor=first["next_cursor"])
    assert second["next_cursor"] is None
    assert first["data"] + second["data"] == deliveries(admin, made)


def test_a_delivery_is_sent_once_more(
    admin: Api, wallet: str, receiver: Receiver, product: Product
) -> None:
    made = listening(admin, receiver, "wallet.updated")
    admin.consume(wallet)
    product.tell()
    (sent,) = deliveries(admin, made)
    again = admin.post(f"{ALL}/{made['id']}/deliveries/{sent['id']}/redeliver")
    assert (again["state"], again["attempts"]) == ("pending", 1)
    product.tell()
    assert receiver.ids == [sent["event_id"]] * 2
    assert receiver.received[0].body == receiver.received[1].body
    (after,) = deliveries(admin, made)
    assert (after["state"], after["attempts"]) == ("delivered", 2)
    assert "webhook_delivery.sent_again" in audited(product, made["id"])


def test_what_failed_within_a_time_is_sent_once_more_in_its_order(
    admin: Api, wallet: str, receiver: Receiver, product: Product
) -> None:
    receiver.answer = status(410)
    made = listening(admin, receiver, "transaction.created")
    path = f"{ALL}/{made['id']}"
    for _ in range(3):
        admin.post(f"{path}/enable")
        admin.consume(wallet)
        product.tell()
        product.clock.turn(seconds=1)
    failed = deliveries(admin, made, state="failed")
    assert len(failed) == 3
    receiver.answer = status(200)
    receiver.received.clear()
    admin.post(f"{path}/enable")
    window = {"from": failed[-1]["created_at"], "to": failed[0]["created_at"]}
    assert admin.post(f"{path}/deliveries/redeliver", window) == {
        "redelivered": 2,
        "next_cursor": None,
    }
    product.tell()
    assert receiver.ids == [each["event_id"] for each in reversed(failed[1:])]
    assert len(deliveries(admin, made, state="failed")) == 1


def test_a_test_event_is_sent_at_once_and_tried_no_second_time(
    admin: Api, receiver: Receiver, product: Product
) -> None:
    receiver.answer = status(500)
    made = listening(admin, receiver, "alert.raised")
    sent = admin.post(f"{ALL}/{made['id']}/test")
    assert (sent["state"], sent["event_type"]) == ("pending", "webhook_endpoint.test")
    product.tell()
    found = admin.get(f"{ALL}/{made['id']}/deliveries/{sent['id']}")
    assert (found["state"], found["last_status"]) == ("failed", 500)
    assert receiver.ids == [sent["event_id"]]
    assert admin.get(f"{ALL}/{made['id']}")["failures"] == 0


def test_nobody_else_learns_of_it(
    api: Api, admin: Api, caller: Caller, wallet: str, receiver: Receiver, product: Product
) -> None:
    """Another organization's key, and one of a single owner, meet what does not exist."""
    made = listening(admin, receiver, "wallet.updated")
    admin.consume(wallet)
    product.tell()
    (sent,) = deliveries(admin, made)
    other = api.post("/v1/organizations", {"name": "Other"})["id"]
    strangers = [
        caller(api.new_api_key("*", organization_id=other)),
        caller(api.new_api_key("*", owner_type="user", owner_id=api.new_key())),
    ]
    one, log = f"{ALL}/{made['id']}", f"{ALL}/{made['id']}/deliveries"
    window = {"from": sent["created_at"], "to": sent["created_at"], "state": "any"}
    asked: list[tuple[str, str, Json | None]] = [
        *(("GET", path, None) for path in (one, f"{one}/figures", log, f"{log}/{sent['id']}")),
        *(("POST", f"{one}/{what}", None) for what in ("test", "enable", "disable")),
        ("POST", f"{one}/rotate-secret", None),
        ("POST", f"{log}/{sent['id']}/redeliver", None),
        ("POST", f"{log}/redeliver", window),
        ("PATCH", one, {"url": "https://example.com/"}),
        ("DELETE", one, None),
    ]
    for stranger in strangers:
        for method, path, body in asked:
            answer = stranger.ask(method, path, body)
            code = answer.json()["code"]
            assert (answer.status_code, code) == (404, "WEBHOOK_ENDPOINT_NOT_FOUND"), path
    assert strangers[0].get(ALL)["data"] == []
    assert strangers[1].ask("GET", ALL).status_code == 403
    assert made["id"] in [each["id"] for each in api.get(ALL, limit=200)["data"]]
    assert admin.get(one)["state"] == "enabled"
    assert api.ask("GET", f"{ALL}/whe_x").status_code == 404
    assert api.ask("GET", f"{log}/dlv_x").json()["code"] == "DELIVERY_NOT_FOUND"


def test_reading_is_a_scope_of_its_own(
    api: Api, caller: Caller, organization: str, admin: Api
) -> None:
    made = admin.post(ALL, {"url": "https://example.com/"})
    reader = caller(api.new_api_key("webhooks:read", organization_id=organization))
    assert reader.get(f"{ALL}/{made['id']}")["id"] == made["id"]
    assert reader.ask("DELETE", f"{ALL}/{made['id']}").status_code == 403
    assert reader.refused(ALL, {"url": "https://example.com/"})["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("event_types", "scopes"),
    [
        (["transaction.created", "alert.raised"], ["wallets:read"]),
        (["order.updated"], ["wallets:read", "payments:read"]),
        (["webhook_endpoint.disabled"], ["wallets:read", "webhooks:read"]),
        ([], ["wallets:read", "payments:read", "webhooks:read"]),
    ],
)
def test_to_be_told_takes_the_scopes_that_a_live_stream_takes(
    api: Api,
    caller: Caller,
    organization: str,
    admin: Api,
    event_types: list[str],
    scopes: list[str],
) -> None:
    body = {"url": "https://example.com/x", "event_types": event_types}
    one = f"{ALL}/{admin.post(ALL, body)['id']}"
    narrow = f"{ALL}/{admin.post(ALL, {**body, 'event_types': ['wallet.updated']})['id']}"
    for missing in scopes:
        may = {"webhooks:write", *scopes} - {missing}
        key = caller(api.new_api_key(*may, organization_id=organization))
        for method, path, asked in (
            ("POST", ALL, body),
            ("PATCH", narrow, {"event_types": event_types}),
            ("PATCH", one, {"url": "https://example.com/mine"}),
            ("PATCH", one, {"url": "https://example.com/mine", "event_types": ["wallet.updated"]}),
        ):
            problem = key.ask(method, path, asked)
            assert (problem.status_code, problem.json()["required_scope"]) == (403, missing)
    key = caller(api.new_api_key("webhooks:write", *scopes, organization_id=organization))
    assert key.post(ALL, body)["event_types"] == sorted(event_types)
    for path in (narrow, one):
        assert key.ask("PATCH", path, body).is_success


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_who_looks_after_webhooks_is_told_of_everything(
    product: Product, api: Api, role: Role
) -> None:
    with person(product, api, role) as browser:
        made = browser.post(ALL, {"url": "https://example.com/x"})
        assert browser.ask("PATCH", f"{ALL}/{made['id']}", {"description": "ours"}).is_success


def test_what_was_sent_takes_the_scopes_of_its_event(
    api: Api, caller: Caller, organization: str, admin: Api, wallet: str, product: Product
) -> None:
    made = admin.post(ALL, {"url": "https://example.com/", "event_types": ["wallet.updated"]})
    admin.consume(wallet)
    product.tell()
    tried = admin.post(f"{ALL}/{made['id']}/test")
    (sent,) = deliveries(admin, made, event_type="wallet.updated")
    log = f"{ALL}/{made['id']}/deliveries"
    without = caller(api.new_api_key("webhooks:read", organization_id=organization))
    refused = without.ask("GET", f"{log}/{sent['id']}")
    assert (refused.status_code, refused.json()["required_scope"]) == (403, "wallets:read")
    assert without.get(f"{log}/{tried['id']}")["event_type"] == "webhook_endpoint.test"
    reader = caller(api.new_api_key("webhooks:read", "wallets:read", organization_id=organization))
    assert reader.get(f"{log}/{sent['id']}")["body"]


def test_prometheus_is_told(
    api: Api, admin: Api, wallet: str, receiver: Receiver, product: Product
) -> None:
    listening(admin, receiver, "wallet.updated")
    admin.consume(wallet)
    product.tell()
    told = api.ask("GET", "/metrics").text
    assert 'khata_webhook_attempts_total{outcome="accepted"}' in told
    assert "khata_webhook_lanes_due 0.0" in told
    assert "khata_webhook_oldest_due_seconds 0.0" in told


def test_figures_have_bounds(admin: Api) -> None:
    made = admin.post(ALL, {"url": "https://example.com/"})
    path = f"{ALL}/{made['id']}/figures"
    for query in (
        {"from": "2026-01-02T00:00:00Z", "to": "2026-01-02T00:00:00Z"},
        {"from": "2026-01-01T00:00:00Z", "to": "2026-02-02T00:00:00Z"},
    ):
        answer = admin.ask("GET", path, query=query)
        assert answer.json()["errors"][0]["field"] == "from"
