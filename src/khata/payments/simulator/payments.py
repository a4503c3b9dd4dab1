"""The life of a payment: opened, authorized, captured, or failed, and what follows from each."""

from typing import Final

from khata.payments.simulator.clock import DAY, MINUTE
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, plan
from khata.payments.simulator.failures import FAILURES, Failure, business, refused
from khata.payments.simulator.instruments import Instrument
from khata.payments.simulator.lines import book_payment
from khata.payments.simulator.refunds import give_back

NO_ANSWER: Final = 10 * MINUTE
_FEE_PERCENT: Final = 2
_TAX_PERCENT: Final = 18
_NO_FAILURE: Final[Doc] = dict.fromkeys(
    ("error_code", "error_description", "error_source", "error_step", "error_reason")
)
_REFERENCES: Final = {
    "upi": ("rrn", "upi_transaction_id"),
    "card": ("auth_code",),
    "netbanking": ("bank_transaction_id",),
    "wallet": ("transaction_id",),
}


def open_payment(desk: Desk, order: Doc, instrument: Instrument, payer: Doc) -> Doc:
    """A new attempt to pay the order: `created`, and failed if nobody hears of it again.

    `payer` has its email, contact, customer and token. Raises `GatewayError` where the order takes
    no further attempt.
    """
    refuse_attempt(desk, order)
    payment: Doc = {
        "id": desk.new_id("pay"),
        "entity": "payment",
        "amount": order["amount"],
        "currency": order["currency"],
        "base_amount": order["amount"],
        "status": "created",
        "order_id": order["id"],
        "invoice_id": None,
        "international": False,
        "method": instrument.method,
        "amount_refunded": 0,
        "amount_transferred": 0,
        "refund_status": None,
        "captured": False,
        "description": payer.get("description"),
        "card_id": None,
        "bank": None,
        "wallet": None,
        "vpa": None,
        **instrument.shown,
        "email": payer.get("email") or "void@razorpay.com",
        "contact": payer.get("contact") or "+919000000000",
        "customer_id": payer.get("customer_id") or order.get("customer_id"),
        "token_id": payer.get("token_id"),
        "notes": payer.get("notes") or order["notes"],
        "fee": None,
        "tax": None,
        **_NO_FAILURE,
        "acquirer_data": dict.fromkeys(_REFERENCES[instrument.method]),
        "created_at": desk.now(),
    }
    plan(payment, "no_answer", desk.now() + NO_ANSWER)
    desk.put(payment)
    order["attempts"] += 1
    if order["status"] == "created":
        desk.move(order, "attempted")
    desk.put(order)
    return payment


def refuse_attempt(desk: Desk, order: Doc) -> None:
    """Raises `GatewayError` where the order is paid or its money is on the way."""
    if order["status"] == "paid":
        raise refused(business("order_already_paid", "Payment already done for this order."))
    payments = desk.store.of("payment", order["id"])
    if any(payment["status"] == "authorized" for payment in payments):
        text = "Another payment of this order is authorized."
        raise refused(business("payment_already_authorized", text))


def authorize(desk: Desk, payment: Doc) -> None:
    """The bank grants the money: captured at once, later by hand, or given back if not wanted.

    Raises `GatewayError` for a payment that the bank has answered with a yes before.
    """
    if payment["status"] not in {"created", "failed"}:
        text = f"The payment is {payment['status']} and can not become authorized."
        raise refused(business("invalid_state", text))
    order = order_of_payment(desk, payment)
    taken = order["status"] == "paid" or _other_authorized(desk, payment)
    payment.update(_NO_FAILURE)
    payment["acquirer_data"] = _references(desk, payment["method"])
    opened = payment["created_at"]
    plan(payment, "expiry", max(desk.now(), opened + order["_manual_minutes"] * MINUTE))
    desk.move(payment, "authorized")
    desk.emit("payment.authorized", payment=payment)
    if taken:
        give_back(desk, payment)
    elif order["_capture"] == "automatic" and (
        desk.now() <= opened + order["_automatic_minutes"] * MINUTE
    ):
        capture(desk, payment)


def capture(desk: Desk, payment: Doc) -> None:
    """Takes the money: the order is paid with it, and the fee is known from now on."""
    order = order_of_payment(desk, payment)
    if order["status"] == "paid":
        raise refused(business("order_already_paid", "The order has already been paid."))
    tax, fee = fee_of(payment)
    payment.update(captured=True, fee=fee, tax=tax)
    plan(payment, None)
    if fault := desk.faults.strike("dispute_after_spend", "payment.captured"):
        plan(payment, "dispute", desk.now() + fault.size(DAY))
    desk.move(payment, "captured")
    order.update(amount_paid=payment["amount"], amount_due=order["amount"] - payment["amount"])
    desk.move(order, "paid")
    book_payment(desk, payment, order)
    desk.emit("payment.captured", payment=payment)
    desk.emit("order.paid", payment=payment, order=order)


def fail(desk: Desk, payment: Doc, failure: Failure, late_at: int | None = None) -> None:
    """The attempt failed. With `late_at` the bank grants the money then all the same."""
    payment.update(
        error_code=failure.code,
        error_description=failure.description,
        error_source=failure.source,
        error_step=failure.step,
        error_reason=failure.reason,
    )
    plan(payment, "late" if late_at else None, late_at)
    desk.move(payment, "failed")
    desk.emit("payment.failed", payment=payment)


def give_up(desk: Desk, payment: Doc) -> None:
    """No bank answered in time."""
    fail(desk, payment, FAILURES["payment_timed_out"])


def fee_of(payment: Doc) -> tuple[int, int]:
    """The tax within the fee, and the fee: 2 percent and the tax on that; nothing for UPI."""
    if payment["method"] == "upi":
        return 0, 0
    net = (payment["amount"] * _FEE_PERCENT + 50) // 100
    tax = (net * _TAX_PERCENT + 50) // 100
    return tax, net + tax


def order_of_payment(desk: Desk, payment: Doc) -> Doc:
    order = desk.store.get("order", payment["order_id"])
    assert order, "a payment has its order"
    return order


def _other_authorized(desk: Desk, payment: Doc) -> bool:
    others = desk.store.of("payment", payment["order_id"])
    return any(one["status"] == "authorized" and one["id"] != payment["id"] for one in others)


def _references(desk: Desk, method: str) -> Doc:
    """The bank's own references; twelve digits, as theirs."""
    number = desk.store.count_on("references")
    return dict.fromkeys(_REFERENCES[method], f"{500_000_000_000 + number}")
