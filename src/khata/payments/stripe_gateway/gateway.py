"""Stripe as a gateway, by its own SDK: for cards from abroad, and for export."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from msgspec.structs import replace

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
from khata.payments.stripe_gateway.entities import (
    KEY,
    RECEIPT,
    BalanceTransaction,
    Dispute,
    Page,
    PaymentIntent,
    Payout,
    Refund,
)
from khata.payments.stripe_gateway.events import verified_event
from khata.payments.stripe_gateway.line import Params, StripeLine, StripeOptions
from khata.payments.stripe_gateway.mandates import EXPANDED, Mandates
from khata.payments.stripe_gateway.readings import (
    day_of,
    dispute_of,
    is_tried,
    order_of,
    payment_of,
    refund_of,
    settled_of,
)

_METHODS: Final[Mapping[PaymentMethod, str]] = {"upi": "upi", "debit": "card", "credit": "card"}


class StripeGateway:
    """Stripe. Its payment intent is the order and the payment in one; both have its id.

    Raises `GatewayNotInstalled` where the extra `stripe` is not installed.
    """

    def __init__(
        self, api_key: str, webhook_secrets: Sequence[str], options: StripeOptions | None = None
    ) -> None:
        self._options = options or StripeOptions()
        self._webhook_secrets = tuple(webhook_secrets)
        self._line = StripeLine(api_key, self._options)
        self._mandates = Mandates(self._line, self._options)

    @property
    def name(self) -> Literal["stripe"]:
        return "stripe"

    async def close(self) -> None:
        await self._line.close()

    async def create_order(self, order: NewOrder) -> GatewayOrder:
        """The intent for the receipt. Within a day its key keeps it one; after that another one,
        unpaid, harms nothing."""
        params: Params = {
            "amount": order.amount,
            "currency": order.currency.lower(),
            "metadata": {**order.notes, RECEIPT: order.receipt},
        }
        if order.customer_id is not None:
            params["customer"] = order.customer_id
        if self._options.profile == "stripe":
            params |= _accepted(order.payment_method)
        made = await self._line.make(
            "create_order",
            lambda v1, once: v1.payment_intents.create_async(params, once),
            PaymentIntent,
            f"order-{order.receipt}",
        )
        return self._with_checkout(made)

    async def order(self, order_id: str) -> GatewayOrder:
        return self._with_checkout(await self._intent("order", order_id))

    async def order_payments(self, order_id: str) -> Sequence[GatewayPayment]:
        """The intent as far as its last try got, or nothing before the first."""
        intent = await self._intent("order_payments", order_id)
        return [payment_of(intent)] if is_tried(intent) else []

    async def payment(self, payment_id: str) -> GatewayPayment:
        return payment_of(await self._intent("payment", payment_id))

    async def capture(self, payment: GatewayPayment) -> GatewayPayment:
        """Takes the money; after a lost answer, or a no, the intent says whether that is done."""
        if payment.state in {"captured", "refunded"}:
            return payment
        try:
            await self._line.make(
                "capture",
                lambda v1, once: v1.payment_intents.capture_async(payment.id, {}, once),
                PaymentIntent,
                f"capture-{payment.id}",
            )
        except (GatewayRefused, GatewayUnavailable):
            seen = await self.payment(payment.id)
            if seen.state in {"captured", "refunded"}:
                return seen
            raise
        return await self.payment(payment.id)

    async def refund(self, refund: NewRefund) -> GatewayRefund:
        """Gives money back, once for the key.

        Stripe remembers keys for a day only, so what was made under it is looked for first.
        """
        earlier = await self._line.all(
            "refunds",
            lambda v1, page: v1.refunds.list_async({"payment_intent": refund.payment_id, **page}),
            Page[Refund],
        )
        asked = (refund.key, refund.amount)
        for one in earlier:
            if ((one.metadata or {}).get(KEY), one.amount) == asked:
                return _refund(one)
        params: Params = {
            "payment_intent": refund.payment_id,
            "amount": refund.amount,
            "metadata": {**refund.notes, KEY: refund.key},
        }
        made = await self._line.make(
            "refund",
            lambda v1, once: v1.refunds.create_async(params, once),
            Refund,
            f"refund-{refund.key}",
        )
        return _refund(made)

    async def find_refund(self, payment_id: str, refund_id: str) -> GatewayRefund:
        found = await self._line.ask(
            "find_refund", lambda v1: v1.refunds.retrieve_async(refund_id), Refund
        )
        if found.payment_intent != payment_id:
            raise GatewayRefused("There is no such refund of the payment", code="resource_missing")
        return _refund(found)

    async def disputes(self, payment_id: str) -> Sequence[GatewayDispute]:
        found = await self._line.all(
            "disputes",
            lambda v1, page: v1.disputes.list_async({"payment_intent": payment_id, **page}),
            Page[Dispute],
        )
        return [seen for one in found if (seen := dispute_of(one)) is not None]

    async def create_customer(self, customer: NewCustomer) -> str:
        return await self._mandates.create_customer(customer)

    async def create_mandate(self, mandate: NewMandate) -> GatewayMandate:
        return await self._mandates.create(mandate)

    async def mandate(self, customer_id: str, mandate_id: str) -> GatewayMandate:
        return await self._mandates.mandate(customer_id, mandate_id)

    async def cancel_mandate(self, customer_id: str, mandate_id: str) -> None:
        await self._mandates.cancel(customer_id, mandate_id)

    async def debit_order(
        self,
        order: NewOrder,
        mandate_id: str,
        due_at_us: int | None,  # noqa: ARG002 - Stripe gives the notice itself, when it debits
    ) -> GatewayOrder:
        return self._with_checkout(await self._mandates.debit_order(order, mandate_id))

    async def debit(self, debit: NewDebit) -> GatewayPayment:
        return await self._mandates.debit(debit)

    async def settled_lines(self, day: str) -> Sequence[SettledLine]:
        """The lines of the payouts that arrived on that day."""
        since, until = day_of(day)
        payouts = await self._line.all(
            "payouts",
            lambda v1, page: v1.payouts.list_async(
                {"arrival_date": {"gte": since, "lt": until}, **page}
            ),
            Page[Payout],
        )
        return [line for payout in payouts for line in await self._lines_of(payout)]

    def verified_event(self, headers: Mapping[str, str], body: bytes, now_us: int) -> GatewayEvent:
        return verified_event(headers, body, self._webhook_secrets, now_us)

    async def _lines_of(self, payout: Payout) -> Sequence[SettledLine]:
        lines = await self._line.all(
            "settled_lines",
            lambda v1, page: v1.balance_transactions.list_async(
                {"payout": payout.id, "expand": ["data.source"], **page}
            ),
            Page[BalanceTransaction],
        )
        return [settled_of(line, payout) for line in lines if line.type != "payout"]

    async def _intent(self, name: str, intent_id: str) -> PaymentIntent:
        return await self._line.ask(
            name, lambda v1: v1.payment_intents.retrieve_async(intent_id, EXPANDED), PaymentIntent
        )

    def _with_checkout(self, intent: PaymentIntent) -> GatewayOrder:
        checkout: dict[str, str | int | None] = {
            "payment_intent": intent.id,
            "client_secret": intent.client_secret,
            "publishable_key": self._options.publishable_key,
            "amount": intent.amount,
            "currency": intent.currency.upper(),
            "name": self._options.display_name,
        }
        return replace(order_of(intent), checkout=checkout)


def _accepted(method: PaymentMethod) -> Params:
    """What the intent may be paid by: the chosen method, or what the account offers."""
    if method in _METHODS:
        return {"payment_method_types": [_METHODS[method]]}
    return {"automatic_payment_methods": {"enabled": True}}


def _refund(refund: Refund) -> GatewayRefund:
    made = refund_of(refund)
    if made is None:
        raise GatewayUnavailable("a refund of no payment of ours")
    return made
