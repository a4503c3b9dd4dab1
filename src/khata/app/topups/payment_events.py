"""Events of payments: what they say is booked, and what they leave open the order's step asks."""

from khata.app.topups.captures import Captures, Quarantine
from khata.app.topups.orders import Orders
from khata.payments.gateway import GatewayEvent, ProviderName

# A refund's or a dispute's event shows its payment too, as it was then: that is not news of it.
_OF_PAYMENTS = ("payment.authorized", "payment.captured", "payment.failed", "order.paid")
_OF_INTENTS = "payment_intent."


class PaymentEvents:
    """Reads events that tell of a payment."""

    def __init__(self, captures: Captures, orders: Orders) -> None:
        self._captures = captures
        self._orders = orders

    async def read(self, provider: ProviderName, event: GatewayEvent) -> Quarantine | bool:
        """Whether the event was about a payment, which is booked by now."""
        payment = event.payment
        tells = event.type in _OF_PAYMENTS or event.type.startswith(_OF_INTENTS)
        if payment is None or not tells:
            return False
        booked = await self._captures.book(provider, payment)
        if isinstance(booked, Quarantine):
            return booked
        if booked is not None and payment.state == "authorized":
            await self._orders.look_again(booked)
        return True
