"""The control API: whoever holds its token plays the customers, the banks and the weather."""

from typing import Any, Final, cast

import msgspec

from khata.payments.simulator.asked import Ask, fields, integer_in, text_in, truth_in
from khata.payments.simulator.checkout import Played, grant, play
from khata.payments.simulator.debits import debit
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.disputes import (
    VERDICTS,
    ask_for_action,
    decide,
    dispute_of,
    open_dispute,
)
from khata.payments.simulator.documents import Doc, collection
from khata.payments.simulator.failures import FAILURES, invalid, unknown_id
from khata.payments.simulator.faults import Fault
from khata.payments.simulator.payment_calls import payment_of
from khata.payments.simulator.payments import fail
from khata.payments.simulator.refunds import DELAY
from khata.payments.simulator.settlements import settle_now
from khata.payments.simulator.tokens import cancel, confirm, pause, reject

REASON: Final = fields("reason")
EXPECTED: Final = fields("debits", "notices_failing")
FAULT: Final = fields("fault", "on", "count", "probability", "value")
ADVANCE: Final = fields("seconds")
DIALS: Final = fields("rbi_delay", DELAY)
_MANDATE_STEPS: Final = {
    "confirm": confirm,
    "resume": confirm,
    "reject": reject,
    "pause": pause,
    "cancel": cancel,
}
_KINDS: Final = (
    "order",
    "payment",
    "refund",
    "customer",
    "token",
    "notification",
    "dispute",
    "line",
    "settlement",
    "event",
    "endpoint",
    "delivery",
)


def check_out(desk: Desk, ask: Ask) -> Played:
    """Plays a customer who pays an order."""
    return play(desk, text_in(ask.body, "order_id"), ask.body)


def authorize_payment(desk: Desk, ask: Ask) -> Doc:
    """The bank grants a payment that waits, or the customer approves a debit."""
    payment = payment_of(desk, ask.path["id"])
    if payment.get("_plan") in {"approval", "debit"}:
        debit(desk, payment)
    else:
        grant(desk, payment)
    return payment


def fail_payment(desk: Desk, ask: Ask) -> Doc:
    """The bank refuses a payment that waits."""
    payment = payment_of(desk, ask.path["id"])
    fail(desk, payment, FAILURES[_reason(ask.body.get("reason", "payment_failed"))])
    return payment


def authorize_late(desk: Desk, ask: Ask) -> Doc:
    """The bank grants a payment after it was marked failed."""
    payment = payment_of(desk, ask.path["id"])
    if payment["status"] == "created":
        fail(desk, payment, FAILURES["payment_timed_out"])
    grant(desk, payment)
    return payment


def step_mandate(desk: Desk, ask: Ask) -> Doc:
    """The bank or the customer changes a mandate."""
    token = _token_of(desk, ask)
    step = _MANDATE_STEPS.get(ask.path["step"])
    if not step:
        raise unknown_id()
    step(desk, token)
    return token


def expect_of_mandate(desk: Desk, ask: Ask) -> Doc:
    """Sets how the next debits end (`success` or a reason each), and how many notices fail."""
    token = _token_of(desk, ask)
    debits = _texts(ask.body.get("debits", []), "debits")
    token["_expected"] = {
        "debits": [one if one == "success" else _reason(one) for one in debits],
        "notices_failing": integer_in({"notices_failing": 0, **ask.body}, "notices_failing"),
    }
    desk.put(token)
    return {**token, "expected": token["_expected"]}


def create_dispute(desk: Desk, ask: Ask) -> Doc:
    return open_dispute(desk, ask.body)


def step_dispute(desk: Desk, ask: Ask) -> Doc:
    """The bank decides, or reminds of its deadline."""
    dispute = dispute_of(desk, ask.path["id"])
    if ask.path["step"] == "action_required":
        ask_for_action(desk, dispute)
    elif ask.path["step"] in VERDICTS:
        decide(desk, dispute, VERDICTS[ask.path["step"]])
    else:
        raise unknown_id()
    return dispute


def settle(desk: Desk, _: Ask) -> Doc:
    """Pays everything out now."""
    return {"settlement": settle_now(desk)}


def list_faults(desk: Desk, _: Ask) -> Doc:
    return collection(msgspec.to_builtins(fault) for fault in desk.faults.listed())


def set_fault(desk: Desk, ask: Ask) -> Doc:
    try:
        fault = msgspec.convert(ask.body, Fault)
    except msgspec.ValidationError as error:
        raise invalid("fault", str(error)) from None
    desk.faults.set(fault)
    return cast("Doc", msgspec.to_builtins(fault))


def clear_faults(desk: Desk, _: Ask) -> Doc:
    desk.faults.clear()
    return {"cleared": True}


def read_clock(desk: Desk, _: Ask) -> Doc:
    return {"now": desk.now()}


def advance_clock(desk: Desk, ask: Ask) -> Doc:
    """Turns the clock forward; what becomes due by that happens, each at its own moment."""
    desk.advance(integer_in(ask.body, "seconds"))
    return {"now": desk.now()}


def turn_dials(desk: Desk, ask: Ask) -> Doc:
    """Sets whether mandates take their time from now on, and how long refunds take."""
    if "rbi_delay" in ask.body:
        desk.store.set_fact("rbi_delay", truth_in(ask.body, "rbi_delay") is True)
    if DELAY in ask.body:
        desk.store.set_fact(DELAY, integer_in(ask.body, DELAY))
    return {"rbi_delay": desk.is_delayed(), DELAY: desk.store.fact(DELAY, 0)}


def reset(desk: Desk, _: Ask) -> Doc:
    """Forgets everything but the endpoints."""
    endpoints = desk.store.all("endpoint")
    desk.reset()
    for endpoint in endpoints:
        desk.put(endpoint)
    return {"reset": True}


def dump(desk: Desk, _: Ask) -> Doc:
    """Everything there is, oldest first, with what is never shown elsewhere."""
    everything: Doc = {f"{kind}s": desk.store.all(kind) for kind in _KINDS}
    return {"all": {"now": desk.now(), "account_id": desk.account_id, **everything}}


def _token_of(desk: Desk, ask: Ask) -> Doc:
    token = desk.store.get("token", ask.path["token"])
    if not token:
        raise unknown_id()
    return token


def _reason(reason: Any) -> str:
    if reason not in FAILURES:
        raise invalid("reason", f"The reason must be one of {', '.join(FAILURES)}.")
    return str(reason)


def _texts(value: Any, field: str) -> list[str]:
    try:
        return msgspec.convert(value, list[str])
    except msgspec.ValidationError:
        raise invalid(field, f"The {field} must be a list of strings.") from None
