"""Nobody gets an organization by somebody else's e-mail: what was tried, step by step.

A real SMTP server and a maintained provider of identities, as whoever runs Khata has them.
"""

import re
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
from identity_provider import CLIENT_ID, CLIENT_SECRET
from khata.app.people.oidc import OidcSettings
from khata.http.edge import HttpSettings
from khata.postgres.server import Server
from postbox import Postbox
from served import Api, Product
from signed_in import PASSWORD, Browser, addresses, invite, link_token, person

# The provider stands on older names of Authlib's.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

Databases = Callable[[], AbstractContextManager[Server]]
START, CALLBACK = "/v1/session/oidc/start", "/v1/session/oidc/callback"
ACCEPT, RESET = "/v1/invitations/accept", "/v1/session/password-reset"
THEIRS = "eight brown cows"


class Reached(Product):
    """A product that sends mail and believes a provider, whose clock is the world's."""

    def __init__(self, database: Server, folder: Path, box: Postbox, issuer: str) -> None:
        ours = f"http://127.0.0.1:{box.port}"
        proxied = HttpSettings(trusted_proxies=(ip_network("127.0.0.0/8"),), public_url=ours)
        clock = Clock()
        clock.turn_to_the_worlds()
        super().__init__(database, folder, clock, None, proxied)
        oidc = OidcSettings(issuer, CLIENT_ID, CLIENT_SECRET)
        self._settings = replace(self._settings, smtp=box.server, public_url=ours, oidc=oidc)
        self.issuer = issuer
        self.box = box

    def mailed_link(self, email: str) -> str:
        """The token of the link that a letter brings to whoever asks for one."""
        assert Browser(self).ask("POST", RESET, {"email": email}).status_code == 202
        self.settle()
        _, recipients, letter = self.box.letters[-1]
        assert recipients == [email]
        body = letter.get_body(("plain",))
        assert body is not None
        found = re.search(r"#\w+=(khl_\S+)", body.get_content())
        assert found
        return found[1]

    def at_provider(self, email: str) -> Browser:
        """Whoever has the e-mail, back from the provider."""
        claims = {"email": email, "email_verified": True, "name": "Zoya"}
        httpx2.put(f"{self.issuer}/users/{email}", json=claims).raise_for_status()
        browser = Browser(self)
        sent = browser.ask("GET", START, query={"return_to": "/"})
        granted = httpx2.post(sent.headers["location"], data={"sub": email})
        back = urlsplit(granted.headers["location"])
        done = browser.ask("GET", f"{CALLBACK}?{back.query}")
        assert (done.status_code, done.headers["location"]) == (303, "/")
        return browser


@pytest.fixture(scope="module")
def reached(
    new_database: Databases, tmp_path_factory: pytest.TempPathFactory, opened: Postbox
) -> Iterator[Reached]:
    folder: Path = tmp_path_factory.mktemp("reached")
    maintained = import_module("oidc_provider_mock")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # read by the provider: it is no https
        with maintained.run_server_in_thread() as at, new_database() as database:
            issuer = f"http://localhost:{at.server_port}"
            with Reached(database, folder, opened, issuer) as made:
                yield made


@pytest.fixture
def platform(reached: Reached) -> Iterator[Api]:
    """A caller who may do everything. The provider's tokens are of the world's time."""
    reached.clock.turn_to_the_worlds()
    with reached.api() as caller:
        yield caller


@pytest.fixture
def own(platform: Api) -> str:
    """The attacker's organization."""
    return platform.post("/v1/organizations", {"name": "Mumbai Makers"})["id"]


@pytest.fixture
def wanted(platform: Api) -> str:
    """The organization that the attacker wants to get into."""
    return platform.post("/v1/organizations", {"name": "Delhi Devs"})["id"]


@pytest.fixture
def zoya() -> str:
    """The e-mail of whom the wanted organization trusts; she is no user yet."""
    return f"zoya-{next(addresses)}@delhi.example"


def within(browser: Browser) -> dict[str, str]:
    """The roles of who is signed in, by organization."""
    return {each["organization_id"]: each["role"] for each in browser.who()["memberships"]}


def test_a_letter_makes_nobody_somebody_else(
    reached: Reached, platform: Api, own: str, wanted: str, zoya: str
) -> None:
    """The link of one's own letter takes no e-mail that one has not; so no invitation of hers."""
    ravi = person(reached, platform, "viewer", organization_id=own).who()["user"]["email"]
    token = reached.mailed_link(ravi)
    for field, value in (("email", zoya), ("email", zoya.upper()), ("name", "Zoya")):
        wish = {"token": token, "password": THEIRS, field: value}
        refused = Browser(reached).ask("POST", "/v1/session", wish)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    bare = Browser(reached).ask("POST", "/v1/session", {"token": token})
    assert (bare.status_code, bare.json()["errors"][0]["field"]) == (422, "password")

    invite(platform, zoya, "admin", organization_id=wanted)
    hers = reached.at_provider(zoya)
    assert within(hers) == {wanted: "admin"}
    wish = {"token": token, "password": THEIRS, "email": ravi.upper()}
    taken = Browser(reached)
    assert taken.ask("POST", "/v1/session", wish).status_code == 201
    assert within(taken) == {own: "viewer"}
    assert Browser(reached).sign_in(zoya, THEIRS).status_code == 401
    assert reached.asked("select name, email from members where email = $1", ravi) == [
        ("Asha", ravi)
    ]


def test_who_made_a_user_of_an_e_mail_is_shut_out_when_its_owner_comes(
    reached: Reached, platform: Api, own: str, wanted: str, zoya: str
) -> None:
    """Who invites sees the token, and may accept it for whom is invited."""
    token = invite(platform, zoya, "viewer", organization_id=own)["token"]
    taken = Browser(reached)
    accepted = taken.ask("POST", ACCEPT, {"token": token, "password": THEIRS})
    assert accepted.status_code == 201
    other = Browser(reached)
    assert other.sign_in(zoya, THEIRS).status_code == 201
    link = link_token(reached, zoya)

    invite(platform, zoya, "admin", organization_id=wanted)
    hers = reached.at_provider(zoya)
    assert within(hers) == {own: "viewer", wanted: "admin"}
    for browser in (taken, other):
        assert browser.ask("GET", "/v1/session").status_code == 401
    assert Browser(reached).sign_in(zoya, THEIRS).status_code == 401
    by_link = Browser(reached).ask("POST", "/v1/session", {"token": link, "password": THEIRS})
    assert by_link.json()["code"] == "SIGN_IN_LINK_REFUSED"

    linked = reached.asked(
        "select before, after from audit_log where action = 'user.identity_linked'"
        " and subject = $1",
        hers.who()["user"]["id"],
    )
    ((before, after),) = linked
    assert '"has_password":true' in str(before).replace(" ", "")
    assert '"has_password":false' in str(after).replace(" ", "")


def test_the_owner_of_the_e_mail_chooses_a_password_anew_and_keeps_it(
    reached: Reached, platform: Api, own: str
) -> None:
    """Only the first time at the provider: what she chooses after that is her own."""
    asha = person(reached, platform, "billing", organization_id=own)
    email = asha.who()["user"]["email"]
    hers = reached.at_provider(email)
    assert hers.who()["user"]["has_password"] is False
    reached.settle()
    told = reached.box.wait_for(email, "You sign in to Khata at localhost now")
    assert f"localhost says who {email} is." in str(told.get_body(("plain",)))
    new = {"password": PASSWORD}
    assert hers.ask("PUT", "/v1/session/password", new).status_code == 200
    reached.at_provider(email)
    assert hers.ask("GET", "/v1/session").status_code == 200
    assert Browser(reached).sign_in(email).status_code == 201


def test_a_letter_of_hers_shuts_out_who_made_the_user_too(
    reached: Reached, platform: Api, own: str, zoya: str
) -> None:
    token = invite(platform, zoya, "viewer", organization_id=own)["token"]
    taken = Browser(reached)
    assert taken.ask("POST", ACCEPT, {"token": token, "password": THEIRS}).status_code == 201
    wish = {"token": reached.mailed_link(zoya), "password": PASSWORD}
    assert Browser(reached).ask("POST", "/v1/session", wish).status_code == 201
    assert taken.ask("GET", "/v1/session").status_code == 401
    assert Browser(reached).sign_in(zoya, THEIRS).status_code == 401
