"""Buying credits in the browser: they come by the gateway's word, live, and never by the page's."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard import Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")


def choose_outcome(page: Page, outcome: str) -> None:
    page.get_by_text(outcome, exact=True).click()


def test_a_upi_payment_brings_credits_to_every_open_page(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet()
    other = owner.another_tab()
    other.goto(f"/org/billing?w={wallet_id}")
    expect(other.get_by_test_id("balance")).to_have_text("0")

    page = owner.check_out(wallet_id)
    expect(page.get_by_test_id("total")).to_have_text("₹602.00")
    page.get_by_role("button", name="Pay ₹602.00").click()
    expect(page.get_by_test_id("payment-done")).to_contain_text("5,500 credits added")
    expect(page.get_by_test_id("payment-done")).to_contain_text("Your balance is now 5,500 credits")
    expect(other.get_by_test_id("balance")).to_have_text("5,500")
    assert dashboard.available(wallet_id) == 5_500
    expect(page.get_by_role("link", name="Download invoice")).to_be_visible()


def test_a_failed_payment_says_why_and_changes_nothing(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=70)
    page = owner.check_out(wallet_id, "/org/billing/add-funds?pack=starter")
    choose_outcome(page, "Fails")
    page.get_by_role("button", name=re.compile("^Pay ₹")).click()
    failed = page.get_by_test_id("payment-failed")
    expect(failed).to_contain_text("Payment failed. You have not been charged.")
    assert dashboard.available(wallet_id) == 70

    failed.get_by_role("button", name="Try again").click()
    choose_outcome(page, "Succeeds")
    page.get_by_role("button", name=re.compile("^Pay ₹")).click()
    expect(page.get_by_test_id("payment-done")).to_be_visible()
    assert dashboard.available(wallet_id) == 1_570


def test_a_payment_that_stays_pending_waits_and_grants_nothing(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet()
    page = owner.check_out(wallet_id)
    choose_outcome(page, "Stays pending")
    page.get_by_role("button", name=re.compile("^Pay ₹")).click()
    expect(page.get_by_test_id("payment-pending")).to_contain_text("Waiting for your bank")
    assert dashboard.available(wallet_id) == 0


def test_a_payment_that_the_rules_block_is_refused_kindly(
    dashboard: Dashboard, owner: Visitor
) -> None:
    owner.expected = ["403"]
    wallet_id = dashboard.wallet()
    page = owner.check_out(wallet_id)
    page.get_by_label("Or choose an amount").fill("12000")
    page.get_by_role("radio", name=re.compile("Wallets")).check()
    page.get_by_role("button", name=re.compile("^Pay ₹")).click()
    expect(page.get_by_text("This payment can’t be taken here.")).to_be_visible()
    expect(page.get_by_text("score")).to_have_count(0)


def test_too_small_an_amount_can_not_be_paid(dashboard: Dashboard, owner: Visitor) -> None:
    page = owner.go("/org/billing/add-funds", dashboard.wallet())
    page.get_by_label("Or choose an amount").fill("100")
    expect(page.get_by_text("At least ₹150")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Pay( |$)"))).to_be_disabled()


def test_a_purchase_by_the_keyboard_alone(dashboard: Dashboard, owner: Visitor) -> None:
    wallet_id = dashboard.wallet()
    page = owner.go("/org/billing/wallet", wallet_id)
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", level=1)).to_have_text("Add funds")
    expect(page.get_by_test_id("total")).to_have_text(re.compile("^₹"))
    walk_to(page, "Pro, ₹500, 5,500 credits")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_test_id("credits")).to_contain_text("3,200")
    walk_to(page, "State")
    page.keyboard.type("Kerala")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^Pay ₹"))).to_be_enabled()
    walk_to(page, "Pay ₹")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("payment-done")).to_contain_text("3,200 credits added")
    assert dashboard.available(wallet_id) == 3_200


def walk_to(page: Page, name: str) -> None:
    """Tabs on until what has the focus is called so."""
    told = """() => {
      const e = document.activeElement
      return [e.ariaLabel, e.labels?.[0]?.innerText, e.innerText].filter(Boolean).join(' ')
    }"""
    for _ in range(60):
        if name in page.evaluate(told):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {name}")
