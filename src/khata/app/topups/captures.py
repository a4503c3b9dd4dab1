"""What a gateway tells of a payment, booked: each captured one brings its credits, once.

Told by an event or by an answer, in whatever order and however often: the payment's own id at the
gateway is the key of the purchase. What does not match the order is set apart, with its money, for
a person to look at.
"""

from collections.abc import Callable

import structlog
from msgspec import Struct

from khata.app.topups.scoring import Scoring
from khata.app.topups.terms import SalesTerms
from khata.domain.commands import Purchase, Recorded
from khata.domain.ids import WalletId, is_id
from khata.domain.orders import SECOND_US, UNPAID, OrderEvent
from khata.domain.wallet import NEVER_US
from khata.engine.engine import Engine
from khata.engine.ids import UlidMint
from khata.payments.gateway import GatewayPayment, PaymentState, ProviderName
from khata.postgres import orders as order_store
from khata.postgres import payments as store
from khata.postgres import wallets as wallet_store
from khata.postgres.alerts import NewAlert, raise_alert
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.gateway_names import Meant, insert_name, meant_by
from khata.postgres.orders import Order
from khata.postgres.payments import Payment

_log = structlog.get_logger()

_DAY_US = 86_400 * SECOND_US
_EVENTS: dict[PaymentState, OrderEvent] = {
    "created": "attempted",
    "authorized": "attempted",
    "failed": "attempt_failed",
}


class Quarantine(Struct, frozen=True):
    """Why what the gateway told may not be booked. `is_unknown` where it names what we do not know,
    or not yet: an event may be here before the answer to the request that caused it."""

    reason: str
    is_unknown: bool = False


class Captures:
    """Books payments on their orders."""

    def __init__(
        self,
        pool: Pool,
        engine: Engine,
        terms: SalesTerms,
        scoring: Scoring,
        now_us: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._engine = engine
        self._terms = terms
        self._scoring = scoring
        self._now_us = now_us
        self._mint = UlidMint()

    async def book(self, provider: ProviderName, told: GatewayPayment) -> Order | Quarantine | None:
        """The order after what was told of a payment for it; none where it is a payment by which a
        mandate was given, and buys nothing. Raises `Unavailable`."""
        meant = await self._meant_by(provider, told.order_id)
        if meant is None:
            return Quarantine(f"payment {told.id} is for no order of ours", is_unknown=True)
        if not is_id(meant.own_id, "ord_"):
            return None
        order = await self._order(meant.wallet_id, meant.own_id)
        if await self._is_of_another(order, told):
            return Quarantine(f"payment {told.id} was for another order when it was told of first")
        payment = await self._noted(order, told)
        if told.state == "captured":
            return await self._granted(order, payment, told)
        event = _EVENTS.get(told.state)
        if event is not None:
            await self._moved(order, told, event)
        return await self._order(order.wallet_id, order.id)

    async def _meant_by(self, provider: ProviderName, gateway_id: str | None) -> Meant | None:
        if gateway_id is None:
            return None
        async with borrowed(self._pool) as connection:
            return await meant_by(connection, provider, gateway_id)

    async def _is_of_another(self, order: Order, told: GatewayPayment) -> bool:
        async with borrowed(self._pool) as connection:
            meant = await meant_by(connection, order.provider, told.id)
            if meant is None:
                return False
            known = await store.payment(connection, meant.wallet_id, meant.own_id)
        return known is not None and known.order_id != order.id

    async def _noted(self, order: Order, told: GatewayPayment) -> Payment:
        """The payment as it is noted. The gateway's id leads to it from now on."""
        now_us = self._now_us()
        payment = Payment(
            wallet_id=order.wallet_id,
            id="pay_" + self._mint.for_wallet(order.wallet_id),
            organization_id=order.organization_id,
            order_id=order.id,
            provider=order.provider,
            gateway_payment_id=told.id,
            state="authorized" if told.state == "captured" else told.state,
            amount_paise=told.amount,
            currency=told.currency,
            method=told.card_type or told.method,
            fee_paise=told.fee,
            tax_paise=told.tax,
            instrument=told.instrument,
            country=told.card_country,
            failure_code=told.error_reason or told.error_code,
            created_at_us=now_us,
            updated_at_us=now_us,
        )
        async with borrowed(self._pool) as connection:
            noted = await store.note_payment(connection, payment)
            meant = Meant(order.wallet_id, noted.id)
            await insert_name(connection, order.provider, told.id, meant)
            await self._scoring.note_payment(connection, order, noted, told)
        return noted

    async def _granted(
        self, order: Order, payment: Payment, told: GatewayPayment
    ) -> Order | Quarantine:
        wrong = _mismatch(order, payment, told)
        if wrong is not None:
            return await self._set_apart(payment, wrong)
        if payment.transaction_id is not None:
            return order
        under_review = await self._is_risky(order, payment, told)
        purchase = self._purchase(order, payment, under_review=under_review)
        answer = await self._engine.submit(purchase)
        after = await self._order(order.wallet_id, order.id)
        if isinstance(answer.outcome, Recorded) or after.payment_id == payment.id:
            return after
        code = getattr(answer.outcome, "code", "a refusal")
        return await self._set_apart(payment, f"the credits could not be granted: {code}")

    async def _is_risky(self, order: Order, payment: Payment, told: GatewayPayment) -> bool:
        """Whether somebody should look at the order before its credits may be used.

        What the payment has shown is scored once, and kept. Nobody is there when a mandate pays.
        """
        if order.risk.decision == "review" or order.recharge_number is not None:
            return order.risk.decision == "review"
        async with borrowed(self._pool) as connection:
            wallet = await wallet_store.wallet(connection, order.wallet_id)
            since_us = order.created_at_us if wallet is None else wallet.created_at_us
            risk = await self._scoring.assess_payment(connection, order, told, since_us)
            risk = await store.keep_risk(connection, payment, risk)
        if risk.decision == "allow":
            return False
        reasons = [reason.sentence for reason in risk.counted]
        _log.warning("payment_under_review", payment_id=payment.id, reasons=reasons)
        return True

    def _purchase(self, order: Order, payment: Payment, *, under_review: bool) -> Purchase:
        """The same for each time that the payment is told of: its key stands for this request.

        No caller's key has a colon in it, so none can take this one.
        """
        quote, tax, topups = order.quote, order.tax, self._terms.topups
        valid_days = topups.credits_valid_days
        expires_at_us = NEVER_US
        if valid_days is not None:
            expires_at_us = payment.created_at_us + valid_days * _DAY_US
        return Purchase(
            wallet_id=order.wallet_id,
            idempotency_key=f"payment:{order.provider}:{payment.gateway_payment_id}",
            credits=quote.base_credits,
            bonus_credits=quote.bonus_credits,
            price_paise=quote.amount_paise,
            payment_id=payment.id,
            order_id=order.id,
            gateway=order.provider,
            payable_paise=quote.payable_paise,
            fee_paise=tax.line("platform_fee").taxable_paise,
            cgst_paise=tax.cgst_paise,
            sgst_paise=tax.sgst_paise,
            igst_paise=tax.igst_paise,
            round_off_paise=tax.round_off_paise,
            fee_deferred=topups.fee_recognition == "deferred",
            under_review=under_review,
            expires_at_us=expires_at_us,
        )

    async def _set_apart(self, payment: Payment, reason: str) -> Quarantine:
        alert = NewAlert(
            wallet_id=payment.wallet_id,
            organization_id=payment.organization_id,
            type="PAYMENT_QUARANTINED",
            subject=payment.id,
            facts={"payment_id": payment.id, "order_id": payment.order_id, "reason": reason},
        )
        async with borrowed(self._pool) as connection:
            await store.quarantine_payment(connection, payment, self._now_us())
            await raise_alert(connection, alert, self._now_us())
        _log.error(
            "payment_quarantined",
            payment_id=payment.id,
            order_id=payment.order_id,
            wallet_id=payment.wallet_id,
            reason=reason,
        )
        return Quarantine(reason)

    async def _moved(self, order: Order, told: GatewayPayment, event: OrderEvent) -> None:
        failure = None
        if event == "attempt_failed":
            code = told.error_reason or told.error_code or "payment_failed"
            failure = code, told.error_description or "The payment did not go through."
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            moved = await order_store.move_order(connection, order, event, now_us, failure=failure)
            if failure and moved is not None and moved.recharge_number is None:
                await raise_alert(connection, _payment_failed(moved, failure[1]), now_us)

    async def _order(self, wallet_id: WalletId, order_id: str) -> Order:
        async with borrowed(self._pool) as connection:
            found = await order_store.order(connection, wallet_id, order_id)
        assert found is not None, f"{order_id} is missing"
        return found


def _payment_failed(order: Order, message: str) -> NewAlert:
    """Once an order, however often it is tried. A recharge tells of its failures itself."""
    return NewAlert(
        wallet_id=order.wallet_id,
        organization_id=order.organization_id,
        type="PAYMENT_FAILED",
        subject=order.id,
        facts={
            "order_id": order.id,
            "amount": order.quote.payable_paise,
            "currency": order.currency,
            "message": message,
        },
    )


def _mismatch(order: Order, payment: Payment, told: GatewayPayment) -> str | None:
    """Why money that came is not what the order asked for."""
    payable, currency = order.quote.payable_paise, order.currency
    if (told.amount, told.currency.upper()) != (payable, currency):
        return f"{told.amount} {told.currency} came, {payable} {currency} was asked for"
    if payment.state == "quarantined":
        return "it was set apart earlier"
    if payment.state == "refunded" and payment.transaction_id is None:
        return "its money went back before it brought credits"
    if order.status not in UNPAID and order.payment_id != payment.id:
        return "the order was paid by another payment"
    return None
