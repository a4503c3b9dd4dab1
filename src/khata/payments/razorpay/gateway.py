"""Razorpay, and the simulator that speaks its language, as a gateway."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from khata.payments.calls import CallWatch, OnCall, nobody_watches
from khata.payments.gateway import (
    GatewayDispute,
    GatewayEvent,
    GatewayMandate,
    GatewayOrder,
    GatewayPayment,
    GatewayRefund,
    GatewayRefused,
    GatewayUnavailable,
    NewCustomer,
    NewDebit,
    NewMandate,
    NewOrder,
    NewRefund,
    PaymentMethod,
    SettledLine,
)
from khata.payments.razorpay.entities import (
    SECOND_US,
    Collection,
    Dispute,
    Order,
    Payment,
    Readers,
    ReconLine,
    Refund,
    dispute_of,
    fingerprint_by,
    mandate_of,
    order_of,
    payment_of,
    refund_of,
    settled_of,
)
from khata.payments.razorpay.events import verified_event
from khata.payments.razorpay.mandates import Mandates, debit_order
from khata.payments.razorpay.orders import WITH_CARD, listed, made_once, order_body, payments_on
from khata.payments.razorpay.wire import Wire, WireSettings, plain
from khata.payments.signatures import verify_checkout
from khata.payments.simulator_control import SimulatedPayer

RAZORPAY_URL: Final = "https://api.razorpay.com"

_PAGE: Final = 100
_RECON_PAGE: Final = 1_000
_METHODS: Final[Mapping[PaymentMethod, tuple[str, str | None]]] = {
    "upi": ("upi", None),
    "debit": ("card", "debit"),
    "credit": ("card", "credit"),
    "netbanking": ("netbanking", None),
    "wallet": ("wallet", None),
}


class RazorpayOptions(Struct, frozen=True, kw_only=True):
    """What may be left as it is.

    `display_name` is who the payer reads they pay; `public_url` where a browser finds the gateway,
    if elsewhere than we do; `fingerprint_key` keys the fingerprints of instruments (the key's
    secret if not set, so that changing that one forgets who paid before); `instant_mandates` where
    every mandate may be debited without notice, as at a simulator without `rbi_delay`.
    """

    display_name: str = "Khata"
    public_url: str | None = None
    fingerprint_key: str | None = None
    instant_mandates: bool = False
    wire: WireSettings = WireSettings()
    on_call: OnCall = nobody_watches


class RazorpayGateway:
    """Razorpay at a base URL, or the simulator at its own."""

    def __init__(
        self,
        name: Literal["razorpay", "simulator"],
        base_url: str,
        key_id: str,
        key_secret: str,
        webhook_secrets: Sequence[str],
        options: RazorpayOptions | None = None,
    ) -> None:
        self._options = options or RazorpayOptions()
        self._name: Final = name
        self._key_id = key_id
        self._key_secrets = [key_secret]
        self._webhook_secrets = tuple(webhook_secrets)
        self._public_url = (self._options.public_url or base_url).rstrip("/")
        fingerprint = fingerprint_by(self._options.fingerprint_key or key_secret)
        self._read = Readers(
            payment=partial(payment_of, fingerprint=fingerprint),
            mandate=partial(mandate_of, always_instant=self._options.instant_mandates),
        )
        watch = CallWatch(name, self._options.on_call)
        self._wire = Wire(base_url, (key_id, key_secret), watch, self._options.wire)
        self._payer = SimulatedPayer(base_url) if name == "simulator" else None
        self._mandates = Mandates(self._wire, self._read, self._checkout, self._payer)

    @property
    def name(self) -> Literal["razorpay", "simulator"]:
        return self._name

    async def close(self) -> None:
        await self._wire.close()
        if self._payer is not None:
            await self._payer.close()

    async def create_order(self, order: NewOrder) -> GatewayOrder:
        """Makes the order, or finds the one that an earlier request made under the receipt."""
        made = await made_once(self._wire, order_body(order))
        return self._with_checkout(made, order.payment_method)

    async def order(self, order_id: str) -> GatewayOrder:
        found = await self._wire.get("order", f"/v1/orders/{plain(order_id)}", Order)
        return self._with_checkout(found)

    async def order_payments(self, order_id: str) -> Sequence[GatewayPayment]:
        return [self._read.payment(one) for one in await payments_on(self._wire, order_id)]

    async def payment(self, payment_id: str) -> GatewayPayment:
        path = f"/v1/payments/{plain(payment_id)}"
        return self._read.payment(await self._wire.get("payment", path, Payment, WITH_CARD))

    async def capture(self, payment: GatewayPayment) -> GatewayPayment:
        """Takes the money. A lost answer, or a no, is followed by a look at the payment: it may be
        captured by now, by us or by another."""
        if payment.state in {"captured", "refunded"}:
            return payment
        try:
            captured = await self._wire.send(
                "capture",
                "POST",
                f"/v1/payments/{plain(payment.id)}/capture",
                Payment,
                json={"amount": payment.amount, "currency": payment.currency},
            )
        except (GatewayRefused, GatewayUnavailable):
            seen = await self.payment(payment.id)
            if seen.state in {"captured", "refunded"}:
                return seen
            raise
        return self._read.payment(captured)

    async def refund(self, refund: NewRefund) -> GatewayRefund:
        """Gives money back, once for the key, however long ago it was first asked for.

        Razorpay does not say how long it remembers keys, so what was made under it is looked for.
        """
        made = await self._refund_under(refund) or await self._new_refund(refund)
        return refund_of(made)

    async def _new_refund(self, refund: NewRefund) -> Refund:
        path = f"/v1/payments/{plain(refund.payment_id)}/refund"
        body = {
            "amount": refund.amount,
            "speed": "normal",
            "notes": dict(refund.notes),
            "receipt": refund.key,
        }
        headers = {"X-Refund-Idempotency": refund.key}
        return await self._wire.send("refund", "POST", path, Refund, json=body, headers=headers)

    async def find_refund(self, payment_id: str, refund_id: str) -> GatewayRefund:
        path = f"/v1/payments/{plain(payment_id)}/refunds/{plain(refund_id)}"
        return refund_of(await self._wire.get("find_refund", path, Refund))

    async def disputes(self, payment_id: str) -> Sequence[GatewayDispute]:
        """The payment's disputes. They can be listed by time only, so all since the payment are."""
        payment = await self.payment(payment_id)
        since = {"from": str(payment.created_at_us // SECOND_US)}
        path = "/v1/disputes"
        found = await listed(self._wire, "disputes", path, Collection[Dispute], since, _PAGE)
        return [dispute_of(dispute) for dispute in found if dispute.payment_id == payment_id]

    async def create_customer(self, customer: NewCustomer) -> str:
        return await self._mandates.create_customer(customer)

    async def create_mandate(self, mandate: NewMandate) -> GatewayMandate:
        return await self._mandates.create(mandate)

    async def mandate(self, customer_id: str, mandate_id: str) -> GatewayMandate:
        return await self._mandates.mandate(customer_id, mandate_id)

    async def cancel_mandate(self, customer_id: str, mandate_id: str) -> None:
        await self._mandates.cancel(customer_id, mandate_id)

    async def debit_order(
        self, order: NewOrder, mandate_id: str, due_at_us: int | None
    ) -> GatewayOrder:
        return order_of(await debit_order(self._wire, order, mandate_id, due_at_us))

    async def debit(self, debit: NewDebit) -> GatewayPayment:
        return await self._mandates.debit(debit)

    async def settled_lines(self, day: str) -> Sequence[SettledLine]:
        on = date.fromisoformat(day)
        params = {"year": f"{on.year:04}", "month": f"{on.month:02}", "day": f"{on.day:02}"}
        path = "/v1/settlements/recon/combined"
        lines = await listed(
            self._wire, "settled_lines", path, Collection[ReconLine], params, _RECON_PAGE
        )
        return [settled_of(line) for line in lines if line.settled]

    def verified_event(
        self,
        headers: Mapping[str, str],
        body: bytes,
        now_us: int,  # noqa: ARG002 - Razorpay signs no time
    ) -> GatewayEvent:
        return verified_event(headers, body, self._webhook_secrets, self._read)

    def verify_checkout(self, order_id: str, payment_id: str, signature: str) -> None:
        """Passes where the browser's words join this payment to this order: a hint to look now.
        Raises `NotGenuine`."""
        verify_checkout(order_id, payment_id, signature, self._key_secrets)

    async def _refund_under(self, refund: NewRefund) -> Refund | None:
        path = f"/v1/payments/{plain(refund.payment_id)}/refunds"
        made = await listed(self._wire, "refunds", path, Collection[Refund], {}, _PAGE)
        asked = (refund.key, refund.amount)
        return next((one for one in made if (one.receipt, one.amount) == asked), None)

    def _with_checkout(self, order: Order, method: PaymentMethod | None = None) -> GatewayOrder:
        checkout = self._checkout(order)
        if method is not None:
            checkout["method"], checkout["card_type"] = _METHODS[method]
        return replace(order_of(order), checkout=checkout)

    def _checkout(self, order: Order) -> dict[str, str | int | None]:
        """What Razorpay's page needs to take the order's payment; the simulator has a page of its
        own."""
        checkout: dict[str, str | int | None] = {
            "key_id": self._key_id,
            "order_id": order.id,
            "amount": order.amount,
            "currency": order.currency,
            "name": self._options.display_name,
        }
        if self._name == "simulator":
            checkout["url"] = f"{self._public_url}/checkout/{order.id}"
        return checkout
