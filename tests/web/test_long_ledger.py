"""A ledger of many pages: read to its end, it grows at its top, and says when a page is missing."""

import re

import pytest
from playwright.sync_api import expect

from dashboard import Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")

CHARGES = 450
# Asked of the page at each frame: scrolls on until the very first transaction is there.
READ_ON = """() => {
  document.querySelector('[aria-label=Page]').scrollTop = 1e9
  const rows = [...document.querySelectorAll('[role=row]')]
  return rows.some((row) => row.innerText.includes('Bonus credits'))
}"""


def charge(dashboard: Dashboard, wallet_id: str, mark: str, times: int) -> None:
    """So many charges at once."""
    one = {"op": "consume", "wallet_id": wallet_id, "feature": "API_BASIC_REQUEST"}
    items = [{**one, "idempotency_key": f"{mark}-{each}"} for each in range(times)]
    results = dashboard.ask("/v1/batch", {"items": items}, "POST")["results"]
    assert {each["status"] for each in results} == {200}


@pytest.fixture(scope="module")
def long(dashboard: Dashboard) -> str:
    """A wallet with a grant and many charges after it."""
    wallet_id = dashboard.wallet(credits=10_000)
    charge(dashboard, wallet_id, "charge", CHARGES)
    return wallet_id


def test_it_is_read_to_its_end_with_few_rows_in_the_page_and_grows_at_its_top(
    dashboard: Dashboard, owner: Visitor, long: str
) -> None:
    asked: list[str] = []
    owner.page.on("request", lambda request: asked.append(request.url))
    page = owner.go("/org/billing/wallet", long)
    expect(page.get_by_test_id("count")).to_have_text("451")
    page.wait_for_function(READ_ON)
    assert page.get_by_role("row").count() < 80
    expect(page.get_by_role("button", name="Live updates: Live")).to_be_visible()
    assert [url for url in asked if "cursor=" in url], "the older pages were asked for"
    asked.clear()
    dashboard.consume(long, "AI_SUMMARY")
    page.get_by_role("button", name="1 new").click()
    expect(page.get_by_role("row", name=re.compile("AI summary"))).to_be_visible()
    lists = [url for url in asked if "/transactions?" in url]
    assert lists, "the newest page was asked for"
    assert not [url for url in lists if "cursor=" in url], "and none of those that one has read"


def test_a_page_that_does_not_come_is_told_and_asked_for_again(owner: Visitor, long: str) -> None:
    owner.expected = ["ERR_FAILED"]
    page = owner.go("/org/billing/wallet", long)
    expect(page.get_by_role("row", name=re.compile("API basic request")).first).to_be_visible()
    page.route("**/transactions?*cursor=*", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.evaluate(READ_ON)
    told = page.get_by_role("alert").filter(has_text="Older transactions could not be loaded.")
    expect(told).to_be_visible()
    page.unroute_all()
    told.get_by_role("button", name="Try again").click()
    expect(told).to_have_count(0)
    page.wait_for_function(READ_ON)


def test_more_than_a_page_of_what_is_new_moves_nobody_who_reads(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet(credits=10_000)
    charge(dashboard, wallet_id, "before", 60)
    page = owner.go("/org/billing/wallet", wallet_id)
    expect(page.get_by_test_id("count")).to_have_text("61")
    expect(page.get_by_role("button", name="Live updates: Live")).to_be_visible()
    page.evaluate("document.querySelector('[aria-label=Page]').scrollTop = 1500")
    read = page.get_by_role("row", name=re.compile("9,970 Posted"))
    expect(read).to_be_in_viewport()
    charge(dashboard, wallet_id, "after", 250)
    page.get_by_role("button", name="250 new").wait_for()
    expect(read).to_be_in_viewport()
    assert page.evaluate("document.querySelector('[aria-label=Page]').scrollTop") == 1500
    page.get_by_role("button", name="250 new").click()
    expect(page.get_by_role("row", name=re.compile("9,690 Posted"))).to_be_in_viewport()
    page.wait_for_function(READ_ON)
    expect(page.get_by_test_id("count")).to_have_text("311")
