"""Signing in over HTTP: by password, by link, out again; other organizations; other sessions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import httpx2
import pytest

from desk import Clock
from khata.postgres.server import Server
from served import Api, Json, Product
from signed_in import PASSWORD, Browser, addresses, invite, link_token, person

Databases = Callable[[], AbstractContextManager[Server]]


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def again(product: Product, who: Browser) -> Browser:
    """The same person at another browser."""
    other = Browser(product)
    assert other.sign_in(who.who()["user"]["email"]).status_code == 201
    return other


def test_the_first_start_prints_a_link_that_sets_the_owners_password(
    new_database: Databases, tmp_path: Path
) -> None:
    with new_database() as database, Product(database, tmp_path, Clock()) as fresh:
        browser = Browser(fresh)
        token = fresh.khata.sign_in_token
        bare = browser.ask("POST", "/v1/session", {"token": token})
        assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "password")
        wish = {"token": token, "password": PASSWORD, "email": "Owner@Delhi.example"}
        signed_in = browser.ask("POST", "/v1/session", wish)
        assert signed_in.status_code == 201
        (membership,) = signed_in.json()["memberships"]
        assert (membership["organization_name"], membership["role"]) == ("Default", "owner")
        user = signed_in.json()["user"]
        assert (user["email"], user["name"]) == ("owner@delhi.example", "Owner")
        assert user["is_operator"]
        again = Browser(fresh).ask("POST", "/v1/session", wish)
        assert code_of(again) == (401, "SIGN_IN_LINK_REFUSED")
        assert Browser(fresh).sign_in("owner@delhi.example").status_code == 201


def test_a_link_is_good_for_a_quarter_of_an_hour(product: Product, clock: Clock) -> None:
    body = {"password": PASSWORD, "token": link_token(product)}
    clock.turn(seconds=15 * 60 - 1)
    assert Browser(product).ask("POST", "/v1/session", body).is_success
    body = {"password": PASSWORD, "token": link_token(product)}
    clock.turn(seconds=15 * 60)
    refused = Browser(product).ask("POST", "/v1/session", body)
    assert code_of(refused) == (401, "SIGN_IN_LINK_REFUSED")


def test_a_new_password_ends_all_other_links(product: Product, asha: Browser) -> None:
    email = asha.who()["user"]["email"]
    first, second, third = (link_token(product, email) for _ in range(3))
    browser = Browser(product)
    for token, status in ((first, 201), (second, 201), (third, 401)):
        wish = {"token": token} if token == first else {"token": token, "password": PASSWORD}
        assert browser.ask("POST", "/v1/session", wish).status_code == status


def test_a_link_followed_twice_at_once_lets_one_in(product: Product) -> None:
    body = {"token": link_token(product), "password": PASSWORD}

    def follow(browser: Browser) -> int:
        return browser.ask("POST", "/v1/session", body).status_code

    with ThreadPoolExecutor(4) as crowd:
        found = list(crowd.map(follow, [Browser(product) for _ in range(4)]))
    assert sorted(found) == [201, 401, 401, 401]


def test_whom_a_link_names_anew_is_called_so_everywhere(
    product: Product, api: Api, asha: Browser, organization: str
) -> None:
    """As member too, in each organization, but where that one calls the person otherwise."""
    before = asha.who()["user"]
    other = api.post("/v1/organizations", {"name": "Mumbai Makers"})["id"]
    token = invite(api, before["email"], "viewer", organization_id=other)["token"]
    accepted = {"token": token, "password": PASSWORD}
    told = asha.ask("POST", "/v1/invitations/accept", accepted).json()
    api.ask("PATCH", f"/v1/members/{told['member_id']}", {"name": "A. Rao"})

    email = f"asha.rao-{next(addresses)}@delhi.example"
    body = {"token": link_token(product, before["email"]), "email": email.upper(), "name": "Asha R"}
    browser = Browser(product)
    assert browser.ask("POST", "/v1/session", body).status_code == 201
    user = browser.who()["user"]
    assert (user["email"], user["name"]) == (email, "Asha R")
    found = {
        within: api.get("/v1/members", organization_id=within, q=email)["data"]
        for within in (organization, other)
    }
    named = {
        within: [(each["name"], each["email"]) for each in rows] for within, rows in found.items()
    }
    assert named == {organization: [("Asha R", email)], other: [("A. Rao", email)]}
    ((at_home,), (elsewhere,)) = found.values()
    for subject, action in (
        (user["id"], "user.changed"),
        (at_home["id"], "member.changed"),
        (elsewhere["id"], "member.changed"),
    ):
        entry = api.get("/v1/audit-log", subject=subject, action=action)["data"][0]
        assert (entry["actor"], entry["after"]["email"]) == (user["id"], email)
        assert entry["before"]["email"] == before["email"]


def test_a_link_gives_no_e_mail_that_is_anothers(product: Product, asha: Browser) -> None:
    email = asha.who()["user"]["email"]
    body = {"token": link_token(product), "password": PASSWORD, "email": email.upper()}
    refused = Browser(product).ask("POST", "/v1/session", body)
    assert refused.json()["errors"][0]["field"] == "email"
    del body["email"]
    assert Browser(product).ask("POST", "/v1/session", body).status_code == 201


def test_who_is_signed_in_is_told_with_the_rights_there(asha: Browser, organization: str) -> None:
    told = asha.who()
    assert (told["organization_id"], told["role"]) == (organization, "owner")
    assert "members:write" in told["scopes"]
    assert "wallets:grant" not in told["scopes"]
    assert [each["organization_id"] for each in told["memberships"]] == [organization]


def test_the_cookie_is_for_the_browser_alone(product: Product, asha: Browser) -> None:
    email = asha.who()["user"]["email"]
    plain = Browser(product).sign_in(email).headers["set-cookie"]
    assert plain.endswith("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax")
    body = {"email": email, "password": PASSWORD}
    by_https = Browser(product).send(
        "POST", "/v1/session", body, {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.9"}
    )
    assert by_https.headers["set-cookie"].endswith("; SameSite=Lax; Secure")
    assert by_https.headers["cache-control"] == "no-store"


def test_tokens_and_passwords_are_kept_nowhere(product: Product, asha: Browser) -> None:
    kept = product.asked(
        "select s::text from sessions s union all select u::text from users u"
        " union all select a::text from audit_log a"
    )
    assert asha.cookie
    assert asha.csrf
    for secret in (asha.cookie, asha.csrf, PASSWORD):
        assert secret not in str(kept)


def test_signing_out_ends_the_session(product: Product, asha: Browser) -> None:
    cookie = asha.cookie
    assert cookie
    answer = asha.ask("DELETE", "/v1/session")
    assert answer.json()["revoked_at"] is not None
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert asha.cookie is None
    assert Browser(product).take(cookie).ask("GET", "/v1/session").status_code == 401


REFUSALS: list[tuple[Json, str]] = [
    ({}, "email"),
    ({"email": "a@x.in"}, "password"),
    ({"password": "x"}, "email"),
    ({"email": "nobody", "password": "x"}, "email"),
    ({"email": "a@x.in", "password": ""}, "password"),
    ({"email": "a@x.in", "password": "x" * 257}, "password"),
    ({"email": "a@x.in", "password": "x", "name": "Asha"}, "name"),
    ({"email": "a@x.in", "password": "x", "otp": "1"}, "otp"),
    ({"token": ""}, "token"),
]


@pytest.mark.parametrize(("body", "field"), REFUSALS)
def test_sign_ins_that_will_not_do(product: Product, body: Json, field: str) -> None:
    refused = Browser(product).ask("POST", "/v1/session", body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


def test_wrong_and_unknown_are_refused_alike(product: Product, asha: Browser) -> None:
    email = asha.who()["user"]["email"]
    wrong = Browser(product).sign_in(email, "another password")
    unknown = Browser(product).sign_in("nobody@delhi.example", "another password")
    assert code_of(wrong) == (401, "SIGN_IN_REFUSED")
    assert wrong.text == unknown.text
    assert Browser(product).sign_in(email.upper()).status_code == 201


def test_a_session_ends_when_it_is_idle_or_old(
    product: Product, asha: Browser, clock: Clock
) -> None:
    clock.turn(days=1, seconds=-1)
    assert asha.ask("GET", "/v1/session").status_code == 200
    clock.turn(days=1)
    assert asha.ask("GET", "/v1/session").status_code == 401
    email = product.asked("select email from users order by created_at desc, id desc limit 1")[0][0]
    assert asha.sign_in(email).status_code == 201
    for _ in range(30):
        assert asha.ask("GET", "/v1/session").status_code == 200
        clock.turn(days=1, seconds=-1)
    assert asha.ask("GET", "/v1/session").status_code == 200
    clock.turn(seconds=30)
    assert asha.ask("GET", "/v1/session").status_code == 401


def test_ones_sessions_are_listed_and_ended_one_by_one(product: Product, asha: Browser) -> None:
    other = again(product, asha)
    listed = asha.get("/v1/sessions")["data"]
    assert [each["is_current"] for each in listed] == [False, True]
    assert listed[0]["address"] == other.address
    assert listed[0]["agent"] == "A browser of the tests"
    ended = asha.ask("DELETE", f"/v1/sessions/{listed[0]['id']}")
    assert ended.json()["revoked_at"] is not None
    assert asha.ask("DELETE", f"/v1/sessions/{listed[0]['id']}").json() == ended.json()
    assert other.ask("GET", "/v1/session").status_code == 401
    assert len(asha.get("/v1/sessions")["data"]) == 1
    first = asha.get("/v1/sessions", limit=1)
    assert first["next_cursor"] is None


def test_nobody_ends_anothers_session(
    product: Product, api: Api, asha: Browser, organization: str
) -> None:
    ravi = person(product, api, "owner", organization_id=organization)
    theirs = asha.who()["id"]
    refused = ravi.ask("DELETE", f"/v1/sessions/{theirs}")
    assert code_of(refused) == (404, "SESSION_NOT_FOUND")
    assert theirs not in ravi.ask("GET", "/v1/sessions").text
    assert asha.ask("GET", "/v1/session").status_code == 200


def test_another_password_ends_all_other_sessions(product: Product, asha: Browser) -> None:
    email = asha.who()["user"]["email"]
    other = again(product, asha)
    where, new = "/v1/session/password", "eight brown cows"
    for current in ({}, {"current_password": "no such cows"}):
        refused = asha.ask("PUT", where, {"password": new, **current})
        assert code_of(refused) == (403, "WRONG_PASSWORD")
    for short, field in (("9 chars..", "password"), (email.upper(), "password")):
        refused = asha.ask("PUT", where, {"password": short, "current_password": PASSWORD})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert asha.ask("PUT", where, {"password": new, "current_password": PASSWORD}).is_success
    assert asha.ask("GET", "/v1/session").status_code == 200
    assert other.ask("GET", "/v1/session").status_code == 401
    assert Browser(product).sign_in(email).status_code == 401
    assert Browser(product).sign_in(email, new).status_code == 201


def test_a_removed_member_has_no_more_rights_at_once(
    product: Product, api: Api, organization: str
) -> None:
    admin = person(product, api, "admin", organization_id=organization)
    wallet_id = api.new_wallet(5, organization_id=organization)
    assert admin.get(f"/v1/wallets/{wallet_id}")["available_credits"] == 5
    member_id = admin.who()["member_id"]
    api.ask("PATCH", f"/v1/members/{member_id}", {"role": "viewer"})
    assert admin.ask("POST", "/v1/members", {"name": "Ravi"}).status_code == 403
    api.ask("DELETE", f"/v1/members/{member_id}")
    assert admin.ask("GET", f"/v1/wallets/{wallet_id}").status_code == 403
    told = admin.who()
    assert (told["organization_id"], told["role"], told["scopes"]) == (None, None, [])
    assert told["memberships"] == []
    assert admin.get("/v1/organizations")["data"] == []
    refused = admin.ask("PATCH", "/v1/session", {"organization_id": organization})
    assert code_of(refused) == (404, "ORGANIZATION_NOT_FOUND")
    assert admin.ask("PATCH", "/v1/session", {"organization_id": None}).status_code == 422


def test_who_is_a_member_of_two_acts_in_one_at_a_time(
    api: Api, asha: Browser, organization: str
) -> None:
    other = api.post("/v1/organizations", {"name": "Mumbai Makers"})["id"]
    own, foreign = (
        api.new_wallet(1, organization_id=organization),
        api.new_wallet(1, organization_id=other),
    )
    told = asha.who()
    token = invite(api, told["user"]["email"], "viewer", organization_id=other)["token"]
    accepted = asha.ask(
        "POST", "/v1/invitations/accept", {"token": token, "password": PASSWORD}
    ).json()
    assert accepted["user"]["id"] == told["user"]["id"]
    assert (accepted["organization_id"], accepted["role"]) == (other, "viewer")
    assert asha.ask("GET", f"/v1/wallets/{own}").status_code == 404
    assert asha.ask("GET", f"/v1/wallets/{foreign}").status_code == 200
    assert asha.ask("POST", "/v1/members", {"name": "x"}).status_code == 403
    back = asha.ask("PATCH", "/v1/session", {"organization_id": organization}).json()
    assert (back["role"], len(back["memberships"])) == ("owner", 2)
    assert asha.ask("GET", f"/v1/wallets/{own}").status_code == 200
    assert asha.ask("GET", f"/v1/wallets/{foreign}").status_code == 404


def test_an_operator_acts_anywhere_or_for_the_platform(
    api: Api, operator: Browser, organization: str
) -> None:
    mine, wallet_id = operator.who(), api.new_wallet(1, organization_id=organization)
    assert operator.ask("GET", f"/v1/wallets/{wallet_id}").status_code == 404
    prices = {"features": operator.get("/v1/pricing")["features"]}
    assert operator.ask("PUT", "/v1/pricing", prices).status_code == 201
    moved = operator.ask("PATCH", "/v1/session", {"organization_id": organization}).json()
    assert (moved["organization_id"], moved["member_id"]) == (organization, None)
    assert operator.ask("GET", f"/v1/wallets/{wallet_id}").status_code == 200
    assert operator.get("/v1/wallets")["data"][0]["organization_id"] == organization
    everywhere = operator.ask("PATCH", "/v1/session", {"organization_id": None}).json()
    assert (everywhere["organization_id"], "*" in everywhere["scopes"]) == (None, True)
    assert operator.ask("GET", f"/v1/wallets/{wallet_id}").status_code == 200
    assert organization in [
        each["id"] for each in operator.get("/v1/organizations", limit=200)["data"]
    ]
    refused = operator.ask("PATCH", "/v1/session", {"organization_id": "org_none"})
    assert code_of(refused) == (404, "ORGANIZATION_NOT_FOUND")
    operator.ask("PATCH", "/v1/session", {"organization_id": mine["organization_id"]})


def test_keys_have_no_session(api: Api) -> None:
    for method, path, body in (
        ("GET", "/v1/session", None),
        ("DELETE", "/v1/session", None),
        ("PATCH", "/v1/session", {"organization_id": None}),
        ("PUT", "/v1/session/password", {"password": PASSWORD}),
        ("GET", "/v1/sessions", None),
        ("DELETE", "/v1/sessions/ses_1", None),
    ):
        assert code_of(api.ask(method, path, body)) == (403, "FORBIDDEN"), (method, path)


def test_what_a_person_does_is_written_down_as_that_person(product: Product, asha: Browser) -> None:
    member = asha.post("/v1/members", {"name": "Ravi"})["id"]
    rows = product.asked("select actor, address from audit_log where subject = $1", member)
    assert rows == [(asha.who()["user"]["id"], asha.address)]
