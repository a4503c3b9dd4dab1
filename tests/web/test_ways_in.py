"""By a letter and by a provider of identities: a real SMTP server, a maintained provider, and the
pages that lead there and back."""

import re
import socket
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import PASSWORD, Dashboard, Person, Visitor
from identity_provider import CLIENT_ID, CLIENT_SECRET
from postbox import Postbox, open_postbox

pytestmark = [
    pytest.mark.needs_program("chromium"),
    # The provider stands on older names of Authlib's.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


class Provider:
    """The provider that people sign in at, by a form of its own."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def knows(self, email: str, *, verified: bool = True) -> str:
        """Somebody has an account there from now on."""
        claims = {"email": email, "email_verified": verified, "name": "Ravi Kumar"}
        httpx2.put(f"{self.issuer}/users/{email}", json=claims).raise_for_status()
        return email


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    maintained: Any = import_module("oidc_provider_mock")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # read by the provider: it is no https
        with maintained.run_server_in_thread() as server:
            yield Provider(f"http://localhost:{server.server_port}")


@pytest.fixture(scope="module")
def box() -> Iterator[Postbox]:
    with open_postbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def reached(
    tmp_path_factory: pytest.TempPathFactory, provider: Provider, box: Postbox
) -> Iterator[Dashboard]:
    """Khata with mail and a provider, which knows where people reach it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder: Path = tmp_path_factory.mktemp("reached") / "khata-data"
    served = Dashboard(
        folder,
        KHATA_PORT=str(port),
        KHATA_PUBLIC_URL=f"http://127.0.0.1:{port}",
        KHATA_OIDC_ISSUER=provider.issuer,
        KHATA_OIDC_CLIENT_ID=CLIENT_ID,
        KHATA_OIDC_CLIENT_SECRET=CLIENT_SECRET,
        KHATA_OIDC_NAME="Delhi ID",
        KHATA_SMTP_URL=box.url,
        KHATA_SMTP_FROM="Khata <khata@example.com>",
    )
    yield served
    served.stop()


@pytest.fixture
def visitor(reached: Dashboard, browser: Browser) -> Iterator[Visitor]:
    with Visitor(reached, browser) as one:
        # Of the provider's pages: its style comes from elsewhere, and it has no icon.
        one.page.route(re.compile("^https://"), lambda route: route.fulfill(body=""))
        one.expected = ["404"]
        yield one


def invited(reached: Dashboard, email: str) -> str:
    wish = {"email": email, "name": "Ravi", "role": "billing"}
    reached.ask("/v1/invitations", {**wish, "organization_id": reached.organization_id}, "POST")
    return email


def at_provider(page: Page, email: str) -> None:
    """Presses the button, and signs in there."""
    page.get_by_role("link", name="Continue with Delhi ID").click()
    page.get_by_placeholder("sub").fill(email)
    page.get_by_role("button", name="Authorize", exact=True).click()


def test_who_is_invited_signs_in_at_the_provider_and_gets_where_they_were_going(
    reached: Dashboard, provider: Provider, visitor: Visitor
) -> None:
    email = invited(reached, provider.knows("ravi@khata.test"))
    page = visitor.page
    visitor.expected += ["401"]
    page.goto("/org/billing/usage?range=7")
    at_provider(page, email)
    expect(page).to_have_url(re.compile(rf"^{reached.url}/org/billing/usage\?range=7"))
    expect(page.get_by_role("button", name="Ravi Kumar")).to_be_visible()


def test_who_is_kept_out_reads_why_and_may_try_again(
    reached: Dashboard, provider: Provider, visitor: Visitor
) -> None:
    page = visitor.page
    page.goto("/sign-in?next=%2Forg%2Fteam")
    at_provider(page, provider.knows("stranger@khata.test"))
    expect(page.get_by_role("alert")).to_contain_text("Nobody here has that e-mail.")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).not_to_have_url(re.compile("#"))
    assert visitor.violations() == []

    page.get_by_role("link", name="Continue with Delhi ID").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("alert")).to_contain_text("You did not sign in there.")
    at_provider(page, provider.knows("zoya@khata.test", verified=False))
    expect(page.get_by_role("alert")).to_contain_text("Your e-mail is not verified there.")
    at_provider(page, provider.knows(invited(reached, "asha@khata.test")))
    expect(page).to_have_url(re.compile("/org/team"))


def test_a_way_in_that_is_not_set_up_is_not_shown(dashboard: Dashboard, browser: Browser) -> None:
    with Visitor(dashboard, browser) as elsewhere:
        page = elsewhere.page
        with page.expect_response("**/v1/session/ways"):
            page.goto("/v1/session/oidc/start?return_to=/org/billing")
        expect(page.get_by_role("alert")).to_contain_text("That way in is not set up here.")
        expect(page.get_by_role("link", name=re.compile("Continue with"))).to_have_count(0)


def test_the_command_line_is_named_only_where_no_letter_is_sent(
    reached: Dashboard, dashboard: Dashboard, browser: Browser
) -> None:
    """And not while it is not known whether one is."""
    hint = "makes another"
    for served, is_told, is_named in (
        (dashboard, True, 1),
        (reached, True, 0),
        (reached, False, 0),
    ):
        with Visitor(served, browser) as one:
            if not is_told:
                one.expected = ["500"]
                one.page.route("**/v1/session/ways", lambda route: route.fulfill(status=500))
            with one.page.expect_response("**/v1/session/ways"):
                one.page.goto("/sign-in")
            expect(one.page.get_by_role("button", name="Sign in")).to_be_visible()
            expect(one.page.get_by_text(hint)).to_have_count(is_named)


def test_who_has_forgotten_the_password_gets_a_letter_and_chooses_another(
    reached: Dashboard, visitor: Visitor, browser: Browser, box: Postbox
) -> None:
    forgetful = reached.person("viewer")
    page = visitor.page
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(forgetful.email)
    page.get_by_role("button", name="Forgot your password?").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    assert visitor.violations() == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("a link is on its way")
    expect(page.get_by_role("status")).to_be_focused()
    assert visitor.violations() == []
    page.get_by_role("button", name="Back to sign in").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    letter = box.wait_for(forgetful.email, "Choose a new password for Khata")
    body = letter.get_body(("html",))
    assert body is not None
    with Visitor(reached, browser) as again:
        again.page.set_content(body.get_content())
        again.page.get_by_role("link", name="Choose a new password").click()
        expect(again.page.get_by_label("New password")).to_be_visible()
        expect(again.page.get_by_label("E-mail")).to_have_count(0)
        assert again.violations() == []
        again.page.get_by_label("New password").fill("another long password")
        again.page.get_by_role("button", name="Set password and sign in").click()
        expect(again.page).to_have_url(re.compile("/org/billing"))
    visitor.sign_in(Person(forgetful.email, "another long password"))


def test_who_is_invited_through_the_page_gets_a_letter_and_comes_by_its_link(
    reached: Dashboard, visitor: Visitor, browser: Browser, box: Postbox
) -> None:
    page = visitor.sign_in().go("/org/team")
    page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("new@khata.test")
    dialog.get_by_label("Name").fill("Nila")
    dialog.get_by_role("button", name="Invite member").click()
    expect(dialog.get_by_role("status")).to_contain_text("We’ve sent a letter to new@khata.test.")
    assert visitor.violations() == []
    link = page.get_by_test_id("invitation-link").inner_text()

    letter = box.wait_for("new@khata.test", "Owner invites you to Default")
    with Visitor(reached, browser) as newcomer:
        body = letter.get_body(("html",))
        assert body is not None
        newcomer.page.set_content(body.get_content())
        assert newcomer.page.get_by_role("link").get_attribute("href") == link
        newcomer.page.get_by_role("link", name="Accept the invitation").click()
        newcomer.page.get_by_label("Password", exact=True).fill(PASSWORD)
        newcomer.page.get_by_role("button", name="Accept invitation").click()
        expect(newcomer.page).to_have_url(re.compile("/org/billing"))
        expect(newcomer.page.get_by_role("button", name="Nila")).to_be_visible()
