"""Orders: what a customer is asked to pay, once."""

from typing import Final

from msgspec.structs import replace

from khata.payments.simulator.asked import (
    MAX_RECEIPT,
    Ask,
    choice_in,
    fields,
    integer_in,
    notes_in,
    optional_text_in,
    range_in,
    rupees_in,
    truth_in,
)
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, collection
from khata.payments.simulator.failures import GatewayError, invalid, unknown_id
from khata.payments.simulator.mandate_terms import TERMS, terms_in
from khata.payments.simulator.notices import NOTICE, give_notice

NEW_ORDER: Final = fields(
    "amount",
    "currency",
    "receipt",
    "unique_receipt",
    "notes",
    "partial_payment",
    "payment_capture",
    "customer_id",
    "method",
    payment=fields(
        "capture",
        capture_options=fields("automatic_expiry_period", "manual_expiry_period", "refund_speed"),
    ),
    token=TERMS,
    notification=NOTICE,
)
NOTES_ONLY: Final = fields("notes")

# In minutes. An account that says nothing captures by itself what the bank grants within 3 days.
_AUTOMATIC_EXPIRY: Final = 3 * 24 * 60
_MANUAL_EXPIRY: Final = 7_200


def create_order(desk: Desk, ask: Ask) -> Doc:
    """A new order, or the one with this receipt where receipts are to be unique."""
    body = ask.body
    amount = rupees_in(body)
    if truth_in(body, "partial_payment"):
        raise invalid("partial_payment", "Partial payments are not enabled for this account.")
    receipt = optional_text_in(body, "receipt", MAX_RECEIPT)
    if truth_in(body, "unique_receipt") and receipt:
        earlier = desk.store.marked("order", receipt)
        if earlier:
            return _same_or_refused(earlier[0], amount)
    order = {
        "id": desk.new_id("order"),
        "entity": "order",
        "amount": amount,
        "amount_paid": 0,
        "amount_due": amount,
        "currency": "INR",
        "receipt": receipt,
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": notes_in(body),
        "created_at": desk.now(),
        **_capture_terms(body),
        **_mandate_of(desk, body),
    }
    desk.put(order)
    give_notice(desk, order, body.get("notification"))
    return order


def list_orders(desk: Desk, ask: Ask) -> Doc:
    """Orders, newest first, by `receipt` or by whether one of their payments was `authorized`."""
    part, receipt = range_in(ask.query), ask.query.get("receipt")
    authorized = ask.query.get("authorized")
    if authorized not in {"0", "1"}:
        return collection(desk.store.page("order", part, mark=receipt))
    every = desk.store.page("order", replace(part, count=-1, skip=0), mark=receipt)
    found = [order for order in every if _has_money(desk, order) == (authorized == "1")]
    return collection(found[part.skip : part.skip + part.count])


def get_order(desk: Desk, ask: Ask) -> Doc:
    return order_of(desk, ask.path["id"])


def edit_order(desk: Desk, ask: Ask) -> Doc:
    """Sets the notes; nothing else of an order can be changed."""
    order = order_of(desk, ask.path["id"])
    order["notes"] = notes_in(ask.body)
    desk.put(order)
    return order


def list_order_payments(desk: Desk, ask: Ask) -> Doc:
    """All attempts to pay the order, newest first."""
    order_of(desk, ask.path["id"])
    return collection(reversed(desk.store.of("payment", ask.path["id"])))


def order_of(desk: Desk, order_id: str) -> Doc:
    """The order with this id; raises `GatewayError`."""
    order = desk.store.get("order", order_id)
    if not order:
        raise unknown_id()
    return order


def _same_or_refused(order: Doc, amount: int) -> Doc:
    if order["amount"] != amount:
        raise GatewayError("Order receipt should be unique.", field="receipt")
    return order


def _capture_terms(body: Doc) -> Doc:
    """How payments are captured: by the settings, the older flag, or the account's default."""
    settings: Doc = body.get("payment") or {}
    older = truth_in(body, "payment_capture")
    default = "manual" if older is False else "automatic"
    options: Doc = settings.get("capture_options") or {}
    automatic, manual = "automatic_expiry_period", "manual_expiry_period"
    return {
        "_capture": choice_in(settings, "capture", ("automatic", "manual"), default),
        "_automatic_minutes": _minutes(options, automatic, 12, _AUTOMATIC_EXPIRY),
        "_manual_minutes": _minutes(options, manual, 12, _MANUAL_EXPIRY),
    }


def _minutes(options: Doc, field: str, least: int, default: int) -> int:
    return integer_in(options, field, least, _MANUAL_EXPIRY) if field in options else default


def _mandate_of(desk: Desk, body: Doc) -> Doc:
    customer_id = optional_text_in(body, "customer_id")
    if customer_id and not desk.store.get("customer", customer_id):
        raise unknown_id()
    method = optional_text_in(body, "method")
    terms = terms_in(desk, body, method, customer_id) if body.get("token") else None
    shown: Doc = {"customer_id": customer_id} if customer_id else {}
    if terms:
        shown["token"] = body["token"]
    return {**shown, "_method": method, "_terms": terms}


def _has_money(desk: Desk, order: Doc) -> bool:
    payments = desk.store.of("payment", order["id"])
    return any(one["status"] in {"authorized", "captured", "refunded"} for one in payments)
