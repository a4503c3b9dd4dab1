"""Who is not of an organization, or not its owner, sees and moves nothing of it, route by route.

Every operation of the document is asked for somebody else's things, by those whom they are not for:
the answers must be those for what does not exist, to the byte but for the ids, and nothing of it
may have changed. A route that nobody has told how to ask (see `estate`) fails.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any, NamedTuple

import httpx2
import pytest

from estate import Estate, Operation, asked, body_of, mark, operations
from served import Api, Json, Product
from signed_in import person

# Each id's form, of which nobody has any.
NONE = "01K9Z3NDEKTSV4RRFFQ69G5FA0"
PREFIXES = {
    "organization_id": "org_",
    "wallet_id": "wal_",
    "hold_id": "hld_",
    "transaction_id": "txn_",
    "key_id": "key_",
    "member_id": "mem_",
    "team_id": "tea_",
    "method_id": "pm_",
    "alert_id": "alt_",
    "order_id": "ord_",
    "invoice_id": "inv_",
    "payout_id": "pyo_",
    "endpoint_id": "whe_",
    "delivery_id": "dlv_",
    "invitation_id": "ivt_",
    "session_id": "ses_",
    "budget_id": "bud_",
    "refusal_id": "ref_",
}
NOBODYS = {name: prefix + NONE for name, prefix in PREFIXES.items()}
# Fields and filters that take ids, by whatever they name.
REFERENCES = {
    "organization_id": "organization_id",
    "wallet_id": "wallet_id",
    "to_wallet_id": "wallet_id",
    "transaction_id": "transaction_id",
    "payment_method_id": "method_id",
    "team_id": "team_id",
    "actor": "key_id",
    "subject": "wallet_id",
    "key_id": "key_id",
}
# A budget's subject is of its level, and the document's example is of a member.
REFERENCES_OF = {"POST /v1/budgets": {"subject": "member_id"}}
NEEDED = {
    "feature": "AI_SUMMARY",
    "from": "2026-11-01T00:00:00Z",
    "to": "2026-11-22T00:00:00Z",
    "format": "csv",
    "follow": "false",
}
# What is no tenant's: of machines, of gateways, of whoever signs in.
OF_NOBODY = {
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "POST /v1/payments/webhooks/{provider}",
    "POST /v1/session",
    "POST /v1/invitations/accept",
    "GET /v1/session/ways",
    "POST /v1/session/password-reset",
    "GET /v1/session/oidc/start",
    "GET /v1/session/oidc/callback",
}
# What moves by itself: the relay's and the worker's.
UNSETTLED = {"jobs", "outbox", "news", "events", "event_head", "event_readers", "api_keys"}
TABLES = """
select c.relname from pg_class c
where c.relnamespace = 'khata'::regnamespace and c.relkind = 'r'
order by c.relname"""

ALL = [op for op in operations() if str(op) not in OF_NOBODY]
BY_ID = [op for op in ALL if op.id_names]
INTRUDERS = ("organization", "owner", "person")


class Scene(NamedTuple):
    """Somebody's estate, and somebody who has nothing to do with it but a wallet of the own."""

    theirs: Estate
    intruder: Api
    own: Mapping[str, str]
    kind: str

    @property
    def foreign(self) -> dict[str, str]:
        """What is not the intruder's: of one owner, the organization is."""
        ids = dict(self.theirs.ids)
        if self.kind == "owner":
            del ids["organization_id"]
        return ids


@pytest.fixture(scope="module")
def theirs(product: Product, api: Api) -> Iterator[Estate]:
    with Estate(product, api) as made:
        yield made.furnish()


@pytest.fixture(scope="module", params=INTRUDERS)
def scene(
    request: pytest.FixtureRequest, product: Product, api: Api, theirs: Estate
) -> Iterator[Scene]:
    with ExitStack() as opened:
        if request.param == "owner":
            owner: Json = {"owner_type": "user", "owner_id": mark("owner")}
            wallet = theirs.api.new_wallet(100, **owner)
            bounds = {**owner, "organization_id": theirs.organization_id}
            secret = api.new_api_key("*", **bounds)
            intruder = opened.enter_context(product.api(secret))
            own = {"organization_id": theirs.organization_id, "wallet_id": wallet}
        else:
            estate = opened.enter_context(Estate(product, api))
            intruder, own = estate.api, estate.ids
            if request.param == "person":
                intruder = opened.enter_context(person(product, estate.api, "admin"))
        before = standing(theirs)
        yield Scene(theirs, intruder, own, request.param)
        assert standing(theirs) == before, "somebody moved what is not theirs"


def standing(estate: Estate) -> list[Any]:
    """All rows anywhere that name what the estate has."""
    tables = [name for (name,) in estate.product.asked(TABLES)]
    named = "|".join(value for name, value in estate.ids.items() if name != "organization_id")
    parts = [
        f"select '{table}', md5(string_agg(t::text, ' ' order by t::text))"
        f" from {table} t where t::text ~ $1"
        for table in tables
        if table not in UNSETTLED
    ]
    return estate.product.asked(" union all ".join(parts), named)


def shown(answer: httpx2.Response, ids: Mapping[str, str]) -> tuple[int, str]:
    """An answer without the ids that it was asked with."""
    text = answer.text
    for name, value in ids.items():
        text = text.replace(value, f"<{name}>")
    return answer.status_code, text


def needed(operation: Operation) -> dict[str, str | int]:
    """The query parameters that must be there, or without which an answer never ends."""
    wanted = [
        name for name, is_needed in operation.queries.items() if is_needed or name == "follow"
    ]
    assert set(wanted) <= NEEDED.keys(), f"{operation}: what is to be asked for? Say it in NEEDED"
    return {name: NEEDED[name] for name in wanted}


def ask(scene: Scene, operation: Operation, ids: Mapping[str, str], **more: Any) -> httpx2.Response:
    query = {**needed(operation), **more.get("query", {})}
    body = body_of(operation)
    if "body" in more:
        body = {**(body or {}), **more["body"]}
    return asked(scene.intruder, operation, ids, body, query or None)


@pytest.mark.parametrize("operation", BY_ID, ids=str)
def test_what_is_somebody_elses_is_as_good_as_none(scene: Scene, operation: Operation) -> None:
    """In a wallet of the own too: nothing else of somebody's is found there."""
    if operation.id_names == ["organization_id"] and scene.kind == "owner":
        return  # it is the own
    foreign = {**NOBODYS, **scene.foreign}
    withins: list[Mapping[str, str]] = [{}]
    if len(operation.id_names) > 1 and operation.id_names[0] == "wallet_id":
        withins.append(scene.own)
    for within in withins:
        ids = [{**each, **within} for each in (foreign, NOBODYS)]
        answers = [shown(ask(scene, operation, each), each) for each in ids]
        assert answers[0] == answers[1]
        assert answers[0][0] in {403, 404}, answers[0]


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_a_route_tells_nothing_of_somebody_else(scene: Scene, operation: Operation) -> None:
    """Asked for the own: lists, figures and files are of nobody else; nor can they be narrowed to
    somebody else's, nor can anything be made of it."""
    foreign, own = scene.foreign, {**NOBODYS, **scene.own}
    if operation.method == "GET":
        answer = ask(scene, operation, own)
        assert not [name for name, each in foreign.items() if each in answer.text]
    references = {**REFERENCES, **REFERENCES_OF.get(str(operation), {})}
    for name in {*operation.queries, *operation.fields} & references.keys():
        kind = references[name]
        if kind not in foreign or (scene.kind, name) == ("owner", "to_wallet_id"):
            continue  # a gift's receiver is somebody else by nature, within the organization
        part = "query" if name in operation.queries else "body"
        answers = [
            (each, ask(scene, operation, own, **{part: {name: each[kind]}}))
            for each in (foreign, NOBODYS)
        ]
        told = [shown(answer, {kind: each[kind]}) for each, answer in answers]
        assert told[0] == told[1], name
        written = operation.method != "GET" and answers[0][1].is_success
        assert not written, f"{operation}: made with {name} of somebody else"


@pytest.mark.parametrize("operation", ALL, ids=str)
def test_without_a_key_or_a_session_nothing_is_answered(
    product: Product, theirs: Estate, operation: Operation
) -> None:
    with Api(product.url, None) as nobody:
        answer = asked(nobody, operation, {**NOBODYS, **theirs.ids}, body_of(operation))
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


def test_items_of_a_batch_are_looked_at_one_by_one(scene: Scene, api: Api) -> None:
    item = {"op": "consume", "feature": "API_HEAVY_QUERY"}
    foreign, none = scene.theirs.wallet, NOBODYS["wallet_id"]
    wallets = (foreign, none)
    items = [{**item, "wallet_id": each, "idempotency_key": api.new_key()} for each in wallets]
    results = scene.intruder.post("/v1/batch", {"items": items})["results"]
    assert [result["status"] for result in results] == [404, 404]
    told = [
        str(result).replace(each, "<wallet>") for result, each in zip(results, wallets, strict=True)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("level", ["team", "key"])
def test_a_budget_is_of_no_team_or_key_of_somebody_else(scene: Scene, level: str) -> None:
    body, name = {"level": level, "limit": 5}, f"{level}_id"
    asked = [each[name] for each in (scene.foreign, NOBODYS)]
    answers = [
        scene.intruder.ask("POST", "/v1/budgets", {**body, "subject": each}) for each in asked
    ]
    told = [shown(answer, {name: each}) for answer, each in zip(answers, asked, strict=True)]
    assert told[0] == told[1]
    assert told[0][0] == (403 if scene.kind == "owner" else 422)
