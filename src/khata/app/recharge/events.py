"""Events of gateways about mandates and notices."""

from khata.app.recharge.methods import PaymentMethods
from khata.app.recharge.steps import RechargeSteps
from khata.app.topups.captures import Quarantine
from khata.app.topups.gateways import Gateways
from khata.app.topups.orders import Orders
from khata.domain.ids import is_id
from khata.domain.providers import ProviderName
from khata.payments.gateway import GatewayEvent, GatewayPayment
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.gateway_names import meant_by

_NOTICE_READ = "order.notification.delivered"


class RechargeEvents:
    """Reads events that tell of a mandate, of its registration, or of a notice."""

    def __init__(
        self,
        pool: Pool,
        methods: PaymentMethods,
        steps: RechargeSteps,
        orders: Orders,
        gateways: Gateways,
    ) -> None:
        self._pool = pool
        self._methods = methods
        self._steps = steps
        self._orders = orders
        self._gateways = gateways

    async def read(self, provider: ProviderName, event: GatewayEvent) -> Quarantine | bool:
        """Whether the event was about one of these. What it tells is noted by then."""
        if event.mandate is not None:
            # One that is no method of ours was asked for elsewhere, or not noted yet: then the
            # method's own step asks for it.
            await self._methods.mandate_changed(provider, event.mandate)
            return True
        if event.notice_order_id is not None:
            await self._note_notice(provider, event, event.notice_order_id)
            return True
        return event.payment is not None and await self._registers(provider, event.payment)

    async def _note_notice(
        self, provider: ProviderName, event: GatewayEvent, gateway_order_id: str
    ) -> None:
        own_id = await self._own_id(provider, gateway_order_id)
        order = own_id and await self._orders.by_id(own_id)
        if order and event.type == _NOTICE_READ:
            await self._steps.notice_read(order)

    async def _registers(self, provider: ProviderName, payment: GatewayPayment) -> bool:
        """Whether it was the payment by which a payer consents to a mandate, which brings nothing.

        Its event may be here before the answer in which we learn of its order.
        """
        if payment.mandate_id is None or payment.order_id is None:
            return False
        own_id = await self._own_id(provider, payment.order_id)
        return own_id is not None and is_id(own_id, "pm_")

    async def _own_id(self, provider: ProviderName, gateway_order_id: str) -> str | None:
        async with borrowed(self._pool) as connection:
            meant = await meant_by(connection, provider, gateway_order_id)
        if meant is not None:
            return meant.own_id
        return (await self._gateways.of(provider).order(gateway_order_id)).receipt
