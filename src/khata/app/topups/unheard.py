"""What no event has told of: refunds and disputes that only a settlement shows."""

from khata.app.topups.disputes import Disputes
from khata.app.topups.gateways import Gateways
from khata.app.topups.refund_events import RefundEvents
from khata.payments.gateway import SettledLine
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.disputes import disputes_of_payment
from khata.postgres.gateway_names import meant_by
from khata.postgres.payments import Payment


class Unheard:
    """Asks the gateway about what a settled line names, where nothing is known of it here."""

    def __init__(
        self, pool: Pool, gateways: Gateways, refunds: RefundEvents, disputes: Disputes
    ) -> None:
        self._pool = pool
        self._gateways = gateways
        self._refunds = refunds
        self._disputes = disputes

    async def hear(self, payment: Payment, line: SettledLine) -> None:
        """Books the refund or the dispute that the line is of, unless it is known.

        Raises `GatewayUnavailable`, `GatewayRefused` and `Unavailable`.
        """
        if line.kind == "payment" or await self._is_known(payment, line):
            return
        gateway = self._gateways.of(payment.provider)
        if line.kind == "refund":
            told = await gateway.find_refund(payment.gateway_payment_id, line.entity_id)
            await self._refunds.hear(payment.provider, told)
            return
        for dispute in await gateway.disputes(payment.gateway_payment_id):
            await self._disputes.hear(payment, dispute)

    async def _is_known(self, payment: Payment, line: SettledLine) -> bool:
        async with borrowed(self._pool) as connection:
            if line.kind == "refund":
                return await meant_by(connection, payment.provider, line.entity_id) is not None
            named = (payment.wallet_id, payment.id)
            return bool(await disputes_of_payment(connection, *named))
