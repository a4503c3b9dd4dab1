"""Rupees in the ledger: what each transaction books in INR beside its credits.

A leg is an account and paise, debit positive and credit negative; the legs of a transaction sum to
zero. Legs that nothing else tells (a purchase's, a refund's, a dispute's) stand in the facts, under
the hash. Those of usage, expiry and gifts follow from the paise that their draws use up.
"""

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from khata.domain.ledger import Transaction

DEFERRED = "deferred_revenue"
BREAKAGE = "income.breakage"
PLATFORM_FEE = "income.platform_fee"
USAGE_OF = "income.usage."
REFUNDS = "income.usage.REFUNDS"
UNNAMED = "OTHER"
TRANSFERRED = "transferred"
CHARGEBACKS = "expenses.chargebacks"
GATEWAY_FEES = "expenses.gateway_fees"
ROUND_OFF = "expenses.round_off"
REFUNDS_PAYABLE = "refunds_payable"
DISPUTED = "disputed"
BANK = "bank"
INPUT_TAX = "itc.gst"
CGST, SGST, IGST = "gst.cgst", "gst.sgst", "gst.igst"

# Where a purchase was paid that names no gateway: by an invoice, in cash, or before there were any.
OFFLINE = "offline"


class Leg(Struct, frozen=True, gc=False, array_like=True):
    """Paise on one account: a debit, or where negative a credit."""

    account: str
    paise: int


Legs = tuple[Leg, ...]


class RefundMoney(Struct, frozen=True, gc=False, omit_defaults=True):
    """Money to be given back for a purchase, with the taxes and the round-off in it.

    `fee_paise` is what of it is a platform fee that was not deferred.
    """

    refund_id: str
    amount_paise: int
    cgst_paise: int = 0
    sgst_paise: int = 0
    igst_paise: int = 0
    round_off_paise: int = 0
    fee_paise: int = 0


class DisputeMoney(Struct, frozen=True, gc=False):
    """Money that the bank disputes, at the gateway it was paid through."""

    dispute_id: str
    gateway: str
    amount_paise: int


def gateway_account(gateway: str) -> str:
    """The account of what a gateway owes us."""
    return f"gateway.{gateway}"


def legs_of(transaction: "Transaction") -> Legs:
    """All legs of a transaction in INR, those of nothing left out. They sum to zero."""
    t = transaction
    money, recognized = t.facts.money, t.recognized_paise
    legs = [leg for leg in money if leg.paise]
    cost = sum(lot.cost_paise for lot in t.facts.grants)
    if cost and (t.type == "TRANSFER_IN" or not money):
        given = TRANSFERRED if t.type == "TRANSFER_IN" else gateway_account(OFFLINE)
        legs += (Leg(given, cost), Leg(DEFERRED, -cost))
    if recognized and not (t.type == "CLAWBACK" and money):
        legs += (Leg(DEFERRED, recognized), Leg(_earned_on(t), -recognized))
    return tuple(legs)


def _earned_on(t: "Transaction") -> str:
    """The account that the paise used up by the draws of this transaction go to."""
    match t.type:
        case "USAGE_DEDUCTION" | "HOLD_CAPTURE" | "REFUND":
            return f"{USAGE_OF}{t.category or UNNAMED}"
        case "TRANSFER_OUT":
            return TRANSFERRED
        case "CREDIT_PURCHASE" | "TRANSFER_IN":
            # A new lot that pays a debt recovers what a chargeback had cost.
            return CHARGEBACKS
        case "CLAWBACK":
            return gateway_account(OFFLINE)
        case _:
            return BREAKAGE


def deferred_paise(legs: Legs) -> int:
    """What these legs book on deferred revenue: negative where more is owed in credits."""
    return sum(leg.paise for leg in legs if leg.account == DEFERRED)


def is_balanced(legs: Legs) -> bool:
    """Whether they sum to zero."""
    return not sum(leg.paise for leg in legs)


def bought(
    *,
    gateway: str,
    payable: int,
    deferred: int,
    fee: int,
    taxes: tuple[int, int, int],
    round_off: int,
) -> Legs:
    """A payment for a purchase: what of it is owed in credits, what in taxes, and what is earned.

    `taxes` are CGST, SGST and IGST; `fee` is the part of the platform fee that is earned at once.
    """
    cgst, sgst, igst = taxes
    legs = _some(
        Leg(gateway_account(gateway), payable),
        Leg(DEFERRED, -deferred),
        Leg(PLATFORM_FEE, -fee),
        *_taxed(-cgst, -sgst, -igst),
        Leg(ROUND_OFF, -round_off),
    )
    assert is_balanced(legs), f"what is paid is what it is paid for: {legs}"
    return legs


def refunded(money: RefundMoney, recognized: int) -> Legs:
    """Money owed back, of which `recognized` was deferred: what is more or less was earned."""
    taxes = (money.cgst_paise, money.sgst_paise, money.igst_paise)
    known = recognized + sum(taxes) + money.fee_paise + money.round_off_paise
    return _some(
        Leg(DEFERRED, recognized),
        Leg(REFUNDS, money.amount_paise - known),
        Leg(PLATFORM_FEE, money.fee_paise),
        *_taxed(*taxes),
        Leg(ROUND_OFF, money.round_off_paise),
        Leg(REFUNDS_PAYABLE, -money.amount_paise),
    )


def restored(legs: Legs, recognized: int) -> Legs:
    """A refund undone, which defers `-recognized` again."""
    kept = [leg for leg in legs if leg.account not in (DEFERRED, REFUNDS)]
    rest = sum(leg.paise for leg in kept) - recognized
    back = (Leg(leg.account, -leg.paise) for leg in kept)
    return _some(Leg(DEFERRED, recognized), Leg(REFUNDS, rest), *back)


def disputed(money: DisputeMoney) -> Legs:
    """Money that the gateway holds back while a dispute is open."""
    return _some(
        Leg(DISPUTED, money.amount_paise),
        Leg(gateway_account(money.gateway), -money.amount_paise),
    )


def won(money: DisputeMoney) -> Legs:
    """The same money given free."""
    return tuple(Leg(leg.account, -leg.paise) for leg in disputed(money))


def lost(money: DisputeMoney, recognized: int) -> Legs:
    """The same money gone, of which `recognized` was deferred: the rest is the loss."""
    return _some(
        Leg(DEFERRED, recognized),
        Leg(CHARGEBACKS, money.amount_paise - recognized),
        Leg(DISPUTED, -money.amount_paise),
    )


def _taxed(cgst: int, sgst: int, igst: int) -> Legs:
    return Leg(CGST, cgst), Leg(SGST, sgst), Leg(IGST, igst)


def _some(*legs: Leg) -> Legs:
    return tuple(leg for leg in legs if leg.paise)
