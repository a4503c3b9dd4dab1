"""Events of disputes, in whatever order they come."""

from khata.app.topups.captures import Quarantine
from khata.app.topups.disputes import Disputes
from khata.app.topups.known_payments import KnownPayments
from khata.payments.gateway import GatewayEvent, ProviderName


class DisputeEvents:
    """Reads what a gateway tells of a dispute."""

    def __init__(self, disputes: Disputes, payments: KnownPayments) -> None:
        self._disputes = disputes
        self._payments = payments

    async def read(self, provider: ProviderName, event: GatewayEvent) -> Quarantine | bool:
        """Whether the event was about a dispute, which is booked by now as it was then.

        Raises `GatewayUnavailable`, `GatewayRefused` and `Unavailable`.
        """
        if event.dispute is None:
            return False
        payment = await self._payments.credited(provider, event.dispute.payment_id)
        if isinstance(payment, Quarantine):
            return payment
        await self._disputes.hear(payment, event.dispute)
        return True
