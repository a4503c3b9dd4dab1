"""Refunds and disputes that are cut off anywhere go on where they were; nothing happens twice."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest

from bank import Bank
from desk import Clock
from khata.app.topups import refund_steps
from khata.app.topups.disputes import Disputes
from khata.app.topups.refund_steps import RefundSteps
from khata.app.topups.refunds import Refunds
from khata.engine.books import Unavailable
from khata.postgres import disputes as dispute_store
from khata.postgres import refunds as refund_store
from sales import bought, credits_of, order, path_of, spend
from served import Api, Json, Product

Place = tuple[object, str]


class Market(NamedTuple):
    """A product, a caller, a bank and the clock."""

    product: Product
    api: Api
    bank: Bank
    clock: Clock

    def settle(self) -> None:
        """Lets all be done that is due, again after a pause and after it, as a worker does."""
        for _ in range(4):
            self.product.settle()
            self.clock.turn(seconds=10)


@pytest.fixture
def market(product: Product, api: Api, bank: Bank, clock: Clock) -> Market:
    return Market(product, api, bank, clock)


Cut = Callable[[Place, bool], list[int]]


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Cut:
    """Has the next call there be the last thing that happens: before it, or after it.

    What it answers is empty once that came to pass.
    """

    def cut_at(place: Place, after: bool) -> list[int]:
        owner, name = place
        whole: Callable[..., Awaitable[object]] = getattr(owner, name)
        left = [1]

        async def last(*args: object, **named: object) -> object:
            if left and not after:
                left.clear()
                raise Unavailable("cut off")
            answer = await whole(*args, **named)
            if left:
                left.clear()
                raise Unavailable("cut off")
            return answer

        monkeypatch.setattr(owner, name, last)
        return left

    return cut_at


REFUNDING: list[Place] = [
    (Refunds, "clawed_back"),
    (Refunds, "_taken"),
    (refund_store, "set_clawback"),
    (refund_store, "set_refunded"),
    (refund_store, "keep_refund_answer"),
    (RefundSteps, "_told"),
    (RefundSteps, "note_gateway_refund"),
    (refund_store, "set_gateway_refund"),
    (RefundSteps, "hear"),
    (refund_store, "end_refund"),
    (refund_steps, "post_money"),
]
FAILING: list[Place] = [
    (refund_store, "note_failure"),
    (RefundSteps, "_restored"),
    (refund_store, "end_refund"),
    (refund_store, "set_refunded"),
]
DISPUTING: list[Place] = [
    (dispute_store, "insert_dispute"),
    (dispute_store, "set_state"),
    (dispute_store, "count_lock"),
    (Disputes, "_decide"),
    (dispute_store, "set_booked"),
    (Disputes, "_booked"),
]


def asked(api: Api, placed: Json, key: str) -> int:
    """The status of a request to refund the order, under that key."""
    return api.ask("POST", f"{path_of(placed)}/refund", {}, key=key).status_code


def the_refund(api: Api, placed: Json) -> Json:
    (refund,) = api.get(f"{path_of(placed)}/refunds")["data"]
    return refund


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", REFUNDING, ids=lambda place: place[1])
def test_a_refund_goes_on(market: Market, cut: Cut, place: Place, *, after: bool) -> None:
    product, api, bank, _ = market
    wallet_id, key = api.new_wallet(), api.new_key()
    placed = bought(product, api, wallet_id)
    left = cut(place, after)
    first = asked(api, placed, key)
    market.settle()
    assert not left, "it was cut off"
    assert (first, asked(api, placed, key)) in {(202, 202), (503, 202)}
    assert the_refund(api, placed)["status"] == "processed"
    assert [one["amount"] for one in bank.refunds_of(placed)] == [60_200]
    assert credits_of(api, wallet_id) == (0, 0)
    assert order(api, placed)["status"] == "refunded"
    assert product.money_of(wallet_id) == {}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", FAILING, ids=lambda place: place[1])
def test_a_refund_that_fails_gives_back_once(
    market: Market, cut: Cut, place: Place, *, after: bool
) -> None:
    product, api, bank, clock = market
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    before = product.money_of(wallet_id)
    bank.fault("refund_fails_later")
    asked(api, placed, api.new_key())
    product.settle()
    left = cut(place, after)
    clock.turn(days=1.1)
    market.settle()
    assert not left, "it was cut off"
    assert the_refund(api, placed)["status"] == "failed"
    assert credits_of(api, wallet_id) == (5_500, 0)
    assert order(api, placed)["status"] == "paid"
    assert product.money_of(wallet_id) == before


@pytest.mark.parametrize("verdict", ["won", "lost"])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("place", DISPUTING, ids=lambda place: place[1])
def test_a_dispute_goes_on(
    market: Market, cut: Cut, place: Place, verdict: str, *, after: bool
) -> None:
    product, api, bank, _ = market
    wallet_id = api.new_wallet()
    placed = bought(product, api, wallet_id)
    spend(api, wallet_id, 1_000)
    left = cut(place, after)
    opened = bank.dispute(placed)
    market.settle()
    assert credits_of(api, wallet_id) == (0, 4_500)
    left = left and cut(place, after)
    bank.decide(opened, verdict)
    market.settle()
    assert not left, "it was cut off"
    assert credits_of(api, wallet_id) == ((4_500, 0) if verdict == "won" else (-1_000, 0))
    money = product.money_of(wallet_id)
    assert "disputed" not in money
    assert sum(money.values()) == 0


def test_the_books_are_right(product: Product) -> None:
    checked = product.verified()
    assert checked.difference_count == 0, checked.differences
    assert sum(checked.paise.values()) == 0
