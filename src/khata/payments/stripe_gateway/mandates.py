"""Customers, saved cards and UPI mandates at Stripe, and what is charged on them off session."""

import hashlib
import time
from typing import Final

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
from khata.payments.stripe_gateway.entities import (
    RECEIPT,
    Made,
    PaymentIntent,
    SavedMethod,
    SetupIntent,
)
from khata.payments.stripe_gateway.line import Params, StripeLine, StripeOptions
from khata.payments.stripe_gateway.readings import (
    is_tried,
    mandate_of_method,
    mandate_of_setup,
    payment_of,
)

_DAY: Final = 86_400
_LONGEST_REFERENCE: Final = 80
_CARD_SAID_NO: Final = 402
EXPANDED: Final[Params] = {"expand": ["latest_charge.balance_transaction"]}


class Mandates:
    """The saved payment methods of one account, and their debits."""

    def __init__(self, line: StripeLine, options: StripeOptions) -> None:
        self._line = line
        self._options = options
        self._is_real = options.profile == "stripe"

    async def create_customer(self, customer: NewCustomer) -> str:
        """The customer's id: the same for the same wish, for as long as Stripe remembers keys."""
        told = {"name": customer.name, "email": customer.email, "phone": customer.contact}
        params: Params = {name: value for name, value in told.items() if value is not None}
        params["metadata"] = {"reference": customer.reference}
        key = f"customer-{customer.reference}-{_digest(params)}"
        made = await self._line.make(
            "create_customer", lambda v1, once: v1.customers.create_async(params, once), Made, key
        )
        return made.id

    async def create(self, mandate: NewMandate) -> GatewayMandate:
        """Asks the customer's consent, and takes it at once for a method that was handed out."""
        params: Params = {
            "customer": mandate.customer_id,
            "usage": "off_session",
            "payment_method_types": [mandate.kind],
            "metadata": {RECEIPT: mandate.receipt},
        }
        if self._is_real:
            params["payment_method_options"] = _terms(mandate)
        key = f"mandate-{mandate.receipt}-{_digest(params)}"
        setup = await self._line.make(
            "create_mandate",
            lambda v1, once: v1.setup_intents.create_async(params, once),
            SetupIntent,
            key,
        )
        if mandate.instrument is not None:
            setup = await self._confirmed(setup, mandate.customer_id, mandate.instrument)
        return await self._seen(setup)

    async def mandate(self, customer_id: str, mandate_id: str) -> GatewayMandate:
        """The mandate, also by the id of the intent that asks for it."""
        if mandate_id.startswith("seti_"):
            return await self._seen(await self._setup(mandate_id))
        method = await self._method(mandate_id)
        seen = mandate_of_method(method)
        is_anothers = method.customer not in {None, customer_id}
        return replace(seen, state="cancelled") if is_anothers else seen

    async def cancel(self, customer_id: str, mandate_id: str) -> None:
        """Forgets the payment method, or no longer asks for it."""
        seen = await self.mandate(customer_id, mandate_id)
        if seen.state in {"cancelled", "rejected"}:
            return
        if seen.id.startswith("seti_"):
            await self._line.ask(
                "cancel_mandate", lambda v1: v1.setup_intents.cancel_async(seen.id), Made
            )
            return
        await self._line.ask(
            "cancel_mandate", lambda v1: v1.payment_methods.detach_async(seen.id), Made
        )

    async def debit_order(self, order: NewOrder, mandate_id: str) -> PaymentIntent:
        """The intent to be confirmed by the debit. Where Indian law wants a notice, Stripe gives it
        and waits by itself after the debit."""
        customer_id = order.customer_id or (await self._method(mandate_id)).customer
        params: Params = {
            "amount": order.amount,
            "currency": order.currency.lower(),
            "customer": customer_id,
            "payment_method": mandate_id,
            "metadata": {**order.notes, RECEIPT: order.receipt},
        }
        return await self._line.make(
            "debit_order",
            lambda v1, once: v1.payment_intents.create_async(params, once),
            PaymentIntent,
            f"debit-order-{order.receipt}",
        )

    async def debit(self, debit: NewDebit) -> GatewayPayment:
        """Confirms the debit's intent, unless that was done: an intent takes one debit only."""
        intent = await self._intent(debit.order_id)
        if is_tried(intent):
            return _debited(intent)
        params: Params = {"off_session": True} if self._is_real else {}
        try:
            await self._line.make(
                "debit",
                lambda v1, once: v1.payment_intents.confirm_async(
                    debit.order_id, {**params, **EXPANDED}, once
                ),
                Made,
                f"debit-{debit.receipt}",
            )
        except (GatewayRefused, GatewayUnavailable) as error:
            intent = await self._intent(debit.order_id)
            if is_tried(intent):
                return _debited(intent)
            if isinstance(error, GatewayRefused) and error.place.status == _CARD_SAID_NO:
                return _declined(intent, error)
            raise
        return _debited(await self._intent(debit.order_id))

    async def _confirmed(self, setup: SetupIntent, customer_id: str, method_id: str) -> SetupIntent:
        if setup.status == "succeeded":
            return setup
        if not self._is_real:
            attached: Params = {"customer": customer_id}
            await self._line.ask(
                "attach", lambda v1: v1.payment_methods.attach_async(method_id, attached), Made
            )
        confirmed: Params = {"payment_method": method_id}
        return await self._line.ask(
            "confirm_mandate",
            lambda v1: v1.setup_intents.confirm_async(setup.id, confirmed),
            SetupIntent,
        )

    async def _seen(self, setup: SetupIntent) -> GatewayMandate:
        """The mandate of an intent: the saved method once it is given, until then the consent."""
        seen = mandate_of_setup(setup)
        if seen.state == "confirmed":
            method = await self._method(seen.id)
            return replace(mandate_of_method(method), order_id=setup.id)
        if seen.state != "initiated":
            return seen
        checkout: dict[str, str | int | None] = {
            "setup_intent": setup.id,
            "client_secret": setup.client_secret,
            "publishable_key": self._options.publishable_key,
            "name": self._options.display_name,
        }
        return replace(seen, checkout=checkout)

    async def _intent(self, intent_id: str) -> PaymentIntent:
        return await self._line.ask(
            "payment",
            lambda v1: v1.payment_intents.retrieve_async(intent_id, EXPANDED),
            PaymentIntent,
        )

    async def _setup(self, setup_id: str) -> SetupIntent:
        return await self._line.ask(
            "mandate", lambda v1: v1.setup_intents.retrieve_async(setup_id), SetupIntent
        )

    async def _method(self, method_id: str) -> SavedMethod:
        return await self._line.ask(
            "mandate", lambda v1: v1.payment_methods.retrieve_async(method_id), SavedMethod
        )


def _debited(intent: PaymentIntent) -> GatewayPayment:
    """The debit as a payment. One that waits for the payer has failed: nobody is there."""
    payment = payment_of(intent)
    return replace(payment, state="failed") if intent.status == "requires_action" else payment


def _declined(intent: PaymentIntent, refused: GatewayRefused) -> GatewayPayment:
    return replace(
        payment_of(intent),
        state="failed",
        error_code=refused.code,
        error_reason=refused.reason,
        error_description=refused.description,
    )


def _terms(mandate: NewMandate) -> Params:
    """What the customer agrees to, which banks in India ask for; others pay no heed to it."""
    today = int(time.time()) // _DAY * _DAY
    options: Params = {"amount": mandate.max_amount, "amount_type": "maximum"}
    if mandate.kind == "upi":
        options["description"] = mandate.receipt
        if mandate.expires_at_us is not None:
            options["end_date"] = mandate.expires_at_us // 1_000_000
        return {"upi": {"mandate_options": options}}
    options |= {
        "reference": mandate.receipt[:_LONGEST_REFERENCE],
        "currency": mandate.currency.lower(),
        "interval": "sporadic",
        "start_date": today,
        "supported_types": ["india"],
    }
    if mandate.expires_at_us is not None:
        options["end_date"] = mandate.expires_at_us // 1_000_000
    return {"card": {"mandate_options": options}}


def _digest(params: Params) -> str:
    """A wish's own mark in its key: the same key with another wish would be refused."""
    return hashlib.sha256(repr(sorted(params.items())).encode()).hexdigest()[:16]
