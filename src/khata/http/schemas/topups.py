"""Top-ups: packs, quotes, orders, and who buys. Money is paise beside its currency."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from khata.app.shown.orders import (
    Order,
    OrderFailure,
    Quote,
    Risk,
    order_shown,
    quote_shown,
    risk_shown,
)
from khata.app.topups.orders import OrderWish
from khata.domain import packs, parties, quotes
from khata.domain.orders import OrderStatus
from khata.domain.parties import check_buyer
from khata.http.problems import Problem, invalid
from khata.http.schemas.common import AnyId, Cursor, Limit
from khata.http.schemas.payment_methods import Vpa
from khata.payments.gateway import PaymentMethod, ProviderName

__all__ = [
    "BillingProfile",
    "Buyer",
    "DelayMs",
    "Order",
    "OrderBody",
    "OrderFailure",
    "OrderQuery",
    "Outcome",
    "Pack",
    "PackId",
    "Packs",
    "Paise",
    "PayBody",
    "Quote",
    "QuoteBody",
    "Risk",
    "Simulation",
    "one_of",
    "order_shown",
    "pack_shown",
    "profile_shown",
    "quote_shown",
    "risk_shown",
]

Paise = Annotated[int, Meta(ge=-(2**53), le=2**53)]
PackId = Annotated[str, Meta(min_length=1, max_length=64)]
Outcome = Literal["success", "fail", "pending", "duplicate", "late"]
DelayMs = Annotated[int, Meta(ge=0, le=86_400_000)]
_Text = Annotated[str, Meta(max_length=500)]


class Pack(Struct, frozen=True):
    """Credits offered at a price before tax, with what the payer pays in all."""

    id: str
    name: str
    amount: int
    currency: str
    base_credits: int
    bonus_credits: int
    total_credits: int
    total_payable: int


class Provider(Struct, frozen=True):
    """A gateway that is set up here: where new orders go, and whether no money moves at it."""

    name: ProviderName
    is_default: bool
    is_test: bool


class Packs(Struct, frozen=True):
    """All packs, from which amount on any other can be added, and where it can be paid.

    `gst_bps` and `fee_bps` are the rates of the tax and of the platform's fee, which has its own
    tax inside, in basis points: 1800 is 18 %.
    """

    data: list[Pack]
    minimum_amount: int
    currency: str
    gst_bps: int
    fee_bps: int
    providers: list[Provider]


class QuoteBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pack, or an amount in paise before tax: exactly one of them."""

    pack_id: PackId | None = None
    amount: Paise | None = None

    def asked(self) -> str | int:
        """What is to be bought. 422 unless exactly one is named."""
        return one_of(self.pack_id, self.amount)


class Buyer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whom the invoice is for. In India the State decides which tax it shows."""

    name: Annotated[str, Meta(max_length=200)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    address: _Text | None = None
    country: Annotated[str, Meta(min_length=2, max_length=2)] = "IN"
    state_code: Annotated[str, Meta(min_length=2, max_length=2)] | None = None
    gstin: Annotated[str, Meta(max_length=20)] | None = None

    def checked(self, default_name: str, root: str = "buyer.") -> parties.Buyer:
        """The buyer as a document can name them. 422 naming every field that will not do."""
        buyer = parties.Buyer(
            name=self.name or default_name,
            email=self.email or "",
            address=self.address or "",
            country=self.country,
            state_code=self.state_code,
            gstin=self.gstin or None,
        )
        needed = {"country", "state_code", "gstin"}
        given = needed | {name for name in ("name", "email", "address") if getattr(self, name)}
        if buyer.is_registered:
            given |= {"name", "address"}
        wrong = [each for each in check_buyer(buyer) if each.field in given]
        if wrong:
            errors = [{"field": root + each.field, "message": each.message} for each in wrong]
            detail = f"{errors[0]['field']}: {errors[0]['message']}"
            raise Problem("VALIDATION_FAILED", detail, errors=errors)
        return buyer


class Simulation(Struct, frozen=True, forbid_unknown_fields=True):
    """What the simulator's customer and bank do with the order; by UPI, from that address."""

    outcome: Outcome
    delay_ms: DelayMs = 0
    vpa: Vpa | None = None


class OrderBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to buy and how it will be paid. `simulate` plays the customer at the simulator."""

    payment_method: PaymentMethod
    pack_id: PackId | None = None
    amount: Paise | None = None
    buyer: Buyer | None = None
    provider: ProviderName | None = None
    simulate: Simulation | None = None

    def wish(self, default_name: str) -> OrderWish:
        """What is asked of the registry of orders."""
        return OrderWish(
            asked=one_of(self.pack_id, self.amount),
            payment_method=self.payment_method,
            buyer=None if self.buyer is None else self.buyer.checked(default_name),
            provider=self.provider,
        )


class OrderQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders: in a status, or the one that a payment paid."""

    status: OrderStatus | None = None
    payment_id: AnyId | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class PayBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What the simulator's customer and bank do with the order."""

    outcome: Outcome
    delay_ms: DelayMs = 0


class BillingProfile(Struct, frozen=True):
    """Who buys for the wallet where an order does not say."""

    name: str
    email: str
    address: str
    country: str
    state_code: str | None
    gstin: str | None


def one_of(pack_id: str | None, amount: int | None) -> str | int:
    """The one that is named. 422 for both and for none."""
    if pack_id is not None and amount is not None:
        raise invalid("amount", "must not be sent beside pack_id")
    if pack_id is not None:
        return pack_id
    if amount is None:
        raise invalid("amount", "is required, or pack_id")
    return amount


def pack_shown(pack: packs.Pack, quote: quotes.Quote, currency: str = "INR") -> Pack:
    """A pack as the API shows it."""
    return Pack(
        pack.id,
        pack.name,
        pack.price_paise,
        currency,
        quote.base_credits,
        quote.bonus_credits,
        quote.total_credits,
        quote.payable_paise,
    )


def profile_shown(buyer: parties.Buyer) -> BillingProfile:
    """A billing profile as the API shows it."""
    return msgspec.convert(msgspec.structs.asdict(buyer), BillingProfile)
