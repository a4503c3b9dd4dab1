"""Customers, and what they agree to be debited by: UPI Autopay, cards and Reserve Pay."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from khata.payments.gateway import (
    GatewayMandate,
    GatewayPayment,
    GatewayRefused,
    GatewayUnavailable,
    NewCustomer,
    NewDebit,
    NewMandate,
    NewOrder,
)
from khata.payments.razorpay.entities import (
    SECOND_US,
    Order,
    Payment,
    Readers,
    Token,
)
from khata.payments.razorpay.orders import made_once, order_body, payments_on
from khata.payments.razorpay.wire import Wire, plain
from khata.payments.simulator_control import SimulatedPayer

REGISTRATION_AMOUNT: Final = 100
"""Paise that the payer's bank is asked for to prove the consent. They are never captured, so they
go back by themselves."""

_LONGEST_NAME: Final = 50
_LONGEST_EMAIL: Final = 64
_LIKELIEST: Final = ("captured", "refunded", "authorized", "created", "failed")

Checkout = Callable[[Order], Mapping[str, str | int | None]]


class _Customer(Struct):
    id: str


class _Begun(Struct):
    razorpay_payment_id: str


class Mandates:
    """The mandates of one account, and their debits."""

    def __init__(
        self, wire: Wire, read: Readers, checkout: Checkout, payer: SimulatedPayer | None
    ) -> None:
        self._wire = wire
        self._payer = payer
        self._read = read
        self._checkout = checkout

    async def create_customer(self, customer: NewCustomer) -> str:
        """The customer's id: an earlier one's, where email and contact are the same.

        Without either, each request makes another, which harms nothing.
        """
        told = {"name": customer.name[:_LONGEST_NAME], "contact": customer.contact}
        if customer.email is not None and len(customer.email) <= _LONGEST_EMAIL:
            told["email"] = customer.email
        body = {
            **{name: value for name, value in told.items() if value is not None},
            "fail_existing": "0",
            "notes": {"reference": customer.reference},
        }
        path = "/v1/customers"
        return (await self._wire.send("create_customer", "POST", path, _Customer, json=body)).id

    async def create(self, mandate: NewMandate) -> GatewayMandate:
        """Asks the customer's consent by an order to pay, whose id it has until it is given."""
        token: dict[str, object] = {"max_amount": mandate.max_amount, "frequency": "as_presented"}
        if mandate.is_reserve_pay:
            token["type"] = "single_block_multiple_debit"
        if mandate.expires_at_us is not None:
            token["expire_at"] = mandate.expires_at_us // SECOND_US
        order = await made_once(
            self._wire,
            {
                "amount": REGISTRATION_AMOUNT,
                "currency": mandate.currency,
                "receipt": mandate.receipt,
                "payment_capture": False,
                "customer_id": mandate.customer_id,
                "method": mandate.kind,
                "token": token,
            },
        )
        asked = self._asked_for(order, mandate.customer_id)
        if self._payer is not None and mandate.instrument is not None:
            return await self._consented(self._payer, asked, mandate)
        return replace(asked, kind=mandate.kind, max_amount=mandate.max_amount)

    async def mandate(self, customer_id: str, mandate_id: str) -> GatewayMandate:
        """The mandate, also by the id of the order that asks for it."""
        if not mandate_id.startswith("order_"):
            return await self._of_token(customer_id, mandate_id)
        attempts = await payments_on(self._wire, mandate_id)
        token_id = next((payment.token_id for payment in attempts if payment.token_id), None)
        if token_id is not None:
            return replace(await self._of_token(customer_id, token_id), order_id=mandate_id)
        order = await self._wire.get("order", f"/v1/orders/{plain(mandate_id)}", Order)
        return self._asked_for(order, customer_id)

    async def cancel(self, customer_id: str, mandate_id: str) -> None:
        """Ends the mandate: at NPCI that of UPI, which to forget its token would not end."""
        try:
            seen = await self.mandate(customer_id, mandate_id)
        except GatewayRefused as refused:
            if _is_unknown(refused):
                return
            raise
        if seen.state in {"cancelled", "rejected"} or seen.id == seen.order_id:
            return
        path = f"/v1/customers/{plain(customer_id)}/tokens/{plain(seen.id)}"
        method, path = ("DELETE", path) if seen.kind == "card" else ("PUT", f"{path}/cancel")
        await self._wire.send("cancel_mandate", method, path, dict[str, object])

    async def debit(self, debit: NewDebit) -> GatewayPayment:
        """Charges the mandate, unless that was begun: an order's first attempt is its only one.

        So its payments are looked at before, and again where the answer was lost.
        """
        begun = await self._begun(debit.order_id)
        if begun is not None:
            return begun
        try:
            sent = await self._wire.send(
                "debit", "POST", "/v1/payments/create/recurring", _Begun, json=_debit_body(debit)
            )
        except (GatewayUnavailable, GatewayRefused):
            begun = await self._begun(debit.order_id)
            if begun is None:
                raise
            return begun
        path = f"/v1/payments/{plain(sent.razorpay_payment_id)}"
        return self._read.payment(await self._wire.get("payment", path, Payment))

    async def _consented(
        self, payer: SimulatedPayer, asked: GatewayMandate, mandate: NewMandate
    ) -> GatewayMandate:
        """The mandate after the simulator's customer agreed, now or when this was asked before."""
        seen = await self.mandate(mandate.customer_id, asked.id)
        if seen.id == asked.id:
            await payer.consent(asked.id, mandate.kind, mandate.instrument or "")
            seen = await self.mandate(mandate.customer_id, asked.id)
        return seen

    async def _begun(self, order_id: str) -> GatewayPayment | None:
        """The order's attempt; of several, which only others can have made, the most successful."""
        attempts = map(self._read.payment, await payments_on(self._wire, order_id))
        return min(attempts, key=lambda one: _LIKELIEST.index(one.state), default=None)

    async def _of_token(self, customer_id: str, token_id: str) -> GatewayMandate:
        path = f"/v1/customers/{plain(customer_id)}/tokens/{plain(token_id)}"
        token = await self._wire.get("mandate", path, Token)
        return replace(self._read.mandate(token), customer_id=customer_id)

    def _asked_for(self, order: Order, customer_id: str) -> GatewayMandate:
        return GatewayMandate(
            id=order.id,
            customer_id=customer_id,
            kind="",
            state="initiated",
            order_id=order.id,
            checkout={**self._checkout(order), "customer_id": customer_id, "recurring": "1"},
        )


async def debit_order(wire: Wire, order: NewOrder, mandate_id: str, due_at_us: int | None) -> Order:
    """The order of a debit. With a due time Razorpay has the customer told of it, and tells us when
    they were; without one the rails need no notice, or Razorpay gives it and waits by itself."""
    body = order_body(order)
    if due_at_us is not None:
        notice = {"token_id": mandate_id, "payment_after": due_at_us // SECOND_US}
        body["notification"] = notice
    return await made_once(wire, body)


def _debit_body(debit: NewDebit) -> dict[str, object]:
    told = {"email": debit.email, "contact": debit.contact, "description": debit.description}
    return {
        **{name: value for name, value in told.items() if value},
        "amount": debit.amount,
        "currency": debit.currency,
        "order_id": debit.order_id,
        "customer_id": debit.customer_id,
        "token": debit.mandate_id,
        "recurring": True,
        "notes": {"receipt": debit.receipt},
    }


def _is_unknown(refused: GatewayRefused) -> bool:
    return "does not exist" in refused.description
