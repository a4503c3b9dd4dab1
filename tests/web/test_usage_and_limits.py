"""Usage and what is drawn from it: what stands out, tables and files, limits edited in place."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from dashboard import Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")


@pytest.fixture
def busy(dashboard: Dashboard) -> str:
    """A wallet of which Asha uses the most, for summaries."""
    wallet_id = dashboard.wallet(credits=1_000)
    for _ in range(8):
        dashboard.consume(wallet_id, "AI_SUMMARY", member_id="asha")
    dashboard.consume(wallet_id, "EMAIL_SEND", member_id="rohan")
    return wallet_id


@pytest.fixture(scope="module")
def asha(dashboard: Dashboard) -> None:
    """A member by that name of the platform's."""
    dashboard.ask("/v1/members", {"name": "Asha Rao", "external_id": "asha"}, "POST")


def rows_of(page: Page, button: str) -> list[dict[str, str]]:
    """What the file has that a link gives."""
    with page.expect_download() as downloading:
        page.get_by_role("link", name=button).click()
    with Path(downloading.value.path()).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.usefixtures("asha")
def test_what_stands_out_leads_to_a_limit_on_it(
    dashboard: Dashboard, owner: Visitor, busy: str
) -> None:
    page = owner.go("/org/billing/usage", busy)
    told = page.get_by_role("region", name="What stands out")
    expect(told).to_contain_text("AI summary is 99% of all credits. 100% of it is Asha Rao’s.")
    told.get_by_role("link", name="Set a limit").click()
    form = page.get_by_role("dialog", name="Add limit")
    expect(form.get_by_label("Of", exact=True)).to_have_value("AI summary")
    form.get_by_label("At most").fill("400")
    form.get_by_role("button", name="Save limit").click()
    expect(form).to_be_hidden()
    (made,) = dashboard.ask(f"/v1/budgets?wallet_id={busy}")["data"]
    assert (made["level"], made["feature"], made["limit"]) == ("organization", "AI_SUMMARY", 400)
    expect(page).not_to_have_url(re.compile("limit="))


def test_the_month_is_on_course_for_what_the_server_says(
    dashboard: Dashboard, owner: Visitor, busy: str
) -> None:
    def estimate() -> int:
        return dashboard.ask(f"/v1/wallets/{busy}/usage/summary")["monthly_estimate"]

    before = estimate()
    page = owner.go("/org/billing/usage", busy)
    shown = page.get_by_test_id("on-course")
    expect(shown).to_have_text(re.compile(r"\d"))
    # The month goes on while it is asked for: the same use is on course for less.
    assert estimate() <= int(shown.inner_text().replace(",", "")) <= before


def test_each_chart_is_a_table_and_a_file_too(owner: Visitor, busy: str) -> None:
    page = owner.go("/org/billing/usage", busy)
    hours = page.locator("section", has=page.get_by_role("heading", name="Busiest hours"))
    hours.get_by_role("button", name="Table").click()
    expect(hours.get_by_role("row")).to_have_count(25)
    page.reload()
    expect(hours.get_by_role("row")).to_have_count(25)
    busiest = [int(row["credits"]) for row in rows_of(page, "Busiest hours as CSV")]
    assert (len(busiest), sum(busiest)) == (168, 121)
    features = rows_of(page, "Top features as CSV")
    assert [(row["feature"], row["credits"]) for row in features] == [
        ("AI_SUMMARY", "120"),
        ("EMAIL_SEND", "1"),
    ]
    assert [row["credits"] for row in rows_of(page, "By category as CSV")] == ["120", "1"]


@pytest.mark.usefixtures("asha")
def test_a_limit_is_edited_where_it_stands_and_undone(
    dashboard: Dashboard, owner: Visitor, busy: str
) -> None:
    page = owner.go("/org/team", busy)
    limit = page.get_by_label("Limit of Asha Rao").first
    row = page.get_by_role("row", name=re.compile("Asha Rao")).first
    expect(row).to_contain_text("120 this month")
    limit.fill("500")
    limit.press("Enter")
    expect(row).to_contain_text("0 of 500")
    expect(page.get_by_text("held to it from the next charge on")).to_be_visible()
    (made,) = dashboard.ask(f"/v1/budgets?wallet_id={busy}")["data"]
    assert (made["subject"], made["limit"], made["on_limit"]) == ("asha", 500, "refuse")
    dashboard.consume(busy, "AI_SUMMARY", member_id="asha")
    limit.fill("700")
    limit.press("Enter")
    expect(row).to_contain_text("15 of 700")
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        page.get_by_role("button", name="Undo").click()
    expect(limit).to_have_value("500")
    expect(row).to_contain_text("15 of 500")
    assert dashboard.ask(f"/v1/budgets/{made['id']}")["limit"] == 500


@pytest.mark.usefixtures("asha")
def test_a_limit_that_is_refused_is_as_it_was(
    dashboard: Dashboard, owner: Visitor, busy: str
) -> None:
    body = {"level": "member", "subject": "asha", "limit": 300, "wallet_id": busy}
    dashboard.ask("/v1/budgets", body, "POST")
    page = owner.go("/org/team", busy)
    owner.expected = ["422"]
    limit = page.get_by_label("Limit of Asha Rao").first
    expect(limit).to_have_value("300")
    limit.fill("9999999999999999")
    limit.press("Tab")
    expect(page.get_by_role("alert")).to_contain_text("The limit was not changed.")
    expect(limit).to_have_value("300")


@pytest.mark.usefixtures("asha")
@pytest.mark.usefixtures("asha")
def test_people_come_page_by_page(owner: Visitor, busy: str) -> None:
    """More than a page holds; and a page holds one here. The live stream begins only when the next
    page is on its way, so that what is there is asked for anew, and the next page is dropped."""
    streams: list[Route] = []
    dropped: list[Route] = []

    def one_at_a_time(route: Route) -> None:
        if "cursor=" in route.request.url and not dropped:
            dropped.append(route)
        else:
            route.continue_(url=route.request.url.replace("limit=200", "limit=1"))

    def hold(stream: Route) -> None:
        streams.append(stream)

    owner.page.route(re.compile(r"/v1/members\?state=active"), one_at_a_time)
    owner.page.route(re.compile("/v1/events"), hold)
    page = owner.go("/org/team", busy)
    people = page.get_by_role("table", name="People and keys").get_by_role("row")
    expect(people).to_have_count(2)  # its heading, and one of them
    with page.expect_request(re.compile(r"/v1/members.*cursor=")):
        page.get_by_role("button", name="Show more").click()
    page.unroute(re.compile("/v1/events"))
    for stream in streams:
        stream.continue_()
    expect(people).to_have_count(3)


def test_a_form_asks_before_what_was_typed_is_gone(owner: Visitor, busy: str) -> None:
    page = owner.go("/org/team", busy)
    page.get_by_role("button", name="Add limit").click()
    form = page.get_by_role("dialog", name="Add limit")
    expect(form.get_by_label("At most")).to_be_visible()
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    page.get_by_role("button", name="Add limit").click()
    form.get_by_label("At most").fill("12")
    page.keyboard.press("Escape")
    expect(form.get_by_role("alert")).to_contain_text("What you typed is not saved.")
    assert owner.violations("[role=alert]") == []
    form.get_by_role("button", name="Keep editing").click()
    expect(form.get_by_label("At most")).to_have_value("12")
    page.keyboard.press("Escape")
    form.get_by_role("button", name="Discard").click()
    expect(form).to_be_hidden()


def test_an_invoice_and_its_credit_note_lead_to_each_other(
    dashboard: Dashboard, owner: Visitor
) -> None:
    wallet_id = dashboard.wallet()
    order = {"pack_id": "starter", "payment_method": "upi", "simulate": {"outcome": "success"}}
    path = f"/v1/wallets/{wallet_id}/orders"
    placed = dashboard.ask(path, order, "POST", key="linked-order")
    page = owner.go("/org/invoices", wallet_id)
    billed = page.get_by_role("row", name=re.compile("CR.26-27"))
    expect(billed).to_have_count(1)
    dashboard.ask(f"{path}/{placed['id']}/refund", {"amount": 10_000}, "POST", key="linked-refund")
    noted = page.get_by_role("row", name=re.compile("^CN.26-27"))
    expect(noted).to_have_count(1)
    invoice = next(
        each
        for each in dashboard.ask(f"/v1/wallets/{wallet_id}/invoices")["data"]
        if each["kind"] == "invoice"
    )
    link = noted.get_by_role("link", name=invoice["number"], exact=True)
    expect(link).to_have_attribute("href", f"/v1/invoices/{invoice['id']}.html")
    expect(page.get_by_text("Reduced")).to_be_visible()
    rows = rows_of(page, "Export CSV")
    assert [row["number"][:3] for row in rows] == ["CN/", "CR/"]
