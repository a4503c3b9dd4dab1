"""Routing, keys, parameters and answers, over a real socket."""

from __future__ import annotations

from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

TAKE = "/wallets/wal_1/take"
KEY = {"Idempotency-Key": "order-1042"}


@pytest.mark.parametrize("path", [TAKE, "/hot/wal_1/take"])
def test_a_typed_function_answers_with_its_struct(api: httpx2.Client, path: str) -> None:
    answer = api.post(path, json={"feature": "AI_SUMMARY"}, headers=KEY)
    taken = {"wallet_id": "wal_1", "feature": "AI_SUMMARY", "quantity": 1, "key": "order-1042"}
    assert answer.json() == taken
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_reply_chooses_its_status_and_headers(api: httpx2.Client) -> None:
    assert api.post(TAKE, json={"feature": "a"}, headers=KEY).status_code == 201
    again = api.post(TAKE, json={"feature": "again"}, headers=KEY)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")


def test_a_refusal_is_a_problem_with_its_facts(api: httpx2.Client) -> None:
    answer = api.post(TAKE, json={"feature": "a", "quantity": 1010}, headers=KEY)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/insufficient-credits",
        "title": "Insufficient credits",
        "status": 402,
        "detail": "Too few credits.",
        "code": "INSUFFICIENT_CREDITS",
        "shortfall": 10,
    }
    assert api.get(answer.json()["type"]).status_code == 200


@pytest.mark.parametrize("key", ["", "khk_wrong", "khk_all\xff"])
def test_without_a_valid_key_401(url: str, key: str) -> None:
    headers = {b"Authorization": f"Bearer {key}".encode("latin-1")} if key else {}
    answer = httpx2.get(f"{url}/wallets/wal_1/rows", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_without_the_scope_403(reader: httpx2.Client) -> None:
    answer = reader.post(TAKE, json={"feature": "a"}, headers=KEY)
    assert (answer.status_code, answer.json()["required_scope"]) == (403, "toy:write")
    assert reader.get("/numbers/7").json() == {"count": 7}


@pytest.mark.parametrize("path", [TAKE, "/hot/wal_1/take"])
@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "IDEMPOTENCY_KEY_REQUIRED"),
        ("", "INVALID_IDEMPOTENCY_KEY"),
        ("short", "INVALID_IDEMPOTENCY_KEY"),
        ("x" * 121, "INVALID_IDEMPOTENCY_KEY"),
        ("with space", "INVALID_IDEMPOTENCY_KEY"),
        ("key\xe9\xe9\xe9\xe9", "INVALID_IDEMPOTENCY_KEY"),
    ],
)
def test_the_idempotency_key_is_required_and_checked(
    api: httpx2.Client, path: str, key: str | None, code: str
) -> None:
    headers = {} if key is None else {b"Idempotency-Key": key.encode("latin-1")}
    answer = api.post(path, json={"feature": "a"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("length", [6, 120])
def test_the_idempotency_key_may_be_6_to_120_long(api: httpx2.Client, length: int) -> None:
    headers = {"Idempotency-Key": "k" * length}
    assert api.post(TAKE, json={"feature": "a"}, headers=headers).status_code == 201


@pytest.mark.parametrize(
    "path", ["/nowhere", "/wallets", "/wallets/", "/wallets//take", "/wallets/a/take/", "/", "//"]
)
def test_nothing_at_an_address_404(api: httpx2.Client, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


def test_a_wrong_method_405_names_the_right_ones(api: httpx2.Client) -> None:
    for path, allowed in [(TAKE, "POST"), ("/numbers/7", "GET, HEAD")]:
        answer = api.request("PURGE" if path == TAKE else "POST", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        assert answer.json()["code"] == "METHOD_NOT_ALLOWED"


def test_head_is_get_without_its_body(api: httpx2.Client) -> None:
    answer = api.head("/numbers/7")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "11"


def test_the_query_is_typed(api: httpx2.Client) -> None:
    answer = api.get("/wallets/w/rows?limit=7&kind=paid&count=true&from=2026-01-31T23:30:00Z")
    page = {"limit": 7, "kind": "paid", "count": True, "since": "2026-01-31T23:30:00Z"}
    assert answer.json() == page
    defaults = {"limit": 50, "kind": None, "count": False, "since": None}
    assert api.get("/wallets/w/rows?kind=&limit=").json() == defaults


@pytest.mark.parametrize(
    ("path", "field", "message"),
    [
        ("/wallets/w/rows?limit=0", "limit", "Expected `int` >= 1"),
        ("/wallets/w/rows?limit=abc", "limit", "Expected `int`, got `str`"),
        ("/wallets/w/rows?limit=99999999999999999999", "limit", "Expected `int`"),
        ("/wallets/w/rows?limit=1&limit=2", "limit", "more than once"),
        ("/wallets/w/rows?count=yes", "count", "Expected `bool`"),
        ("/wallets/w/rows?kind=gold", "kind", "must be one of free, paid: not 'gold'"),
        ("/wallets/w/rows?from=yesterday", "from", "RFC3339"),
        ("/wallets/w/rows?from=2026-01-31T23:30:00", "from", "timezone"),
        ("/wallets/w/rows?colour=red", "colour", "is unknown"),
        ("/wallets/w/rows?colour", "colour", "is unknown"),
        ("/wallets/w/rows?kind=%00", "kind", "NUL"),
        ("/wallets/w/rows?kind=%ff", "query", "UTF-8"),
        ("/numbers/7?x=1", "x", "is unknown"),
        ("/numbers/10", "number", "Expected `int` <= 9"),
        ("/numbers/x", "number", "Expected `int`, got `str`"),
        ("/wallets/a%00b/rows", "path", "NUL"),
        ("/wallets/%ff/rows", "path", "UTF-8"),
    ],
)
def test_a_wrong_parameter_is_named(
    api: httpx2.Client, path: str, field: str, message: str
) -> None:
    answer = api.get(path)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert message in error["message"]


def test_a_slash_inside_a_parameter_stays_in_it(api: httpx2.Client) -> None:
    answer = api.post("/wallets/a%2Fb%20c/take", json={"feature": "a"}, headers=KEY)
    assert answer.json()["wallet_id"] == "a/b c"


@given(path=st.binary(max_size=30), query=st.binary(max_size=30), safe=st.text("/?&=+;%"))
def test_no_address_at_all_is_a_server_error(
    api: httpx2.Client, path: bytes, query: bytes, safe: str
) -> None:
    address = f"/wallets/{quote(path)}/rows?{quote(query, safe=safe)}"
    assert api.get(address).status_code in {200, 404, 422}


@pytest.mark.parametrize(
    ("path", "answered"),
    [
        ("one.txt", "text of one"),
        ("a.b.txt", "text of a.b"),
        ("one%2Ftwo.txt", "text of one/two"),
        ("one", '{"limit":0,"kind":"one","count":false,"since":null}'),
        (".txt", '{"limit":0,"kind":".txt","count":false,"since":null}'),
        ("one.pdf", '{"limit":0,"kind":"one.pdf","count":false,"since":null}'),
    ],
)
def test_an_ending_is_an_address_of_its_own(api: httpx2.Client, path: str, answered: str) -> None:
    answer = api.get(f"/papers/{path}")
    assert (answer.status_code, answer.text) == (200, answered)
    assert api.post(f"/papers/{path}").headers["allow"] == "GET, HEAD"


def test_what_the_caller_has_is_not_sent_again(api: httpx2.Client) -> None:
    answer = api.get("/papers/known.txt")
    assert (answer.status_code, answer.content) == (304, b"")
    told = api.get("/openapi.json").json()["paths"]["/papers/{name}.txt"]["get"]
    assert [each["name"] for each in told["parameters"]] == ["name"]
    assert "content" not in told["responses"]["304"]


@pytest.mark.parametrize("length", [40, 20_000])
def test_a_long_answer_is_packed_for_who_reads_that(api: httpx2.Client, length: int) -> None:
    def take(coding: str) -> httpx2.Response:
        headers = {"Idempotency-Key": "packed-1", "Accept-Encoding": coding}
        path = f"/hot/{'w' * length}/take"
        return api.post(path, json={"feature": "AI_SUMMARY"}, headers=headers)

    packed, plain = take("br, gzip"), take("identity")
    assert packed.json() == plain.json()
    assert "content-encoding" not in plain.headers
    is_long = length > 4096
    assert packed.headers.get("content-encoding") == ("gzip" if is_long else None)
    saved = int(plain.headers["content-length"]) - int(packed.headers["content-length"])
    assert (saved > 0) == is_long


def test_files_are_starlette_responses(api: httpx2.Client) -> None:
    answer = api.get("/table.csv")
    assert (answer.text, answer.headers["content-type"]) == ("a,b\n", "text/csv; charset=utf-8")
    assert answer.headers["x-request-id"]


def test_a_bug_is_a_problem_that_tells_nothing(api: httpx2.Client) -> None:
    answer = api.get("/bug")
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert "Zero" not in answer.text


def test_starlettes_own_routes_may_stand_beside_the_table(api: httpx2.Client) -> None:
    answer = api.get("/beside/me")
    assert (answer.text, answer.headers["x-content-type-options"]) == ("beside", "nosniff")
    assert answer.headers["x-request-id"]
    assert api.delete("/beside/me").json()["code"] == "METHOD_NOT_ALLOWED"
    assert api.get("/beside/bug").json()["code"] == "INTERNAL"


def test_no_answer_in_time_503(api: httpx2.Client) -> None:
    answer = api.get("/slow")
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "1"


def test_a_request_id_is_kept_or_made(api: httpx2.Client) -> None:
    given_id = api.get("/numbers/7", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"]
    assert given_id == "abc-1"
    silly = {"X-Request-Id": "a b"}
    made = {api.get("/numbers/7", headers=silly).headers["x-request-id"] for _ in range(3)}
    assert len(made) == 3
    assert all(each.startswith("req_") for each in made)
