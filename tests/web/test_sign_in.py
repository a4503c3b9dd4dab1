"""Who gets in, what a role may see, and that the server refuses what the page only hides."""

import re

import pytest
from playwright.sync_api import Browser, expect

from dashboard import OWNER, PASSWORD, Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")


def test_without_a_session_one_signs_in_first_and_then_gets_where_one_was_going(
    visitor: Visitor,
) -> None:
    page = visitor.page
    visitor.expected = ["401"]
    page.goto("/org/billing/usage?range=7")
    page.get_by_label("E-mail").fill(OWNER.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/org/billing/usage\?range=7"))


def test_a_wrong_password_tells_nothing_but_that(visitor: Visitor) -> None:
    page = visitor.page
    visitor.expected = ["401"]
    page.goto("/sign-in")
    for email in (OWNER.email, "nobody@khata.test"):
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill("certainly not this")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("You are not signed in.")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_a_link_sets_a_password_once(dashboard: Dashboard, visitor: Visitor) -> None:
    page = visitor.page
    link = dashboard.sign_in_link()
    path = "/sign-in" + link.partition("/sign-in")[2]
    page.goto(path)
    page.get_by_label("E-mail").fill(OWNER.email)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page).to_have_url(re.compile("/org/billing"))
    expect(page).not_to_have_url(re.compile("token"))


def test_signing_out_ends_the_session(owner: Visitor) -> None:
    owner.expected = ["401"]
    page = owner.page
    page.get_by_role("button", name="Owner").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.goto("/org/billing")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_a_viewer_sees_and_changes_nothing(dashboard: Dashboard, visitor: Visitor) -> None:
    wallet_id = dashboard.wallet(credits=500)
    visitor.sign_in(dashboard.person("viewer"))
    page = visitor.go("/org/billing/wallet", wallet_id)
    expect(page.get_by_test_id("available")).to_have_text("500")
    expect(page.get_by_role("link", name="Add funds")).to_have_count(0)
    expect(page.get_by_role("button", name="Run AI summary")).to_have_count(0)
    expect(page.get_by_role("link", name="API keys")).to_have_count(0)

    status = page.evaluate(
        """async wallet => {
          const session = await (await fetch('/v1/session')).json()
          const answer = await fetch(`/v1/wallets/${wallet}/consume`, {
            method: 'POST',
            headers: {'Content-Type': 'application/json', 'Idempotency-Key': 'forged-1',
                      'X-CSRF-Token': session.csrf_token},
            body: JSON.stringify({feature: 'AI_SUMMARY'}),
          })
          return answer.status
        }""",
        wallet_id,
    )
    visitor.expected = ["403"]
    assert status == 403
    assert dashboard.available(wallet_id) == 500


def test_somebody_invited_through_the_page_becomes_a_member(
    owner: Visitor, dashboard: Dashboard, browser: Browser
) -> None:
    page = owner.go("/org/team")
    page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("new@khata.test")
    dialog.get_by_label("Name").fill("Nila")
    dialog.get_by_role("button", name="Invite member").click()
    link = page.get_by_test_id("invitation-link").inner_text()
    with Visitor(dashboard, browser) as invited:
        invited.page.goto(link)
        invited.page.get_by_label("Password", exact=True).fill(PASSWORD)
        invited.page.get_by_role("button", name="Accept invitation").click()
        expect(invited.page).to_have_url(re.compile("/org/billing"))
        expect(invited.page.get_by_role("button", name="Nila")).to_be_visible()
