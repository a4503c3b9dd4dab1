"""Refunds: money on its way back to where it came from."""

from typing import Final

from khata.payments.simulator.clock import DAY
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, plan
from khata.payments.simulator.lines import book_refund

DELAY: Final = "refund_delay_seconds"
_FAILS_AFTER: Final = DAY


def give_back(desk: Desk, payment: Doc) -> Doc:
    """Gives an authorized payment back that nobody captures, whole."""
    return refund(desk, payment, payment["amount"], {})


def refund(desk: Desk, payment: Doc, amount: int, wish: Doc) -> Doc:
    """Sends money of the payment back; it is there at once, or after the delay that is set.

    `wish` has the refund's receipt, notes and speed. The amount is one that is left to give back.
    """
    speed = wish.get("speed", "normal")
    made: Doc = {
        "id": desk.new_id("rfnd"),
        "entity": "refund",
        "amount": amount,
        "currency": payment["currency"],
        "payment_id": payment["id"],
        "notes": wish.get("notes", {}),
        "receipt": wish.get("receipt"),
        "acquirer_data": {"arn": None},
        "created_at": desk.now(),
        "batch_id": None,
        "status": "pending",
        "speed_requested": speed,
        "speed_processed": "instant" if speed == "optimum" else "normal",
    }
    _count_back(desk, payment, amount)
    delay = int(desk.store.fact(DELAY, 0)) if speed == "normal" else 0
    if fault := desk.faults.strike("refund_fails_later", "refund.created"):
        plan(made, "refund_failure", desk.now() + fault.size(_FAILS_AFTER))
    else:
        plan(made, "refund_success", desk.now() + delay)
    desk.put(made)
    desk.emit("refund.created", refund=made, payment=payment)
    if made["_plan"] == "refund_success" and not delay:
        succeed(desk, made)
    return made


def succeed(desk: Desk, made: Doc) -> None:
    """The money is back with the customer."""
    payment = _payment_of(desk, made)
    made["acquirer_data"] = {"arn": f"{10_000_000_000_000 + desk.store.count_on('references')}"}
    plan(made, None)
    desk.move(made, "processed")
    book_refund(desk, made, payment)
    desk.emit("refund.processed", refund=made, payment=payment)


def fail_refund(desk: Desk, made: Doc) -> None:
    """The bank sent the money back to us: the payment has it again.

    What nobody had captured is given back once more a day later.
    """
    payment = _payment_of(desk, made)
    plan(made, None)
    desk.move(made, "failed")
    if not payment["captured"]:
        plan(payment, "expiry", desk.now() + DAY)
    _count_back(desk, payment, -made["amount"])
    desk.emit("refund.failed", refund=made, payment=payment)


def _count_back(desk: Desk, payment: Doc, amount: int) -> None:
    """Counts the amount as given back, a negative one as not given back after all."""
    back = payment["amount_refunded"] + amount
    is_full = back == payment["amount"]
    payment["amount_refunded"] = back
    payment["refund_status"] = "full" if is_full else "partial" if back else None
    if is_full:
        plan(payment, None)
        desk.move(payment, "refunded")
    elif payment["status"] == "refunded":
        desk.move(payment, "captured" if payment["captured"] else "authorized")
    desk.put(payment)


def _payment_of(desk: Desk, made: Doc) -> Doc:
    payment = desk.store.get("payment", made["payment_id"])
    assert payment, "a refund has its payment"
    return payment
