"""Who is invited, and who has forgotten the password, gets a letter with a link, and nobody else
can read it on its way."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from email.message import EmailMessage
from ipaddress import ip_network
from pathlib import Path

import httpx2
import pytest
from msgspec.structs import replace

from desk import Clock
from khata.app.mail.letters import in_words
from khata.http.edge import HttpSettings
from khata.postgres.server import Server
from postbox import Postbox
from served import Api, Product
from signed_in import PASSWORD, Browser, addresses, invite, person

Databases = Callable[[], AbstractContextManager[Server]]
OURS = "http://khata.example.com"
ACCEPT = "/v1/invitations/accept"
RESET = "/v1/session/password-reset"

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
        self._settings = replace(self._settings, smtp=box.server, public_url=OURS)


@pytest.fixture(scope="module")
def mailed(
    new_database: Databases, tmp_path_factory: pytest.TempPathFactory, opened: Postbox
) -> Iterator[Mailed]:
    folder: Path = tmp_path_factory.mktemp("mailed")
    with new_database() as database, Mailed(database, folder, opened) as made:
        yield made


@pytest.fixture
def box(mailed: Mailed, opened: Postbox) -> Postbox:
    """With nothing in it, and nothing on its way."""
    opened.answers.clear()
    mailed.settle()
    opened.letters.clear()
    return opened


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
        "Good until: " + in_words(datetime.fromisoformat(made["expires_at"]), "Asia/Kolkata"),
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


def test_nobody_is_flooded_with_invitations(
    mailed: Mailed, platform: Api, asha: Browser, box: Postbox, ravi: str
) -> None:
    """However often, and by whichever organization: they are made, and not written about."""
    elsewhere = platform.post("/v1/organizations", {"name": "Mumbai Makers"})["id"]
    sent: list[bool] = []
    for number in range(10):
        by, within = (asha, {}) if number % 2 else (platform, {"organization_id": elsewhere})
        sent.append(invite(by, ravi, "viewer", **within)["emailed"])
        mailed.settle()
    assert sent == [True] * 3 + [False] * 7
    assert box.recipients == [ravi] * 3
    mailed.clock.turn(seconds=300)
    assert invite(asha, ravi, "viewer")["emailed"] is True
    assert invite(asha, ravi, "viewer")["emailed"] is False


def test_an_organization_floods_nobody_with_invitations(asha: Browser) -> None:
    """Her own invitation was one of them."""
    sent = [invite(asha, f"{next(addresses)}@x.example", "viewer")["emailed"] for _ in range(52)]
    assert sent == [True] * 49 + [False] * 3


def test_a_new_password_keeps_back_the_letters_of_other_links(
    mailed: Mailed, asha: Browser, box: Postbox
) -> None:
    """A link that is good no more is not sent, and that the password is another is told."""
    email = asha.who()["user"]["email"]
    box.answers[email] = "451 try again"
    ask_for_link(mailed, email)
    mailed.settle()
    assert ("waiting", False) in mailed.asked(STATES, email)
    new = {"current_password": PASSWORD, "password": "eight brown cows"}
    assert asha.ask("PUT", "/v1/session/password", new).status_code == 200
    assert mailed.asked(STATES, email)[-2:] == [("withdrawn", True), ("waiting", False)]
    box.answers.clear()
    mailed.clock.turn(seconds=600)
    mailed.settle()
    ((_, recipients, letter),) = box.letters
    assert (recipients, letter["Subject"]) == ([email], "Your password for Khata was changed")
    assert "#" not in read(letter, "plain")


def ask_for_link(mailed: Mailed, email: str, browser: Browser | None = None) -> httpx2.Response:
    return (browser or Browser(mailed)).ask("POST", RESET, {"email": email})


def link_in(letter: EmailMessage) -> str:
    found = re.search(rf"^{OURS}/sign-in#reset=(khl_\S+)$", read(letter, "plain"), re.MULTILINE)
    assert found, read(letter, "plain")
    return found[1]


def test_who_has_forgotten_the_password_gets_in_by_a_letter(
    mailed: Mailed, asha: Browser, box: Postbox
) -> None:
    user = asha.who()["user"]
    assert Browser(mailed).get("/v1/session/ways")["password_reset"] is True
    assert ask_for_link(mailed, user["email"].upper()).status_code == 202
    mailed.settle()
    ((_, recipients, letter),) = box.letters
    assert recipients == [user["email"]]
    assert "It is good once, until 22 Nov 2026, " in read(letter, "plain")
    ((kept,),) = mailed.asked(KEPT)
    token = link_in(letter)
    assert token not in kept
    body = {"token": token, "password": "eight brown cows"}
    assert Browser(mailed).ask("POST", "/v1/session", body).status_code == 201
    assert Browser(mailed).ask("POST", "/v1/session", body).json()["code"] == "SIGN_IN_LINK_REFUSED"
    assert Browser(mailed).sign_in(user["email"]).status_code == 401
    assert asha.ask("GET", "/v1/session").status_code == 401
    made = mailed.asked(
        "select actor from audit_log where subject = $1 and action = 'sign_in_link.made'",
        user["id"],
    )
    assert made == [("worker",)]
    mailed.settle()
    assert [str(letter["Subject"]) for _, _, letter in box.letters[1:]] == [
        "Your password for Khata was changed"
    ]


def test_nobody_learns_by_it_who_has_a_user(
    mailed: Mailed, asha: Browser, box: Postbox, ravi: str
) -> None:
    """The same answer, by the same work: what differs is done later, beside the request."""
    email = asha.who()["user"]["email"]
    answers = [ask_for_link(mailed, each) for each in (email, ravi)]
    assert [each.status_code for each in answers] == [202, 202]
    assert [each.json() for each in answers] == [
        {"email": each, "good_for_minutes": 15} for each in (email, ravi)
    ]
    assert mailed.asked("select kind from jobs") == [("link_mail",)] * 2
    mailed.settle()
    assert box.recipients == [email]
    assert mailed.asked("select kind from jobs") == []


@pytest.mark.parametrize("is_known", [True, False])
def test_nobody_is_flooded_with_letters(
    mailed: Mailed, asha: Browser, box: Postbox, ravi: str, *, is_known: bool
) -> None:
    email = asha.who()["user"]["email"] if is_known else ravi
    for _ in range(3):
        assert ask_for_link(mailed, email).status_code == 202
        mailed.settle()
        mailed.clock.turn(seconds=1)
    refused = ask_for_link(mailed, email)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "297")
    assert box.recipients == [email] * (3 if is_known else 0)
    mailed.clock.turn(seconds=297)
    assert ask_for_link(mailed, email).status_code == 202


def test_a_link_whose_time_is_over_is_not_sent_any_more(
    mailed: Mailed, asha: Browser, box: Postbox
) -> None:
    email = asha.who()["user"]["email"]
    box.answers[email] = "451 try again"
    ask_for_link(mailed, email)
    mailed.settle()
    box.answers.clear()
    mailed.clock.turn(seconds=15 * 60)
    mailed.settle()
    assert box.letters == []
    assert ("withdrawn", True) in mailed.asked(STATES, email)


def test_who_asks_too_fast_is_written_to_once(mailed: Mailed, asha: Browser, box: Postbox) -> None:
    email = asha.who()["user"]["email"]
    for _ in range(2):
        assert ask_for_link(mailed, email).status_code == 202
    mailed.settle()
    assert box.recipients == [email]


def test_without_a_server_nobody_is_promised_a_letter(product: Product) -> None:
    browser = Browser(product)
    assert browser.get("/v1/session/ways")["password_reset"] is False
    refused = browser.ask("POST", RESET, {"email": "asha@delhi.example"})
    assert (refused.status_code, refused.json()["code"]) == (404, "PASSWORD_RESET_OFF")


def test_no_page_of_another_site_asks_for_a_link(mailed: Mailed, ravi: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    refused = Browser(mailed).send("POST", RESET, {"email": ravi}, headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "CSRF_FAILED")
