"""Tokens: what a customer agreed to be debited by, and what becomes of that consent."""

from typing import Final

from khata.payments.simulator.clock import MINUTE
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, plan
from khata.payments.simulator.failures import FAILURES, Failure
from khata.payments.simulator.instruments import Instrument
from khata.payments.simulator.machines import status_of
from khata.payments.simulator.mandate_terms import RESERVE_PAY

_CONFIRMED_AFTER: Final = 15 * MINUTE
_NOT_DEBITABLE: Final = {
    "initiated": "mandate_not_active",
    "rejected": "mandate_not_active",
    "paused": "mandate_paused",
    "cancelled": "mandate_cancelled",
}


def register(desk: Desk, order: Doc, instrument: Instrument) -> Doc:
    """The customer agrees to the order's terms; confirmed at once, or when the bank has done so."""
    terms: Doc = order["_terms"]
    token: Doc = {
        "id": desk.new_id("token"),
        "entity": "token",
        "token": desk.new_id("tk").removeprefix("tk_"),
        "customer_id": order["customer_id"],
        "bank": None,
        "wallet": None,
        "method": instrument.method,
        **_source(instrument),
        "recurring": True,
        "recurring_details": {"status": "initiated", "failure_reason": None},
        "auth_type": None,
        "mrn": None,
        "max_amount": terms["max_amount"],
        "frequency": terms["frequency"],
        "type": terms["type"],
        "order_id": order["id"],
        "notes": terms["notes"],
        "used_at": desk.now(),
        "created_at": desk.now(),
        "start_time": desk.now(),
        "expired_at": terms["expire_at"],
        "dcc_enabled": False,
        "_block_left": terms["max_amount"] if terms["type"] == RESERVE_PAY else None,
        "_debited_cycles": [],
        "_expected": {},
    }
    if desk.is_delayed(token, _customer_of(desk, token)):
        plan(token, "confirm", desk.now() + _CONFIRMED_AFTER)
    desk.put(token)
    return token


def confirm(desk: Desk, token: Doc) -> None:
    """The bank has the mandate, or the customer ends its pause."""
    _become(desk, token, "confirmed")


def reject(desk: Desk, token: Doc) -> None:
    """The bank or the customer does not want the mandate."""
    token["recurring_details"]["failure_reason"] = "The mandate was rejected."
    _become(desk, token, "rejected")


def pause(desk: Desk, token: Doc) -> None:
    """The customer suspends the mandate, which the UPI application allows."""
    _become(desk, token, "paused")


def cancel(desk: Desk, token: Doc) -> None:
    """The mandate ends. What is left of a block goes back to the customer."""
    if token["type"] == RESERVE_PAY:
        desk.emit("token.cancellation_initiated", token=token)
        token["_block_left"] = 0
    _become(desk, token, "cancelled")


def why_not_debitable(desk: Desk, token: Doc, amount: int) -> Failure | None:
    """What stands against a debit of that amount now, but for the customer's bank."""
    if reason := _NOT_DEBITABLE.get(status_of(token)):
        return FAILURES[reason]
    if token["expired_at"] <= desk.now():
        return FAILURES["mandate_expired"]
    if amount > token["max_amount"]:
        return FAILURES["amount_does_not_match_mandate_amount"]
    return None


def _become(desk: Desk, token: Doc, status: str) -> None:
    plan(token, None)
    desk.move(token, status)
    desk.emit(f"token.{status}", token=token)


def _source(instrument: Instrument) -> Doc:
    if instrument.method == "card":
        card: Doc = instrument.shown["card"]
        return {"card": {key: card[key] for key in card if key not in {"id", "entity"}}}
    username, _, handle = str(instrument.shown["vpa"]).partition("@")
    return {"vpa": {"username": username, "handle": handle, "name": None}}


def _customer_of(desk: Desk, token: Doc) -> Doc:
    customer = desk.store.get("customer", token["customer_id"])
    assert customer, "a token has its customer"
    return customer
