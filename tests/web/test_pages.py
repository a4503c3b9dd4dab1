"""Every page, in both themes, wide and narrow: axe finds nothing, and the console stays silent.

KHATA_SCREENSHOTS names a folder in which each is kept as a picture; `make screenshots` sets it.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import NARROW, WIDE, Dashboard, Theme, Visitor

pytestmark = pytest.mark.needs_program("chromium")

PAGES = {
    "billing": "/org/billing",
    "wallet": "/org/billing/wallet",
    "add-funds": "/org/billing/add-funds",
    "usage": "/org/billing/usage",
    "usage-table": "/org/billing/usage?view=table&by=feature",
    "team": "/org/team",
    "invoices": "/org/invoices",
    "alerts": "/org/alerts",
    "pricing": "/org/pricing",
    "keys": "/org/keys",
    "webhooks": "/org/webhooks",
    "audit": "/org/audit",
    "settings": "/org/settings",
}
SIZES = {"wide": WIDE, "narrow": NARROW}
FEATURES = (
    "AI_SUMMARY",
    "AI_SEARCH",
    "EXPORT_DATA",
    "EMAIL_SEND",
    "WEBHOOK_TRIGGER",
    "STORAGE_1GB",
)


@pytest.fixture(scope="module")
def lived_in(dashboard: Dashboard) -> str:
    """A wallet in which something happened: purchases, charges by several, a low balance."""
    wallet_id = dashboard.wallet(credits=400)
    order = {"pack_id": "starter", "payment_method": "upi", "simulate": {"outcome": "success"}}
    dashboard.ask(f"/v1/wallets/{wallet_id}/orders", order, "POST", key="pictures-order")
    for member in ("asha", "rohan", "kavya"):
        for feature in FEATURES:
            dashboard.consume(wallet_id, feature, member_id=member)
    endpoint = {"url": "https://hooks.example.com/khata", "description": "Production"}
    dashboard.ask("/v1/webhook-endpoints", endpoint, "POST")
    budget = {"level": "member", "limit": 500, "wallet_id": wallet_id}
    dashboard.ask("/v1/budgets", budget, "POST")
    key = {"name": "Production", "scopes": ["wallets:read", "wallets:consume"]}
    told = {**key, "organization_id": dashboard.organization_id}
    dashboard.ask("/v1/api-keys", told, "POST")
    return wallet_id


@pytest.fixture(params=[(theme, size) for theme in ("light", "dark") for size in SIZES])
def onlooker(
    request: pytest.FixtureRequest, dashboard: Dashboard, browser: Browser
) -> Iterator[tuple[Visitor, str]]:
    theme: Theme
    theme, size = request.param
    with Visitor(dashboard, browser, size=SIZES[size], theme=theme) as one:
        yield one.sign_in(), f"{size}-{theme}"


def settled(page: Page) -> None:
    """Until nothing of the page is on its way any more."""
    expect(page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0)
    expect(page.get_by_role("button", name="Pay", exact=True)).to_have_count(0)  # without a sum yet
    page.wait_for_function("document.fonts.status === 'loaded'")


def keep(visitor: Visitor, name: str) -> None:
    if folder := os.environ.get("KHATA_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        visitor.picture(Path(folder) / f"{name}.png")


# What is wider than its place, but for code and for a chart's own table.
CUT_OFF = """() => [...document.querySelectorAll('main *')]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'auto')
  .filter((e) => e.tagName !== 'PRE')
  .map((e) => `${e.ariaLabel ?? e.className}: ${e.scrollWidth} in ${e.clientWidth}`)"""


def test_every_page_is_accessible(onlooker: tuple[Visitor, str], lived_in: str) -> None:
    visitor, kind = onlooker
    found: dict[str, list[str]] = {}
    for name, path in PAGES.items():
        page = visitor.go(path, lived_in)
        settled(page)
        keep(visitor, f"{name}-{kind}")
        cut_off: list[str] = [] if name == "usage-table" else page.evaluate(CUT_OFF)
        found[name] = [*visitor.violations(), *cut_off]
    assert {name: told for name, told in found.items() if told} == {}


def test_every_overlay_is_accessible(onlooker: tuple[Visitor, str], lived_in: str) -> None:
    visitor, kind = onlooker
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        settled(visitor.page)
        keep(visitor, f"{name}-{kind}")
        found[name] = visitor.violations()

    page = visitor.go("/org/billing/wallet", lived_in)
    settled(page)
    page.get_by_role("table").get_by_role("button").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("Hash chain")
    look("transaction")
    page.keyboard.press("Escape")
    page = visitor.go("/org/billing/wallet?low=true", lived_in)
    expect(page.get_by_role("dialog")).to_contain_text("credits left")
    look("low-balance")
    page = visitor.go("/org/billing", lived_in)
    settled(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Command palette")).to_be_visible()
    look("palette")
    page.keyboard.press("Escape")
    page = visitor.go("/org/billing/wallet?q=nothing-of-this-name", lived_in)
    expect(page.get_by_text("No transactions match")).to_be_visible()
    look("empty")
    assert {name: told for name, told in found.items() if told} == {}


@pytest.mark.parametrize("path", ["/sign-in", "/accept-invitation", "/org/nowhere"])
def test_pages_before_anybody_is_signed_in(visitor: Visitor, path: str) -> None:
    visitor.expected = ["401"]
    visitor.page.goto(path)
    expect(visitor.page.get_by_role("heading").first).to_be_visible()
    assert visitor.violations() == []
