"""Our client of Razorpay at a scripted gateway, and what such a gateway may say."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from msgspec.structs import replace

from khata.payments.gateway import GatewayPayment, NewOrder, NewRefund
from khata.payments.razorpay.gateway import RazorpayGateway, RazorpayOptions
from khata.payments.razorpay.wire import WireSettings
from scripted_gateway import Answer, Lost, Scripted, patience_seconds, scripted

AT_ONCE = WireSettings(pauses=(0.0, 0.0), through_proxy=False)
NEW_ORDER = NewOrder(receipt="ord_1", amount=60_200, currency="INR", payment_method="debit")
NEW_REFUND = NewRefund(payment_id="pay_1", amount=100, currency="INR", key="rfd_0000000001")

ORDER: Mapping[str, object] = {
    "id": "order_1",
    "entity": "order",
    "amount": 60_200,
    "amount_paid": None,
    "currency": "INR",
    "receipt": "ord_1",
    "status": "created",
    "notes": [],
    "created_at": 1_764_000_000,
    "some_new_field": {"deep": []},
}
PAYMENT: Mapping[str, object] = {
    "id": "pay_1",
    "amount": 60_200,
    "currency": "INR",
    "status": "authorized",
    "order_id": "order_1",
    "method": "upi",
    "vpa": "asha@upi",
    "notes": [],
    "created_at": 1_764_000_100,
}
REFUND: Mapping[str, object] = {
    "id": "rfnd_1",
    "payment_id": "pay_1",
    "amount": 100,
    "currency": "INR",
    "status": "pending",
    "receipt": NEW_REFUND.key,
}
CAPTURED = {**PAYMENT, "status": "captured", "fee": 1_421, "tax": 217}
AUTHORIZED = GatewayPayment(
    id="pay_1",
    order_id="order_1",
    amount=60_200,
    currency="INR",
    state="authorized",
    method="upi",
)


@asynccontextmanager
async def talking(*answers: Answer | Lost) -> AsyncGenerator[tuple[RazorpayGateway, Scripted]]:
    """Our client at a gateway that gives these answers."""
    async with scripted(*answers) as theirs:
        wire = replace(AT_ONCE, read_seconds=patience_seconds(answers))
        options = RazorpayOptions(wire=wire, display_name="Shop")
        ours = RazorpayGateway("razorpay", theirs.url, "rzp_test_k", "s3cret", ["whs"], options)
        try:
            yield ours, theirs
        finally:
            await ours.close()


UNANSWERED: list[Answer | Lost] = [
    "hang",
    "reset",
    "cut",
    Answer(502, b"<html>Bad Gateway</html>", "text/html"),
    Answer(500, {"error": {"code": "SERVER_ERROR", "description": "We are facing some trouble"}}),
    Answer(429, {"error": {"code": "BAD_REQUEST_ERROR", "description": "Too many requests"}}),
    Answer(400, {"error": {"code": "SERVER_ERROR", "description": "we are confused"}}),
    Answer(404, b"<html>no such page</html>", "text/html"),
    Answer(302, b""),
    Answer(200, b"<html>sign in to the hotel's network</html>", "text/html"),
    Answer(200, b'{"id": "order_1", "amount": 60200, "curr'),
    Answer(200, b'{"id": "order_\xff"}'),
    Answer(200, b"{}"),
    Answer(200, b""),
]
