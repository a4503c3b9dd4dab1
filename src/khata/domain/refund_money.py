"""Refund of money: how much of a purchase can go back, and what goes back with it.

A refund is of the price before tax; its tax goes back with it. Everything is computed on the sum of
all refunds so far, and a refund is the difference of two such sums, so that any sequence of refunds
sums to the paisa. When the whole price has gone back and nothing of the purchase was ever used, the
platform fee with its tax and the round-off go back too: the payer has the whole payable again.
"""

from typing import ClassVar

from msgspec import Struct, structs

from khata.domain.money import PAISE_PER_CREDIT, in_rupees
from khata.domain.quotes import net_of
from khata.domain.refusals import Refusal
from khata.domain.tax import TaxLine, TaxLines, tax_line


class Standing(Struct, frozen=True, gc=False):
    """Where a purchase stands: what is left of its credits, and what was refunded of its price.

    `gone_credits` are those that no clawback took and that are not there to be clawed back: used,
    expired, given away, or set aside by a hold that is still open. `unspent_bonus` and
    `unspent_paid` are there, available or locked.
    """

    gone_credits: int
    unspent_bonus: int
    unspent_paid: int
    refunded_paise: int = 0


class MoneyBack(Struct, frozen=True, gc=False):
    """A refund decided: what goes back, the tax lines of its credit note, and the credits it takes.

    `amount_paise` is of the price. `gst_paise` is the tax on it; `fee_paise` is the platform fee
    with its tax, and not zero only for the refund that cancels an unused purchase. The tax lines
    sum to `total_paise`, which the payer gets.
    """

    amount_paise: int
    tax: TaxLines
    credits_clawed_back: int
    is_cancellation: bool

    @property
    def gst_paise(self) -> int:
        """The tax that goes back with the price."""
        return self.tax.line("credits").tax_paise

    @property
    def fee_paise(self) -> int:
        """The platform fee that goes back, its tax included."""
        return self.tax.line("platform_fee").total_paise

    @property
    def total_paise(self) -> int:
        """What the payer gets back."""
        return self.tax.payable_paise


class NothingToRefund(Refusal, frozen=True, gc=False, tag="nothing_to_refund"):
    code: ClassVar[str] = "NOTHING_TO_REFUND"
    decided: ClassVar[bool] = False

    @property
    def detail(self) -> str:
        return "Nothing of this purchase is left to refund."


class RefundTooHigh(Refusal, frozen=True, gc=False, tag="refund_too_high"):
    code: ClassVar[str] = "VALIDATION_FAILED"
    decided: ClassVar[bool] = False
    field: ClassVar[str] = "amount"
    amount: int
    refundable: int

    @property
    def detail(self) -> str:
        return f"₹{in_rupees(self.refundable)} of this purchase can be refunded before tax."


class RefundNotWhole(Refusal, frozen=True, gc=False, tag="refund_not_whole"):
    code: ClassVar[str] = "VALIDATION_FAILED"
    decided: ClassVar[bool] = False
    field: ClassVar[str] = "amount"
    amount: int
    multiple_of: int = PAISE_PER_CREDIT

    @property
    def detail(self) -> str:
        return (
            "The amount must be above zero and a multiple of "
            f"{self.multiple_of} paise, the price of one credit."
        )


class OrderDisputed(Refusal, frozen=True, gc=False, tag="order_disputed"):
    code: ClassVar[str] = "ORDER_DISPUTED"
    decided: ClassVar[bool] = False
    dispute_id: str

    @property
    def detail(self) -> str:
        return "The payment is disputed at the bank, which decides whether its money goes back."


class OrderUnderReview(Refusal, frozen=True, gc=False, tag="order_under_review"):
    code: ClassVar[str] = "ORDER_UNDER_REVIEW"
    decided: ClassVar[bool] = False
    order_id: str

    @property
    def detail(self) -> str:
        return "The order is under review: it is approved, or rejected and refunded whole."


RefundRefusal = NothingToRefund | RefundTooHigh | RefundNotWhole | OrderDisputed | OrderUnderReview


def price_of(paid: TaxLines) -> int:
    """What of a paid invoice can be refunded at most: the price of its credits before tax."""
    return paid.line("credits").taxable_paise


def refundable(paid: TaxLines, standing: Standing) -> int:
    """The paise of the price that can go back: each credit that is gone keeps its 10.

    `paid` are the tax lines of the purchase's invoice.
    """
    kept = standing.refunded_paise + standing.gone_credits * PAISE_PER_CREDIT
    return max(price_of(paid) - kept, 0)


def money_back(
    paid: TaxLines, standing: Standing, amount_paise: int | None = None
) -> MoneyBack | RefundRefusal:
    """The refund of `amount_paise` of the price, or of all that can go back.

    All takes back every unspent credit of the purchase; a part takes its remaining bonus first,
    then what the amount bought.
    """
    most = refundable(paid, standing)
    if most == 0:
        return NothingToRefund()
    amount = most if amount_paise is None else amount_paise
    if amount <= 0 or amount % PAISE_PER_CREDIT:
        return RefundNotWhole(amount)
    if amount > most:
        return RefundTooHigh(amount, most)
    refunded = standing.refunded_paise + amount
    cancels = refunded == price_of(paid) and standing.gone_credits == 0
    tax = _between(
        _gone_back(paid, standing.refunded_paise, cancels=False),
        _gone_back(paid, refunded, cancels=cancels),
    )
    if tax.payable_paise == 0:
        return NothingToRefund()
    bought = amount // PAISE_PER_CREDIT if amount < most else standing.unspent_paid
    return MoneyBack(amount, tax, _clawed_back(standing, bought), is_cancellation=cancels)


def money_gone(paid: TaxLines, standing: Standing, total_paise: int) -> MoneyBack | NothingToRefund:
    """The refund in money that went back without our doing, with as many credits as are there.

    Nothing where it is more than was left of what was paid.
    """
    before = _gone_back(paid, standing.refunded_paise, cancels=False)
    left = price_of(paid) - standing.refunded_paise
    most = paid.payable_paise - before.payable_paise
    if total_paise > most or left <= 0:
        return NothingToRefund()
    if total_paise == most:
        credits = _clawed_back(standing, standing.unspent_paid)
        return MoneyBack(left, _between(before, paid), credits, is_cancellation=True)
    amount = min(net_of(total_paise, paid.gst_bps), left)
    lines: tuple[TaxLine, ...] = (tax_line("credits", amount, paid.supply, paid.gst_bps),)
    over = total_paise - lines[0].total_paise
    if amount == left and over > 0:
        fee = net_of(over, paid.gst_bps)
        lines = (*lines, tax_line("platform_fee", fee, paid.supply, paid.gst_bps))
        over = total_paise - sum(line.total_paise for line in lines)
    tax = TaxLines(paid.supply, paid.gst_bps, lines, over)
    credits = _clawed_back(standing, -(-amount // PAISE_PER_CREDIT))
    return MoneyBack(amount, tax, credits, is_cancellation=False)


def at_most(back: MoneyBack, left_paise: int) -> MoneyBack:
    """The refund, of no more than is left of what was paid.

    A paisa of rounding may be too much where a refund failed after another was reckoned behind it.
    """
    over = max(back.total_paise - left_paise, 0)
    tax = structs.replace(back.tax, round_off_paise=back.tax.round_off_paise - over)
    return structs.replace(back, tax=tax) if over else back


def _clawed_back(standing: Standing, bought: int) -> int:
    return standing.unspent_bonus + min(bought, standing.unspent_paid)


def _gone_back(paid: TaxLines, refunded_paise: int, *, cancels: bool) -> TaxLines:
    """All that has gone back once so much of the price has: never more than was paid."""
    if cancels:
        return paid
    price = tax_line("credits", refunded_paise, paid.supply, paid.gst_bps)
    over = max(price.total_paise - paid.payable_paise, 0)
    return TaxLines(paid.supply, paid.gst_bps, (price,), -over)


def _between(before: TaxLines, after: TaxLines) -> TaxLines:
    lines = tuple(_less(line, before.line(line.item)) for line in after.lines)
    return TaxLines(
        after.supply, after.gst_bps, lines, after.round_off_paise - before.round_off_paise
    )


def _less(line: TaxLine, other: TaxLine) -> TaxLine:
    return TaxLine(
        line.item,
        line.taxable_paise - other.taxable_paise,
        line.igst_paise - other.igst_paise,
        line.cgst_paise - other.cgst_paise,
        line.sgst_paise - other.sgst_paise,
    )
