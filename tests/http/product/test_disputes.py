"""Disputes: credits locked while the bank decides, given back or taken, and the debt in between."""

from collections.abc import Callable

import pytest

from bank import Bank
from desk import Clock
from sales import bought, credits_of, order, path_of, spend
from served import Api, Json, Product

Market = tuple[Product, Api, Bank]


@pytest.fixture
def market(product: Product, api: Api, bank: Bank) -> Market:
    return product, api, bank


def dispute(api: Api, placed: Json) -> Json:
    (found,) = api.get(f"/v1/wallets/{placed['wallet_id']}/disputes")["data"]
    return found


def alerts(api: Api, wallet_id: str) -> list[str]:
    raised = [each["type"] for each in api.get(f"/v1/wallets/{wallet_id}/alerts")["data"]]
    return [each for each in raised if each.startswith("DISPUTE")]


def test_an_open_dispute_locks_what_is_unspent(product: Product, api: Api, bank: Bank) -> None:
    wallet_id = api.new_wallet(100)
    placed = bought(product, api, wallet_id)
    spend(api, wallet_id, 1_000)
    bank.dispute(placed)
    product.settle()
    shown = dispute(api, placed)
    assert (shown["state"], shown["booked"], shown["amount"]) == ("open", "locked", 60_200)
    assert (shown["order_id"], shown["payment_id"]) == (placed["id"], placed["payment_id"])
    assert sum(credits_of(api, wallet_id)) == 4_600
    assert credits_of(api, wallet_id)[1] >= 4_500
    assert product.money_of(wallet_id)["disputed"] == 60_200
    assert "gateway.simulator" not in product.money_of(wallet_id)
    assert alerts(api, wallet_id) == ["DISPUTE_OPENED"]
    refused = api.refused(f"{path_of(placed)}/refund", {})
    assert (refused["code"], refused["dispute_id"]) == ("ORDER_DISPUTED", shown["id"])


@pytest.mark.parametrize("verdict", ["won", "close"])
def test_a_dispute_that_is_won_unlocks(
    product: Product, api: Api, bank: Bank, verdict: str
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    before = product.money_of(wallet_id)
    opened = bank.dispute(placed)
    product.settle()
    assert credits_of(api, wallet_id) == (0, 5_500)
    bank.decide(opened, "under_review")
    product.settle()
    assert dispute(api, placed)["state"] == "under_review"
    bank.decide(opened, verdict)
    product.settle()
    assert dispute(api, placed)["booked"] == "unlocked"
    assert credits_of(api, wallet_id) == (5_500, 0)
    assert product.money_of(wallet_id) == before
    assert order(api, placed)["status"] == "paid"


def test_a_lost_dispute_leaves_a_debt_that_the_next_purchase_pays(
    product: Product, api: Api, bank: Bank
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    spend(api, wallet_id, 2_000)
    opened = bank.dispute(placed)
    product.settle()
    assert credits_of(api, wallet_id) == (0, 3_500)
    bank.decide(opened, "lost")
    product.settle()
    assert dispute(api, placed)["booked"] == "clawed_back"
    assert credits_of(api, wallet_id) == (-2_000, 0)
    assert alerts(api, wallet_id) == ["DISPUTE_LOST", "DISPUTE_OPENED"]
    money = product.money_of(wallet_id)
    assert "disputed" not in money
    assert money["expenses.chargebacks"] > 0
    assert sum(money.values()) == 0
    assert api.refused(f"{path_of(placed)}/refund", {})["code"] == "NOTHING_TO_REFUND"
    bought(product, api, wallet_id)
    assert credits_of(api, wallet_id) == (3_500, 0)


@pytest.mark.parametrize(
    ("verdicts", "booked", "credits"),
    [
        (["lost"], "clawed_back", (0, 0)),
        (["under_review", "lost"], "clawed_back", (0, 0)),
        (["won"], "unlocked", (5_500, 0)),
        (["under_review", "won"], "unlocked", (5_500, 0)),
        (["under_review", "close"], "unlocked", (5_500, 0)),
    ],
)
@pytest.mark.parametrize("backwards", [True, False])
def test_news_in_any_order_ends_the_same(
    market: Market, verdicts: list[str], booked: str, credits: tuple[int, int], *, backwards: bool
) -> None:
    product, api, bank = market
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    bank.hold_events()
    opened = bank.dispute(placed)
    for verdict in verdicts:
        bank.decide(opened, verdict)
    bank.release_events(backwards=backwards)
    product.settle()
    bank.replay_events()
    product.settle()
    assert (dispute(api, placed)["booked"], credits_of(api, wallet_id)) == (booked, credits)
    money = product.money_of(wallet_id)
    assert "disputed" not in money
    assert sum(money.values()) == 0


def test_no_event_at_all_and_the_verdict_is_asked_for(
    product: Product, api: Api, bank: Bank, clock: Clock
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    opened = bank.dispute(placed)
    product.settle()
    bank.fault("drop_webhook", "payment.dispute.*")
    bank.decide(opened, "won")
    clock.turn(seconds=6 * 3_600 + 1)
    product.settle()
    assert (dispute(api, placed)["booked"], credits_of(api, wallet_id)) == ("unlocked", (5_500, 0))


def test_credits_that_come_back_meanwhile_are_locked_too(
    product: Product, api: Api, bank: Bank, clock: Clock
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    hold = api.hold(wallet_id, credits=1_000, ttl_seconds=7_200)["hold"]["id"]
    opened = bank.dispute(placed)
    product.settle()
    assert credits_of(api, wallet_id) == (0, 4_500)
    api.post(f"/v1/wallets/{wallet_id}/holds/{hold}/release")
    assert credits_of(api, wallet_id) == (1_000, 4_500)
    clock.turn(seconds=6 * 3_600 + 1)
    product.settle()
    assert credits_of(api, wallet_id) == (0, 5_500)
    bank.decide(opened, "won")
    product.settle()
    assert credits_of(api, wallet_id) == (5_500, 0)


def test_a_payment_partly_refunded_is_disputed_for_the_rest(
    product: Product, api: Api, bank: Bank
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    api.post(f"{path_of(placed)}/refund", {"amount": 10_000})
    product.settle()
    opened = bank.dispute(placed, amount=48_400)
    product.settle()
    assert credits_of(api, wallet_id) == (0, 4_000)
    bank.decide(opened, "lost")
    product.settle()
    assert credits_of(api, wallet_id) == (0, 0)
    money = product.money_of(wallet_id)
    assert money.get("gateway.simulator", 0) == money.get("disputed", 0) == 0
    assert sum(money.values()) == 0


def test_a_dispute_told_before_its_payment_has_its_credits_first(
    product: Product, api: Api, bank: Bank
) -> None:
    wallet_id = api.new_wallet()
    body = {"pack_id": "pro", "payment_method": "upi"}
    placed = api.post(f"/v1/wallets/{wallet_id}/orders", body)
    bank.hold_events()
    bank.pay(placed)
    bank.dispute(placed)
    bank.release_events(backwards=True)
    product.settle()
    assert order(api, placed)["status"] == "paid"
    assert credits_of(api, wallet_id) == (0, 5_500)


def test_disputes_are_listed_in_pages_to_whoever_may_read(
    product: Product, api: Api, bank: Bank, caller: Callable[[str], Api]
) -> None:
    wallet_id = api.new_wallet()
    for _ in range(2):
        bank.dispute(bought(product, api, wallet_id))
    product.settle()
    reader = caller(api.new_api_key("payments:read"))
    path = f"/v1/wallets/{wallet_id}/disputes"
    first = reader.get(path, limit=1)
    second = reader.get(path, limit=1, cursor=first["next_cursor"])
    assert second["next_cursor"] is None
    assert first["data"][0]["id"] > second["data"][0]["id"]
    other = caller(api.new_api_key("wallets:read"))
    assert other.ask("GET", path).json()["required_scope"] == "payments:read"


def test_the_books_are_right(product: Product) -> None:
    checked = product.verified()
    assert checked.difference_count == 0, checked.differences
    assert sum(checked.paise.values()) == 0
