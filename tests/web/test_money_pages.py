"""What the overview and the wallet's page say beside their figures: why, of how many, what next."""

import re

import pytest
from playwright.sync_api import expect

from dashboard import Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")


def test_each_part_of_the_balance_explains_itself_to_the_keyboard(
    dashboard: Dashboard, owner: Visitor
) -> None:
    page = owner.go("/org/billing", dashboard.wallet(credits=100))
    balance = page.get_by_role("region", name="Balance")
    balance.get_by_role("button", name="Locked").focus()
    expect(page.get_by_role("tooltip")).to_have_text("On hold for review")
    expect(page.get_by_text(re.compile("^On course for"))).to_be_visible()
    assert owner.violations() == []


def test_what_needs_attention_leads_to_the_next_step(dashboard: Dashboard, owner: Visitor) -> None:
    wallet_id = dashboard.wallet(credits=210)
    dashboard.consume(wallet_id, "AI_SUMMARY")
    page = owner.go("/org/billing", wallet_id)
    told = page.get_by_role("listitem").filter(has_text="Balance is low")
    told.get_by_role("link", name="Add funds").click()
    expect(page).to_have_url(re.compile("/org/billing/add-funds"))


def test_the_team_is_shown_with_its_limits(dashboard: Dashboard, owner: Visitor) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    limited = {"level": "member", "subject": "asha", "limit": 60, "wallet_id": wallet_id}
    dashboard.ask("/v1/budgets", limited, "POST")
    for member_id in ("asha", "ravi"):
        dashboard.consume(wallet_id, "AI_SUMMARY", 2, member_id=member_id)
    page = owner.go("/org/billing/wallet", wallet_id)
    meter = page.get_by_role("meter", name="Used by asha, of the limit")
    expect(meter).to_have_attribute("aria-valuenow", "50")
    about = page.get_by_role("complementary", name="About this wallet")
    expect(about.get_by_text("of 60", exact=True)).to_be_visible()
    expect(about.get_by_text("no limit", exact=True)).to_have_count(1)


def test_a_filtered_ledger_says_of_how_many(dashboard: Dashboard, owner: Visitor) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    for feature in ("AI_SUMMARY", "EMAIL_SEND", "EMAIL_SEND"):
        dashboard.consume(wallet_id, feature)
    page = owner.go("/org/billing/wallet", wallet_id)
    expect(page.get_by_test_id("count")).to_have_text("4")
    page.get_by_label("Search transactions").fill("EMAIL_SEND")
    expect(page.get_by_test_id("count")).to_have_text("2 of 4")
