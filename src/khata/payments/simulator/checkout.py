"""The customer at the checkout: chooses what to pay with, and the bank says yes, no or nothing."""

import hashlib
import hmac
from typing import Final

from msgspec import Struct

from khata.payments.simulator.asked import choice_in, fields, integer_in, optional_text_in
from khata.payments.simulator.clock import MINUTE
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, plan
from khata.payments.simulator.failures import FAILURES, Failure, GatewayError, invalid
from khata.payments.simulator.instruments import Instrument, instrument_in
from khata.payments.simulator.machines import status_of
from khata.payments.simulator.orders import order_of
from khata.payments.simulator.payments import authorize, fail, open_payment
from khata.payments.simulator.tokens import confirm, register

OUTCOMES: Final = ("success", "fail", "pending", "duplicate", "late")
PAY: Final = fields(
    "order_id",
    "method",
    "instrument",
    "outcome",
    "delay_seconds",
    "reason",
    "email",
    "contact",
    "customer_id",
)
_LATE_AFTER: Final = 2 * MINUTE


class Played(Struct, frozen=True):
    """What the customer's browser is told: the fields it hands on, or why there are none."""

    answer: Doc
    error: GatewayError | None = None


def play(desk: Desk, order_id: str, body: Doc) -> Played:
    """Pays an order as a customer would.

    Without an `outcome` the instrument decides. `duplicate` pays from two windows at once; `late`
    fails, and succeeds all the same `delay_seconds` later, as `pending` does where it is given.
    Raises `GatewayError` where the order takes no attempt.
    """
    order = order_of(desk, order_id)
    instrument = _instrument_for(desk, order, body)
    outcome = choice_in(body, "outcome", OUTCOMES, "fail" if instrument.failure else "success")
    payer = {name: optional_text_in(body, name) for name in ("email", "contact", "customer_id")}
    payment = open_payment(desk, order, instrument, payer)
    if outcome == "pending":
        return _left_open(desk, payment, body)
    if outcome in {"fail", "late"}:
        return _failed(desk, payment, _why(body, instrument), _late_at(desk, body, outcome))
    other = open_payment(desk, order, instrument, payer) if outcome == "duplicate" else None
    grant(desk, payment)
    if other:
        grant(desk, other)
    return Played(signed(desk, payment))


def grant(desk: Desk, payment: Doc) -> None:
    """The bank grants the money; with it, what mandate the order asks for is registered."""
    order = order_of(desk, payment["order_id"])
    if not order.get("_terms") or payment["token_id"]:
        authorize(desk, payment)
        return
    shown = {key: payment[key] for key in ("vpa", "upi", "card_id", "card") if payment.get(key)}
    token = register(desk, order, Instrument(payment["method"], shown))
    payment["token_id"] = token["id"]
    authorize(desk, payment)
    if token.get("_plan") is None and status_of(token) == "initiated":
        confirm(desk, token)


def signed(desk: Desk, payment: Doc) -> Doc:
    """The three fields that prove to the merchant that this payment belongs to its order."""
    message = f"{payment['order_id']}|{payment['id']}".encode()
    secret = desk.settings.key_secret.encode()
    return {
        "razorpay_payment_id": payment["id"],
        "razorpay_order_id": payment["order_id"],
        "razorpay_signature": hmac.new(secret, message, hashlib.sha256).hexdigest(),
    }


def _instrument_for(desk: Desk, order: Doc, body: Doc) -> Instrument:
    wanted = order.get("_method")
    if wanted and body.get("method", wanted) != wanted:
        raise invalid("method", f"This order can be paid by {wanted} only.")
    return instrument_in({"method": wanted, **body} if wanted else body, desk.account_id)


def _left_open(desk: Desk, payment: Doc, body: Doc) -> Played:
    if "delay_seconds" in body:
        plan(payment, "late", desk.now() + integer_in(body, "delay_seconds"))
        desk.put(payment)
    ids = {"razorpay_payment_id": payment["id"], "razorpay_order_id": payment["order_id"]}
    return Played({**ids, "status": "created"})


def _failed(desk: Desk, payment: Doc, failure: Failure, late_at: int | None) -> Played:
    fail(desk, payment, failure, late_at)
    error = GatewayError(failure.description, failure=failure)
    error.metadata = {"payment_id": payment["id"], "order_id": payment["order_id"]}
    return Played(error.body(), error)


def _late_at(desk: Desk, body: Doc, outcome: str) -> int | None:
    if outcome != "late":
        return None
    delay = integer_in(body, "delay_seconds") if "delay_seconds" in body else _LATE_AFTER
    return desk.now() + delay


def _why(body: Doc, instrument: Instrument) -> Failure:
    if instrument.failure:
        return instrument.failure
    return FAILURES[choice_in(body, "reason", tuple(FAILURES), "payment_failed")]
