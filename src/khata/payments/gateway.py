"""What Khata asks of a payment gateway, and the values that cross that border.

A gateway is believed in two ways only: by an event whose signature was verified on the raw bytes,
and by its own answer to a question of ours. Amounts are integers of the currency's smallest unit.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from khata.domain.providers import PaymentMethod as PaymentMethod  # noqa: PLC0414 - also from here
from khata.domain.providers import ProviderName as ProviderName  # noqa: PLC0414

PaymentState = Literal["created", "authorized", "captured", "failed", "refunded"]
RefundState = Literal["pending", "processed", "failed"]
DisputeState = Literal["open", "under_review", "won", "lost", "closed"]
MandateState = Literal["initiated", "confirmed", "rejected", "paused", "cancelled"]


class GatewayUnavailable(Exception):
    """The gateway did not answer, or not in a way that says what happened.

    What was asked for may have happened all the same: ask again under the same receipt or key.
    """


class ErrorPlace(Struct, frozen=True):
    """Where a gateway says that something went wrong: on whose side, at which step, with which HTTP
    status, and in which payment, if one was made of it."""

    source: str = ""
    step: str = ""
    status: int = 0
    payment_id: str | None = None


class GatewayRefused(Exception):
    """The gateway understood the request and said no. Nothing happened there.

    `code` and `reason` are the gateway's own words, `field` the field that it names, `place` where
    it happened; `retryable` where the same request may be granted later.
    """

    def __init__(
        self,
        description: str,
        *,
        code: str = "",
        reason: str = "",
        field: str | None = None,
        retryable: bool = False,
        place: ErrorPlace = ErrorPlace(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(description)
        self.description = description
        self.code = code
        self.reason = reason
        self.field = field
        self.retryable = retryable
        self.place = place


class GatewayNotInstalled(Exception):
    """A gateway needs a library that is not there. The message says how to get it."""


class NotGenuine(Exception):
    """An event whose signature, form or time can't be believed. Nothing of it may be used."""


class NewOrder(Struct, frozen=True, kw_only=True):
    """An order to be made at the gateway, once however often it is asked: `receipt` is our id."""

    receipt: str
    amount: int
    currency: str
    payment_method: PaymentMethod
    customer_id: str | None = None
    notes: Mapping[str, str] = {}


class GatewayOrder(Struct, frozen=True, kw_only=True):
    """An order as the gateway knows it.

    `checkout` is what the payer's browser needs to pay it, and for nobody else's eyes: Stripe's has
    the intent's client secret in it. Never logged.
    """

    id: str
    amount: int
    currency: str
    receipt: str | None
    is_paid: bool
    checkout: Mapping[str, str | int | None] = {}


class GatewayPayment(Struct, frozen=True, kw_only=True):
    """One attempt to pay an order, as the gateway tells it.

    Of a `captured` one the money was taken, of a `refunded` one taken and all given back; one that
    was granted and went back untaken is `failed`.
    `fee` includes `tax`, the gateway's own GST; both are None until it is captured. `instrument`
    is a stable fingerprint of the card or the address paid from, never the number itself.
    """

    id: str
    order_id: str | None
    amount: int
    currency: str
    state: PaymentState
    method: str
    amount_refunded: int = 0
    fee: int | None = None
    tax: int | None = None
    card_type: str | None = None
    card_country: str | None = None
    is_international: bool = False
    instrument: str | None = None
    customer_id: str | None = None
    mandate_id: str | None = None
    error_code: str | None = None
    error_reason: str | None = None
    error_description: str | None = None
    created_at_us: int = 0


class NewRefund(Struct, frozen=True, kw_only=True):
    """Money to be given back to its source, once for each `key` (10 characters and more)."""

    payment_id: str
    amount: int
    currency: str
    key: str
    notes: Mapping[str, str] = {}


class GatewayRefund(Struct, frozen=True, kw_only=True):
    """A refund as the gateway tells it. `receipt` is the key it was asked for under."""

    id: str
    payment_id: str
    amount: int
    currency: str
    state: RefundState
    receipt: str | None = None


class GatewayDispute(Struct, frozen=True, kw_only=True):
    """A payer's complaint at the bank."""

    id: str
    payment_id: str
    amount: int
    currency: str
    state: DisputeState
    reason: str | None = None
    respond_by_us: int | None = None


class NewCustomer(Struct, frozen=True, kw_only=True):
    """A payer, made once for each `reference` (our wallet's id)."""

    reference: str
    name: str
    email: str | None = None
    contact: str | None = None


class NewMandate(Struct, frozen=True, kw_only=True):
    """A customer's standing consent to be charged up to `max_amount` a debit.

    `instrument` is what the payer types at a simulator (an address such as success@razorpay), or a
    token that the gateway's own page handed out; never a card number. With `is_reserve_pay` the
    payer's bank sets `max_amount` aside as one block, from which debits are taken at once.
    """

    receipt: str
    customer_id: str
    kind: Literal["upi", "card"]
    max_amount: int
    currency: str
    instrument: str | None = None
    is_reserve_pay: bool = False
    expires_at_us: int | None = None


class GatewayMandate(Struct, frozen=True, kw_only=True):
    """A mandate as the gateway tells it.

    `is_instant` where a debit needs no notice a day ahead. `checkout` is what the payer needs to
    consent while it is `initiated`; until then `id` may be that of the consent asked for, and the
    one told once it is `confirmed` is the one to keep. `customer_id` is empty in events that do not
    name the customer.
    """

    id: str
    customer_id: str
    kind: str
    state: MandateState
    max_amount: int | None = None
    label: str | None = None
    is_instant: bool = True
    order_id: str | None = None
    checkout: Mapping[str, str | int | None] = {}


class NewDebit(Struct, frozen=True, kw_only=True):
    """A mandate to be charged, once for each `receipt`.

    `order_id` is the gateway's order made for it by `debit_order`.
    """

    receipt: str
    order_id: str
    mandate_id: str
    customer_id: str
    amount: int
    currency: str
    email: str | None = None
    contact: str | None = None
    description: str = ""


class SettledLine(Struct, frozen=True, kw_only=True):
    """One line of a settlement: what the bank account got or gave for a payment or refund.

    For a payment `net` = amount - fee and `fee` includes `tax`; for a refund `net` is negative.
    """

    settlement_id: str
    kind: Literal["payment", "refund", "adjustment"]
    entity_id: str
    payment_id: str | None
    amount: int
    fee: int
    tax: int
    net: int
    currency: str
    settled_at_us: int


class GatewayEvent(Struct, frozen=True, kw_only=True):
    """A verified event. Of what it is about, that part is there.

    `id` is unique at the provider and the same on each redelivery. A part that could not be read is
    absent, and the event genuine all the same. `dispute_funds` where the money of the dispute moved
    with just this event.
    """

    id: str
    type: str
    created_at_us: int
    payment: GatewayPayment | None = None
    order: GatewayOrder | None = None
    refund: GatewayRefund | None = None
    dispute: GatewayDispute | None = None
    mandate: GatewayMandate | None = None
    notice_order_id: str | None = None
    dispute_funds: Literal["withdrawn", "reinstated"] | None = None


class Gateway(Protocol):
    """A payment gateway.

    Each call raises `GatewayUnavailable` or `GatewayRefused`. Whatever makes something may be asked
    again under the same receipt or key and makes it once.
    """

    @property
    def name(self) -> ProviderName: ...

    async def create_order(self, order: NewOrder) -> GatewayOrder: ...

    async def order(self, order_id: str) -> GatewayOrder: ...

    async def order_payments(self, order_id: str) -> Sequence[GatewayPayment]:
        """All attempts on the order, oldest first."""
        ...

    async def payment(self, payment_id: str) -> GatewayPayment: ...

    async def capture(self, payment: GatewayPayment) -> GatewayPayment:
        """Takes the money of an authorized payment; one captured already is answered as it is."""
        ...

    async def refund(self, refund: NewRefund) -> GatewayRefund: ...

    async def find_refund(self, payment_id: str, refund_id: str) -> GatewayRefund: ...

    async def disputes(self, payment_id: str) -> Sequence[GatewayDispute]: ...

    async def create_customer(self, customer: NewCustomer) -> str: ...

    async def create_mandate(self, mandate: NewMandate) -> GatewayMandate: ...

    async def mandate(self, customer_id: str, mandate_id: str) -> GatewayMandate: ...

    async def cancel_mandate(self, customer_id: str, mandate_id: str) -> None: ...

    async def debit_order(
        self, order: NewOrder, mandate_id: str, due_at_us: int | None
    ) -> GatewayOrder:
        """The order that a debit is charged on, with the payer's notice that it is due then;
        without a time for a mandate that is instant."""
        ...

    async def debit(self, debit: NewDebit) -> GatewayPayment:
        """Charges the mandate. The payment may be `created` still: its outcome comes later.

        A receipt's debit has one outcome: asked again, that one is answered, failed ones too.
        """
        ...

    async def settled_lines(self, day: str) -> Sequence[SettledLine]:
        """What was settled on that day (YYYY-MM-DD, India)."""
        ...

    def verified_event(self, headers: Mapping[str, str], body: bytes, now_us: int) -> GatewayEvent:
        """The event in these raw bytes. `headers` are by lower-case name. Raises `NotGenuine`."""
        ...

    async def close(self) -> None: ...
