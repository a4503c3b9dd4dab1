"""A merchant with our client at a simulated gateway, who asks again where nobody knows."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, Literal, TypeVar

from khata.payments.gateway import (
    Gateway,
    GatewayEvent,
    GatewayMandate,
    GatewayOrder,
    GatewayPayment,
    GatewayUnavailable,
    NewCustomer,
    NewDebit,
    NewMandate,
    NewOrder,
    PaymentMethod,
)
from khata.payments.razorpay.gateway import RazorpayGateway, RazorpayOptions
from khata.payments.razorpay.wire import WireSettings
from khata.payments.simulator_control import Outcome, SimulatedPayer
from simulated import KEY, Doc, Stage

PATIENT: Final = WireSettings(pauses=(0.0, 0.0), through_proxy=False)
HURRIED: Final = WireSettings(read_seconds=1.0, pauses=(0.0, 0.0), through_proxy=False)

FAULTS: Final = (
    "timeout_before",
    "timeout_after",
    "conn_reset",
    "http_502_html",
    "http_500_json",
    "http_429",
    "slow",
)
"""What a client must live through, whatever it asked for."""

T = TypeVar("T")


class Merchant:
    """What a merchant does with its gateway. `hurried` is the same one, waited for but shortly."""

    def __init__(
        self, stage: Stage, gateway: RazorpayGateway, hurried: Gateway, payer: SimulatedPayer
    ) -> None:
        self.stage = stage
        self.gateway = gateway
        self.hurried = hurried
        self.payer = payer

    async def until_answered(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Asks again as long as nobody knows."""
        async with asyncio.timeout(60):
            while True:
                try:
                    return await ask()
                except GatewayUnavailable:
                    continue

    async def order(
        self,
        receipt: str = "ord_1",
        method: PaymentMethod = "upi",
        gateway: Gateway | None = None,
    ) -> GatewayOrder:
        return await (gateway or self.gateway).create_order(
            NewOrder(receipt=receipt, amount=60_200, currency="INR", payment_method=method)
        )

    async def paid(
        self, method: PaymentMethod = "upi", outcome: Outcome = "success"
    ) -> GatewayPayment:
        """An order and the last attempt to pay it."""
        order = await self.order(method=method)
        await self.payer.pay(order.id, method, outcome)
        return (await self.gateway.order_payments(order.id))[-1]

    async def authorized(self) -> GatewayPayment:
        """A payment to be captured by hand."""
        order = await self.stage.order(receipt="by hand", payment={"capture": "manual"})
        await self.payer.pay(order["id"], "upi", "success")
        return (await self.gateway.order_payments(order["id"]))[0]

    async def mandate(
        self,
        instrument: str | None = "success@razorpay",
        *,
        kind: Literal["upi", "card"] = "upi",
        is_reserve_pay: bool = False,
    ) -> GatewayMandate:
        customer = NewCustomer(reference="wal_1", name="Asha", email="asha@example.com")
        return await self.gateway.create_mandate(
            NewMandate(
                receipt="mdt_1",
                customer_id=await self.gateway.create_customer(customer),
                kind=kind,
                max_amount=1_000_000,
                currency="INR",
                instrument=instrument,
                is_reserve_pay=is_reserve_pay,
            )
        )

    async def debit_of(
        self, mandate: GatewayMandate, due_at_us: int | None = None, receipt: str = "rch_1"
    ) -> NewDebit:
        """A debit of that mandate, with its order made."""
        order = await self.gateway.debit_order(
            NewOrder(receipt=receipt, amount=18_100, currency="INR", payment_method="upi"),
            mandate.id,
            due_at_us,
        )
        return NewDebit(
            receipt=receipt,
            order_id=order.id,
            mandate_id=mandate.id,
            customer_id=mandate.customer_id,
            amount=order.amount,
            currency="INR",
            email="asha@example.com",
            description="Recharge",
        )

    async def events(self) -> Sequence[GatewayEvent]:
        """The verified events since this was last asked."""
        await self.stage.simulator.deliver_due()
        heard = [
            self.gateway.verified_event(one.headers, one.body, now_us=0)
            for one in self.stage.endpoint.heard
        ]
        self.stage.endpoint.heard.clear()
        return heard

    async def there_are(self, kind: str) -> list[Doc]:
        """All entities of that kind that the gateway has, as `payments`."""
        return (await self.stage.play("GET /state"))["all"][kind]


@asynccontextmanager
async def merchant_at(stage: Stage, *, instant: bool = True) -> AsyncGenerator[Merchant]:
    """A merchant at that gateway."""
    secrets = [stage.simulator.settings.webhook_secret]
    patient, hurried = (
        RazorpayGateway(
            "simulator",
            stage.url,
            *KEY,
            secrets,
            RazorpayOptions(wire=wire, instant_mandates=instant, display_name="Shop"),
        )
        for wire in (PATIENT, HURRIED)
    )
    payer = SimulatedPayer(stage.url, wire=PATIENT)
    try:
        yield Merchant(stage, patient, hurried, payer)
    finally:
        for one in (patient, hurried, payer):
            await one.close()
