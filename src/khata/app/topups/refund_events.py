"""Events of refunds: of ours, which they bring to their end, and of those made at the gateway."""

import structlog

from khata.app.topups.captures import Quarantine
from khata.app.topups.known_payments import KnownPayments
from khata.app.topups.refund_steps import RefundSteps
from khata.app.topups.refunds import Refunds
from khata.domain.ids import is_id
from khata.payments.gateway import GatewayEvent, GatewayRefund, ProviderName
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.gateway_names import meant_by
from khata.postgres.payments import Payment
from khata.postgres.refunds import Refund, refund_by_id
from khata.postgres.refunds import refund as refund_of

_log = structlog.get_logger()


class RefundEvents:
    """Reads what a gateway tells of a refund."""

    def __init__(
        self, pool: Pool, refunds: Refunds, steps: RefundSteps, payments: KnownPayments
    ) -> None:
        self._pool = pool
        self._refunds = refunds
        self._steps = steps
        self._payments = payments

    async def read(self, provider: ProviderName, event: GatewayEvent) -> Quarantine | bool:
        """Whether the event was about a refund, which is booked by now as it was then."""
        if event.refund is None:
            return False
        return await self.hear(provider, event.refund)

    async def hear(self, provider: ProviderName, told: GatewayRefund) -> Quarantine | bool:
        """Books a refund as the gateway has it; one that did not begin here becomes ours.

        Raises `GatewayUnavailable`, `GatewayRefused` and `Unavailable`.
        """
        payment = await self._payments.credited(provider, told.payment_id)
        if isinstance(payment, Quarantine):
            return payment
        refund = await self._ours(payment, told)
        if refund is None:
            if payment.transaction_id is None or told.state == "failed":
                # It took back what had brought no credits, or took nothing back.
                return True
            adopted = await self._refunds.adopt(payment, told)
            if not isinstance(adopted, Refund):
                return Quarantine(f"refund {told.id} is more than is left of {payment.id}")
            refund = adopted
        if refund.status == "failed":
            return True
        refund = await self._refunds.clawed_back(refund)
        await self._steps.hear(refund, told)
        return True

    async def _ours(self, payment: Payment, told: GatewayRefund) -> Refund | None:
        """The refund of ours that it is: by its name, or by the key that it was asked for under."""
        async with borrowed(self._pool) as connection:
            meant = await meant_by(connection, payment.provider, told.id)
            if meant is not None:
                return await refund_of(connection, meant.wallet_id, meant.own_id)
            if told.receipt is None or not is_id(told.receipt, "rfd_"):
                return None
            refund = await refund_by_id(connection, told.receipt)
        is_it = (
            refund is not None
            and refund.status != "failed"
            and refund.gateway_refund_id is None
            and (refund.payment_id, refund.back.total_paise) == (payment.id, told.amount)
        )
        if refund is None or not is_it:
            return None
        await self._steps.note_gateway_refund(refund, told.id)
        return refund
