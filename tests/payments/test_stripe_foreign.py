"""Our Stripe gateway, its SDK, and somebody else's Stripe, in three places on sockets."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from importlib import import_module
from typing import Any

import pytest

from foreign_stripe import API_KEY, ForeignStripe, foreign_stripe
from khata.payments.gateway import (
    GatewayMandate,
    GatewayRefused,
    NewCustomer,
    NewDebit,
    NewMandate,
    NewOrder,
    NewRefund,
)
from khata.payments.stripe_gateway import StripeGateway, StripeOptions
from simulated import Endpoint, Heard

# The SDK gives its HTTP client what that one has come to call by another name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning:httpx")

SECRET = "whsec_of_the_endpoint"  # noqa: S105 - anybody may know it
GOOD, DECLINED_LATER, DECLINED_AT_ONCE, WANTS_ITS_OWNER = (
    "4242424242424242",
    "4000000000000341",
    "4000000000000002",
    "4000002760003184",
)


@pytest.fixture(scope="module")
def process() -> Iterator[ForeignStripe]:
    with foreign_stripe() as running:
        yield running


@pytest.fixture
def foreign(process: ForeignStripe) -> ForeignStripe:
    process.forget()
    return process


@pytest.fixture
async def gateway(foreign: ForeignStripe) -> AsyncIterator[StripeGateway]:
    options = StripeOptions(base_url=foreign.url, profile="localstripe", retries=0)
    opened = StripeGateway(API_KEY, [SECRET], options)
    yield opened
    await opened.close()


async def saved(gateway: StripeGateway, foreign: ForeignStripe, number: str) -> GatewayMandate:
    """A customer's card, to be charged when they are not there."""
    customer_id = await gateway.create_customer(NewCustomer(reference="wal_1", name="Asha"))
    return await gateway.create_mandate(
        NewMandate(
            receipt="mdt_1",
            customer_id=customer_id,
            kind="card",
            max_amount=1_500_000,
            currency="INR",
            instrument=await asyncio.to_thread(foreign.card, number),
        )
    )


async def debit_of(gateway: StripeGateway, mandate: GatewayMandate, receipt: str) -> NewDebit:
    order = await gateway.debit_order(
        NewOrder(
            receipt=receipt,
            amount=18_100,
            currency="INR",
            payment_method="credit",
            customer_id=mandate.customer_id,
        ),
        mandate.id,
        None,
    )
    return NewDebit(
        receipt=receipt,
        order_id=order.id,
        mandate_id=mandate.id,
        customer_id=mandate.customer_id,
        amount=18_100,
        currency="INR",
    )


async def test_a_card_is_saved(gateway: StripeGateway, foreign: ForeignStripe) -> None:
    mandate = await saved(gateway, foreign, GOOD)
    assert (mandate.state, mandate.kind, mandate.label) == ("confirmed", "card", "Visa •••• 4242")
    assert mandate.id.startswith("pm_")
    seen = await gateway.mandate(mandate.customer_id, mandate.order_id or "")
    assert seen == mandate


async def test_a_card_that_the_bank_does_not_want_saved(
    gateway: StripeGateway, foreign: ForeignStripe
) -> None:
    with pytest.raises(GatewayRefused) as caught:
        await saved(gateway, foreign, DECLINED_AT_ONCE)
    assert caught.value.code == "card_declined"


async def test_a_saved_card_is_charged_once(gateway: StripeGateway, foreign: ForeignStripe) -> None:
    debit = await debit_of(gateway, await saved(gateway, foreign, GOOD), "rch_1")
    assert await gateway.order_payments(debit.order_id) == []
    payment = await gateway.debit(debit)
    assert (payment.state, payment.amount, payment.currency) == ("captured", 18_100, "INR")
    assert payment.order_id == debit.order_id
    assert await gateway.debit(debit) == payment
    assert await gateway.order_payments(debit.order_id) == [payment]
    assert (await gateway.order(debit.order_id)).is_paid


@pytest.mark.parametrize(
    ("number", "reason"),
    [(DECLINED_LATER, "card_declined"), (WANTS_ITS_OWNER, "authentication_required")],
)
async def test_a_debit_that_fails_is_a_failed_payment(
    gateway: StripeGateway, foreign: ForeignStripe, number: str, reason: str
) -> None:
    mandate = await saved(gateway, foreign, GOOD)
    card = await asyncio.to_thread(foreign.attached, number, mandate.customer_id)
    debit = await debit_of(gateway, await gateway.mandate(mandate.customer_id, card), "rch_1")
    for _ in range(2):
        payment = await gateway.debit(debit)
        assert (payment.state, payment.error_reason) == ("failed", reason)
    assert not (await gateway.order(debit.order_id)).is_paid


async def test_a_payer_pays_an_order(gateway: StripeGateway, foreign: ForeignStripe) -> None:
    order = await gateway.create_order(
        NewOrder(receipt="ord_1", amount=60_200, currency="INR", payment_method="credit")
    )
    assert order.receipt == "ord_1"
    assert str(order.checkout["client_secret"]).startswith(f"{order.id}_secret_")
    assert await gateway.order_payments(order.id) == []
    card = await asyncio.to_thread(foreign.card, GOOD)
    await asyncio.to_thread(foreign.pay, order.id, card)
    (payment,) = await gateway.order_payments(order.id)
    assert (payment.state, payment.amount) == ("captured", 60_200)
    assert await gateway.capture(payment) is payment


async def test_money_goes_back_once_for_its_key(
    gateway: StripeGateway, foreign: ForeignStripe
) -> None:
    payment = await gateway.debit(
        await debit_of(gateway, await saved(gateway, foreign, GOOD), "rch_1")
    )
    part = NewRefund(payment_id=payment.id, amount=100, currency="INR", key="rfd_0000000001")
    refund = await gateway.refund(part)
    assert (refund.state, refund.amount, refund.receipt) == ("processed", 100, part.key)
    assert await gateway.refund(part) == refund
    assert await gateway.find_refund(payment.id, refund.id) == refund
    with pytest.raises(GatewayRefused):
        await gateway.find_refund("pi_another", refund.id)
    seen = await gateway.payment(payment.id)
    assert (seen.state, seen.amount_refunded) == ("captured", 100)
    rest = NewRefund(payment_id=payment.id, amount=18_000, currency="INR", key="rfd_0000000002")
    await gateway.refund(rest)
    assert (await gateway.payment(payment.id)).state == "refunded"


async def test_a_forgotten_card_is_not_charged(
    gateway: StripeGateway, foreign: ForeignStripe
) -> None:
    mandate = await saved(gateway, foreign, GOOD)
    await gateway.cancel_mandate(mandate.customer_id, mandate.id)
    await gateway.cancel_mandate(mandate.customer_id, mandate.id)
    assert (await gateway.mandate(mandate.customer_id, mandate.id)).state == "cancelled"


async def test_what_is_not_there(gateway: StripeGateway) -> None:
    for ask in (gateway.order, gateway.payment, gateway.order_payments):
        with pytest.raises(GatewayRefused) as caught:
            await ask("pi_nothing")
        assert caught.value.place.status == 404


async def test_signed_events_arrive_and_are_verified(
    gateway: StripeGateway, foreign: ForeignStripe
) -> None:
    endpoint = Endpoint()
    async with endpoint.listening():
        await asyncio.to_thread(foreign.tell, endpoint.url, SECRET)
        payment = await gateway.debit(
            await debit_of(gateway, await saved(gateway, foreign, GOOD), "rch_1")
        )
        heard = await heard_of(endpoint, payment.id)
    now_us = heard.event["created"] * 1_000_000
    event = gateway.verified_event(heard.headers, heard.body, now_us)
    assert event.payment is not None
    assert (event.payment.id, event.payment.state) == (payment.id, "captured")
    assert event.order is not None
    assert event.order.receipt == "rch_1"
    stripe: Any = import_module("stripe")
    check = partial(stripe.Webhook.construct_event, heard.body, heard.headers["stripe-signature"])
    assert check(SECRET)["id"] == event.id


async def heard_of(endpoint: Endpoint, intent_id: str) -> Heard:
    """The webhook that the intent succeeded. Those of earlier tests may still come between."""
    wanted = ("payment_intent.succeeded", intent_id)
    async with asyncio.timeout(60):
        while True:
            for heard in endpoint.heard:
                if (heard.event["type"], heard.event["data"]["object"]["id"]) == wanted:
                    return heard
            await endpoint.came.wait()
            endpoint.came.clear()
