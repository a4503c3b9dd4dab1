"""The wallet's page: what is charged shows at once, and the address keeps what one looks at."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")


def test_a_summary_costs_fifteen_credits(dashboard: Dashboard, owner: Visitor) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    page = owner.go("/org/billing/wallet", wallet_id)
    page.get_by_role("button", name="Run AI summary").click()
    expect(page.get_by_test_id("available")).to_have_text("985")
    row = page.get_by_role("row", name=re.compile("AI summary"))
    expect(row).to_contain_text("−15")
    assert dashboard.available(wallet_id) == 985


def test_two_browsers_see_each_others_charges(
    dashboard: Dashboard, owner: Visitor, browser: Browser
) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    with Visitor(dashboard, browser) as other:
        other.sign_in()
        seen = other.go("/org/billing/wallet", wallet_id)
        expect(seen.get_by_role("button", name="Live updates: Live")).to_be_visible()
        page = owner.go("/org/billing/wallet", wallet_id)
        page.get_by_role("button", name="Run AI summary").click()
        expect(seen.get_by_test_id("available")).to_have_text("985")
        expect(seen.get_by_role("row", name=re.compile("AI summary"))).to_be_visible()


def test_a_charge_by_the_platform_shows_without_reload(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=100)
    page = owner.go("/org/billing", wallet_id)
    expect(page.get_by_test_id("balance")).to_have_text("100")
    expect(page.get_by_role("button", name="Live updates: Live")).to_be_visible()
    dashboard.consume(wallet_id, "EXPORT_DATA", member_id="asha")
    expect(page.get_by_test_id("balance")).to_have_text("80")


def test_filters_live_in_the_address_and_survive_a_reload(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    for feature in ("AI_SUMMARY", "EMAIL_SEND", "AI_SEARCH"):
        dashboard.consume(wallet_id, feature)
    page = owner.go("/org/billing/wallet", wallet_id)
    page.get_by_role("button", name="Category").click()
    page.get_by_role("menuitemcheckbox", name="AI").click()
    expect(page.get_by_role("row", name=re.compile("Email send"))).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_label("Search transactions").fill("AI_SEARCH")
    expect(page.get_by_role("row", name=re.compile("AI summary"))).to_have_count(0)
    expect(page).to_have_url(re.compile("category=AI.*q=AI_SEARCH|q=AI_SEARCH.*category=AI"))
    page.reload()
    expect(page.get_by_label("Search transactions")).to_have_value("AI_SEARCH")
    expect(page.get_by_role("row", name=re.compile("AI search"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("AI summary"))).to_have_count(0)
    page.get_by_label("Search transactions").fill("nowhere")
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_label("Search transactions")).to_have_value("")
    expect(page.get_by_role("row", name=re.compile("AI summary"))).to_be_visible()


def test_several_kinds_and_categories_are_shown_together(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    for feature in ("AI_SUMMARY", "EMAIL_SEND", "API_HEAVY_QUERY"):
        dashboard.consume(wallet_id, feature)
    page = owner.go("/org/billing/wallet", wallet_id)

    def shown(*names: str) -> None:
        for name in ("AI summary", "Email send", "API heavy query", "Bonus credits"):
            found = page.get_by_role("row", name=re.compile(name, re.IGNORECASE))
            expect(found).to_have_count(1 if name in names else 0)

    page.get_by_role("button", name="Bonuses").click()
    shown("Bonus credits")
    page.get_by_role("button", name="Usage").click()
    shown("AI summary", "Email send", "API heavy query", "Bonus credits")
    page.get_by_role("button", name="Bonuses").click()
    page.get_by_role("button", name="Category").click()
    page.get_by_role("menuitemcheckbox", name="AI", exact=True).click()
    page.get_by_role("menuitemcheckbox", name="API", exact=True).click()
    page.keyboard.press("Escape")
    shown("AI summary", "API heavy query")
    page.reload()
    expect(page.get_by_role("button", name="AI and 1 more")).to_be_visible()
    shown("AI summary", "API heavy query")
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_role("button", name="AI and 1 more").click()
    page.get_by_role("menuitem", name="All categories").click()
    shown("AI summary", "Email send", "API heavy query", "Bonus credits")


def test_a_transaction_opens_with_its_entries_and_its_hash(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    charged = dashboard.consume(wallet_id, "AI_SUMMARY", member_id="asha")["transaction"]
    page = owner.go("/org/billing/wallet", wallet_id)
    page.get_by_role("row", name=re.compile("AI summary")).get_by_role("button").first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("consumed.AI")
    expect(drawer).to_contain_text("Balanced")
    expect(drawer).to_contain_text(charged["hash"])
    expect(page).to_have_url(re.compile(f"tx={charged['id']}"))
    page.keyboard.press("j")
    expect(drawer).to_contain_text("Bonus credits")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_a_low_balance_is_told_once_a_crossing(dashboard: Dashboard, owner: Visitor) -> None:
    wallet_id = dashboard.wallet(credits=210)
    page = owner.go("/org/billing/wallet", wallet_id)
    expect(page.get_by_test_id("available")).to_have_text("210")
    dialog = page.get_by_role("dialog", name="Low balance")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Run AI summary").click()
    expect(dialog).to_contain_text("195 credits left")
    dialog.get_by_role("button", name="Remind me later").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Run AI summary").click()
    expect(page.get_by_test_id("available")).to_have_text("180")
    page.reload()
    expect(page.get_by_test_id("available")).to_have_text("180")
    expect(dialog).to_have_count(0)


def test_credits_that_have_run_out_pause_premium_features_only(
    dashboard: Dashboard, owner: Visitor
) -> None:
    owner.expected = ["402"]
    wallet_id = dashboard.wallet(credits=15)
    page = owner.go("/org/billing/wallet", wallet_id)
    expect(page.get_by_test_id("available")).to_have_text("15")
    dashboard.consume(wallet_id, "AI_SUMMARY")
    dialog = page.get_by_role("dialog", name="Low balance")
    dialog.get_by_role("button", name="Remind me later").click()
    expect(dialog).to_have_count(0)
    banner = page.get_by_text("Credits have run out. AI and premium features are paused.")
    expect(banner).to_be_visible()
    page.get_by_role("button", name="Run AI summary").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was charged.")


def add_method(page: Page, vpa: str) -> None:
    page.get_by_role("textbox", name="Pays with").fill(vpa)
    page.get_by_role("button", name="Add method").click()


def test_what_recharges_are_paid_with_is_added_and_removed(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=400)
    page = owner.go("/org/billing/wallet", wallet_id)
    add_method(page, "ananya@okhdfc")
    chosen = page.get_by_role("combobox", name="Pays with")
    expect(chosen).to_have_count(1)
    page.get_by_role("button", name="Add another").click()
    add_method(page, "rohan@okaxis")
    expect(chosen.get_by_role("option")).to_have_count(2)
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove method").click()
    expect(chosen.get_by_role("option")).to_have_count(1)
    left = dashboard.ask(f"/v1/wallets/{wallet_id}/payment-methods")["data"]
    assert [method["state"] for method in left] == ["confirmed"]


def test_what_is_typed_for_one_wallet_is_not_of_another(
    dashboard: Dashboard, owner: Visitor
) -> None:
    others = dashboard.ask(f"/v1/wallets/{dashboard.wallet()}")["name"]
    page = owner.go("/org/billing/wallet", dashboard.wallet())
    buys = page.get_by_label("Buy", exact=True)
    usual = buys.input_value()
    buys.fill("9000")
    expect(page.get_by_role("button", name="Save changes")).to_be_visible()
    page.get_by_role("button", name="Default").click()
    page.get_by_role("menuitem", name=others).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(others)
    expect(buys).to_have_value(usual)
    expect(page.get_by_role("button", name="Save changes")).to_have_count(0)


def test_auto_recharge_is_kept_and_fires_once_when_drained(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=400)
    page = owner.go("/org/billing/wallet", wallet_id)
    add_method(page, "ananya@okhdfc")
    switch = page.get_by_role("switch", name="Auto-recharge")
    expect(switch).to_be_enabled()
    page.locator("label", has=switch).click()
    expect(switch).to_be_checked()
    page.get_by_label("At most a month").fill("300")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("button", name="Save changes")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("switch", name="Auto-recharge")).to_be_checked()

    for _ in range(3):
        dashboard.consume(wallet_id, "AI_SUMMARY", 6)
    expect(page.get_by_test_id("available")).to_have_text("1,630")
    bought = dashboard.ask(f"/v1/wallets/{wallet_id}/transactions?type=CREDIT_PURCHASE")
    assert len(bought["data"]) == 1
    page = owner.go("/org/billing", wallet_id)
    meter = page.get_by_role("meter", name="Recharged this month, of the limit")
    expect(meter).to_have_attribute("aria-valuenow", "50")
    expect(page.get_by_text("₹150 of ₹300")).to_be_visible()
