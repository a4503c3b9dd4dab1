"""Bad input: a clear problem that names the field, never a 500, and nothing moves."""

from collections.abc import Iterator

import pytest

from served import Api, Json

HUGE = 10**40
BAD_CREDITS = [0, -1, 10**12 + 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64, HUGE, -HUGE]

# Body, code, field: of a consume. `...` leaves a field out.
CONSUMES: list[tuple[Json, str, str]] = [
    *(({"credits": each}, "INVALID_CREDIT_AMOUNT", "credits") for each in BAD_CREDITS),
    *(({"quantity": each}, "INVALID_QUANTITY", "quantity") for each in BAD_CREDITS),
    ({"feature": ...}, "VALIDATION_FAILED", "feature"),
    ({"feature": None}, "VALIDATION_FAILED", "feature"),
    ({"feature": ""}, "VALIDATION_FAILED", "feature"),
    ({"feature": 7}, "VALIDATION_FAILED", "feature"),
    ({"feature": "A" * 65}, "VALIDATION_FAILED", "feature"),
    ({"feature": "A\x00B"}, "VALIDATION_FAILED", "feature"),
    ({"feature": ["AI_SUMMARY"]}, "VALIDATION_FAILED", "feature"),
    ({"quantity": 1.0}, "VALIDATION_FAILED", "quantity"),
    ({"quantity": 1.5}, "VALIDATION_FAILED", "quantity"),
    ({"quantity": "1"}, "VALIDATION_FAILED", "quantity"),
    ({"quantity": True}, "VALIDATION_FAILED", "quantity"),
    ({"quantity": None}, "VALIDATION_FAILED", "quantity"),
    ({"quantity": {}}, "VALIDATION_FAILED", "quantity"),
    ({"member_id": ""}, "VALIDATION_FAILED", "member_id"),
    ({"member_id": "m" * 121}, "VALIDATION_FAILED", "member_id"),
    ({"member_id": "a\x00"}, "VALIDATION_FAILED", "member_id"),
    ({"member_id": 7}, "VALIDATION_FAILED", "member_id"),
    ({"metadata": []}, "VALIDATION_FAILED", "metadata"),
    ({"metadata": "x"}, "VALIDATION_FAILED", "metadata"),
    ({"metadata": {"a": "x" * 9000}}, "VALIDATION_FAILED", "metadata"),
    ({"metadata": {"a": {"b": ["x\x00"]}}}, "VALIDATION_FAILED", "metadata.a.b[0]"),
    ({"metadata": {"a\x00": 1}}, "VALIDATION_FAILED", "metadata.a\x00"),
    ({"metadata": {"a": 2**64}}, "VALIDATION_FAILED", "metadata"),
    ({"Feature": "AI_SUMMARY"}, "VALIDATION_FAILED", "Feature"),
    ({"idempotency_key": "key-000001"}, "VALIDATION_FAILED", "idempotency_key"),
]

# Bodies that are not sent as JSON of an object, with status and code.
BODIES: list[tuple[bytes, int, str]] = [
    (b"", 400, "MALFORMED_JSON"),
    (b"{", 400, "MALFORMED_JSON"),
    (b'{"feature":"AI_SUMMARY"', 400, "MALFORMED_JSON"),
    (b"{'feature':'AI_SUMMARY'}", 400, "MALFORMED_JSON"),
    (b'{"feature":"AI_SUMMARY"} {}', 400, "MALFORMED_JSON"),
    (b'{"feature":"AI_SUMMARY",}', 400, "MALFORMED_JSON"),
    (b'{"feature":"\xff"}', 400, "MALFORMED_JSON"),
    (b'{"feature":"\\ud800"}', 400, "MALFORMED_JSON"),
    (b'{"feature":"AI_SUMMARY","quantity":NaN}', 400, "MALFORMED_JSON"),
    (b'{"feature":"AI_SUMMARY","quantity":Infinity}', 400, "MALFORMED_JSON"),
    (b'{"feature":"AI_SUMMARY","quantity":1e999}', 422, "VALIDATION_FAILED"),
    (b'{"feature":"AI_SUMMARY","quantity":%b}' % (b"9" * 5000), 422, "VALIDATION_FAILED"),
    (b"null", 422, "VALIDATION_FAILED"),
    (b"[]", 422, "VALIDATION_FAILED"),
    (b"7", 422, "VALIDATION_FAILED"),
    (b'"AI_SUMMARY"', 422, "VALIDATION_FAILED"),
    (b'{"metadata":' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}", 422, "VALIDATION_FAILED"),
    (b'{"metadata":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 422, "VALIDATION_FAILED"),
    (b'{"feature":"AI_SUMMARY","metadata":{"a":"%b"}}' % (b"x" * 2**20), 413, "PAYLOAD_TOO_LARGE"),
]

# Header, status and code.
HEADERS: list[tuple[dict[bytes, bytes], int, str]] = [
    ({b"Idempotency-Key": b""}, 400, "INVALID_IDEMPOTENCY_KEY"),
    ({b"Idempotency-Key": b"short"}, 400, "INVALID_IDEMPOTENCY_KEY"),
    ({b"Idempotency-Key": b"k" * 121}, 400, "INVALID_IDEMPOTENCY_KEY"),
    ({b"Idempotency-Key": b"has a space"}, 400, "INVALID_IDEMPOTENCY_KEY"),
    ({b"Idempotency-Key": b"colon:colon"}, 400, "INVALID_IDEMPOTENCY_KEY"),
    ({b"Content-Type": b"text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ({b"Content-Type": b"application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ({b"Content-Type": b"application/json; charset=utf-16"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ({b"Content-Encoding": b"gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
]


@pytest.fixture(scope="module")
def wallet_id(api: Api) -> str:
    return api.new_wallet(1000)


@pytest.fixture(autouse=True)
def nothing_moves(api: Api, wallet_id: str) -> Iterator[None]:
    before = api.get(f"/v1/wallets/{wallet_id}")
    yield
    assert api.get(f"/v1/wallets/{wallet_id}") == before


@pytest.mark.parametrize(("change", "code", "field"), CONSUMES)
def test_a_field_that_will_not_do_is_named(
    api: Api, wallet_id: str, change: Json, code: str, field: str
) -> None:
    asked = {"feature": "AI_SUMMARY", **change}
    body = {name: value for name, value in asked.items() if value is not ...}
    refused = api.refused(f"/v1/wallets/{wallet_id}/consume", body)
    assert (refused["status"], refused["code"]) == (422, code)
    assert refused["errors"][0]["field"] == field
    assert refused["errors"][0]["message"]


@pytest.mark.parametrize(("sent", "status", "code"), BODIES)
def test_a_body_that_will_not_do(
    api: Api, wallet_id: str, sent: bytes, status: int, code: str
) -> None:
    headers = {b"Content-Type": b"application/json", b"Idempotency-Key": api.new_key().encode()}
    path = f"/v1/wallets/{wallet_id}/consume"
    answer = api.raw("POST", path, content=sent, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]


@pytest.mark.parametrize(("header", "status", "code"), HEADERS)
def test_a_header_that_will_not_do(
    api: Api, wallet_id: str, header: dict[bytes, bytes], status: int, code: str
) -> None:
    usual = {b"Content-Type": b"application/json", b"Idempotency-Key": api.new_key().encode()}
    path = f"/v1/wallets/{wallet_id}/consume"
    answer = api.raw("POST", path, {**usual, **header}, b'{"feature":"A"}')
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_key_must_be_there(api: Api, wallet_id: str) -> None:
    answer = api.ask("POST", f"/v1/wallets/{wallet_id}/consume", {"feature": "AI_SUMMARY"})
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")


@pytest.mark.parametrize("path", ["holds", "holds/hld_01K9Z3NDEKTSV4RRFFQ69G5FAV/capture"])
@pytest.mark.parametrize(
    ("amount", "code", "field"),
    [
        ({}, "VALIDATION_FAILED", "quantity"),
        ({"quantity": 1, "credits": 1}, "VALIDATION_FAILED", "quantity"),
        ({"quantity": None, "credits": None}, "VALIDATION_FAILED", "quantity"),
        *(({"quantity": each}, "INVALID_QUANTITY", "quantity") for each in BAD_CREDITS),
        *(({"credits": each}, "INVALID_CREDIT_AMOUNT", "credits") for each in BAD_CREDITS),
    ],
)
def test_amounts_of_holds_and_captures(
    api: Api, wallet_id: str, path: str, amount: Json, code: str, field: str
) -> None:
    body = {"feature": "AI_SUMMARY", **amount} if path == "holds" else amount
    refused = api.refused(f"/v1/wallets/{wallet_id}/{path}", body)
    assert (refused["code"], refused["errors"][0]["field"]) == (code, field)


@pytest.mark.parametrize("ttl_seconds", [0, -1, 86_401, HUGE, 1.5, "600", None])
def test_how_long_a_hold_may_live(api: Api, wallet_id: str, ttl_seconds: object) -> None:
    body = {"feature": "AI_SUMMARY", "quantity": 1, "ttl_seconds": ttl_seconds}
    refused = api.refused(f"/v1/wallets/{wallet_id}/holds", body)
    assert refused["errors"][0]["field"] == "ttl_seconds"


@pytest.mark.parametrize("credits", BAD_CREDITS)
@pytest.mark.parametrize(
    ("path", "rest"),
    [
        ("refunds", {"transaction_id": "txn_01K9Z3NDEKTSV4RRFFQ69G5FAV", "reason": "x"}),
        ("transfers", {"to_wallet_id": "wal_01K9Z3NDEKTSV4RRFFQ69G5FAV", "note": "x"}),
        ("grants", {"kind": "bonus", "note": "x"}),
    ],
)
def test_credits_that_will_not_do(
    api: Api, wallet_id: str, credits: int, path: str, rest: Json
) -> None:
    refused = api.refused(f"/v1/wallets/{wallet_id}/{path}", {**rest, "credits": credits})
    assert (refused["status"], refused["code"]) == (422, "INVALID_CREDIT_AMOUNT")
    assert refused["errors"][0]["field"] == "credits"


@pytest.mark.parametrize(
    "wallet",
    [
        "wal_01K9Z3NDEKTSV4RRFFQ69G5FAV",
        "wal_81K9Z3NDEKTSV4RRFFQ69G5FAV",
        "wal_01k9z3ndektsv4rrffq69g5fav",
        "wal_",
        "nonsense",
        "%2e%2e",
        "a%2fb",
        "%F0%9F%92%B8",
        "w" * 2000,
    ],
)
def test_unknown_wallets(api: Api, wallet: str) -> None:
    for method, path, body in (
        ("POST", "/consume", {"feature": "AI_SUMMARY"}),
        ("POST", "/grants", {"kind": "bonus", "credits": 1, "note": "x"}),
        ("GET", "", None),
        ("GET", "/transactions", None),
        ("GET", "/gate?feature=AI_SUMMARY", None),
    ):
        answer = api.ask(method, f"/v1/wallets/{wallet}{path}", body, key=api.new_key())
        assert (answer.status_code, answer.json()["code"]) == (404, "WALLET_NOT_FOUND")


@pytest.mark.parametrize("wallet", ["a%00b", "%ff", "%ed%a0%80"])
def test_paths_that_are_no_text(api: Api, wallet: str) -> None:
    answer = api.ask("GET", f"/v1/wallets/{wallet}")
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION_FAILED")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"owner_type": "robot"}, "owner_type"),
        ({"owner_id": ""}, "owner_id"),
        ({"owner_id": "a\x00"}, "owner_id"),
        ({"name": "n" * 201}, "name"),
        ({"time_zone": "Asia/Atlantis"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"time_zone": "/etc/localtime"}, "time_zone"),
        ({"low_balance_threshold": -1}, "low_balance_threshold"),
        ({"low_balance_threshold": HUGE}, "low_balance_threshold"),
        ({"organization_id": "org_none"}, "organization_id"),
        ({"balance": 7}, "balance"),
    ],
)
def test_wallets_that_will_not_do(api: Api, change: Json, field: str) -> None:
    body = {"owner_type": "user", "owner_id": api.new_key(), "name": "x", **change}
    refused = api.refused("/v1/wallets", body)
    assert (refused["status"], refused["errors"][0]["field"]) == (422, field)
