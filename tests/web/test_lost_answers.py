"""What pages say and send where an answer is lost, late or missing: nothing is charged twice."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from dashboard import Dashboard, Visitor

pytestmark = pytest.mark.needs_program("chromium")

PAY = re.compile("^Pay ₹")
REFUSAL = {"code": "FORBIDDEN", "detail": "Not now."}


def pay(page: Page) -> None:
    page.get_by_role("button", name=PAY).click()


def lose_answers(page: Page, path: str) -> None:
    """What is sent there arrives and is done; what is answered does not come back."""

    def lost(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(
        path, lambda route: lost(route) if route.request.method == "POST" else route.continue_()
    )


def refuse(page: Page, path: str) -> None:
    page.route(path, lambda route: route.fulfill(status=403, json=REFUSAL))


def orders(dashboard: Dashboard, wallet_id: str) -> list[str]:
    listed = dashboard.ask(f"/v1/wallets/{wallet_id}/orders")["data"]
    return [each["status"] for each in listed]


def test_each_purchase_is_an_order_of_its_own(dashboard: Dashboard, owner: Visitor) -> None:
    wallet_id = dashboard.wallet()
    page = owner.check_out(wallet_id)
    page.get_by_text("Fails", exact=True).click()
    pay(page)
    expect(page.get_by_test_id("payment-failed")).to_be_visible()
    page.get_by_text("Succeeds", exact=True).click()
    pay(page)
    done = page.get_by_test_id("payment-done")
    expect(done).to_contain_text("Your balance is now 5,500 credits")
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(done).to_have_count(0)
    pay(page)
    expect(done).to_contain_text("Your balance is now 11,000 credits")
    assert orders(dashboard, wallet_id) == ["paid", "paid", "failed"]


def test_a_lost_answer_is_asked_for_again_and_paid_once(
    dashboard: Dashboard, owner: Visitor
) -> None:
    owner.expected = ["ERR_FAILED"]
    wallet_id = dashboard.wallet()
    page = owner.check_out(wallet_id)
    lose_answers(page, f"**/v1/wallets/{wallet_id}/orders")
    pay(page)
    unknown = page.get_by_test_id("payment-unknown")
    expect(unknown).to_contain_text("is not known")
    expect(page.get_by_text("You have not been charged")).to_have_count(0)
    expect(page.get_by_label("Or choose an amount")).to_be_disabled()
    expect(page.get_by_role("button", name=PAY)).to_be_disabled()
    page.unroute_all()
    unknown.get_by_role("button", name="Try again").click()
    expect(page.get_by_test_id("payment-done")).to_contain_text("5,500 credits added")
    assert orders(dashboard, wallet_id) == ["paid"]
    assert dashboard.available(wallet_id) == 5_500


def test_an_order_that_can_not_be_looked_up_is_not_paid_again(
    dashboard: Dashboard, owner: Visitor
) -> None:
    owner.expected = ["403"]
    wallet_id = dashboard.wallet()
    body = {"pack_id": "pro", "payment_method": "upi"}
    order = dashboard.ask(f"/v1/wallets/{wallet_id}/orders", body, "POST", key="unseen-order")
    refuse(owner.page, f"**/orders/{order['id']}")
    page = owner.go(f"/org/billing/add-funds?order={order['id']}", wallet_id)
    expect(page.get_by_role("alert")).to_contain_text("could not be looked up")
    expect(page.get_by_role("button", name=re.compile("^Pay"))).to_have_count(0)
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.unroute_all()
    page.reload()
    expect(page.get_by_test_id("payment-needs-action")).to_be_visible()


def test_who_leaves_a_payment_is_not_called_back(dashboard: Dashboard, owner: Visitor) -> None:
    wallet_id = dashboard.wallet()
    page = owner.check_out(wallet_id)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/v1/wallets/{wallet_id}/orders", hold)
    with page.expect_request(f"**/v1/wallets/{wallet_id}/orders"):
        pay(page)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Usage").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Usage")
    seen: list[str] = []
    page.on("framenavigated", lambda frame: seen.append(frame.url))
    with page.expect_response(f"**/v1/wallets/{wallet_id}/orders"):
        held.pop().continue_()
    page.get_by_role("link", name="Wallet").first.click()
    expect(page.get_by_test_id("available")).to_have_text("5,500")
    assert [url for url in seen if "order=" in url] == []


def test_after_a_reload_another_try_is_of_the_same_sum(
    dashboard: Dashboard, owner: Visitor
) -> None:
    page = owner.check_out(dashboard.wallet())
    page.get_by_text("Fails", exact=True).click()
    page.get_by_label("Or choose an amount").fill("2000")
    page.get_by_role("radio", name=re.compile("Net banking")).check()
    expect(page.get_by_test_id("total")).to_have_text("₹2,408.00")
    pay(page)
    failed = page.get_by_test_id("payment-failed")
    expect(failed).to_be_visible()
    page.reload()
    failed.get_by_role("button", name="Try again").click()
    expect(failed).to_have_count(0)
    expect(page.get_by_test_id("total")).to_have_text("₹2,408.00")
    expect(page.get_by_role("radio", name=re.compile("Net banking"))).to_be_checked()


def test_what_the_checkout_lacks_is_told_and_asked_for_again(
    dashboard: Dashboard, owner: Visitor
) -> None:
    owner.expected = ["403"]
    wallet_id = dashboard.wallet()
    refuse(owner.page, "**/v1/packs")
    refuse(owner.page, "**/v1/quotes")
    page = owner.go("/org/billing/add-funds", wallet_id)
    expect(page.get_by_role("alert")).to_contain_text("What is on offer could not be loaded.")
    page.unroute("**/v1/packs")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_contain_text("The sum could not be reckoned.")
    page.unroute("**/v1/quotes")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_test_id("total")).to_have_text("₹602.00")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_the_console_charges_once_though_the_answer_is_lost(
    dashboard: Dashboard, owner: Visitor
) -> None:
    owner.expected = ["ERR_FAILED"]
    wallet_id = dashboard.wallet(credits=1_000)
    page = owner.go("/org/billing/wallet", wallet_id)
    lose_answers(page, "**/consume")
    run = page.get_by_role("button", name="Run AI summary")
    run.click()
    expect(page.get_by_text("It is not known whether it was charged.")).to_be_visible()
    expect(page.get_by_text("Nothing was charged.")).to_have_count(0)
    page.unroute_all()
    run.click()
    expect(page.get_by_text("15 credits used.")).to_be_visible()
    assert dashboard.available(wallet_id) == 985
    run.click()
    expect(page.get_by_test_id("available")).to_have_text("970")


def test_auto_recharge_is_turned_off_whatever_it_is_paid_with(
    dashboard: Dashboard, owner: Visitor
) -> None:
    owner.expected = ["403"]
    wallet_id = dashboard.wallet(credits=10_000)
    method = {"kind": "upi", "vpa": "ananya@okhdfc"}
    path = f"/v1/wallets/{wallet_id}"
    added = dashboard.ask(f"{path}/payment-methods", method, "POST", key="off-method")
    wanted = {"enabled": True, "payment_method_id": added["id"]}
    dashboard.ask(f"{path}/auto-recharge", wanted, "PUT")
    refuse(owner.page, "**/payment-methods")
    page = owner.go("/org/billing/wallet", wallet_id)
    expect(page.get_by_text("Payment methods could not be loaded.")).to_be_visible()
    expect(page.get_by_role("button", name="Add method")).to_have_count(0)
    switch = page.get_by_role("switch", name="Auto-recharge")
    expect(switch).to_be_checked()
    switch.click(force=True)
    expect(page.get_by_text("Auto-recharge is off")).to_be_visible()
    expect(switch).not_to_be_checked()
    kept = dashboard.ask(path)["auto_recharge"]
    assert (kept["enabled"], kept["payment_method_id"]) == (False, added["id"])
