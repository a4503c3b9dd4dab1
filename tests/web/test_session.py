"""Which wallet a page is about, and what becomes of it when the session is no more the same."""

import json
import re

import pytest
from playwright.sync_api import Route, expect

from dashboard import OWNER, PASSWORD, Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")


def without(wallet_id: str, route: Route) -> None:
    """Answers the list as if that wallet stood on its second page."""
    answer = route.fetch()
    page = answer.json()
    listed = [each for each in page["data"] if each["id"] != wallet_id]
    route.fulfill(response=answer, body=json.dumps({**page, "data": listed}))


def test_a_wallet_behind_those_that_are_listed_is_shown_and_no_other_in_its_place(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=206)
    page = owner.page
    page.route(re.compile(r"/v1/wallets\?"), lambda route: without(wallet_id, route))
    owner.go("/org/billing/wallet", wallet_id)
    expect(page.get_by_test_id("available")).to_have_text("206")
    owner.expected = ["404"]
    owner.go("/org/billing/wallet", "wal_" + "0" * 26)
    expect(page.get_by_role("heading", name="There is no such wallet here")).to_be_visible()
    expect(page.get_by_test_id("available")).to_have_count(0)
    assert owner.violations() == []
    page.get_by_role("link", name="Go to ").click()
    expect(page).to_have_url(re.compile(r"/org/billing\?w=wal_"))
    expect(page.get_by_role("heading", level=1)).not_to_have_text("There is no such wallet here")


def test_a_session_that_has_ended_leads_to_the_sign_in_and_back(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=40)
    page = owner.go("/org/alerts", wallet_id)
    owner.expected = ["401"]
    page.context.clear_cookies()
    # To another page, if what this one asked meanwhile was not answered before.
    page.keyboard.press("g")
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.get_by_label("E-mail").fill(OWNER.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(f"/org/.*w={wallet_id}"))


def test_a_tab_goes_on_when_another_has_signed_in_anew(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet()
    page = owner.go("/org/alerts", wallet_id)
    owner.expected = ["403"]
    other = owner.another_tab()
    other.goto("/sign-in")
    other.get_by_label("E-mail").fill(OWNER.email)
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other).to_have_url(re.compile("/org/billing"))
    level = page.get_by_label("Low balance: At or below, in credits")
    level.fill("350")
    with page.expect_response(
        lambda answer: answer.request.method in {"PATCH", "PUT"} and answer.ok
    ):
        level.press("Tab")
    assert dashboard.ask(f"/v1/wallets/{wallet_id}")["low_balance_threshold"] == 350


def test_a_viewer_is_led_nowhere_that_a_viewer_may_not_be(
    dashboard: Dashboard, visitor: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=210)
    dashboard.consume(wallet_id, "AI_SUMMARY")
    visitor.sign_in(dashboard.person("viewer"))
    page = visitor.go("/org/alerts", wallet_id)
    expect(page.get_by_text("Balance is low")).to_be_visible()
    expect(page.get_by_role("link", name="Add funds")).to_have_count(0)
    page = visitor.go("/org/team?limit=AI_SUMMARY", wallet_id)
    expect(page.get_by_text("No limits yet")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
