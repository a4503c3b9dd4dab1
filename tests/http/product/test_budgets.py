"""Budgets, spending limits of keys, and receipts for refusals, over HTTP."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from desk import Clock
from served import Api, Json, Product

Caller = Callable[[str], Api]
MEMBER = {"level": "member", "limit": 20, "window": "day"}


def consumed(api: Api, wallet_id: str, **body: object) -> httpx2.Response:
    asked = {"feature": "API_HEAVY_QUERY", **body}
    return api.ask("POST", f"/v1/wallets/{wallet_id}/consume", asked, key=api.new_key())


def refused(api: Api, wallet_id: str, **body: object) -> Json:
    return api.refused(f"/v1/wallets/{wallet_id}/consume", {"feature": "API_HEAVY_QUERY", **body})


def changed(api: Api, path: str, body: Json) -> Json:
    answer = api.ask("PATCH", path, body)
    assert answer.is_success, answer.text
    return answer.json()


def test_a_budget_counts_refuses_and_is_shown_with_what_it_counted(api: Api) -> None:
    wallet_id = api.new_wallet(1_000)
    made = api.post("/v1/budgets", {**MEMBER, "wallet_id": wallet_id, "alert_at_percent": 80})
    assert (made["used"], made["used_by"], made["unit"]) == (0, None, "credits")
    for member_id, quantity in (("asha", 3), ("ravi", 1), ("asha", 1)):
        api.consume(wallet_id, quantity=quantity, member_id=member_id)
    problem = refused(api, wallet_id, member_id="asha")
    facts = (
        "budget_id",
        "level",
        "subject",
        "unit",
        "window",
        "used",
        "limit",
        "requested",
        "over",
    )
    assert [problem[name] for name in facts] == [
        *(made["id"], "member", "asha", "credits", "day"),
        *(20, 20, 5, 5),
    ]
    assert (problem["status"], problem["code"]) == (429, "BUDGET_EXCEEDED")
    listed = api.get("/v1/budgets", wallet_id=wallet_id)["data"]
    assert [(each["id"], each["used"], each["used_by"]) for each in listed] == [
        (made["id"], 20, "asha")
    ]
    assert problem["resets_at"] == listed[0]["resets_at"]
    usage = api.get(f"/v1/budgets/{made['id']}/usage")
    assert [(each["subject"], each["used"], each["limit"]) for each in usage["data"]] == [
        ("asha", 20, 20),
        ("ravi", 5, 20),
    ]
    api.consume(wallet_id)  # of nobody
    assert changed(api, f"/v1/budgets/{made['id']}", {"limit": 25})["limit"] == 25
    api.consume(wallet_id, member_id="asha")
    ended = api.ask("DELETE", f"/v1/budgets/{made['id']}").json()
    assert ended["ended_at"] is not None
    api.consume(wallet_id, member_id="asha", quantity=9)
    assert api.get("/v1/budgets", wallet_id=wallet_id)["data"] == []
    assert api.get(f"/v1/budgets/{made['id']}")["ended_at"] == ended["ended_at"]
    for method in ("PATCH", "DELETE"):
        again = api.ask(method, f"/v1/budgets/{made['id']}", {"limit": 1})
        assert (again.status_code, again.json()["code"]) == (404, "BUDGET_NOT_FOUND")


def test_who_set_which_budget_is_written_down(api: Api, product: Product) -> None:
    wallet_id = api.new_wallet()
    made = api.post("/v1/budgets", {**MEMBER, "wallet_id": wallet_id})
    changed(api, f"/v1/budgets/{made['id']}", {"limit": 25})
    api.ask("DELETE", f"/v1/budgets/{made['id']}")
    noted = product.asked(
        "select action from audit_log where subject = $1 order by at, id", made["id"]
    )
    assert [row[0] for row in noted] == ["budget.created", "budget.changed", "budget.ended"]


def test_a_budget_follows_a_member_to_another_name(
    api: Api, organization: str, product: Product
) -> None:
    """One of each kind limits somebody whom the platform gives a name, and then another."""
    wallet_id = api.new_wallet(1_000, organization_id=organization)
    body: Json = {"organization_id": organization, "name": "Asha", "role": "member"}
    member_id = api.post("/v1/members", body)["id"]
    made = [
        api.post("/v1/budgets", {**MEMBER, "subject": member_id, **whose})["id"]
        for whose in ({"wallet_id": wallet_id}, {"organization_id": organization, "limit": 30})
    ]
    for name in ("asha", "asha-rao"):
        changed(api, f"/v1/members/{member_id}", {"external_id": name})
        for called in (name, member_id):
            api.consume(wallet_id, member_id=called, quantity=2)
        assert refused(api, wallet_id, member_id=called)["budget_id"] == made[0]
        subjects = {api.get(f"/v1/budgets/{each}")["subject"] for each in made}
        assert subjects == {name}
    api.ask("DELETE", f"/v1/budgets/{made[0]}")
    assert refused(api, wallet_id, member_id="asha-rao", quantity=3)["budget_id"] == made[1]
    told = product.asked(
        "select before::json ->> 'subject', after::json ->> 'subject' from audit_log"
        " where action = 'budget.changed' and subject = $1 order by id",
        made[1],
    )
    assert told == [(member_id, "asha"), ("asha", "asha-rao")]


def test_a_budget_over_all_wallets_counts_them_together(
    api: Api, admin: Api, organization: str
) -> None:
    first = api.new_wallet(100, organization_id=organization)
    made = admin.post("/v1/budgets", {"level": "organization", "limit": 12, "category": "API"})
    assert (made["wallet_id"], made["time_zone"], made["organization_id"]) == (
        None,
        "Asia/Kolkata",
        organization,
    )
    second = api.new_wallet(100, organization_id=organization)
    admin.consume(first)
    admin.consume(second)
    assert refused(admin, first)["budget_id"] == made["id"]
    assert refused(admin, second)["over"] == 3
    admin.consume(first, "EMAIL_SEND", quantity=50)
    assert admin.get(f"/v1/budgets/{made['id']}")["used"] == 10
    assert admin.get("/v1/budgets", level="organization")["data"][0]["id"] == made["id"]
    elsewhere = api.new_wallet(100)
    api.consume(elsewhere, quantity=5)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"limit": -1}, "limit"),
        ({"limit": 10**16}, "limit"),
        ({"level": "planet"}, "level"),
        ({"window": "year"}, "window"),
        ({"level": "organization", "subject": "asha"}, "subject"),
        ({"level": "key", "subject": "mine"}, "subject"),
        ({"level": "key", "subject": "key_01K9Z3NDEKTSV4RRFFQ69G5FAV"}, "subject"),
        ({"level": "team", "subject": "tea_none"}, "subject"),
        ({"subject": "mem_01K9Z3NDEKTSV4RRFFQ69G5FAV"}, "subject"),
        ({"category": "AI", "feature": "AI_SUMMARY"}, "feature"),
        ({"feature": "AI_NOTHING"}, "feature"),
        ({"category": "MAGIC"}, "category"),
        ({"alert_at_percent": 101}, "alert_at_percent"),
        ({"time_zone": "Moon/Base"}, "time_zone"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_budget_is_told_what_is_wrong(api: Api, wrong: Json, field: str) -> None:
    problem = api.refused("/v1/budgets", {**MEMBER, **wrong})
    assert (problem["code"], problem["errors"][0]["field"]) == ("VALIDATION_FAILED", field)


def test_a_budget_of_a_key_is_of_one_that_may_spend_there(
    api: Api, admin: Api, caller: Caller, organization: str
) -> None:
    """One of the organization; or of the platform, which its own callers alone know of."""
    made = {"name": "robot", "scopes": ["wallets:consume"]}
    own, platform = admin.post("/v1/api-keys", made), api.post("/v1/api-keys", made)
    elsewhere = api.post("/v1/organizations", {"name": "Elsewhere"})["id"]
    foreign = api.post("/v1/api-keys", {**made, "organization_id": elsewhere})
    wallet_id = api.new_wallet(1_000, organization_id=organization)
    body = {"level": "key", "limit": 5, "window": "day", "wallet_id": wallet_id}

    def why_not(who: Api, key: Json) -> tuple[str, str]:
        (error,) = who.refused("/v1/budgets", {**body, "subject": key["id"]})["errors"]
        return error["field"], error["message"]

    for who in (api, admin):
        assert why_not(who, foreign) == ("subject", "is no API key here")
    assert why_not(admin, platform) == ("subject", "is no API key here")
    for who, key in ((admin, own), (api, platform)):
        budget = who.post("/v1/budgets", {**body, "subject": key["id"]})
        spender = caller(key["secret"])
        spender.consume(wallet_id)
        assert refused(spender, wallet_id)["budget_id"] == budget["id"]
    assert admin.ask("DELETE", f"/v1/api-keys/{own['id']}").is_success
    assert why_not(admin, own) == ("subject", "is an API key that is good no more")


def test_whose_a_budget_is_stays(api: Api) -> None:
    body = {**MEMBER, "subject": "asha", "wallet_id": api.new_wallet()}
    budget = api.post("/v1/budgets", body)
    answer = api.ask("PATCH", f"/v1/budgets/{budget['id']}", {"subject": "ravi"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "subject")


def test_a_wallets_budget_has_the_wallets_zone(api: Api) -> None:
    body = {**MEMBER, "wallet_id": api.new_wallet(), "time_zone": "UTC"}
    assert api.refused("/v1/budgets", body)["errors"][0]["field"] == "time_zone"
    assert api.refused("/v1/budgets", {**MEMBER, "wallet_id": "wal_none"})["status"] == 404


def test_others_budgets_are_as_good_as_none(
    api: Api, admin: Api, caller: Caller, organization: str
) -> None:
    foreign = api.new_wallet()
    theirs = api.post("/v1/budgets", {**MEMBER, "wallet_id": foreign})["id"]
    none = "bud_01K9Z3NDEKTSV4RRFFQ69G5FAV"
    for method, path in (("GET", ""), ("GET", "/usage"), ("PATCH", ""), ("DELETE", "")):
        body = {"limit": 1} if method == "PATCH" else None
        answers = [admin.ask(method, f"/v1/budgets/{each}{path}", body) for each in (theirs, none)]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].text.replace(theirs, none) == answers[1].text
    assert admin.refused("/v1/budgets", {**MEMBER, "wallet_id": foreign})["status"] == 404
    other = {**MEMBER, "organization_id": api.post("/v1/organizations", {"name": "x"})["id"]}
    assert admin.refused("/v1/budgets", other)["errors"][0]["field"] == "organization_id"
    mine = api.new_wallet(organization_id=organization)
    owner = api.get(f"/v1/wallets/{mine}")
    bounds = {name: owner[name] for name in ("organization_id", "owner_type", "owner_id")}
    own = caller(api.new_api_key("*", **bounds))
    assert own.post("/v1/budgets", {**MEMBER, "wallet_id": mine})["wallet_id"] == mine
    assert own.refused("/v1/budgets", MEMBER)["code"] == "FORBIDDEN"
    reader = caller(api.new_api_key("budgets:read", organization_id=organization))
    assert len(reader.get("/v1/budgets")["data"]) == 1
    assert reader.refused("/v1/budgets", MEMBER)["required_scope"] == "budgets:write"


def test_the_gate_and_the_receipt_tell_of_budgets(api: Api) -> None:
    wallet_id = api.new_wallet(1_000)
    whole = {"level": "organization", "limit": 30, "window": "month", "wallet_id": wallet_id}
    month = api.post("/v1/budgets", whole)["id"]
    member = api.post("/v1/budgets", {**MEMBER, "wallet_id": wallet_id, "unit": "count"})["id"]
    charge = api.consume(wallet_id, quantity=2, member_id="asha")["transaction"]["id"]
    gate = api.get(
        f"/v1/wallets/{wallet_id}/gate", feature="API_HEAVY_QUERY", quantity=4, member_id="asha"
    )
    assert (gate["allowed"], gate["code"], gate["hard_limit_reached"]) == (True, None, False)
    shown = [(each["budget_id"], each["subject"], each["used"]) for each in gate["budgets"]]
    assert shown == [(month, None, 10), (member, "asha", 1)]
    gate = api.get(f"/v1/wallets/{wallet_id}/gate", feature="API_HEAVY_QUERY", quantity=5)
    assert (gate["allowed"], gate["code"], gate["hard_limit_reached"]) == (
        False,
        "BUDGET_EXCEEDED",
        True,
    )
    receipt = api.get(f"/v1/wallets/{wallet_id}/transactions/{charge}/receipt")
    told = [(each["budget_id"], each["before"], each["after"]) for each in receipt["budgets"]]
    assert told == [(month, 0, 10), (member, 0, 1)]
    hold = api.hold(wallet_id, credits=15)["hold"]["id"]
    captured = api.post(f"/v1/wallets/{wallet_id}/holds/{hold}/capture", {"credits": 5})
    path = f"/v1/wallets/{wallet_id}/transactions/{captured['transaction']['id']}/receipt"
    told = [(each["before"], each["after"]) for each in api.get(path)["budgets"]]
    assert told == [(10, 25), (25, 15)]


def test_a_cap_that_is_reached_is_a_hard_limit(api: Api) -> None:
    wallet_id = api.new_wallet(1_000)
    api.ask("PATCH", f"/v1/wallets/{wallet_id}", {"caps": {"AI": 1}})
    api.consume(wallet_id, "AI_MODERATION")
    gate = api.get(f"/v1/wallets/{wallet_id}/gate", feature="AI_MODERATION")
    assert gate["hard_limit_reached"]
    assert gate["code"] == "DAILY_LIMIT_EXCEEDED_AI"


def test_a_key_spends_no_more_than_its_limit_on_all_wallets_together(
    api: Api, caller: Caller, clock: Clock
) -> None:
    wallets = [api.new_wallet(1_000) for _ in range(3)]
    limit = {"credits": 20, "window": "day"}
    made = api.post("/v1/api-keys", {"name": "robot", "scopes": ["*"], "spending_limit": limit})
    robot = caller(made["secret"])
    answers = [consumed(robot, wallets[number % 3]) for number in range(5)]
    assert [each.status_code for each in answers] == [200, 200, 200, 200, 429]
    problem = answers[-1].json()
    assert (problem["level"], problem["subject"], problem["used"]) == ("key", made["id"], 20)
    gate = robot.get(f"/v1/wallets/{wallets[0]}/gate", feature="API_HEAVY_QUERY")
    assert (gate["code"], gate["budgets"][0]["used"]) == ("BUDGET_EXCEEDED", 20)
    assert api.get(f"/v1/wallets/{wallets[0]}/gate", feature="API_HEAVY_QUERY")["allowed"]
    assert robot.refused("/v1/api-keys", {"name": "twin", "scopes": ["*"]})["code"] == "FORBIDDEN"
    path = f"/v1/api-keys/{made['id']}"
    more = {"credits": 25, "window": "day"}
    assert robot.ask("PATCH", path, {"spending_limit": more}).status_code == 403
    other = api.post("/v1/api-keys", {"name": "free", "scopes": ["*"]})["id"]
    assert robot.refused(f"/v1/api-keys/{other}/rotate", {})["code"] == "FORBIDDEN"
    assert robot.ask("DELETE", f"/v1/api-keys/{other}").status_code == 403
    shown = changed(api, path, {"spending_limit": more})["spending_limit"]
    assert (shown["credits"], shown["used"]) == (25, 20)
    clock.at_us += 1_000_001  # what was known of the key is asked for anew
    assert [consumed(robot, each).status_code for each in wallets] == [200, 429, 429]
    assert changed(api, path, {"spending_limit": None})["spending_limit"] is None
    clock.at_us += 1_000_001
    assert consumed(robot, wallets[0], quantity=50).status_code == 200
    assert (
        api.refused(
            "/v1/api-keys",
            {"name": "x", "scopes": ["*"], "spending_limit": {"credits": -1, "window": "day"}},
        )["errors"][0]["field"]
        == "spending_limit.credits"
    )


def test_a_refusal_has_a_receipt(api: Api) -> None:
    wallet_id = api.new_wallet(12)
    made = api.post("/v1/budgets", {**MEMBER, "limit": 8, "wallet_id": wallet_id})
    api.consume(wallet_id, member_id="asha")
    key = api.new_key()
    body = {"feature": "API_HEAVY_QUERY", "member_id": "asha"}
    first = api.ask("POST", f"/v1/wallets/{wallet_id}/consume", body, key=key)
    again = api.ask("POST", f"/v1/wallets/{wallet_id}/consume", body, key=key)
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    problem = first.json()
    told = api.get(f"/v1/wallets/{wallet_id}/refusals/{problem['refusal_id']}")
    expected = {
        "code": "BUDGET_EXCEEDED",
        "level": "member",
        "over": 2,
        "operation": "consume",
        "feature": "API_HEAVY_QUERY",
        "category": "API",
        "quantity": 1,
        "price": 5,
        "member_id": "asha",
        "idempotency_key": key,
        "resets_at": problem["resets_at"],
    }
    assert {name: told[name] for name in expected} == expected
    assert told["wallet"]["available_credits"] == 7
    assert told["facts"]["budget_id"] == made["id"]
    assert told["key_id"].startswith("key_")
    hold = api.refused(f"/v1/wallets/{wallet_id}/holds", {"feature": "AI_SUMMARY", "credits": 9})
    listed = api.get(f"/v1/wallets/{wallet_id}/refusals", limit=1)
    assert [(each["id"], each["code"], each["level"], each["over"]) for each in listed["data"]] == [
        (hold["refusal_id"], "INSUFFICIENT_CREDITS", "wallet", 2)
    ]
    following = api.get(f"/v1/wallets/{wallet_id}/refusals", limit=1, cursor=listed["next_cursor"])
    assert (following["data"], following["next_cursor"]) == ([told], None)
    chosen = api.get(f"/v1/wallets/{wallet_id}/refusals", code="BUDGET_EXCEEDED")
    assert chosen["data"] == [told]
    later = {"from": "2099-01-01T00:00:00Z"}
    assert api.get(f"/v1/wallets/{wallet_id}/refusals", **later)["data"] == []
    missing = api.ask("GET", f"/v1/wallets/{wallet_id}/refusals/ref_none")
    assert (missing.status_code, missing.json()["code"]) == (404, "REFUSAL_NOT_FOUND")
    other = api.new_wallet()
    assert api.ask("GET", f"/v1/wallets/{other}/refusals/{told['id']}").status_code == 404


def test_every_refusal_says_what_refused_it(api: Api) -> None:
    wallet_id = api.new_wallet(100)
    many = f"/v1/wallets/{wallet_id}"
    hold = api.post(f"{many}/holds", {"feature": "AI_SUMMARY", "credits": 20}, key=api.new_key())
    api.refused(f"{many}/holds/{hold['hold']['id']}/capture", {"credits": 27})
    charge = api.consume(wallet_id)["transaction"]
    api.refused(f"{many}/refunds", {"transaction_id": charge["id"], "credits": 99, "reason": "-"})
    changed(api, many, {"status": "frozen"})
    refused(api, wallet_id)
    listed = api.get(f"{many}/refusals")["data"]
    assert [(each["code"], each["level"], each["over"]) for each in listed] == [
        ("WALLET_FROZEN", "wallet", None),
        ("REFUND_EXCEEDS_CHARGE", "charge", 99 + charge["credits"]),
        ("CAPTURE_EXCEEDS_HOLD", "hold", 7),
    ]


def test_items_of_a_batch_name_their_refusals_too(api: Api) -> None:
    wallet_id = api.new_wallet(5)
    item = {"op": "consume", "wallet_id": wallet_id, "feature": "API_HEAVY_QUERY"}
    items = [{**item, "idempotency_key": api.new_key()} for _ in range(2)]
    first = api.post("/v1/batch", {"items": items})
    refusal_id = first["results"][1]["refusal_id"]
    assert api.post("/v1/batch", {"items": items})["results"][1]["refusal_id"] == refusal_id
    assert api.get(f"/v1/wallets/{wallet_id}/refusals/{refusal_id}")["level"] == "wallet"


def test_of_many_at_once_one_takes_the_last(api: Api) -> None:
    wallet_id = api.new_wallet(1_000)
    whole = {"level": "organization", "limit": 4, "unit": "count", "wallet_id": wallet_id}
    made = api.post("/v1/budgets", whole)
    for _ in range(3):
        api.consume(wallet_id, "EMAIL_SEND")

    def mail(on: str) -> httpx2.Response:
        return consumed(api, on, feature="EMAIL_SEND")

    with ThreadPoolExecutor(16) as crowd:
        answers = list(crowd.map(mail, [wallet_id] * 40))
    assert sorted(each.status_code for each in answers) == [200, *[429] * 39]
    assert api.get(f"/v1/budgets/{made['id']}")["used"] == 4
