"""What a look at the gateway makes of an order, whatever the gateway tells of its payments."""

from collections.abc import Mapping

import pytest

from desk import Clock
from khata.app.runtime import Khata
from khata.app.topups.captures import Quarantine
from khata.app.topups.gateways import Gateways
from khata.app.topups.steps import OrderSteps
from khata.domain.orders import ORDER_LIFE_US
from khata.payments.gateway import Gateway, GatewayPayment, PaymentState
from khata.postgres.orders import Order
from razorpay_talk import PAYMENT, talking
from scripted_gateway import Answer, items, ok, refused
from sold import Till, till

pytestmark = pytest.mark.anyio

TAKEN = "The payment cannot be captured: another one has paid the order."
UNKNOWN = "The id provided does not exist"


@pytest.fixture
async def shop(khata: Khata) -> Till:
    return await till(khata)


async def placed_by(shop: Till) -> Order:
    order = await shop.order()
    return await shop.khata.topups.orders.note_gateway_order(order, f"order_{order.id}", {})


async def stepped(shop: Till, order: Order, gateway: Gateway | None) -> Order:
    """The order after one look at that gateway, or with none set up."""
    topups = shop.khata.topups
    gateways = Gateways({} if gateway is None else {"razorpay": gateway}, "razorpay", frozenset())
    steps = OrderSteps(
        shop.khata.registries, topups.orders, topups.captures, gateways, shop.khata.now_us
    )
    await steps.step(order.id, order.wallet_id)
    found = await topups.orders.by_id(order.id)
    assert found is not None
    return found


async def available(shop: Till) -> int:
    view = await shop.khata.views.wallet_view(shop.wallet.id)
    assert view is not None
    return view.accounts.available


def told(order: Order, payment_id: str, status: str) -> Mapping[str, object]:
    return {
        **PAYMENT,
        "id": f"{payment_id}_{order.id}",
        "order_id": f"order_{order.id}",
        "status": status,
    }


async def test_what_was_taken_is_booked_and_nothing_more_is_taken(shop: Till) -> None:
    order = await placed_by(shop)
    older, newer = told(order, "pay_a", "authorized"), told(order, "pay_b", "captured")
    async with talking(items(newer, older)) as (gateway, theirs):
        paid = await stepped(shop, order, gateway)
        assert (paid.status, await available(shop)) == ("paid", 5_500)
        assert [line.split()[0] for line in theirs.lines] == ["GET"]


async def test_a_payment_that_may_not_be_taken_holds_up_no_other(shop: Till) -> None:
    order = await placed_by(shop)
    first, second = told(order, "pay_a", "authorized"), told(order, "pay_b", "authorized")
    answers = (
        items(second, first),
        refused(TAKEN),
        ok(**first),
        ok(**{**second, "status": "captured"}),
    )
    async with talking(*answers) as (gateway, _):
        paid = await stepped(shop, order, gateway)
        assert (paid.status, await available(shop)) == ("paid", 5_500)


@pytest.mark.parametrize("answer", [refused(UNKNOWN), None])
async def test_an_order_that_no_gateway_knows_any_more_ends_all_the_same(
    shop: Till, clock: Clock, answer: Answer | None
) -> None:
    order = await placed_by(shop)
    clock.turn(seconds=ORDER_LIFE_US // 1_000_000 + 1)
    if answer is None:
        assert (await stepped(shop, order, None)).status == "expired"
        return
    async with talking(answer) as (gateway, _):
        assert (await stepped(shop, order, gateway)).status == "expired"


async def test_money_that_went_back_before_it_brought_credits_brings_none(shop: Till) -> None:
    order = await placed_by(shop)
    states: list[PaymentState] = ["refunded", "captured"]
    booked = [
        await shop.khata.topups.captures.book(
            "razorpay",
            GatewayPayment(
                id=f"pay_{order.id}",
                order_id=order.gateway_order_id,
                amount=order.quote.payable_paise,
                currency="INR",
                state=state,
                method="upi",
            ),
        )
        for state in states
    ]
    assert isinstance(booked[1], Quarantine)
    assert await available(shop) == 0
