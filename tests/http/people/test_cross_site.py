"""Pages of other sites get nothing done with somebody's cookie."""

import pytest

from served import Api, Json, Product
from signed_in import PASSWORD, Browser, person

# Headers of a request that changes something, beside the cookie; the good token is {csrf}.
REFUSED: list[dict[str, str]] = [
    {},
    {"X-CSRF-Token": ""},
    {"X-CSRF-Token": "x" * 43},
    {"X-CSRF-Token": "ö"},
    {"X-CSRF-Token": "{csrf}x"},
    {"X-CSRF-Token": "{csrf}", "Sec-Fetch-Site": "cross-site"},
    {"X-CSRF-Token": "{csrf}", "Sec-Fetch-Site": "same-site"},
    {"X-CSRF-Token": "{csrf}", "Origin": "https://evil.example"},
    {"X-CSRF-Token": "{csrf}", "Origin": "null"},
    {"X-CSRF-Token": "{csrf}", "Origin": "http://[evil"},
]
ACCEPTED: list[dict[str, str]] = [
    {"X-CSRF-Token": "{csrf}"},
    {"X-CSRF-Token": "{csrf}", "Sec-Fetch-Site": "same-origin"},
    {"X-CSRF-Token": "{csrf}", "Sec-Fetch-Site": "none"},
    {"X-CSRF-Token": "{csrf}", "Origin": "{own}"},
    # A proxy may name the host otherwise: the browser itself knows better.
    {"X-CSRF-Token": "{csrf}", "Origin": "https://khata.example", "Sec-Fetch-Site": "same-origin"},
]


def filled(headers: dict[str, str], asha: Browser, product: Product) -> dict[str, str]:
    return {
        name: text.replace("{csrf}", asha.csrf or "").replace("{own}", product.url)
        for name, text in headers.items()
    }


@pytest.mark.parametrize("headers", REFUSED)
def test_what_changes_anything_wants_the_token(
    product: Product, asha: Browser, headers: dict[str, str]
) -> None:
    sent = {
        name.encode(): text.encode("utf-8") for name, text in filled(headers, asha, product).items()
    }
    sent |= {b"Content-Type": b"application/json"}
    for method, path, content in (
        ("POST", "/v1/members", b'{"name":"Ravi"}'),
        ("PATCH", f"/v1/members/{asha.who()['member_id']}", b'{"name":"Ravi"}'),
        ("DELETE", "/v1/session", None),
    ):
        refused = asha.raw(method, path, sent, content)
        assert (refused.status_code, refused.json()["code"]) == (403, "CSRF_FAILED")
    assert [each["name"] for each in asha.get("/v1/members")["data"]] == ["Asha"]


@pytest.mark.parametrize("headers", ACCEPTED)
def test_our_own_pages_get_it_done(
    product: Product, asha: Browser, headers: dict[str, str]
) -> None:
    body = {"name": "Ravi"}
    done = asha.send("POST", "/v1/members", body, filled(headers, asha, product))
    assert done.status_code == 201


def test_reading_wants_no_token(asha: Browser) -> None:
    assert asha.send("GET", "/v1/members", None, {}).status_code == 200


def test_the_token_of_another_session_is_none(
    product: Product, api: Api, asha: Browser, organization: str
) -> None:
    ravi = person(product, api, "owner", organization_id=organization)
    headers = {"X-CSRF-Token": ravi.csrf or ""}
    assert asha.send("POST", "/v1/members", {"name": "x"}, headers).status_code == 403


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}])
def test_no_other_site_signs_anybody_in(
    product: Product, asha: Browser, headers: dict[str, str]
) -> None:
    body: Json = {"email": asha.who()["user"]["email"], "password": PASSWORD}
    refused = Browser(product).send("POST", "/v1/session", body, headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "CSRF_FAILED")


def test_a_key_goes_before_a_cookie_and_needs_no_token(asha: Browser, api: Api) -> None:
    secret = api.new_api_key("members:read")
    headers = {"Authorization": f"Bearer {secret}"}
    refused = asha.send("POST", "/v1/members", {"name": "x"}, headers)
    assert refused.json()["required_scope"] == "members:write"
    wrong = {"Authorization": "Bearer khk_" + "x" * 40}
    assert asha.send("GET", "/v1/session", None, wrong).status_code == 401


@pytest.mark.parametrize(
    "cookie",
    [
        "khata_session=",
        "khata_session=khs_short",
        "khata_session={token}x",
        "khata_session={token}; khata_session={token}",
        "Khata_Session={token}",
        "other={token}",
        "khata_session",
        ";;=;",
    ],
)
def test_cookies_that_are_none(product: Product, asha: Browser, cookie: str) -> None:
    sent = {b"Cookie": cookie.replace("{token}", asha.cookie or "").encode()}
    assert Browser(product).raw("GET", "/v1/session", sent).status_code == 401


def test_the_cookie_is_found_among_others(product: Product, asha: Browser) -> None:
    sent = {b"Cookie": f"theme=dark; khata_session={asha.cookie};lang=hi".encode()}
    assert Browser(product).raw("GET", "/v1/session", sent).status_code == 200
