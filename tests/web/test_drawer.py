"""A transaction opened: what it tells of itself, whether it is as it was written, and its walk."""

import re

import psycopg
import pytest
from playwright.sync_api import Page, expect

from dashboard import Dashboard, Visitor
from khata.postgres.server import open_server
from khata.postgres.settings import DatabaseSettings

pytestmark = pytest.mark.needs_program("chromium")


def opened(visitor: Visitor, wallet_id: str, transaction_id: str) -> Page:
    return visitor.go(f"/org/billing/wallet?tx={transaction_id}", wallet_id)


def change_a_row(dashboard: Dashboard, transaction_id: str) -> None:
    """As only somebody with all rights over the database can, who first takes its guard away."""
    guard = "trigger transactions_append_only"
    with (
        open_server(DatabaseSettings(data_folder=dashboard.folder)) as server,
        psycopg.connect(server.owner_dsn) as owner,
    ):
        owner.execute("set search_path = khata")
        owner.execute(f"alter table transactions disable {guard}".encode())
        owner.execute(
            "update transactions set member_id = 'nobody' where id = %s", [transaction_id]
        )
        owner.execute(f"alter table transactions enable always {guard}".encode())


def test_a_drawer_says_verified_and_no_more_once_the_row_is_changed(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    charged = dashboard.consume(wallet_id, "AI_SUMMARY", member_id="asha")["transaction"]
    dashboard.consume(wallet_id, "EMAIL_SEND")
    page = opened(owner, wallet_id, charged["id"])
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("Verified", exact=True)).to_be_visible()
    expect(drawer).to_contain_text("Worth ₹1.50.")
    total = drawer.get_by_role("row", name=re.compile("^Total, credits"))
    expect(total.get_by_role("cell")).to_have_text(["15 credits", "15 credits"])

    change_a_row(dashboard, charged["id"])
    page.reload()
    expect(drawer.get_by_text("Not verified")).to_be_visible()
    expect(drawer.get_by_role("alert")).to_contain_text("This row is not what was written")
    expect(drawer.get_by_text("Verified", exact=True)).to_have_count(0)


def test_a_drawer_walks_shows_json_and_is_shared(dashboard: Dashboard, owner: Visitor) -> None:
    wallet_id = dashboard.wallet(credits=1_000)
    dashboard.consume(wallet_id, "EMAIL_SEND")
    charged = dashboard.consume(wallet_id, "AI_SUMMARY")["transaction"]
    page = opened(owner, wallet_id, charged["id"])
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("AI summary")
    expect(drawer.get_by_role("button", name="Copy link")).to_be_visible()
    drawer.get_by_role("button", name="View as JSON").click()
    expect(drawer.get_by_label("Receipt as JSON")).to_contain_text('"verified": true')
    drawer.get_by_role("button", name="Hide JSON").click()
    expect(drawer.get_by_role("button", name="Next transaction")).to_be_enabled()
    page.keyboard.press("j")
    expect(drawer).to_contain_text("Email send")
    page.keyboard.press("j")
    expect(drawer).to_contain_text("Bonus credits")
    page.keyboard.press("k")
    expect(drawer).to_contain_text("Email send")
    expect(page).not_to_have_url(re.compile(charged["id"]))


def test_a_purchase_tells_its_order_its_risk_and_its_invoice(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet()
    body = {"pack_id": "pro", "payment_method": "upi", "simulate": {"outcome": "success"}}
    order = dashboard.ask(f"/v1/wallets/{wallet_id}/orders", body, "POST", key="drawer-order")
    page = opened(owner, wallet_id, order["transaction_id"])
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Paid ₹602.00 including fee and GST.")
    expect(drawer).to_contain_text("Risk score 0 of 100")
    expect(drawer).to_contain_text(order["payment_id"])
    expect(drawer.get_by_role("link", name=re.compile("^CR"))).to_be_visible()
    assert owner.violations() == []
