"""The next step of an order: the gateway is asked how it stands, so that no lost event matters."""

from collections.abc import Callable, Sequence

import structlog

from khata.app.invalid import Invalid
from khata.app.topups.captures import Captures, Quarantine
from khata.app.topups.gateways import Gateways
from khata.app.topups.orders import Orders
from khata.domain.ids import WalletId
from khata.domain.orders import OPEN, ORDER_LIFE_US, RECONCILED_AFTER_US, SECOND_US, UNPAID
from khata.payments.gateway import GatewayPayment, GatewayRefused
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.orders import Order, move_order

_log = structlog.get_logger()

_HOUR_US = 3_600 * SECOND_US
# A bank may say yes for up to five days after the attempt.
_LATE_AUTHORISATION_US = 5 * 24 * _HOUR_US
# How long until the next look, by the order's age: the younger, the sooner.
_PAUSES = (
    (RECONCILED_AFTER_US, RECONCILED_AFTER_US // 15),
    (_HOUR_US, RECONCILED_AFTER_US),
    (ORDER_LIFE_US, _HOUR_US),
    (_LATE_AUTHORISATION_US, 6 * _HOUR_US),
)


class OrderSteps:
    """Takes orders on by asking their gateways."""

    def __init__(
        self,
        pool: Pool,
        orders: Orders,
        captures: Captures,
        gateways: Gateways,
        now_us: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._orders = orders
        self._captures = captures
        self._gateways = gateways
        self._now_us = now_us

    async def step(self, order_id: str, wallet_id: WalletId) -> int | None:
        """Books all that the gateway tells of the order; when to look again, if ever.

        Raises `GatewayUnavailable` and `Unavailable`.
        """
        order = await self._orders.find(wallet_id, order_id)
        if order is None or order.status not in UNPAID:
            return None
        if order.gateway_order_id is not None:
            order = await self._asked(order, order.gateway_order_id)
        now_us = self._now_us()
        if order.status in OPEN and now_us >= order.expires_at_us:
            async with borrowed(self._pool) as connection:
                await move_order(connection, order, "lapsed", now_us)
        return _next_look_us(order, now_us)

    async def _asked(self, order: Order, gateway_order_id: str) -> Order:
        """The order after all that its gateway tells of it."""
        told = await self._told(order, gateway_order_id)
        # What was taken comes first: an order that it pays needs no other payment's money.
        for payment in sorted(told, key=lambda one: one.state != "captured"):
            booked = await self._captures.book(order.provider, await self._captured(order, payment))
            if isinstance(booked, Quarantine):
                _log.error(
                    "answer_quarantined",
                    provider=order.provider,
                    order_id=order.id,
                    gateway_payment_id=payment.id,
                    reason=booked.reason,
                )
            order = await self._found(order)
        return order

    async def _told(self, order: Order, gateway_order_id: str) -> Sequence[GatewayPayment]:
        """The payments of the order; none where its gateway is no more or does not know it, for an
        order ends all the same."""
        try:
            return await self._gateways.of(order.provider).order_payments(gateway_order_id)
        except (GatewayRefused, Invalid) as refused:
            _log.warning("order_not_told", order_id=order.id, reason=str(refused))
            return ()

    async def _captured(self, order: Order, told: GatewayPayment) -> GatewayPayment:
        """The payment, with its money taken where the bank has said yes to what is asked for still.

        Where the gateway takes it not, it stays as it was told, and holds up no other.
        """
        asked_for = (order.quote.payable_paise, order.currency)
        if told.state != "authorized" or (told.amount, told.currency) != asked_for:
            return told
        if order.status not in UNPAID:
            return told
        try:
            return await self._gateways.of(order.provider).capture(told)
        except GatewayRefused as refused:
            _log.warning("capture_refused", order_id=order.id, reason=str(refused))
            return told

    async def _found(self, order: Order) -> Order:
        found = await self._orders.find(order.wallet_id, order.id)
        assert found is not None, f"{order.id} is missing"
        return found


def _next_look_us(order: Order, now_us: int) -> int | None:
    if order.status not in UNPAID:
        return None
    age_us = now_us - order.created_at_us
    if order.gateway_order_id is None:
        # The gateway never told us its order, so nobody was shown it and nobody can pay it.
        return (
            order.expires_at_us if order.status in OPEN and now_us < order.expires_at_us else None
        )
    pause_us = next((pause for until, pause in _PAUSES if age_us < until), None)
    return None if pause_us is None else now_us + pause_us
