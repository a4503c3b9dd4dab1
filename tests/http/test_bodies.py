"""Every way a body can be wrong is a clear problem that names its field or position."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

import httpx2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from khata.http.bodies import decode_body, json_decoder
from khata.http.problems import Problem

Raw = Callable[[bytes], bytes]
TAKE = "/wallets/wal_1/take"
HOT = "/hot/wal_1/take"
KEY = {"Idempotency-Key": "order-1042"}
JSON = {**KEY, "Content-Type": "application/json"}
DEEP = b'{"x":' * 16 + b"1" + b"}" * 16


@pytest.mark.parametrize("path", [TAKE, HOT])
@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b"{}", "feature", "is required"),
        (b"[]", "body", "Expected `object`, got `array`"),
        (b'{"feature":1}', "feature", "Expected `str`, got `int`"),
        (b'{"feature":"a","colour":1}', "colour", "is unknown"),
        (b'{"feature":"a","quantity":0}', "quantity", "Expected `int` >= 1"),
        (b'{"feature":"a","quantity":-5}', "quantity", "Expected `int` >= 1"),
        (b'{"feature":"a","quantity":1.5}', "quantity", "Expected `int`, got `float`"),
        (b'{"feature":"a","quantity":"1"}', "quantity", "Expected `int`, got `str`"),
        (b'{"feature":"a","quantity":true}', "quantity", "Expected `int`, got `bool`"),
        (b'{"feature":"a","quantity":9007199254740992}', "quantity", "<= 9007199254740991"),
        (b'{"feature":"a","quantity":' + b"9" * 400 + b"}", "quantity", "9007199254740991"),
        (b'{"feature":"a\\u0000"}', "feature", "NUL"),
        (b'{"feature":"a","metadata":{"a\\u0000":1}}', "metadata.a\x00", "NUL"),
        (b'{"feature":"a","metadata":{"a":["b\\u0000"]}}', "metadata.a[0]", "NUL"),
        (b'{"feature":"a","metadata":[]}', "metadata", "Expected `object`"),
        (b'{"feature":"a","metadata":{"a":' + DEEP + b"}}", "metadata", "at most 16 deep"),
        (b'{"feature":"a","metadata":{"a":9223372036854775808}}', "metadata", "64 bits"),
        (b'{"feature":"a","metadata":{"a":1e999}}', "metadata[...]", "out of range"),
        (b'{"feature":"a","metadata":{"a":"' + b"x" * 8200 + b'"}}', "metadata", "8192 bytes"),
        (b'{"feature":"a","metadata":' + b"[" * 90000 + b"]" * 90000 + b"}", "body", "deep"),
    ],
)
def test_a_wrong_field_is_named(
    api: httpx2.Client, path: str, body: bytes, field: str, message: str
) -> None:
    answer = api.post(path, content=body, headers=JSON)
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["code"] == "VALIDATION_FAILED"
    assert problem["errors"][0]["field"] == field
    assert message in problem["errors"][0]["message"]


class Coat(Struct):
    size: Literal["s", "m", "l"] | None = None
    price: int | Literal["asked"] = 0


class Order(Struct):
    coats: list[Coat]
    by_colour: dict[str, Coat]
    first: Coat | None = None


@pytest.mark.parametrize(
    ("order", "field", "message"),
    [
        ({"first": {"size": "xl"}}, "first.size", "must be one of l, m, s: not 'xl'"),
        ({"coats": [{}, {"size": "xl"}]}, "coats[1].size", "must be one of l, m, s: not 'xl'"),
        ({"by_colour": {"red": {"size": ""}}}, "by_colour[...].size", "one of l, m, s: not ''"),
        ({"first": {"price": "low"}}, "first.price", "must be one of asked: not 'low'"),
    ],
)
def test_what_is_none_of_a_fields_values_is_told_which_these_are(
    order: dict[str, object], field: str, message: str
) -> None:
    raw = msgspec.json.encode({"coats": [], "by_colour": {}, **order})
    with pytest.raises(Problem) as refused:
        decode_body(json_decoder(Order), raw)
    assert refused.value.detail.startswith(f"{field}: ")
    assert message in refused.value.detail


def test_a_wrong_field_of_an_item_is_named_by_its_number(api: httpx2.Client) -> None:
    items = [{"feature": "a"}] * 3
    for wrong, field in [({"feature": "a", "quantity": "x"}, "quantity"), ({}, "feature")]:
        answer = api.post("/batch", json={"items": [*items, wrong]})
        assert answer.json()["errors"][0]["field"] == f"items[3].{field}"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "The body is empty."),
        (b" \n ", "The body is empty."),
        (b'{"feature":"a"', "The JSON ends too early (byte 14)."),
        (b'{"feature":"a"} x', "trailing characters"),
        (b"{'feature':1}", "(byte 1)"),
        (b'{"feature":NaN}', "(byte 11)"),
        (b'{"feature":"\xff"}', "The body is not valid UTF-8 (byte 12)."),
        (b'{"feature":"a","metadata":{"\xff":1}}', "The body is not valid UTF-8 (byte 28)."),
        (b'{"feature":"\\ud800"}', "Lone surrogate (byte 12)."),
        (b'{"feature":"a\x00"}', "(byte 13)"),
    ],
)
def test_what_is_no_json_is_refused_with_its_position(
    api: httpx2.Client, body: bytes, detail: str
) -> None:
    answer = api.post(TAKE, content=body, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["code"] == "MALFORMED_JSON"
    assert detail in answer.json()["detail"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json; charset=utf-8"}, 201),
        ({"Content-Type": 'Application/JSON; charset="UTF-8"'}, 201),
        ({"Content-Type": "application/json; charset=latin-1"}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({}, 415),
        ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
    ],
)
def test_only_plain_json_is_read(api: httpx2.Client, headers: dict[str, str], status: int) -> None:
    answer = api.post(TAKE, content=b'{"feature":"a"}', headers={**KEY, **headers})
    assert answer.status_code == status


def test_a_body_may_be_left_out_where_the_route_says_so(api: httpx2.Client) -> None:
    release = "/wallets/wal_1/release"
    assert api.post(release, headers=KEY).json() == {"count": 0}
    assert api.post(release, headers=KEY, json={}).json() == {"count": 1}
    assert api.post(release, headers=KEY, json={"x": 1}).status_code == 422
    assert api.post(release, headers=KEY, content=b"{}").status_code == 415


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("size", "status"), [(4000, 422), (4097, 413), (3_000_000, 413)])
def test_a_body_beyond_the_routes_limit_is_refused(
    api: httpx2.Client, chunked: bool, size: int, status: int
) -> None:
    body = b'"' + b"x" * (size - 2) + b'"'
    content = iter([body]) if chunked else body
    answer = api.post("/small", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    if status == 413:
        assert answer.json()["limit_bytes"] == 4096


def test_a_body_announced_as_huge_is_refused_unread(raw: Raw) -> None:
    head = b"POST /batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer khk_all\r\n"
    announced = b"Content-Type: application/json\r\nContent-Length: 99999999999999\r\n\r\n"
    assert b"PAYLOAD_TOO_LARGE" in raw(head + announced)


def test_a_body_that_does_not_come_times_out(raw_in_haste: Raw) -> None:
    head = b"POST /batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer khk_all\r\n"
    slow = b"Content-Type: application/json\r\nContent-Length: 90\r\n\r\n{"
    assert raw_in_haste(head + slow).startswith(b"HTTP/1.1 408 ")


@given(body=st.binary(max_size=200))
def test_no_bytes_at_all_are_a_server_error(api: httpx2.Client, body: bytes) -> None:
    assert api.post(TAKE, content=body, headers=JSON).status_code in {201, 400, 402, 422}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(metadata=json_values, feature=json_values)
def test_no_json_at_all_is_a_server_error(
    api: httpx2.Client, metadata: object, feature: object
) -> None:
    body = json.dumps({"feature": feature, "metadata": metadata}).encode()
    assert api.post(TAKE, content=body, headers=JSON).status_code in {201, 400, 422}
