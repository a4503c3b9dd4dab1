"""Our Stripe gateway at a scripted Stripe, and what such a Stripe may say."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from khata.payments.gateway import NewDebit, NewMandate, NewOrder, NewRefund
from khata.payments.stripe_gateway import StripeGateway, StripeOptions
from scripted_gateway import Answer, Lost, Scripted, ok, patience_seconds, scripted

API_KEY = "sk_test_secret"
NEW_ORDER = NewOrder(receipt="ord_1", amount=60_200, currency="INR", payment_method="credit")
DEBIT = NewDebit(
    receipt="rch_1",
    order_id="pi_1",
    mandate_id="pm_1",
    customer_id="cus_1",
    amount=60_200,
    currency="INR",
)
NEW_REFUND = NewRefund(payment_id="pi_1", amount=100, currency="INR", key="rfd_0000000001")
NEW_MANDATE = NewMandate(
    receipt="mdt_1", customer_id="cus_1", kind="card", max_amount=1_500_000, currency="INR"
)

BOOKED: Mapping[str, object] = {
    "id": "txn_1",
    "object": "balance_transaction",
    "type": "charge",
    "amount": 60_200,
    "net": 58_000,
    "currency": "inr",
    "fee": 2_200,
    "fee_details": [
        {"type": "stripe_fee", "amount": 1_864},
        {"type": "tax", "amount": 336},
    ],
}
CHARGE: Mapping[str, object] = {
    "id": "ch_1",
    "object": "charge",
    "amount": 60_200,
    "amount_refunded": 0,
    "currency": "inr",
    "status": "succeeded",
    "payment_intent": "pi_1",
    "payment_method_details": {
        "type": "card",
        "card": {
            "brand": "visa",
            "country": "US",
            "fingerprint": "Xt5EWLLDS7FJjR1c",
            "funding": "credit",
            "last4": "4242",
        },
    },
    "balance_transaction": BOOKED,
}
INTENT: Mapping[str, object] = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 60_200,
    "currency": "inr",
    "status": "requires_payment_method",
    "client_secret": "pi_1_secret_x",
    "customer": None,
    "metadata": {"receipt": "ord_1"},
    "payment_method_types": ["card"],
    "latest_charge": None,
    "last_payment_error": None,
    "created": 1_764_000_000,
}
READY = {**INTENT, "status": "requires_confirmation", "payment_method": "pm_1"}
PAID = {**INTENT, "status": "succeeded", "amount_received": 60_200, "latest_charge": CHARGE}
DECLINE = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "No funds."}
DECLINED = {**INTENT, "last_payment_error": {"type": "card_error", **DECLINE}}
REFUND: Mapping[str, object] = {
    "id": "re_1",
    "object": "refund",
    "amount": 100,
    "currency": "inr",
    "status": "requires_action",
    "payment_intent": "pi_1",
    "metadata": {"khata_key": "rfd_0000000001"},
}
SETUP: Mapping[str, object] = {
    "id": "seti_1",
    "object": "setup_intent",
    "status": "requires_payment_method",
    "customer": "cus_1",
    "client_secret": "seti_1_secret_x",
    "payment_method_types": ["card"],
}
SAVED: Mapping[str, object] = {
    "id": "pm_1",
    "object": "payment_method",
    "type": "card",
    "customer": "cus_1",
    "card": {"brand": "mastercard", "country": "IN", "last4": "0008"},
}


def page(*data: Mapping[str, object], has_more: bool = False) -> Answer:
    return ok(object="list", data=list(data), has_more=has_more, url="/v1/x")


def no(status: int, type: str = "invalid_request_error", **error: object) -> Answer:
    return Answer(status, {"error": {"type": type, "message": "no", **error}})


@asynccontextmanager
async def talking(*answers: Answer | Lost) -> AsyncGenerator[tuple[StripeGateway, Scripted]]:
    """Our gateway at a Stripe that gives these answers."""
    async with scripted(*answers) as theirs:
        options = StripeOptions(
            base_url=theirs.url,
            publishable_key="pk_1",
            display_name="Shop",
            read_seconds=patience_seconds(answers),
            retries=0,
        )
        ours = StripeGateway(API_KEY, ["whsec_1"], options)
        try:
            yield ours, theirs
        finally:
            await ours.close()


UNANSWERED: list[Answer | Lost] = [
    "hang",
    "reset",
    "cut",
    Answer(502, b"<html>Bad Gateway</html>", "text/html"),
    Answer(200, b"<html>sign in to the hotel's network</html>", "text/html"),
    Answer(200, {"object": "payment_intent", "id": "pi_1"}),
    no(500, "api_error"),
    no(409, "idempotency_error", code="idempotency_key_in_use"),
    no(429, code="rate_limit"),
]
