"""What Razorpay sends, read leniently, and made into the values that cross the border.

Unknown fields and missing keys are normal there. Without an id, an amount, a currency or a state
there is nothing to believe, and such an entity is not read at all.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

from msgspec import Struct

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

SECOND_US = 1_000_000

Fingerprint = Callable[[str], str]
T = TypeVar("T")


class Collection(Struct, Generic[T]):
    """A page of a list."""

    items: list[T]


class Card(Struct):
    """What is told of a card: never its number."""

    last4: str | None = None
    network: str | None = None
    type: str | None = None
    issuer: str | None = None
    name: str | None = None
    international: bool | None = None


class Order(Struct):
    """An order."""

    id: str
    amount: int
    currency: str
    status: str
    receipt: str | None = None
    created_at: int | None = None


class Payment(Struct):
    """One attempt to pay."""

    id: str
    amount: int
    currency: str
    status: str
    order_id: str | None = None
    method: str | None = None
    amount_refunded: int | None = None
    captured: bool | None = None
    international: bool | None = None
    card: Card | None = None
    wallet: str | None = None
    vpa: str | None = None
    contact: str | int | None = None
    customer_id: str | None = None
    token_id: str | None = None
    fee: int | None = None
    tax: int | None = None
    error_code: str | None = None
    error_description: str | None = None
    error_reason: str | None = None
    created_at: int | None = None


class Refund(Struct):
    """Money on its way back."""

    id: str
    payment_id: str
    amount: int
    currency: str
    status: str
    receipt: str | None = None


class Dispute(Struct):
    """A payer's complaint."""

    id: str
    payment_id: str
    amount: int
    currency: str
    status: str
    reason_code: str | None = None
    respond_by: int | None = None
    created_at: int | None = None


class Vpa(Struct):
    """A UPI address in its two parts."""

    username: str | None = None
    handle: str | None = None


class RecurringDetails(Struct):
    """What became of the consent."""

    status: str | None = None


class Token(Struct):
    """A mandate."""

    id: str
    method: str | None = None
    customer_id: str | None = None
    order_id: str | None = None
    vpa: Vpa | str | None = None
    card: Card | None = None
    type: str | None = None
    max_amount: int | None = None
    recurring_details: RecurringDetails | None = None


class Notification(Struct):
    """The notice that a debit is due."""

    order_id: str | None = None


class ReconLine(Struct):
    """One line of a settlement."""

    entity_id: str
    type: str
    amount: int
    currency: str
    debit: int = 0
    credit: int = 0
    fee: int | None = None
    tax: int | None = None
    settled: bool = True
    settled_at: int | None = None
    settlement_id: str | None = None
    payment_id: str | None = None


def fingerprint_by(key: str) -> Fingerprint:
    """Makes stable fingerprints that nobody without the key can try out: addresses are guessable
    from phone numbers."""

    def fingerprint(text: str) -> str:
        return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]

    return fingerprint


class Readers(Struct, frozen=True):
    """How payments and mandates are read: as the gateway at hand means them."""

    payment: Callable[[Payment], GatewayPayment]
    mandate: Callable[[Token], GatewayMandate]


def order_of(order: Order) -> GatewayOrder:
    """The order, without its checkout."""
    return GatewayOrder(
        id=order.id,
        amount=order.amount,
        currency=order.currency,
        receipt=order.receipt,
        is_paid=order.status == "paid",
    )


def payment_of(payment: Payment, fingerprint: Fingerprint) -> GatewayPayment:
    """The payment."""
    card = payment.card or Card()
    is_international = bool(payment.international or card.international)
    return GatewayPayment(
        id=payment.id,
        order_id=payment.order_id,
        amount=payment.amount,
        currency=payment.currency,
        state=_state(payment),
        method=payment.method or "",
        amount_refunded=payment.amount_refunded or 0,
        fee=payment.fee,
        tax=payment.tax,
        card_type=card.type,
        card_country="IN" if card.international is False and not is_international else None,
        is_international=is_international,
        instrument=_instrument(payment, fingerprint),
        customer_id=payment.customer_id,
        mandate_id=payment.token_id,
        error_code=payment.error_code,
        error_reason=payment.error_reason,
        error_description=payment.error_description,
        created_at_us=(payment.created_at or 0) * SECOND_US,
    )


def refund_of(refund: Refund) -> GatewayRefund:
    """The refund."""
    return GatewayRefund(
        id=refund.id,
        payment_id=refund.payment_id,
        amount=refund.amount,
        currency=refund.currency,
        state=_REFUND_STATES.get(refund.status, "pending"),
        receipt=refund.receipt,
    )


def dispute_of(dispute: Dispute) -> GatewayDispute:
    """The dispute."""
    return GatewayDispute(
        id=dispute.id,
        payment_id=dispute.payment_id,
        amount=dispute.amount,
        currency=dispute.currency,
        state=_DISPUTE_STATES.get(dispute.status, "open"),
        reason=dispute.reason_code,
        respond_by_us=None if dispute.respond_by is None else dispute.respond_by * SECOND_US,
    )


# A state that we don't know decides nothing: the money is not ours, nor back, nor the dispute over.
_PAYMENT_STATES: dict[str, PaymentState] = {
    "authorized": "authorized",
    "captured": "captured",
    "failed": "failed",
    "refunded": "refunded",
}
_REFUND_STATES: dict[str, RefundState] = {"processed": "processed", "failed": "failed"}
_DISPUTE_STATES: dict[str, DisputeState] = {
    "under_review": "under_review",
    "won": "won",
    "lost": "lost",
    "closed": "closed",
}
_MANDATE_STATES: dict[str | None, MandateState] = {
    "confirmed": "confirmed",
    "rejected": "rejected",
    "paused": "paused",
    "cancelled": "cancelled",
    "cancellation_initiated": "cancelled",
    "expired": "cancelled",
}


def mandate_of(token: Token, *, always_instant: bool = False) -> GatewayMandate:
    """The mandate."""
    details = token.recurring_details or RecurringDetails()
    return GatewayMandate(
        id=token.id,
        customer_id=token.customer_id or "",
        kind=token.method or "",
        state=_MANDATE_STATES.get(details.status, "initiated"),
        max_amount=token.max_amount,
        label=_label(token),
        is_instant=always_instant or _is_instant(token),
        order_id=token.order_id,
    )


_KINDS: dict[str, Literal["payment", "refund", "adjustment"]] = {
    "payment": "payment",
    "refund": "refund",
}


def settled_of(line: ReconLine) -> SettledLine:
    """The line of a settlement. What is neither payment nor refund is an adjustment."""
    kind = _KINDS.get(line.type, "adjustment")
    return SettledLine(
        settlement_id=line.settlement_id or "",
        kind=kind,
        entity_id=line.entity_id,
        payment_id=line.entity_id if kind == "payment" else line.payment_id,
        amount=line.amount,
        fee=line.fee or 0,
        tax=line.tax or 0,
        net=line.credit - line.debit,
        currency=line.currency,
        settled_at_us=(line.settled_at or 0) * SECOND_US,
    )


def _state(payment: Payment) -> PaymentState:
    """Money that a bank granted and nobody captured goes back and was never ours: a failure."""
    went_back_untaken = payment.status == "refunded" and payment.captured is False
    return "failed" if went_back_untaken else _PAYMENT_STATES.get(payment.status, "created")


def _instrument(payment: Payment, fingerprint: Fingerprint) -> str | None:
    if payment.vpa:
        return fingerprint(f"upi|{payment.vpa.lower()}")
    if payment.card is not None and payment.card.last4:
        card = payment.card
        return fingerprint(f"card|{card.network}|{card.issuer}|{card.last4}|{card.name}")
    if payment.wallet and payment.contact:
        return fingerprint(f"wallet|{payment.wallet}|{payment.contact}")
    return None


def _label(token: Token) -> str | None:
    """What the payer knows it by: a card's last digits, an address with its middle left out."""
    if token.card is not None and token.card.last4:
        return f"{token.card.network or 'Card'} •••• {token.card.last4}"
    match token.vpa:
        case Vpa(username, handle) if username and handle:
            return f"{username[:2]}…@{handle}"
        case str(address) if "@" in address:
            username, _, handle = address.partition("@")
            return f"{username[:2]}…@{handle}"
        case _:
            return None


def _is_instant(token: Token) -> bool:
    """Reserve Pay debits at once, and cards from abroad are outside the rules of notice."""
    is_foreign_card = token.card is not None and token.card.international is True
    return token.type == "single_block_multiple_debit" or is_foreign_card
