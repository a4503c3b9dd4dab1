"""Money back for orders: what goes back, which credits go with it, and what when it fails."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest

from bank import Bank
from desk import Clock
from khata.app.topups.refunds import Refunds
from khata.domain.commands import Consume
from khata.payments.gateway import GatewayRefund
from khata.postgres.refunds import Refund
from sales import bought, order, path_of, spend
from served import Api, Json, Product


def refund_path(placed: Json) -> str:
    return f"{path_of(placed)}/refund"


def refund(api: Api, placed: Json, **body: object) -> Json:
    return api.post(refund_path(placed), body)["refund"]


def latest(api: Api, placed: Json) -> Json:
    return api.get(f"{refund_path(placed)}s")["data"][0]


def test_an_unused_order_goes_back_whole(product: Product, api: Api, bank: Bank) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    answer = api.post(refund_path(placed), {"reason": "a mistake"})
    begun = answer["refund"]
    assert (begun["status"], begun["amount"], begun["gst"]) == ("pending", 50_000, 9_000)
    assert (begun["platform_fee"], begun["round_off"], begun["total"]) == (1_201, -1, 60_200)
    assert (begun["credits_clawed_back"], begun["reason"]) == (5_500, "a mistake")
    assert (answer["order"]["status"], answer["order"]["refunded_amount"]) == ("refunded", 50_000)
    assert api.available(wallet_id) == 0
    product.settle()
    ended = latest(api, placed)
    assert (ended["id"], ended["status"], ended["failure"]) == (begun["id"], "processed", None)
    (told,) = bank.refunds_of(placed)
    assert (told["amount"], told["receipt"]) == (60_200, begun["id"])
    assert product.money_of(wallet_id) == {}
    assert api.refused(refund_path(placed), {})["code"] == "NOTHING_TO_REFUND"


def test_what_was_used_is_kept(product: Product, api: Api) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    spend(api, wallet_id, 2_000)
    begun = refund(api, placed)
    assert (begun["amount"], begun["gst"], begun["total"]) == (30_000, 5_400, 35_400)
    assert (begun["credits_clawed_back"], begun["platform_fee"]) == (3_500, 0)
    product.settle()
    after = order(api, placed)
    assert (after["status"], after["refunded_amount"]) == ("partially_refunded", 30_000)
    assert api.available(wallet_id) == 0
    money = product.money_of(wallet_id)
    assert (money["gateway.simulator"], money["gst.cgst"]) == (60_200 - 35_400, -4_592 + 2_700)
    assert money.get("deferred_revenue", 0) == money.get("refunds_payable", 0) == 0
    assert sum(money.values()) == 0


def test_parts_take_the_bonus_first_and_sum_to_what_was_paid(product: Product, api: Api) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    first = refund(api, placed, amount=10_000)
    assert (first["total"], first["credits_clawed_back"]) == (11_800, 1_500)
    assert api.available(wallet_id) == 4_000
    second = refund(api, placed, amount=10_000)
    assert (second["total"], second["credits_clawed_back"]) == (11_800, 1_000)
    last = refund(api, placed)
    assert (last["amount"], last["total"]) == (30_000, 60_200 - 2 * 11_800)
    product.settle()
    assert order(api, placed)["status"] == "refunded"
    assert product.money_of(wallet_id) == {}
    listed = api.get(f"{refund_path(placed)}s")["data"]
    assert [one["id"] for one in listed] == [last["id"], second["id"], first["id"]]
    assert {one["status"] for one in listed} == {"processed"}


@pytest.mark.parametrize("amount", [50_010, -10, 0, 10_001, 10**15, 1.5, "100", True])
def test_an_amount_that_will_not_do_is_told(product: Product, api: Api, amount: object) -> None:
    placed = bought(product, api, api.new_wallet())
    refused = api.refused(refund_path(placed), {"amount": amount})
    assert refused["code"] == "VALIDATION_FAILED"
    assert [each["field"] for each in refused["errors"]] == ["amount"]
    assert api.available(placed["wallet_id"]) == 5_500
    assert api.get(f"{refund_path(placed)}s")["data"] == []


def test_what_is_not_paid_can_not_be_refunded(product: Product, api: Api) -> None:
    wallet_id = api.new_wallet()
    body = {"pack_id": "pro", "payment_method": "upi"}
    placed = api.post(f"/v1/wallets/{wallet_id}/orders", body)
    assert api.refused(refund_path(placed), {})["code"] == "NOTHING_TO_REFUND"
    used_up = bought(product, api, wallet_id, pack_id="starter")
    spend(api, wallet_id, 1_500)
    assert api.refused(refund_path(used_up), {})["code"] == "NOTHING_TO_REFUND"
    other = {**used_up, "wallet_id": api.new_wallet()}
    assert api.refused(refund_path(other), {})["code"] == "ORDER_NOT_FOUND"


def test_the_same_request_at_the_same_time_has_one_first_answer(product: Product, api: Api) -> None:
    placed, key = bought(product, api, api.new_wallet()), api.new_key()
    path, body = refund_path(placed), {"amount": 10_000}
    with ThreadPoolExecutor(4) as callers:
        asked = [callers.submit(api.ask, "POST", path, body, key=key) for _ in range(4)]
        answers = [one.result() for one in asked]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (202, answers[0].content)
    }
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1


def test_the_same_request_is_one_refund_to_the_byte(product: Product, api: Api) -> None:
    wallet_id, key = api.new_wallet(), api.new_key()
    placed = bought(product, api, wallet_id)
    first = api.ask("POST", refund_path(placed), {"amount": 10_000}, key=key)
    product.settle()
    again = api.ask("POST", refund_path(placed), {"amount": 10_000}, key=key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    other = api.refused(refund_path(placed), {"amount": 20_000}, key=key)
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"
    usage = {"feature": "API_HEAVY_QUERY", "quantity": 1}
    spent = api.refused(f"/v1/wallets/{wallet_id}/consume", usage, key=key)
    assert spent["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert api.available(wallet_id) == 4_000


def test_several_at_once_give_back_no_more_than_was_paid(
    product: Product, api: Api, caller: Callable[[str], Api], bank: Bank
) -> None:
    placed = bought(product, api, api.new_wallet())
    secret = api.new_api_key("payments:refund")
    answers: list[int] = []

    def ask(one: Api) -> None:
        answers.append(one.ask("POST", refund_path(placed), {}, key=one.new_key()).status_code)

    threads = [Thread(target=ask, args=[caller(secret)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    product.settle()
    assert sorted(answers) == [202, 409, 409, 409]
    assert [one["amount"] for one in bank.refunds_of(placed)] == [60_200]
    assert api.available(placed["wallet_id"]) == 0


@pytest.mark.parametrize("fault", ["timeout_after", "http_502_html", "http_500_json", "conn_reset"])
def test_an_answer_that_is_lost_is_asked_for_again(
    product: Product, api: Api, bank: Bank, clock: Clock, fault: str
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    bank.fault(fault, "POST /v1/payments/*/refund")
    refund(api, placed)
    for _ in range(5):
        product.settle()
        clock.turn(seconds=30)
    assert latest(api, placed)["status"] == "processed"
    assert [one["amount"] for one in bank.refunds_of(placed)] == [60_200]
    assert product.money_of(wallet_id) == {}


def test_a_refund_that_fails_later_gives_its_credits_back(
    product: Product, api: Api, bank: Bank, clock: Clock
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    before = product.money_of(wallet_id)
    bank.fault("refund_fails_later")
    refund(api, placed, amount=10_000)
    product.settle()
    assert (latest(api, placed)["status"], api.available(wallet_id)) == ("pending", 4_000)
    clock.turn(days=1.1)
    product.settle()
    failed = latest(api, placed)
    assert (failed["status"], failed["failure"]["message"]) == (
        "failed",
        "The gateway could not give the money back.",
    )
    assert failed["restored_by"] is not None
    assert api.available(wallet_id) == 5_500
    after = order(api, placed)
    assert (after["status"], after["refunded_amount"]) == ("paid", 0)
    assert product.money_of(wallet_id) == before
    again = refund(api, placed)
    product.settle()
    assert (again["total"], latest(api, placed)["status"]) == (60_200, "processed")
    assert product.money_of(wallet_id) == {}


def test_a_refund_that_the_gateway_refuses_gives_its_credits_back(
    product: Product, api: Api, bank: Bank
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    refund(api, placed, amount=10)  # 12 paise are less than the gateway gives back
    product.settle()
    failed = latest(api, placed)
    assert (failed["status"], failed["total"]) == ("failed", 12)
    assert "amount" in failed["failure"]["message"]
    assert bank.refunds_of(placed) == []
    assert (api.available(wallet_id), order(api, placed)["status"]) == (5_500, "paid")


def test_a_refund_made_at_the_gateway_becomes_one_of_ours(
    product: Product, api: Api, bank: Bank
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    spend(api, wallet_id, 5_000)
    bank.refund(placed, 11_800)
    product.settle()
    adopted = latest(api, placed)
    assert (adopted["origin"], adopted["status"]) == ("gateway", "processed")
    assert (adopted["amount"], adopted["gst"], adopted["total"]) == (10_000, 1_800, 11_800)
    assert adopted["credits_clawed_back"] == 500  # what was there of 1,000
    bank.refund(placed)
    product.settle()
    rest = latest(api, placed)
    assert (rest["amount"], rest["platform_fee"], rest["total"]) == (40_000, 1_201, 48_400)
    assert (order(api, placed)["status"], api.available(wallet_id)) == ("refunded", 0)
    money = product.money_of(wallet_id)
    assert money.get("gateway.simulator", 0) == money.get("refunds_payable", 0) == 0
    assert sum(money.values()) == 0


@pytest.fixture
def spent_meanwhile(product: Product, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has so many credits be used after the next refund was reckoned and before it takes any."""
    submit = product.khata.engine.submit
    whole = Refunds.clawed_back

    def spend_then(credits: int) -> None:
        async def clawed_back(self: Refunds, refund: Refund) -> Refund:
            used = Consume(
                wallet_id=refund.wallet_id,
                idempotency_key=f"meanwhile-{refund.id}",
                feature="API_HEAVY_QUERY",
                quantity=credits // 5,
            )
            await submit(used)
            return await whole(self, refund)

        monkeypatch.setattr(Refunds, "clawed_back", clawed_back)

    return spend_then


def test_what_is_spent_meanwhile_is_kept(
    product: Product, api: Api, spent_meanwhile: Callable[[int], None]
) -> None:
    placed = bought(product, api, api.new_wallet())
    spent_meanwhile(2_000)
    begun = refund(api, placed)
    assert (begun["amount"], begun["total"], begun["credits_clawed_back"]) == (
        30_000,
        35_400,
        3_500,
    )
    product.settle()
    assert latest(api, placed)["status"] == "processed"
    assert order(api, placed)["status"] == "partially_refunded"


def test_where_too_much_is_spent_meanwhile_nothing_goes_back(
    product: Product, api: Api, bank: Bank, spent_meanwhile: Callable[[int], None]
) -> None:
    placed = bought(product, api, api.new_wallet())
    spent_meanwhile(2_000)
    begun = refund(api, placed, amount=50_000)
    assert (begun["status"], begun["transaction_id"]) == ("failed", None)
    assert begun["failure"]["message"] == "₹300.00 of this purchase can be refunded before tax."
    product.settle()
    assert bank.refunds_of(placed) == []
    assert api.available(placed["wallet_id"]) == 3_500
    assert order(api, placed)["status"] == "paid"


def test_money_that_comes_back_after_it_was_refunded_is_owed_again(
    product: Product, api: Api, bank: Bank
) -> None:
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    before = product.money_of(wallet_id)
    refund(api, placed, amount=10_000)
    product.settle()
    ended = latest(api, placed)
    (told,) = bank.refunds_of(placed)
    came_back = GatewayRefund(
        id=told["id"],
        payment_id=told["payment_id"],
        amount=told["amount"],
        currency="INR",
        state="failed",
        receipt=ended["id"],
    )
    for _ in range(2):
        product.run(product.khata.topups.refund_events.hear("simulator", came_back))
    assert latest(api, placed)["status"] == "failed"
    assert (api.available(wallet_id), order(api, placed)["status"]) == (5_500, "paid")
    assert product.money_of(wallet_id) == before


def test_refunds_need_their_scope(product: Product, api: Api, caller: Callable[[str], Api]) -> None:
    placed = bought(product, api, api.new_wallet())
    writer = caller(api.new_api_key("payments:write", "payments:read"))
    assert writer.refused(refund_path(placed), {})["required_scope"] == "payments:refund"
    assert writer.get(f"{refund_path(placed)}s")["data"] == []


def test_the_books_are_right(product: Product) -> None:
    checked = product.verified()
    assert checked.difference_count == 0, checked.differences
    assert sum(checked.paise.values()) == 0
