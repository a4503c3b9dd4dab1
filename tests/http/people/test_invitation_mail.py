"""Whoever is invited gets a letter with the link, and nobody else can read it on its way."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from email.message import EmailMessage
from ipaddress import ip_network
from pathlib import Path

import pytest
from msgspec.structs import replace

from desk import Clock
from khata.app.mail.smtp import smtp_server
from khata.http.edge import HttpSettings
from khata.postgres.server import Server
from postbox import Postbox, open_postbox
from served import Api, Product
from signed_in import PASSWORD, Browser, addresses, invite, person

Databases = Callable[[], AbstractContextManager[Server]]
OURS = "http://khata.example.com"
ACCEPT = "/v1/invitations/accept"

# All that is kept of mails, jobs and invitations, as text.
KEPT = """
select string_agg(told, ' ') from (
  select mails::text as told from mails union all select jobs::text from jobs
  union all select invitations::text from invitations) as everything"""
STATES = (
    "select state, letter is null and secret is null from mails where recipient = $1 order by id"
)


class Mailed(Product):
    """A product that sends mail, and knows where people reach it."""

    def __init__(self, database: Server, folder: Path, box: Postbox) -> None:
        reached = HttpSettings(trusted_proxies=(ip_network("127.0.0.0/8"),), public_url=OURS)
        super().__init__(database, folder, Clock(), None, reached)
        url = f"smtp://127.0.0.1:{box.port}?starttls=off"
        self._settings = replace(self._settings, smtp=smtp_server(url, "Khata <k@example.com>"))


@pytest.fixture(scope="module")
def opened() -> Iterator[Postbox]:
    with open_postbox() as box:
        yield box


@pytest.fixture
def box(opened: Postbox) -> Postbox:
    """With nothing in it yet."""
    opened.letters.clear()
    opened.answers.clear()
    return opened


@pytest.fixture(scope="module")
def mailed(
    new_database: Databases, tmp_path_factory: pytest.TempPathFactory, opened: Postbox
) -> Iterator[Mailed]:
    folder: Path = tmp_path_factory.mktemp("mailed")
    with new_database() as database, Mailed(database, folder, opened) as made:
        yield made


@pytest.fixture
def organization(platform: Api) -> str:
    return platform.post("/v1/organizations", {"name": "Delhi\r\nDevs"})["id"]


@pytest.fixture(scope="module")
def platform(mailed: Mailed) -> Iterator[Api]:
    with mailed.api() as caller:
        yield caller


@pytest.fixture
def asha(mailed: Mailed, platform: Api, organization: str, box: Postbox) -> Browser:
    """An owner of the organization, whose own invitation is past."""
    browser = person(mailed, platform, "owner", organization_id=organization)
    mailed.settle()
    assert box.letters == []
    return browser


@pytest.fixture
def ravi() -> str:
    """An e-mail that nobody has yet."""
    return f"ravi-{next(addresses)}@delhi.example"


def read(letter: EmailMessage, kind: str) -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


def test_whoever_is_invited_is_written_to_and_comes_by_the_link(
    mailed: Mailed, asha: Browser, box: Postbox, ravi: str
) -> None:
    made = invite(asha, ravi, "billing")
    assert made["emailed"] is True
    mailed.settle()
    ((sender, recipients, letter),) = box.letters
    assert (sender, recipients) == ("k@example.com", [ravi])
    assert letter["Subject"] == "Asha invites you to Delhi Devs"
    text, page = read(letter, "plain"), read(letter, "html")
    link = OURS + made["link"]
    assert f"Accept the invitation:\n{link}\n" in text
    assert f'<a href="{link}"' in page
    for said in (
        "Organization: Delhi Devs",
        "Your role: Billing",
        "Invited by: Asha",
        "Good until: 29 Nov 2026, 11:30 IST",
    ):
        assert said in text
    token = link.partition("#token=")[2]
    told = Browser(mailed).ask("POST", ACCEPT, {"token": token, "password": PASSWORD})
    assert (told.status_code, told.json()["role"]) == (201, "billing")


def test_a_program_that_invites_has_no_name(
    mailed: Mailed, platform: Api, box: Postbox, ravi: str
) -> None:
    invite(platform, ravi, "viewer")
    mailed.settle()
    ((_, _, letter),) = box.letters
    assert str(letter["Subject"]).startswith("You are invited to ")
    assert "Invited by" not in read(letter, "plain")


def test_the_link_is_nowhere_in_the_database(
    mailed: Mailed, asha: Browser, box: Postbox, ravi: str
) -> None:
    token: str = invite(asha, ravi, "viewer")["token"]
    ((kept,),) = mailed.asked(KEPT)
    assert ravi in kept
    for form in (token, token.encode().hex(), token[4:]):
        assert form not in kept
    assert mailed.asked(STATES, ravi) == [("waiting", False)]
    mailed.settle()
    assert mailed.asked(STATES, ravi) == [("sent", True)]
    assert box.recipients == [ravi]


def test_an_invitation_that_is_over_is_not_sent(
    mailed: Mailed, asha: Browser, box: Postbox, ravi: str
) -> None:
    first, second = invite(asha, ravi, "viewer"), invite(asha, ravi, "member")
    assert mailed.asked(STATES, ravi) == [("withdrawn", True), ("waiting", False)]
    asha.ask("DELETE", f"/v1/invitations/{second['id']}")
    third = invite(asha, ravi, "admin")
    for made, status in ((first, 409), (third, 201)):
        body = {"token": made["token"], "password": PASSWORD}
        assert Browser(mailed).ask("POST", ACCEPT, body).status_code == status
    assert mailed.asked(STATES, ravi) == [("withdrawn", True)] * 3
    mailed.settle()
    assert box.letters == []


def test_a_letter_that_could_not_be_sent_goes_when_it_can(
    mailed: Mailed, asha: Browser, box: Postbox, ravi: str
) -> None:
    box.answers[ravi] = "451 try again"
    made = invite(asha, ravi, "viewer")
    mailed.settle()
    assert mailed.asked(STATES, ravi) == [("waiting", False)]
    box.answers.clear()
    mailed.clock.turn(seconds=600)
    mailed.settle()
    ((_, _, letter),) = box.letters
    assert made["token"] in read(letter, "plain")


def test_what_is_refused_is_not_written_about(
    mailed: Mailed, asha: Browser, box: Postbox, ravi: str
) -> None:
    wish = {"email": ravi, "name": "Ravi", "role": "viewer", "team_id": "tea_none"}
    assert asha.refused("/v1/invitations", wish)["status"] == 422
    mailed.settle()
    assert (mailed.asked(STATES, ravi), box.letters) == ([], [])
