"""What Stripe sends, made into the values that cross the border.

A payment intent is both the order and its payment: it takes one success, however many cards were
tried. So both have the intent's id.
"""

from datetime import UTC, datetime
from typing import Final, Literal

from msgspec import Struct, field

from khata.payments.gateway import (
    DisputeState,
    GatewayDispute,
    GatewayMandate,
    GatewayOrder,
    GatewayPayment,
    GatewayRefund,
    MandateState,
    PaymentState,
    RefundState,
    SettledLine,
)
from khata.payments.stripe_gateway.entities import (
    HOME,
    KEY,
    RECEIPT,
    SECOND_US,
    BalanceTransaction,
    Card,
    Charge,
    Dispute,
    IntentError,
    Mandate,
    MethodDetails,
    PaymentIntent,
    Payout,
    Refund,
    SavedMethod,
    SetupIntent,
    Source,
)

_PAYMENT_STATES: Final[dict[str, PaymentState]] = {
    "requires_payment_method": "failed",
    "requires_confirmation": "created",
    "requires_action": "created",
    "processing": "created",
    "requires_capture": "authorized",
    "canceled": "failed",
    "succeeded": "captured",
}
_REFUND_STATES: Final[dict[str, RefundState]] = {
    "succeeded": "processed",
    "failed": "failed",
    "canceled": "failed",
}
_DISPUTE_STATES: Final[dict[str, DisputeState]] = {
    "warning_under_review": "under_review",
    "under_review": "under_review",
    "appeal_under_review": "under_review",
    "warning_closed": "closed",
    "won": "won",
    "prevented": "won",
    "lost": "lost",
}
_SETUP_STATES: Final[dict[str, MandateState]] = {
    "succeeded": "confirmed",
    "canceled": "cancelled",
}
_BANK_STATES: Final[dict[str, MandateState]] = {"active": "confirmed", "inactive": "cancelled"}
_LINE_KINDS: Final[dict[str, Literal["payment", "refund", "adjustment"]]] = {
    "charge": "payment",
    "payment": "payment",
    "refund": "refund",
    "payment_refund": "refund",
}


def order_of(intent: PaymentIntent) -> GatewayOrder:
    """The intent as an order, without its checkout."""
    return GatewayOrder(
        id=intent.id,
        amount=intent.amount,
        currency=intent.currency.upper(),
        receipt=intent.metadata.get(RECEIPT),
        is_paid=intent.status == "succeeded",
    )


def is_tried(intent: PaymentIntent) -> bool:
    """Whether anybody has tried to pay the intent yet."""
    untried = intent.status in {"requires_payment_method", "requires_confirmation"}
    return not untried or intent.last_payment_error is not None


def payment_of(intent: PaymentIntent) -> GatewayPayment:
    """The intent as a payment, as far as its last try got."""
    charge = intent.latest_charge if isinstance(intent.latest_charge, Charge) else None
    error = intent.last_payment_error or IntentError()
    has_failed = intent.status == "requires_payment_method"
    payment = _paid_by(charge) if charge is not None else _Paid()
    state = _PAYMENT_STATES.get(intent.status, "created")
    amount = intent.amount_received or intent.amount if state == "captured" else intent.amount
    is_gone = state == "captured" and payment.amount_refunded >= amount
    return GatewayPayment(
        id=intent.id,
        order_id=intent.id,
        amount=amount,
        currency=intent.currency.upper(),
        state="refunded" if is_gone else state,
        method=payment.method or next(iter(intent.payment_method_types), ""),
        amount_refunded=payment.amount_refunded,
        fee=payment.fee if state == "captured" else None,
        tax=payment.tax if state == "captured" else None,
        card_type=payment.card.funding,
        card_country=payment.card.country,
        is_international=payment.card.country not in {None, HOME},
        instrument=payment.card.fingerprint,
        customer_id=intent.customer,
        mandate_id=intent.payment_method,
        error_code=error.code if has_failed else _needs_payer(intent),
        error_reason=(error.decline_code or error.code) if has_failed else _needs_payer(intent),
        error_description=error.message if has_failed else None,
        created_at_us=intent.created * SECOND_US,
    )


def payment_of_charge(charge: Charge) -> GatewayPayment | None:
    """The payment of a charge that succeeded for an intent of ours."""
    if charge.payment_intent is None or charge.status != "succeeded":
        return None
    return payment_of(
        PaymentIntent(
            id=charge.payment_intent,
            amount=charge.amount,
            currency=charge.currency,
            status="succeeded",
            customer=charge.customer,
            payment_method=charge.payment_method,
            latest_charge=charge,
            created=charge.created,
        )
    )


def refund_of(refund: Refund) -> GatewayRefund | None:
    """The refund, if it is one of an intent."""
    if refund.payment_intent is None:
        return None
    return GatewayRefund(
        id=refund.id,
        payment_id=refund.payment_intent,
        amount=refund.amount,
        currency=refund.currency.upper(),
        state=_REFUND_STATES.get(refund.status, "pending"),
        receipt=(refund.metadata or {}).get(KEY),
    )


def dispute_of(dispute: Dispute) -> GatewayDispute | None:
    """The dispute, if it is one of an intent."""
    if dispute.payment_intent is None:
        return None
    due_by = dispute.evidence_details.due_by if dispute.evidence_details else None
    return GatewayDispute(
        id=dispute.id,
        payment_id=dispute.payment_intent,
        amount=dispute.amount,
        currency=dispute.currency.upper(),
        state=_DISPUTE_STATES.get(dispute.status, "open"),
        reason=dispute.reason,
        respond_by_us=None if due_by is None else due_by * SECOND_US,
    )


def mandate_of_setup(setup: SetupIntent) -> GatewayMandate:
    """The consent that is asked for; once given, under the id of the payment method."""
    refused = setup.status == "requires_payment_method" and setup.last_setup_error is not None
    state: MandateState = "rejected" if refused else _SETUP_STATES.get(setup.status, "initiated")
    given = setup.payment_method if state == "confirmed" else None
    kind = next(iter(setup.payment_method_types), "card")
    return GatewayMandate(
        id=given or setup.id,
        customer_id=setup.customer or "",
        kind=kind,
        state=state,
        is_instant=kind != "upi",
        order_id=setup.id,
    )


def mandate_of_method(method: SavedMethod) -> GatewayMandate:
    """The saved payment method: a mandate for as long as it is the customer's."""
    card = method.card or Card()
    brand = (card.brand or "Card").capitalize()
    return GatewayMandate(
        id=method.id,
        customer_id=method.customer or "",
        kind=method.type,
        state="cancelled" if method.customer is None else "confirmed",
        label=f"{brand} •••• {card.last4}" if card.last4 else None,
        is_instant=method.type == "card" and card.country != HOME,
    )


def mandate_of_bank(mandate: Mandate) -> GatewayMandate:
    """What the bank says of a mandate."""
    return GatewayMandate(
        id=mandate.payment_method,
        customer_id="",
        kind="",
        state=_BANK_STATES.get(mandate.status, "initiated"),
        is_instant=False,
    )


def settled_of(line: BalanceTransaction, payout: Payout) -> SettledLine:
    """The line of a payout. What is neither charge nor refund is an adjustment."""
    kind = _LINE_KINDS.get(line.type, "adjustment")
    source = line.source if isinstance(line.source, Source) else None
    payment_id = source.payment_intent if source else None
    return SettledLine(
        settlement_id=payout.id,
        kind=kind,
        entity_id=(payment_id if kind == "payment" else source and source.id) or line.id,
        payment_id=payment_id,
        amount=abs(line.amount),
        fee=line.fee,
        tax=_tax_in(line),
        net=line.net,
        currency=line.currency.upper(),
        settled_at_us=payout.arrival_date * SECOND_US,
    )


def day_of(day: str) -> tuple[int, int]:
    """The first second of the day, as Stripe dates arrivals, and that of the next."""
    first = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    return first, first + 86_400


class _Paid(Struct):
    """What a charge tells of how it was paid."""

    method: str | None = None
    card: Card = field(default_factory=Card)
    amount_refunded: int = 0
    fee: int | None = None
    tax: int | None = None


def _paid_by(charge: Charge) -> _Paid:
    details = charge.payment_method_details or MethodDetails()
    booked = charge.balance_transaction
    # A fee in another currency than the payment's says nothing in paise.
    known = isinstance(booked, BalanceTransaction) and booked.currency == charge.currency
    return _Paid(
        method=details.type,
        card=details.card or Card(),
        amount_refunded=charge.amount_refunded,
        fee=booked.fee if known and isinstance(booked, BalanceTransaction) else None,
        tax=_tax_in(booked) if known and isinstance(booked, BalanceTransaction) else None,
    )


def _tax_in(line: BalanceTransaction) -> int:
    return sum(detail.amount for detail in line.fee_details if detail.type == "tax")


def _needs_payer(intent: PaymentIntent) -> str | None:
    return "authentication_required" if intent.status == "requires_action" else None
