"""Payments by the gateway's id: known from before, or asked for when something else names them."""

from msgspec.structs import replace

from khata.app.topups.captures import Captures, Quarantine
from khata.app.topups.gateways import Gateways
from khata.payments.gateway import ProviderName
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.gateway_names import meant_by
from khata.postgres.payments import Payment
from khata.postgres.payments import payment as payment_of


class KnownPayments:
    """Finds the payment that a refund, a dispute or a settlement names."""

    def __init__(self, pool: Pool, captures: Captures, gateways: Gateways) -> None:
        self._pool = pool
        self._captures = captures
        self._gateways = gateways

    async def credited(
        self, provider: ProviderName, gateway_payment_id: str
    ) -> Payment | Quarantine:
        """The payment, with its credits, which it may bring only now: events come in any order.

        One that is set apart brought none, and is given as it is. Raises `GatewayUnavailable`,
        `GatewayRefused` and `Unavailable`.
        """
        known = await self.known(provider, gateway_payment_id)
        if known is not None and (known.transaction_id or known.state == "quarantined"):
            return known
        told = await self._gateways.of(provider).payment(gateway_payment_id)
        if told.state == "refunded":
            # Its money came and went: the credits come and go too, each with its own entry.
            told = replace(told, state="captured")
        booked = await self._captures.book(provider, told)
        known = await self.known(provider, gateway_payment_id)
        if known is None:
            assert isinstance(booked, Quarantine), f"{gateway_payment_id} was booked"
            return booked
        return known

    async def known(self, provider: ProviderName, gateway_payment_id: str) -> Payment | None:
        """The payment as it was noted, if it was."""
        async with borrowed(self._pool) as connection:
            meant = await meant_by(connection, provider, gateway_payment_id)
            if meant is None:
                return None
            return await payment_of(connection, meant.wallet_id, meant.own_id)
