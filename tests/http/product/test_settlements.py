"""Settlements: what came to the bank is booked once, to the paisa, and the gateway owes nothing."""

from datetime import date, timedelta

import pytest

from bank import Bank
from desk import Clock
from sales import bought, credits_of
from served import Api, Product


def settled(product: Product, bank: Bank) -> int:
    """The gateway pays what it owes, and Khata asks what that was; the postings it made."""
    product.settle()
    bank.settle()
    return product.run(product.khata.topups.settlements.look())


def test_a_payment_comes_to_the_bank_less_the_gateways_fee(
    product: Product, api: Api, bank: Bank
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id, payment_method="credit")
    payment = bank.payment_of(placed)
    fee, tax = payment["fee"], payment["tax"]
    assert fee > tax > 0
    assert settled(product, bank) > 0
    money = product.money_of(wallet_id)
    assert (money["bank"], money["expenses.gateway_fees"]) == (60_200 - fee, fee - tax)
    assert (money["itc.gst"], money.get("gateway.simulator", 0)) == (tax, 0)
    assert settled(product, bank) == 0
    assert product.money_of(wallet_id) == money


def test_a_refund_is_taken_from_a_settlement(product: Product, api: Api, bank: Bank) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    fee = bank.payment_of(placed)["fee"]
    api.post(f"/v1/wallets/{wallet_id}/orders/{placed['id']}/refund", {"amount": 10_000})
    settled(product, bank)
    money = product.money_of(wallet_id)
    assert money["bank"] == 60_200 - fee - 11_800
    assert money.get("gateway.simulator", 0) == money.get("refunds_payable", 0) == 0


@pytest.mark.parametrize(("verdict", "kept"), [("won", 60_200), ("lost", 0)])
def test_a_disputed_amount_is_withdrawn_and_given_back_if_it_is_won(
    product: Product, api: Api, bank: Bank, verdict: str, kept: int
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    fee = bank.payment_of(placed)["fee"]
    settled(product, bank)
    dispute_id = bank.dispute(placed)
    settled(product, bank)
    bank.decide(dispute_id, verdict)
    settled(product, bank)
    money = product.money_of(wallet_id)
    assert money.get("bank", 0) == kept - fee
    assert money.get("gateway.simulator", 0) == money.get("disputed", 0) == 0


def test_what_no_event_told_of_is_found_by_its_settlement(
    product: Product, api: Api, bank: Bank
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id, payment_method="credit")
    fee = bank.payment_of(placed)["fee"]
    bank.fault("drop_webhook", "refund.*", count=10)
    bank.fault("drop_webhook", "payment.dispute.*", count=10)
    bank.refund(placed, 11_800)
    bank.dispute(placed, amount=48_400)
    product.settle()
    assert api.available(wallet_id) == 5_500
    settled(product, bank)
    assert credits_of(api, wallet_id) == (0, 4_000)
    money = product.money_of(wallet_id)
    assert (money["bank"], money["disputed"]) == (-fee, 48_400)
    assert money.get("gateway.simulator", 0) == money.get("refunds_payable", 0) == 0


def test_money_that_brought_no_credits_is_owed_back(product: Product, api: Api, bank: Bank) -> None:
    """A payment of another amount is set apart, until somebody gives it back at the gateway."""
    wallet_id = api.new_wallet()
    bank.fault("amount_mismatch", count=50)
    body = {"pack_id": "pro", "payment_method": "upi", "simulate": {"outcome": "success"}}
    placed = api.post(f"/v1/wallets/{wallet_id}/orders", body)
    product.settle()
    bank.mend()
    settled(product, bank)
    money = product.money_of(wallet_id)
    assert money["refunds_payable"] == -60_200
    assert "deferred_revenue" not in money
    bank.refund(placed)
    settled(product, bank)
    money = product.money_of(wallet_id)
    assert money.get("refunds_payable", 0) == money.get("gateway.simulator", 0) == 0


def test_a_day_that_was_missed_is_asked_for_within_a_week(
    product: Product, api: Api, bank: Bank, clock: Clock
) -> None:
    wallet_id = api.new_wallet()
    bought(product, api, wallet_id)
    bank.settle()
    today = date.fromisoformat(api.get("/v1/reports/liability")["at"][:10])
    look = product.khata.topups.settlements.book
    assert product.run(look("simulator", today - timedelta(days=400))) == 0
    clock.turn(days=6)
    assert product.run(product.khata.topups.settlements.look()) > 0
    assert product.money_of(wallet_id)["bank"] > 0


def test_a_gateway_that_does_not_answer_is_asked_again(
    product: Product, api: Api, bank: Bank
) -> None:
    wallet_id = api.new_wallet()
    bought(product, api, wallet_id)
    bank.settle()
    bank.fault("http_502_html", "GET /v1/settlements/recon/combined", count=50)
    assert product.run(product.khata.topups.settlements.look()) == 0
    bank.mend()
    assert product.run(product.khata.topups.settlements.look()) > 0
