"""Refunds of money, decisions of a review, and disputes. Money is paise beside its currency."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from khata.app.topups.refunds import RefundWish
from khata.domain.dispute_states import Booked, DisputeState
from khata.domain.refund_states import RefundOrigin, RefundStatus
from khata.domain.times import rfc3339
from khata.http.schemas.common import Cursor, Limit, Note, Time
from khata.http.schemas.topups import Order, Paise, order_shown
from khata.payments.gateway import ProviderName
from khata.postgres import disputes as dispute_store
from khata.postgres import orders as order_store
from khata.postgres import refunds as store

Reason = Annotated[str, Meta(max_length=500)]


class MoneyRefundBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much of the price before tax is to go back; all that can, where it is left out."""

    amount: Paise | None = None
    reason: Reason = ""

    def wish(self) -> RefundWish:
        """What is asked for."""
        return RefundWish(amount_paise=self.amount, reason=self.reason)


class RefundFailure(Struct, frozen=True):
    """Why the money did not go back. The credits are there again."""

    message: str


class MoneyRefund(Struct, frozen=True):
    """A refund as it stands. `amount` is of the price before tax, `total` what the payer gets:
    with it go the tax on it and, where an unused order is refunded whole, the platform fee."""

    id: str
    order_id: str
    status: RefundStatus
    origin: RefundOrigin
    amount: int
    gst: int
    platform_fee: int
    round_off: int
    total: int
    currency: str
    credits_clawed_back: int
    reason: str
    transaction_id: str | None
    restored_by: str | None
    credit_note_id: str | None
    failure: RefundFailure | None
    created_at: Time
    updated_at: Time


class OrderRefunded(Struct, frozen=True):
    """A refund that has begun, and its order."""

    refund: MoneyRefund
    order: Order


class MoneyRefunds(Struct, frozen=True):
    """All refunds of an order, newest first."""

    data: list[MoneyRefund]


class ReviewBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What somebody decided about an order under review, and why."""

    decision: Literal["approve", "reject"]
    reason: Note


class DisputeQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which part of the list."""

    limit: Limit = 50
    cursor: Cursor | None = None


class Dispute(Struct, frozen=True):
    """A dispute as it stands: `state` at the bank, and `booked` what became of the credits."""

    id: str
    order_id: str
    payment_id: str
    provider: ProviderName
    state: DisputeState
    booked: Booked
    amount: int
    currency: str
    reason: str | None
    respond_by: Time | None
    created_at: Time
    updated_at: Time


def refunded_shown(refund: store.Refund, order: order_store.Order) -> OrderRefunded:
    """A refund and its order as the API shows them."""
    return OrderRefunded(refund_shown(refund, order.currency), order_shown(order))


def refund_shown(refund: store.Refund, currency: str) -> MoneyRefund:
    """A refund as the API shows it."""
    back, message = refund.back, refund.failure_message
    return MoneyRefund(
        id=refund.id,
        order_id=refund.order_id,
        status=refund.status,
        origin=refund.origin,
        amount=back.amount_paise,
        gst=back.gst_paise,
        platform_fee=back.fee_paise,
        round_off=back.tax.round_off_paise,
        total=back.total_paise,
        currency=currency,
        credits_clawed_back=back.credits_clawed_back,
        reason=refund.reason,
        transaction_id=refund.transaction_id,
        restored_by=refund.restored_by,
        credit_note_id=refund.credit_note_id,
        failure=None if message is None else RefundFailure(message),
        created_at=rfc3339(refund.created_at_us),
        updated_at=rfc3339(refund.updated_at_us),
    )


def dispute_shown(dispute: dispute_store.Dispute) -> Dispute:
    """A dispute as the API shows it."""
    respond_by_us = dispute.respond_by_us
    return Dispute(
        id=dispute.id,
        order_id=dispute.order_id,
        payment_id=dispute.payment_id,
        provider=dispute.provider,
        state=dispute.state,
        booked=dispute.booked,
        amount=dispute.amount_paise,
        currency=dispute.currency,
        reason=dispute.reason,
        respond_by=None if respond_by_us is None else rfc3339(respond_by_us),
        created_at=rfc3339(dispute.created_at_us),
        updated_at=rfc3339(dispute.updated_at_us),
    )
