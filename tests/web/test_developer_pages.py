"""Keys, prices, the audit log and webhooks: what is set where, by whom, and what it was before."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from dashboard import NARROW, Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")


def new_key(dashboard: Dashboard, name: str) -> dict[str, Any]:
    told = {"name": name, "scopes": ["wallets:read"], "organization_id": dashboard.organization_id}
    return dashboard.ask("/v1/api-keys", told, "POST")


def key_of(dashboard: Dashboard, key_id: str) -> dict[str, Any]:
    return next(
        each for each in dashboard.ask("/v1/api-keys?limit=200")["data"] if each["id"] == key_id
    )


def test_a_key_is_limited_and_rotated_with_an_overlap(dashboard: Dashboard, owner: Visitor) -> None:
    key = new_key(dashboard, "Staging")
    page = owner.go("/org/keys")
    row = page.get_by_role("row", name=re.compile("Staging"))
    actions = row.get_by_role("button", name="Actions of Staging")

    actions.click()
    page.get_by_role("menuitem", name="Spending limit").click()
    form = page.get_by_role("dialog", name="Spending limit of Staging")
    form.get_by_label("May spend, in credits").fill("250")
    form.get_by_role("button", name="Save limit").click()
    expect(row).to_contain_text("0 of 250 a day")
    assert key_of(dashboard, key["id"])["spending_limit"]["credits"] == 250

    actions.click()
    page.get_by_role("menuitem", name="Rotate").click()
    asked = page.get_by_role("dialog", name="Rotate the secret of Staging?")
    asked.get_by_label("The secret it has now stays good for").click()
    page.get_by_role("option", name="7 days").click()
    assert owner.violations() == []
    asked.get_by_role("button", name="Rotate secret").click()
    shown = page.get_by_role("dialog", name="The key’s secret")
    expect(shown).to_contain_text("The former one is good until")
    assert shown.get_by_test_id("secret").inner_text().startswith("khk_")
    shown.get_by_label("I have stored it").check()
    shown.get_by_role("button", name="Done").click()
    assert key_of(dashboard, key["id"])["rotated_at"]


def test_a_key_is_ended_once_its_name_is_typed(dashboard: Dashboard, owner: Visitor) -> None:
    new_key(dashboard, "Retired")
    page = owner.go("/org/keys")
    row = page.get_by_role("row", name=re.compile("Retired"))
    row.get_by_role("button", name="Actions of Retired").click()
    page.get_by_role("menuitem", name="Revoke").click()
    ending = page.get_by_role("dialog", name="Revoke Retired?")
    expect(ending.get_by_role("button", name="Revoke key")).to_be_disabled()
    ending.get_by_role("textbox").fill("Retired")
    ending.get_by_role("button", name="Cancel").click()
    expect(ending).to_be_hidden()
    row.get_by_role("button", name="Actions of Retired").click()
    page.get_by_role("menuitem", name="Revoke").click()
    expect(ending.get_by_role("textbox")).to_have_value("")
    expect(ending.get_by_role("button", name="Revoke key")).to_be_disabled()
    ending.get_by_role("textbox").fill("Retired")
    ending.get_by_role("button", name="Revoke key").click()
    expect(row).to_contain_text("Revoked")


def test_a_key_tells_who_made_it(owner: Visitor) -> None:
    page = owner.go("/org/keys")
    page.get_by_role("button", name="Create key").first.click()
    form = page.get_by_role("dialog", name="Create key")
    form.get_by_label("Name").fill("By hand")
    form.get_by_role("button", name="Create key").click()
    shown = page.get_by_role("dialog", name="The key’s secret")
    shown.get_by_label("I have stored it").check()
    shown.get_by_role("button", name="Done").click()
    expect(page.get_by_role("row", name=re.compile("By hand"))).to_contain_text("by Owner")


def test_each_secret_has_to_be_stored_before_its_dialog_closes(owner: Visitor) -> None:
    page = owner.go("/org/keys")
    shown = page.get_by_role("dialog", name="The key’s secret")
    for name in ("First", "Second"):
        page.get_by_role("button", name="Create key").first.click()
        form = page.get_by_role("dialog", name="Create key")
        form.get_by_label("Name").fill(name)
        form.get_by_role("button", name="Create key").click()
        expect(shown.get_by_label("I have stored it")).not_to_be_checked()
        page.keyboard.press("Escape")
        shown.get_by_role("button", name="Copy").focus()
        page.keyboard.press("g")
        page.keyboard.press("b")
        expect(shown.get_by_test_id("secret")).to_have_text(re.compile("^khk_"))
        expect(page).to_have_url(re.compile("/org/keys"))
        shown.get_by_label("I have stored it").check()
        page.keyboard.press("Escape")
        expect(shown).to_be_hidden()


def test_the_audit_log_is_filtered_in_its_address_and_shows_the_difference(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet()
    dashboard.ask(f"/v1/wallets/{wallet_id}", {"low_balance_threshold": 321}, "PATCH")
    page = owner.go(f"/org/audit?subject={wallet_id}", wallet_id)
    rows = page.get_by_role("table", name="Audit log").locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("combobox", name="Action").click()
    page.get_by_role("combobox", name="Action").fill("wallet changed")
    page.get_by_role("option", name="Wallet changed").click()
    expect(rows).to_have_count(1)
    page.reload()
    expect(rows).to_have_count(1)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Export CSV").click()
    with Path(downloading.value.path()).open(encoding="utf-8", newline="") as file:
        assert [row["action"] for row in csv.DictReader(file)] == ["wallet.changed"]
    page.get_by_role("button", name="Wallet changed").click()
    drawer = page.get_by_role("dialog", name="Wallet changed")
    change = drawer.get_by_role("row", name=re.compile("low_balance_threshold"))
    expect(change.get_by_role("cell")).to_have_text(["200", "321"])
    assert owner.violations() == []
    page.reload()
    expect(change).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    page.get_by_role("button", name="Clear filters").click()
    expect(page).not_to_have_url(re.compile("subject="))
    expect(page.get_by_label("On what", exact=True)).to_have_value("")


def test_the_audit_log_stands_while_its_filters_are_typed(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet()
    page = owner.go("/org/audit?from=x&to=0002-02-04", wallet_id)
    rows = page.get_by_role("table", name="Audit log").locator("tbody tr")
    expect(rows.first).to_be_visible()
    subject = page.get_by_label("On what", exact=True)
    subject.click()
    page.keyboard.type(wallet_id[:10])
    expect(page).to_have_url(re.compile(f"subject={wallet_id[:10]}(&|$)"))
    page.keyboard.type(wallet_id[10:])
    expect(page).to_have_url(re.compile(f"subject={wallet_id}(&|$)"))
    expect(subject).to_have_value(wallet_id)
    expect(rows).to_have_count(1)
    page.get_by_label("From the day").focus()
    for key in "11262":
        page.keyboard.press(key)
    page.keyboard.type("099")
    expect(page).to_have_url(re.compile("from=2099-"))
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("From the day")).to_have_value("")
    expect(rows).to_have_count(1)


def test_a_version_of_the_prices_is_held_against_another(
    dashboard: Dashboard, owner: Visitor
) -> None:
    before = dashboard.ask("/v1/pricing")["features"]
    dearer = [
        {**each, "credits": each["credits"] + (each["feature"] == "AI_SUMMARY")}
        for each in before
        if each["feature"] != "MEDIA_OPTIMIZATION"
    ]
    dashboard.ask("/v1/pricing", {"features": dearer}, "PUT")
    page = owner.go("/org/pricing")
    expect(page.get_by_role("row", name=re.compile("AI summary"))).to_contain_text("was 15")
    expect(page.get_by_text("No more in it, of what version 1 had: Media")).to_be_visible()
    page.get_by_role("combobox", name="Version").click()
    page.get_by_role("option", name=re.compile("^Version 1,")).click()
    expect(page.get_by_role("row", name=re.compile("Media optimization"))).to_be_visible()
    page.get_by_role("combobox", name="Compared with").click()
    page.get_by_role("option", name="Against version 2").click()
    expect(page.get_by_role("row", name=re.compile("AI summary"))).to_contain_text("was 16")
    expect(page).to_have_url(re.compile("against=.*2"))
    page.get_by_text("Python", exact=True).click()
    expect(page.get_by_role("region", name="Code sample")).to_contain_text("httpx.post")
    dashboard.ask("/v1/pricing", {"features": before}, "PUT")


def test_what_waits_to_be_delivered_is_looked_at_again(
    dashboard: Dashboard, owner: Visitor
) -> None:
    """Nobody listens there, so the first attempt fails; the list tells without a reload."""
    endpoint = {"url": "https://hooks.example.invalid/khata"}
    made = dashboard.ask("/v1/webhook-endpoints", endpoint, "POST")
    page = owner.go(f"/org/webhooks?endpoint={made['id']}")
    page.get_by_role("button", name="Send test event").click()
    row = page.get_by_role("table", name="Deliveries").locator("tbody tr")
    expect(row.get_by_role("cell").nth(3)).to_have_text("1")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Disable").click()
    expect(page.get_by_role("row", name=re.compile("example.invalid"))).to_contain_text("Disabled")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row", name=re.compile("example.invalid"))).not_to_contain_text(
        "Disabled"
    )


def test_without_a_network_the_page_says_so_and_changes_nothing(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet()
    page = owner.go("/org/alerts", wallet_id)
    owner.expected = ["ERR_INTERNET_DISCONNECTED"]
    level = page.get_by_label("Low balance: At or below, in credits")
    expect(level).to_have_value("200")
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    level.fill("350")
    level.press("Tab")
    expect(page.get_by_text("Khata cannot be reached")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_be_hidden()
    assert dashboard.ask(f"/v1/wallets/{wallet_id}")["low_balance_threshold"] == 200


def test_a_phone_can_pause_what_is_live(dashboard: Dashboard, browser: Browser) -> None:
    with Visitor(dashboard, browser, size=NARROW) as visitor:
        page = visitor.sign_in().page
        page.get_by_role("button", name="More").click()
        live = page.get_by_role("dialog").get_by_role("button", name=re.compile("Live updates"))
        expect(live).to_have_accessible_name("Live updates: Live")
        live.click()
        expect(live).to_have_accessible_name("Live updates: Paused")
        page.mouse.move(0, 0)
        expect(page.get_by_role("tooltip")).to_have_count(0)
        assert visitor.violations() == []


def test_rows_are_walked_by_single_keys_unless_those_are_off(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet()
    dashboard.ask(f"/v1/wallets/{wallet_id}", {"low_balance_threshold": 321}, "PATCH")
    log = f"/org/audit?subject={wallet_id}"
    page = owner.go(log, wallet_id)
    newest = page.get_by_role("button", name="Wallet changed")
    expect(newest).to_be_visible()
    page.keyboard.press("j")
    expect(newest).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Wallet changed")).to_be_visible()
    page.keyboard.press("j")
    older = page.get_by_role("dialog", name="Wallet created")
    expect(older).to_be_visible()
    expect(older.get_by_role("button", name="Next entry")).to_be_disabled()
    assert owner.violations() == []
    page = owner.go("/org/settings")
    page.get_by_role("switch", name="Shortcuts of a single key").press("Space")
    page = owner.go(f"{log}&entry=", wallet_id)
    expect(newest).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("g")
    page.keyboard.press("u")
    expect(newest).not_to_be_focused()
    expect(page).to_have_url(re.compile("/org/audit"))
