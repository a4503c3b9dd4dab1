"""Signing in at a provider of identities: a maintained one, and one that lies."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from msgspec.structs import replace

from desk import Clock
from identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    KEY,
    OTHER_KEY,
    IdentityProvider,
    secret_as_key,
)
from khata.app.people.oidc import OidcSettings
from khata.http.edge import HttpSettings
from khata.postgres.server import Server
from served import Api, Product
from signed_in import Browser, invite, person

Databases = Callable[[], AbstractContextManager[Server]]
START, CALLBACK = "/v1/session/oidc/start", "/v1/session/oidc/callback"
BEHIND_PROXY = HttpSettings(trusted_proxies=(ip_network("127.0.0.0/8"),))


class VouchedFor(Product):
    """A product that believes a provider, whose clock is the world's."""

    def __init__(self, database: Server, folder: Path, issuer: str) -> None:
        clock = Clock()
        clock.turn_to_the_worlds()
        super().__init__(database, folder, clock, None, BEHIND_PROXY)
        oidc = OidcSettings(issuer, CLIENT_ID, CLIENT_SECRET)
        self._settings = replace(self._settings, oidc=oidc)


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as opened:
        yield opened


@pytest.fixture(scope="module")
def vouched(
    new_database: Databases, tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider
) -> Iterator[VouchedFor]:
    folder: Path = tmp_path_factory.mktemp("vouched-for")
    with new_database() as database, VouchedFor(database, folder, provider.issuer) as made:
        yield made


@pytest.fixture
def platform(vouched: VouchedFor, provider: IdentityProvider) -> Iterator[Api]:
    """A caller who may do everything, and an honest provider, which has the world's clock."""
    provider.reset()
    vouched.clock.turn_to_the_worlds()
    with vouched.api() as caller:
        yield caller


def returned(browser: Browser, provider: IdentityProvider, return_to: str = "/") -> httpx2.Response:
    """The browser's way to the provider and back."""
    sent = browser.ask("GET", START, query={"return_to": return_to})
    assert sent.status_code == 303
    back = provider.authorize(sent.headers["location"])
    return browser.ask("GET", f"{CALLBACK}?{back}")


def reason(answer: httpx2.Response) -> str:
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    return answer.headers["location"].removeprefix("/sign-in#error=")


def vouch(provider: IdentityProvider, email: str, subject: str = "", **claims: object) -> None:
    """From now on the provider says that this is who signs in."""
    named = {"sub": subject or f"subject of {email}", "email": email, "email_verified": True}
    provider.claims = {**named, **claims}


def test_where_no_provider_is_set_nobody_goes_there(product: Product) -> None:
    browser = Browser(product)
    assert browser.get("/v1/session/ways")["oidc"] is None
    for path in (START, CALLBACK):
        assert reason(browser.ask("GET", path)) == "off"


# The provider stands on older names of Authlib's.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_maintained_provider_vouches_for_who_is_invited(
    new_database: Databases,
    tmp_path: Path,
    ravi: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # read by the provider: it is no https
    maintained = import_module("oidc_provider_mock")
    with maintained.run_server_in_thread() as server, new_database() as database:
        issuer = f"http://localhost:{server.server_port}"
        claims = {"email": ravi, "email_verified": True, "name": "Ravi Kumar"}
        assert httpx2.put(f"{issuer}/users/{ravi}", json=claims).status_code == 204
        with VouchedFor(database, tmp_path, issuer) as vouched, vouched.api() as api:
            invite(api, ravi, "billing")
            browser = Browser(vouched)
            way = browser.get("/v1/session/ways")["oidc"]
            assert way == {"name": "localhost", "issuer": issuer, "start": START}
            sent = browser.ask("GET", START, query={"return_to": "/org/billing?low=1"})
            granted = httpx2.post(sent.headers["location"], data={"sub": ravi})
            back = urlsplit(granted.headers["location"])
            assert back.path == CALLBACK
            done = browser.ask("GET", f"{CALLBACK}?{back.query}")
            assert (done.status_code, done.headers["location"]) == (303, "/org/billing?low=1")
            told = browser.who()
            assert (told["user"]["name"], told["role"]) == ("Ravi Kumar", "billing")
            assert not told["user"]["has_password"]
            again = browser.ask("GET", f"{CALLBACK}?{back.query}")
            assert reason(again) == "expired"


def test_a_verified_e_mail_is_the_user_who_has_it(
    vouched: VouchedFor, platform: Api, provider: IdentityProvider
) -> None:
    asha = person(vouched, platform, "admin")
    user = asha.who()["user"]
    vouch(provider, user["email"].upper())
    browser = Browser(vouched)
    assert returned(browser, provider).headers["location"] == "/"
    assert browser.who()["user"] == {**user, "has_password": False}
    actions = vouched.asked("select action from audit_log where subject = $1", user["id"])
    assert ("user.identity_linked",) in actions


def test_from_then_on_the_subject_counts_and_no_e_mail(
    vouched: VouchedFor, platform: Api, provider: IdentityProvider
) -> None:
    asha, zoya = person(vouched, platform, "viewer"), person(vouched, platform, "viewer")
    first, second = (each.who()["user"] for each in (asha, zoya))
    vouch(provider, first["email"], "the same")
    returned(Browser(vouched), provider)
    vouch(provider, second["email"], "the same")
    browser = Browser(vouched)
    returned(browser, provider)
    assert browser.who()["user"]["id"] == first["id"]


def test_all_invitations_to_the_e_mail_are_accepted(
    vouched: VouchedFor, platform: Api, provider: IdentityProvider, ravi: str
) -> None:
    other = platform.post("/v1/organizations", {"name": "Mumbai Makers"})["id"]
    invite(platform, ravi, "viewer")
    vouch(provider, ravi)
    browser = Browser(vouched)
    returned(browser, provider)
    assert [each["role"] for each in browser.who()["memberships"]] == ["viewer"]
    invite(platform, ravi, "member", organization_id=other)
    returned(browser, provider)
    assert [each["role"] for each in browser.who()["memberships"]] == ["viewer", "member"]
    new = {"password": "seven brown cows"}
    assert browser.ask("PUT", "/v1/session/password", new).status_code == 200
    assert Browser(vouched).sign_in(ravi).status_code == 201


@pytest.mark.parametrize("verified", [False, None, "true", 1, ...])
def test_an_e_mail_that_is_not_verified_is_nobodys(
    vouched: VouchedFor, platform: Api, provider: IdentityProvider, ravi: str, verified: object
) -> None:
    invite(platform, ravi, "owner")
    vouch(provider, ravi, email_verified=verified)
    assert reason(returned(Browser(vouched), provider)) == "unverified"


@pytest.mark.usefixtures("platform")
def test_who_is_neither_known_nor_invited_stays_out(
    vouched: VouchedFor, provider: IdentityProvider, ravi: str
) -> None:
    vouch(provider, ravi)
    assert reason(returned(Browser(vouched), provider)) == "unknown"
    assert vouched.asked("select 1 from users where email = $1", ravi) == []


# What is wrong with an ID token; `...` leaves a claim out.
LIES: list[dict[str, object]] = [
    {"iss": "https://evil.example"},
    {"iss": ...},
    {"aud": "another client"},
    {"aud": ["another client"]},
    {"aud": ...},
    {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
    {"nonce": "of another browser"},
    {"nonce": ...},
    {"exp": int(time.time()) - 3600},
    {"exp": ...},
    {"iat": int(time.time()) + 7200, "exp": int(time.time()) + 10_000},
    {"nbf": int(time.time()) + 7200},
    {"sub": ...},
    {"sub": 7},
    {"sub": ""},
    {"at_hash": "of another token"},
]


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_for_us_now_is_not_believed(
    vouched: VouchedFor,
    platform: Api,
    provider: IdentityProvider,
    ravi: str,
    lie: dict[str, object],
) -> None:
    invite(platform, ravi, "owner")
    vouch(provider, ravi)
    provider.claims = {**provider.claims, **lie}
    assert reason(returned(Browser(vouched), provider)) == "failed"
    vouch(provider, ravi)
    assert returned(Browser(vouched), provider).headers["location"] == "/"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(OTHER_KEY, "RS256"), (secret_as_key(), "HS256"), (KEY, "none")],
)
def test_a_token_is_signed_by_the_providers_key(
    vouched: VouchedFor,
    platform: Api,
    provider: IdentityProvider,
    ravi: str,
    key: object,
    algorithm: str,
) -> None:
    invite(platform, ravi, "owner")
    vouch(provider, ravi)
    provider.signed_by, provider.algorithm = key, algorithm
    assert reason(returned(Browser(vouched), provider)) == "failed"


def test_a_new_key_of_the_provider_is_learnt(
    vouched: VouchedFor, platform: Api, provider: IdentityProvider, ravi: str
) -> None:
    invite(platform, ravi, "viewer")
    vouch(provider, ravi)
    returned(Browser(vouched), provider)
    provider.signed_by = provider.published = OTHER_KEY
    vouched.clock.turn(seconds=61)
    assert returned(Browser(vouched), provider).headers["location"] == "/"
    provider.reset()
    vouch(provider, ravi)
    vouched.clock.turn(seconds=61)
    assert returned(Browser(vouched), provider).headers["location"] == "/"
    vouched.clock.turn(seconds=-122)


def test_the_way_back_is_the_browsers_own(
    vouched: VouchedFor, platform: Api, provider: IdentityProvider, ravi: str
) -> None:
    """Who is sent somebody else's way back is not signed in as somebody else."""
    invite(platform, ravi, "viewer")
    vouch(provider, ravi)
    sent = Browser(vouched).ask("GET", START)
    back = provider.authorize(sent.headers["location"])
    other = Browser(vouched)
    assert reason(other.ask("GET", f"{CALLBACK}?{back}")) == "expired"
    other.ask("GET", START)
    assert reason(other.ask("GET", f"{CALLBACK}?{back}")) == "failed"
    for odd in ("code=x", "state=x", "", "code=the-code&state=%C3%B6"):
        assert reason(other.ask("GET", f"{CALLBACK}?{odd}")) == "failed"


SAID = (
    ("access_denied", "denied"),
    ("temporarily_unavailable", "unavailable"),
    ("invalid_scope", "failed"),
    ("%3Cscript%3E", "failed"),
)


def test_who_takes_too_long_or_says_no_begins_again(
    vouched: VouchedFor, platform: Api, provider: IdentityProvider, ravi: str
) -> None:
    invite(platform, ravi, "viewer")
    vouch(provider, ravi)
    browser = Browser(vouched)
    state = provider.authorize(browser.ask("GET", START).headers["location"]).partition("&")[2]
    for error, why in SAID:
        for further in ("", f"&{state}"):
            assert reason(browser.ask("GET", f"{CALLBACK}?error={error}{further}")) == why
    vouched.clock.turn(seconds=601)
    assert reason(browser.ask("GET", f"{CALLBACK}?code=the-code&{state}")) == "expired"
    vouched.clock.turn(seconds=-601)


@pytest.mark.usefixtures("platform")
def test_who_stays_out_still_knows_where_to_go(
    vouched: VouchedFor, provider: IdentityProvider, ravi: str
) -> None:
    vouch(provider, ravi)
    answer = returned(Browser(vouched), provider, "/org/billing?range=7")
    back = "/sign-in?next=%2Forg%2Fbilling%3Frange%3D7#error=unknown"
    assert answer.headers["location"] == back


def test_a_provider_may_tell_the_e_mail_apart(
    vouched: VouchedFor, platform: Api, provider: IdentityProvider, ravi: str
) -> None:
    invite(platform, ravi, "viewer")
    provider.claims = {"sub": f"apart {ravi}"}
    told = {"email": ravi, "email_verified": True}
    provider.userinfo = {**told, "sub": "somebody else"}
    assert reason(returned(Browser(vouched), provider)) == "failed"
    provider.userinfo = {**told, "sub": f"apart {ravi}"}
    assert returned(Browser(vouched), provider).headers["location"] == "/"


@pytest.mark.parametrize("where", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_the_way_back_leads_to_a_page_of_ours(vouched: VouchedFor, where: str) -> None:
    answer = Browser(vouched).ask("GET", START, query={"return_to": where})
    assert answer.status_code == (303 if not where else 422)


def test_a_provider_that_does_not_answer_is_said_so(
    new_database: Databases, tmp_path: Path
) -> None:
    with new_database() as database, VouchedFor(database, tmp_path, "http://127.0.0.1:9") as alone:
        assert reason(Browser(alone).ask("GET", START)) == "unavailable"
