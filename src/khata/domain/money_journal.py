"""The journal of money: what moves rupees and no credits, such as a refund paid out.

Each posting is known by its kind and the gateway's or our id of what it is of, and stands once.
"""

from typing import Literal

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId
from khata.domain.inr import (
    BANK,
    GATEWAY_FEES,
    INPUT_TAX,
    REFUNDS_PAYABLE,
    Leg,
    Legs,
    gateway_account,
    is_balanced,
)

JournalKind = Literal[
    "PAYMENT_HELD",
    "REFUND_PROCESSED",
    "REFUND_FAILED",
    "SETTLEMENT",
    "DISPUTE_WITHDRAWN",
    "DISPUTE_REINSTATED",
]


class Occasion(Struct, frozen=True, kw_only=True):
    """Whose money moved when, at which gateway, and the id (`mny_…`) that the posting gets."""

    id: str
    wallet_id: WalletId
    organization_id: OrganizationId
    at_us: int
    gateway: str


class MoneyPosting(Struct, frozen=True, kw_only=True):
    """One row of the journal."""

    occasion: Occasion
    kind: JournalKind
    source: Literal["payment", "refund", "dispute"]
    source_id: str
    legs: Legs


def payment_held(occasion: Occasion, payment_id: str, amount_paise: int) -> MoneyPosting:
    """A payment that the gateway took and that brings no credits: it is owed back."""
    legs = (
        Leg(gateway_account(occasion.gateway), amount_paise),
        Leg(REFUNDS_PAYABLE, -amount_paise),
    )
    return _posting(occasion, "PAYMENT_HELD", "payment", payment_id, legs)


def refund_processed(occasion: Occasion, refund_id: str, amount_paise: int) -> MoneyPosting:
    """Money owed back that the gateway has paid out."""
    return _posting(
        occasion, "REFUND_PROCESSED", "refund", refund_id, _paid_out(occasion, amount_paise)
    )


def refund_failed(occasion: Occasion, refund_id: str, amount_paise: int) -> MoneyPosting:
    """A refund told as processed that came back to the gateway: it is owed again."""
    return _posting(
        occasion, "REFUND_FAILED", "refund", refund_id, _paid_out(occasion, -amount_paise)
    )


def payment_settled(
    occasion: Occasion, payment_id: str, amount_paise: int, fee_paise: int, tax_paise: int
) -> MoneyPosting:
    """A payment on our bank account, less the gateway's fee, which includes its tax."""
    legs = _settled(occasion, amount_paise, fee_paise, tax_paise)
    return _posting(occasion, "SETTLEMENT", "payment", payment_id, legs)


def refund_settled(
    occasion: Occasion, refund_id: str, amount_paise: int, fee_paise: int = 0, tax_paise: int = 0
) -> MoneyPosting:
    """A refund that the gateway took from a settlement, with its fee if it has one."""
    legs = _settled(occasion, -amount_paise, fee_paise, tax_paise)
    return _posting(occasion, "SETTLEMENT", "refund", refund_id, legs)


def dispute_withdrawn(occasion: Occasion, dispute_id: str, amount_paise: int) -> MoneyPosting:
    """A disputed amount that the gateway took from a settlement."""
    legs = _settled(occasion, -amount_paise, 0, 0)
    return _posting(occasion, "DISPUTE_WITHDRAWN", "dispute", dispute_id, legs)


def dispute_reinstated(occasion: Occasion, dispute_id: str, amount_paise: int) -> MoneyPosting:
    """The amount of a dispute that was won, in a settlement again."""
    legs = _settled(occasion, amount_paise, 0, 0)
    return _posting(occasion, "DISPUTE_REINSTATED", "dispute", dispute_id, legs)


def _paid_out(occasion: Occasion, amount_paise: int) -> Legs:
    return Leg(REFUNDS_PAYABLE, amount_paise), Leg(gateway_account(occasion.gateway), -amount_paise)


def _settled(occasion: Occasion, amount: int, fee: int, tax: int) -> Legs:
    """What the gateway owes us, or with a negative amount we owe it, made good through the bank."""
    legs = (
        Leg(BANK, amount - fee),
        Leg(GATEWAY_FEES, fee - tax),
        Leg(INPUT_TAX, tax),
        Leg(gateway_account(occasion.gateway), -amount),
    )
    return tuple(leg for leg in legs if leg.paise)


def _posting(
    occasion: Occasion,
    kind: JournalKind,
    source: Literal["payment", "refund", "dispute"],
    source_id: str,
    legs: Legs,
) -> MoneyPosting:
    assert is_balanced(legs), f"debits are credits: {legs}"
    return MoneyPosting(occasion=occasion, kind=kind, source=source, source_id=source_id, legs=legs)
