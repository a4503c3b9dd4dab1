"""What callers may ask of refunds."""

import re
from typing import Final

import msgspec

from khata.payments.simulator.asked import (
    MAX_RECEIPT,
    Ask,
    choice_in,
    fields,
    integer_in,
    notes_in,
    optional_text_in,
    range_in,
    text_in,
)
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, collection
from khata.payments.simulator.failures import GatewayError, business, refused, unknown_id
from khata.payments.simulator.ids import digest
from khata.payments.simulator.payment_calls import payment_of
from khata.payments.simulator.refunds import refund

KEY_HEADER: Final = "x-refund-idempotency"
REFUND: Final = fields("amount", "speed", "notes", "receipt")
NEW_REFUND: Final = fields("payment_id", "amount", "speed", "notes", "receipt")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{10,}")


def refund_payment(desk: Desk, ask: Ask) -> Doc:
    """Gives a captured payment back, in whole or in part; once for each key in the header."""
    key = ask.headers.get(KEY_HEADER)
    if key is None:
        return _refund(desk, ask.path["id"], ask.body)
    if not _KEY.fullmatch(key):
        text = "The idempotency key must have 10 or more letters, digits, - or _."
        raise GatewayError(text, failure=business("invalid_idempotency_key", text))
    return _refund_once(desk, ask, key)


def create_refund(desk: Desk, ask: Ask) -> Doc:
    """The same with the payment's id in the body."""
    return _refund(desk, text_in(ask.body, "payment_id"), ask.body)


def list_payment_refunds(desk: Desk, ask: Ask) -> Doc:
    """The payment's refunds, newest first."""
    payment = payment_of(desk, ask.path["id"])
    return collection(desk.store.page("refund", range_in(ask.query), owner=payment["id"]))


def get_payment_refund(desk: Desk, ask: Ask) -> Doc:
    """One of the payment's refunds."""
    made = _refund_of(desk, ask.path["refund_id"])
    if made["payment_id"] != ask.path["id"]:
        raise unknown_id()
    return made


def list_refunds(desk: Desk, ask: Ask) -> Doc:
    """Refunds, newest first."""
    return collection(desk.store.page("refund", range_in(ask.query)))


def get_refund(desk: Desk, ask: Ask) -> Doc:
    return _refund_of(desk, ask.path["id"])


def edit_refund(desk: Desk, ask: Ask) -> Doc:
    """Sets the notes."""
    made = _refund_of(desk, ask.path["id"])
    made["notes"] = notes_in(ask.body)
    desk.put(made)
    return made


def _refund_once(desk: Desk, ask: Ask, key: str) -> Doc:
    wish = msgspec.json.encode([ask.path["id"], ask.body], order="sorted").decode()
    earlier = desk.store.get("refund_key", key)
    if earlier:
        if earlier["wish"] != f"{digest(wish):x}":
            text = "Different request with the same idempotency key has already been processed."
            raise GatewayError(text, failure=business("idempotency_key_reused", text))
        return _refund_of(desk, earlier["refund_id"])
    made = _refund(desk, ask.path["id"], ask.body)
    desk.put(
        {
            "id": key,
            "entity": "refund_key",
            "wish": f"{digest(wish):x}",
            "refund_id": made["id"],
            "created_at": desk.now(),
        }
    )
    return made


def _refund(desk: Desk, payment_id: str, body: Doc) -> Doc:
    payment = payment_of(desk, payment_id)
    wish = {
        "receipt": optional_text_in(body, "receipt", MAX_RECEIPT),
        "notes": notes_in(body),
        "speed": choice_in(body, "speed", ("normal", "optimum"), "normal"),
    }
    if payment["status"] == "refunded":
        text = "The payment has been fully refunded already."
        raise refused(business("payment_fully_refunded", text))
    if not payment["captured"]:
        text = "The payment status should be captured for action to be taken"
        raise refused(business("payment_not_captured", text))
    left = payment["amount"] - payment["amount_refunded"]
    amount = integer_in(body, "amount", 100) if body.get("amount") is not None else left
    if amount > left:
        text = "The refund amount provided is greater than amount captured."
        raise GatewayError(text, failure=business("input_validation_failed", text), field="amount")
    return refund(desk, payment, amount, wish)


def _refund_of(desk: Desk, refund_id: str) -> Doc:
    made = desk.store.get("refund", refund_id)
    if not made:
        raise unknown_id()
    return made
