"""Orders as everybody is shown them. Money is paise beside its currency."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from khata.app.shown.common import Time
from khata.domain import quotes
from khata.domain.orders import OrderStatus
from khata.domain.providers import PaymentMethod, ProviderName
from khata.domain.risk import Decision, RiskAssessment
from khata.domain.times import rfc3339
from khata.postgres import orders as store


class Quote(Struct, frozen=True):
    """What it costs and brings. `platform_fee` has its tax inside."""

    pack_id: str | None
    amount: int
    currency: str
    base_credits: int
    bonus_credits: int
    total_credits: int
    gst: int
    platform_fee: int
    round_off: int
    total_payable: int


class Risk(Struct, frozen=True):
    """What the fraud rules made of an order.

    `reasons` made the score. Rules in `shadow` are only watched and count nothing; `abstained` are
    those that could not be told, and why.
    """

    score: int
    decision: Decision
    reasons: list[str]
    shadow: list[str]
    abstained: Mapping[str, str]


class OrderFailure(Struct, frozen=True):
    """Why the last attempt to pay failed."""

    code: str
    message: str


class Order(Struct, frozen=True):
    """An order as it stands."""

    id: str
    wallet_id: str
    status: OrderStatus
    quote: Quote
    provider: ProviderName
    payment_method: PaymentMethod
    checkout: Mapping[str, str | int | None]
    risk: Risk
    payment_id: str | None
    transaction_id: str | None
    invoice_id: str | None
    failure: OrderFailure | None
    refunded_amount: int
    place_of_supply: str
    place_of_supply_assumed: bool
    recharge_number: int | None
    created_at: Time
    updated_at: Time
    expires_at: Time


def quote_shown(quote: quotes.Quote, currency: str = "INR") -> Quote:
    """A quote as the API shows it."""
    return Quote(
        quote.pack_id,
        quote.amount_paise,
        currency,
        quote.base_credits,
        quote.bonus_credits,
        quote.total_credits,
        quote.gst_paise,
        quote.platform_fee_paise,
        quote.round_off_paise,
        quote.payable_paise,
    )


def order_shown(order: store.Order) -> Order:
    """An order as the API shows it."""
    failure = None
    if order.failure_code is not None:
        failure = OrderFailure(order.failure_code, order.failure_message or "")
    return Order(
        id=order.id,
        wallet_id=order.wallet_id,
        status=order.status,
        quote=quote_shown(order.quote, order.currency),
        provider=order.provider,
        payment_method=order.payment_method,
        checkout=order.checkout or {},
        risk=risk_shown(order.risk),
        payment_id=order.payment_id,
        transaction_id=order.transaction_id,
        invoice_id=order.invoice_id,
        failure=failure,
        refunded_amount=order.refunded_paise,
        place_of_supply=order.recipient.place.state_code,
        place_of_supply_assumed=order.recipient.place.assumed,
        recharge_number=order.recharge_number,
        created_at=rfc3339(order.created_at_us),
        updated_at=rfc3339(order.updated_at_us),
        expires_at=rfc3339(order.expires_at_us),
    )


def risk_shown(risk: RiskAssessment) -> Risk:
    """The risk as the API shows it."""
    return Risk(
        risk.score,
        risk.decision,
        [reason.sentence for reason in risk.reasons if reason.state == "hit"],
        [reason.sentence for reason in risk.reasons if reason.state == "shadow_hit"],
        {reason.rule: reason.said for reason in risk.reasons if reason.state == "abstained"},
    )
