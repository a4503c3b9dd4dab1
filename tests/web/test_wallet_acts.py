"""What is done from the wallet's page: refunds, a search from anywhere, and both on a phone."""

import re

import pytest
from playwright.sync_api import Browser, expect

from dashboard import NARROW, Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")


def test_a_charge_is_refunded_once_from_its_drawer(dashboard: Dashboard, owner: Visitor) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    charged = dashboard.consume(wallet_id, "AI_SUMMARY")["transaction"]
    page = owner.go(f"/org/billing/wallet?tx={charged['id']}", wallet_id)
    page.get_by_role("button", name="Refund credits").click()
    asked = page.get_by_role("dialog", name="Refund these credits?")
    asked.get_by_label("Reason").fill("It failed")
    asked.get_by_role("button", name="Refund credits").click()
    expect(page.get_by_text("15 credits went back.")).to_be_visible()
    expect(page.get_by_test_id("available")).to_have_text("1,000")
    refunds = dashboard.ask(f"/v1/wallets/{wallet_id}/transactions?type=REFUND")["data"]
    assert [(each["credits"], each["source_id"]) for each in refunds] == [(15, charged["id"])]
    owner.expected = ["409"]
    page.get_by_role("button", name="Refund credits").click()
    asked.get_by_role("button", name="Refund credits").click()
    expect(asked.get_by_role("alert")).to_contain_text("Nothing was changed.")
    told = dashboard.ask(f"/v1/audit-log?subject={wallet_id}&action=usage.refunded")["data"]
    assert [each["actor"][:4] for each in told] == ["usr_"]


def test_what_is_typed_into_the_palette_is_found_in_the_ledger(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    for feature in ("AI_SUMMARY", "EMAIL_SEND"):
        charged = dashboard.consume(wallet_id, feature)["transaction"]
    page = owner.go("/org/billing", wallet_id)
    expect(page.get_by_test_id("balance")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_label("Search pages, actions and transactions").fill("EMAIL_SEND")
    page.get_by_role("button", name=re.compile("Find .EMAIL_SEND.")).click()
    expect(page.get_by_role("row", name=re.compile("Email send"))).to_have_count(1)
    expect(page.get_by_role("row", name=re.compile("AI summary"))).to_have_count(0)
    page.keyboard.press("Control+k")
    page.get_by_label("Search pages, actions and transactions").fill(charged["id"])
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name=re.compile("^txn_"))
    expect(drawer).to_contain_text(charged["hash"])


def test_a_phone_shows_the_ledger_or_what_stands_beside_it(
    dashboard: Dashboard, browser: Browser
) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    dashboard.consume(wallet_id, "AI_SUMMARY")
    with Visitor(dashboard, browser, size=NARROW) as visitor:
        page = visitor.sign_in().go("/org/billing/wallet", wallet_id)
        row, beside = page.get_by_role("row").last, page.get_by_role("switch", name="Auto-recharge")
        team = page.get_by_role("heading", name=re.compile("^Team"))
        expect(row).to_be_visible()
        expect(beside).to_be_hidden()
        tabs = page.get_by_role("radiogroup", name="Shown")
        tabs.get_by_text("Auto-recharge").click()
        expect(beside).to_be_visible()
        expect(page.get_by_role("row")).to_have_count(0)
        expect(team).to_be_hidden()
        page.reload()
        expect(beside).to_be_visible()
        tabs.get_by_text("Team").click()
        expect(team).to_be_visible()
        expect(beside).to_be_hidden()


def test_what_comes_while_one_reads_further_down_waits(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    for _ in range(30):
        dashboard.consume(wallet_id, "EMAIL_SEND")
    page = owner.go("/org/billing/wallet", wallet_id)
    expect(page.get_by_role("button", name="Live updates: Live")).to_be_visible()
    rows = page.get_by_role("row", name=re.compile("Email send"))
    expect(rows.first).to_be_visible()
    page.mouse.move(500, 600)
    page.mouse.wheel(0, 700)
    page.wait_for_function("document.querySelector('[aria-label=Page]').scrollTop === 700")
    before = page.get_by_role("row", name=re.compile("Email send.*985"))
    expect(before).to_be_in_viewport()
    place = before.bounding_box()
    dashboard.consume(wallet_id, "AI_SUMMARY")
    waiting = page.get_by_role("button", name="1 new")
    expect(waiting).to_be_visible()
    dashboard.consume(wallet_id, "AI_SEARCH")
    expect(page.get_by_role("button", name="2 new")).to_be_visible()
    assert before.bounding_box() == place
    expect(page.get_by_role("row", name=re.compile("AI s"))).to_have_count(0)
    page.get_by_role("button", name="2 new").click()
    expect(page.get_by_role("row", name=re.compile("AI summary"))).to_be_in_viewport()
    expect(page.get_by_role("button", name=re.compile(" new"))).to_have_count(0)


def test_who_runs_low_turns_the_recharge_on_where_it_is_told(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=210)
    method = {"kind": "upi", "vpa": "ananya@okhdfc"}
    dashboard.ask(f"/v1/wallets/{wallet_id}/payment-methods", method, "POST", key="low-method")
    page = owner.go("/org/billing/wallet", wallet_id)
    expect(page.get_by_test_id("available")).to_have_text("210")
    dashboard.consume(wallet_id, "AI_SUMMARY")
    dialog = page.get_by_role("dialog", name="Low balance")
    switch = dialog.get_by_role("switch")
    dialog.locator("label", has_text="Recharge by itself").click()
    expect(switch).to_be_checked()
    expect(page.get_by_test_id("available")).to_have_text("1,695")
