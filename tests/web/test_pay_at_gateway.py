"""Paying at the gateway's own page: from which address, how long, and what if one does not."""

import re

import pytest
from playwright.sync_api import Page, expect

from dashboard import Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")


@pytest.fixture
def wallet_id(dashboard: Dashboard) -> str:
    return dashboard.wallet()


@pytest.fixture
def page(owner: Visitor, wallet_id: str) -> Page:
    """The checkout, its invoice filled in, at which the simulator's bank is left to the payer."""
    page = owner.check_out(wallet_id)
    page.get_by_text("By hand", exact=True).click()
    return page


def pay(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Pay ₹")).click()


def test_an_app_gives_the_ending_of_the_upi_id(owner: Visitor, page: Page) -> None:
    upi_id = page.get_by_role("textbox", name="UPI ID")
    upi_id.fill("ananya")
    page.get_by_role("button", name="PhonePe").click()
    expect(upi_id).to_have_value("ananya@ybl")
    page.get_by_role("button", name="@axl").click()
    expect(upi_id).to_have_value("ananya@axl")
    expect(page.get_by_text("It has the form of a UPI ID.")).to_be_visible()
    upi_id.fill("ananya@okicici")
    expect(page.get_by_role("button", name="Google Pay")).to_have_attribute("aria-pressed", "true")
    assert owner.violations() == []


def test_what_is_no_upi_id_is_not_paid_from(
    dashboard: Dashboard, page: Page, wallet_id: str
) -> None:
    page.get_by_role("textbox", name="UPI ID").fill("ananya")
    pay(page)
    expect(page.get_by_text("Enter it as name@bank")).to_be_visible()
    assert dashboard.ask(f"/v1/wallets/{wallet_id}/orders")["data"] == []
    page.get_by_role("radio", name=re.compile("Debit card")).check()
    pay(page)
    expect(page.get_by_test_id("payment-needs-action")).to_be_visible()


def test_a_payment_is_finished_at_the_gateway_and_the_page_follows(
    dashboard: Dashboard, owner: Visitor, page: Page, wallet_id: str
) -> None:
    page.get_by_role("textbox", name="UPI ID").fill("ananya@okaxis")
    pay(page)
    waiting = page.get_by_test_id("payment-needs-action")
    expect(waiting).to_contain_text("Approve the payment in your UPI app")
    expect(waiting.get_by_role("timer")).to_have_text(re.compile("23 h|1 d"))
    assert owner.violations() == []
    url = waiting.get_by_role("link", name="Open the gateway").get_attribute("href")
    assert url is not None
    page.reload()
    expect(waiting).to_be_visible()

    gateway = page.context.new_page()
    gateway.goto(url)
    expect(gateway.get_by_label("UPI address")).to_have_value("ananya@okaxis")
    gateway.get_by_role("button", name=re.compile("^Pay|succeeds", re.IGNORECASE)).first.click()
    expect(page.get_by_test_id("payment-done")).to_contain_text("5,500 credits added")
    assert dashboard.available(wallet_id) == 5_500


def test_who_cancels_is_charged_nothing_and_finds_the_form_as_it_was(
    dashboard: Dashboard, page: Page, wallet_id: str
) -> None:
    page.get_by_role("textbox", name="UPI ID").fill("ananya@okaxis")
    page.get_by_role("radio", name=re.compile("^Starter")).check()
    pay(page)
    page.get_by_test_id("payment-needs-action").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("textbox", name="UPI ID")).to_have_value("ananya@okaxis")
    expect(page.get_by_role("radio", name=re.compile("^Starter"))).to_be_checked()
    expect(page).not_to_have_url(re.compile("order="))
    assert dashboard.available(wallet_id) == 0


def test_a_failure_names_its_order_and_its_code(page: Page) -> None:
    page.get_by_text("Fails", exact=True).click()
    pay(page)
    failed = page.get_by_test_id("payment-failed")
    expect(failed).to_contain_text(re.compile("ord_"))
    expect(failed).to_contain_text(re.compile(r"Code [A-Za-z_]+"))
