"""What callers may ask of payments."""

from typing import Final

from khata.payments.simulator.asked import Ask, fields, notes_in, range_in, rupees_in
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, collection
from khata.payments.simulator.failures import GatewayError, business, refused, unknown_id
from khata.payments.simulator.instruments import BANKS, WALLETS
from khata.payments.simulator.payments import capture

CAPTURE: Final = fields("amount", "currency")


def list_payments(desk: Desk, ask: Ask) -> Doc:
    """Payments, newest first."""
    found = desk.store.page("payment", range_in(ask.query))
    return collection(_expanded(payment, ask) for payment in found)


def get_payment(desk: Desk, ask: Ask) -> Doc:
    return _expanded(payment_of(desk, ask.path["id"]), ask)


def edit_payment(desk: Desk, ask: Ask) -> Doc:
    """Sets the notes."""
    payment = payment_of(desk, ask.path["id"])
    payment["notes"] = notes_in(ask.body)
    desk.put(payment)
    return payment


def capture_payment(desk: Desk, ask: Ask) -> Doc:
    """Takes the money of an authorized payment: all of it, and once."""
    payment = payment_of(desk, ask.path["id"])
    amount = rupees_in(ask.body)
    if payment["captured"]:
        raise refused(
            business("payment_already_captured", "This payment has already been captured")
        )
    if payment["status"] != "authorized":
        text = "Only payments which have been authorized and not yet captured can be captured"
        raise refused(business("payment_not_authorized", text, "payment_capture"))
    if amount != payment["amount"]:
        text = "Capture amount must be equal to the amount authorized."
        raise GatewayError(text, failure=business("input_validation_failed", text), field="amount")
    capture(desk, payment)
    return payment


def list_methods(_: Desk, __: Ask) -> Doc:
    """The methods that the account may be paid by."""
    return {
        "entity": "methods",
        "card": True,
        "debit_card": True,
        "credit_card": True,
        "upi": True,
        "netbanking": dict(BANKS),
        "wallet": dict.fromkeys(WALLETS, True),
        "recurring": {"upi": True, "card": {"credit": ["Visa", "MasterCard", "RuPay"]}},
    }


def payment_of(desk: Desk, payment_id: str) -> Doc:
    """The payment with this id; raises `GatewayError`."""
    payment = desk.store.get("payment", payment_id)
    if not payment:
        raise unknown_id()
    return payment


def _expanded(payment: Doc, ask: Ask) -> Doc:
    """The card's own fields are told only to those who ask for them."""
    if ask.query.get("expand[]") != "card":
        payment.pop("card", None)
    return payment
