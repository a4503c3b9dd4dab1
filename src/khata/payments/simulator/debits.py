"""Debits of mandates: at once, or with the notice, the wait and the windows that the law wants."""

from typing import Final

from khata.payments.simulator.asked import (
    Ask,
    fields,
    notes_in,
    optional_text_in,
    rupees_in,
    text_in,
    truth_in,
)
from khata.payments.simulator.clock import HOUR
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, plan
from khata.payments.simulator.failures import (
    FAILURES,
    Failure,
    GatewayError,
    business,
    invalid,
    refused,
    unknown_id,
)
from khata.payments.simulator.instruments import Instrument
from khata.payments.simulator.mandate_terms import (
    RESERVE_PAY,
    WITHOUT_APPROVAL,
    cycle_of,
    off_peak,
)
from khata.payments.simulator.notices import notice_of
from khata.payments.simulator.orders import order_of
from khata.payments.simulator.payments import authorize, fail, open_payment
from khata.payments.simulator.tokens import why_not_debitable

RECURRING: Final = fields(
    "email",
    "contact",
    "amount",
    "currency",
    "order_id",
    "customer_id",
    "token",
    "recurring",
    "description",
    "notes",
)
_WAIT: Final = 25 * HOUR
_APPROVAL_WITHIN: Final = 72 * HOUR
_RETRIES: Final = 3
_RETRY_AFTER: Final = 3 * HOUR
_SOFT: Final = frozenset({"insufficient_funds", "bank_technical_error", "gateway_technical_error"})
_IN_FLIGHT: Final = frozenset({"debit", "approval"})


def create_recurring(desk: Desk, ask: Ask) -> Doc:
    """Has a mandate debited for an order. The answer only says that it was begun."""
    token, order = _token_and_order(desk, ask.body)
    amount = rupees_in(ask.body)
    if amount != order["amount"]:
        raise invalid("amount", "The amount must be that of the order.")
    if failure := why_not_debitable(desk, token, amount):
        raise refused(failure)
    _refuse_second(desk, token)
    _refuse_without_notice(desk, token, order)
    customer = desk.store.get("customer", token["customer_id"]) or {}
    delayed = desk.is_delayed(token, customer) and token["type"] != RESERVE_PAY
    payment = _opened(desk, ask.body, token, order)
    if delayed and token["method"] == "upi" and not notice_of(desk, order):
        payment["_retries"] = _RETRIES
    if amount > WITHOUT_APPROVAL:
        plan(payment, "approval", desk.now() + _APPROVAL_WITHIN)
        desk.put(payment)
    elif not delayed:
        debit(desk, payment)
    else:
        plan(payment, "debit", _due(desk, token, order))
        desk.put(payment)
    return {"razorpay_payment_id": payment["id"]}


def debit(desk: Desk, payment: Doc) -> None:
    """The bank is asked for the money, and gives it or not; soft refusals of UPI are retried."""
    token = desk.store.get("token", payment["token_id"])
    if not token:
        fail(desk, payment, FAILURES["invalid_token"])
        return
    failure = _failure_of(desk, token, payment)
    if not failure:
        _count_debit(desk, token, payment)
        authorize(desk, payment)
    elif failure.reason in _SOFT and payment["_retries"]:
        payment["_retries"] -= 1
        plan(payment, "debit", off_peak(desk.now() + _RETRY_AFTER))
        desk.put(payment)
    else:
        fail(desk, payment, failure)


def _token_and_order(desk: Desk, body: Doc) -> tuple[Doc, Doc]:
    order = order_of(desk, text_in(body, "order_id"))
    customer_id = text_in(body, "customer_id")
    token = desk.store.get("token", text_in(body, "token"))
    if not token:
        raise unknown_id()
    if token["customer_id"] != customer_id:
        raise refused(FAILURES["invalid_token"])
    if truth_in(body, "recurring") is not True and body.get("recurring") != "preferred":
        raise invalid("recurring", "The recurring field must be true.")
    return token, order


def _refuse_second(desk: Desk, token: Doc) -> None:
    if any(one.get("_plan") in _IN_FLIGHT for one in desk.store.marked("payment", token["id"])):
        text = "Another debit of this mandate is not final yet."
        raise refused(business("mandate_debit_in_progress", text))


def _refuse_without_notice(desk: Desk, token: Doc, order: Doc) -> None:
    notice = notice_of(desk, order)
    if not notice or token["type"] == RESERVE_PAY:
        return
    if notice["token_id"] != token["id"]:
        raise refused(FAILURES["invalid_token"])
    if notice["status"] != "delivered":
        raise refused(FAILURES["pre_debit_notification_failed"])
    if desk.now() < notice["payment_after"]:
        text = "The payment can not be made before payment_after of the notification."
        raise GatewayError(text, failure=business("payment_before_payment_after", text))


def _opened(desk: Desk, body: Doc, token: Doc, order: Doc) -> Doc:
    payer = {
        "email": optional_text_in(body, "email"),
        "contact": optional_text_in(body, "contact"),
        "description": optional_text_in(body, "description"),
        "notes": notes_in(body),
        "customer_id": token["customer_id"],
        "token_id": token["id"],
    }
    payment = open_payment(desk, order, _instrument_of(token), payer)
    payment["_retries"] = 0
    return payment


def _instrument_of(token: Doc) -> Instrument:
    if token["method"] == "card":
        card = {"id": f"card_{token['token']}", "entity": "card", **token["card"]}
        return Instrument("card", {"card_id": card["id"], "card": card})
    address = f"{token['vpa']['username']}@{token['vpa']['handle']}"
    return Instrument("upi", {"vpa": address, "upi": {"vpa": address, "flow": "intent"}})


def _due(desk: Desk, token: Doc, order: Doc) -> int:
    """When the debit takes place: after a notice of our own, or, with one given before, now."""
    wait = 0 if notice_of(desk, order) else _WAIT
    return off_peak(desk.now() + wait) if token["method"] == "upi" else desk.now() + wait


def _failure_of(desk: Desk, token: Doc, payment: Doc) -> Failure | None:
    """Why the debit is refused now, if it is."""
    amount = payment["amount"]
    if failure := why_not_debitable(desk, token, amount):
        return failure
    if token["_block_left"] is not None and amount > token["_block_left"]:
        return FAILURES["limit_exceeded_remitting_bank"]
    if cycle_of(token["frequency"], desk.now()) in token["_debited_cycles"]:
        return FAILURES["mandate_current_cycle_allowed_debit_exceeds"]
    expected: list[str] = token["_expected"].get("debits", [])
    if expected:
        token["_expected"]["debits"] = expected[1:]
        desk.put(token)
        return FAILURES[expected[0]] if expected[0] != "success" else None
    return None


def _count_debit(desk: Desk, token: Doc, payment: Doc) -> None:
    cycle = cycle_of(token["frequency"], desk.now())
    if cycle is not None:
        token["_debited_cycles"] = [cycle]
    if token["_block_left"] is not None:
        token["_block_left"] -= payment["amount"]
    token["used_at"] = desk.now()
    desk.put(token)
