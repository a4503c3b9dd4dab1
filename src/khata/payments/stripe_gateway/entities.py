"""What Stripe sends, read leniently: unknown fields and missing keys are normal."""

from typing import Final, Generic, TypeVar

from msgspec import Struct

SECOND_US: Final = 1_000_000
RECEIPT: Final = "receipt"
KEY: Final = "khata_key"
HOME: Final = "IN"

T = TypeVar("T")


class Page(Struct, Generic[T]):
    """A page of a list."""

    data: list[T]
    has_more: bool = False


class Made(Struct):
    """Whatever was made, by its id."""

    id: str


class FeeDetail(Struct):
    """A part of a fee."""

    amount: int = 0
    type: str = ""


class BalanceTransaction(Struct):
    """A change of the balance at Stripe."""

    id: str
    type: str
    amount: int
    net: int
    currency: str
    fee: int = 0
    fee_details: list[FeeDetail] = []
    source: "Source | str | None" = None


class Source(Struct):
    """What changed the balance: a charge, a refund, a dispute."""

    id: str
    payment_intent: str | None = None


class Card(Struct):
    """What is told of a card: never its number."""

    brand: str | None = None
    country: str | None = None
    fingerprint: str | None = None
    funding: str | None = None
    last4: str | None = None


class MethodDetails(Struct):
    """How a charge was paid."""

    type: str | None = None
    card: Card | None = None


class Charge(Struct):
    """One try to take the money of an intent."""

    id: str
    amount: int
    currency: str
    status: str
    amount_refunded: int = 0
    payment_intent: str | None = None
    payment_method: str | None = None
    payment_method_details: MethodDetails | None = None
    customer: str | None = None
    metadata: dict[str, str] = {}
    balance_transaction: BalanceTransaction | str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    created: int = 0


class IntentError(Struct):
    """Why the last try failed."""

    code: str | None = None
    decline_code: str | None = None
    message: str | None = None


class PaymentIntent(Struct):
    """Money to be taken once."""

    id: str
    amount: int
    currency: str
    status: str
    amount_received: int | None = None
    client_secret: str | None = None
    customer: str | None = None
    payment_method: str | None = None
    payment_method_types: list[str] = []
    metadata: dict[str, str] = {}
    latest_charge: Charge | str | None = None
    last_payment_error: IntentError | None = None
    created: int = 0


class Refund(Struct):
    """Money on its way back."""

    id: str
    amount: int
    currency: str
    status: str
    payment_intent: str | None = None
    metadata: dict[str, str] | None = None


class EvidenceDetails(Struct):
    """Until when evidence counts."""

    due_by: int | None = None


class Dispute(Struct):
    """A payer's complaint."""

    id: str
    amount: int
    currency: str
    status: str
    payment_intent: str | None = None
    reason: str | None = None
    evidence_details: EvidenceDetails | None = None


class SetupIntent(Struct):
    """A customer's consent that is asked for."""

    id: str
    status: str
    customer: str | None = None
    payment_method: str | None = None
    payment_method_types: list[str] = []
    client_secret: str | None = None
    last_setup_error: IntentError | None = None


class SavedMethod(Struct):
    """A payment method; the customer's while it is attached."""

    id: str
    type: str
    customer: str | None = None
    card: Card | None = None


class Mandate(Struct):
    """What became of a consent at the bank."""

    id: str
    status: str
    payment_method: str


class Payout(Struct):
    """Money sent to the bank account."""

    id: str
    arrival_date: int
