"""Quotes: what a top-up would cost and bring. The payable is fixed here, before any tax line."""

from typing import ClassVar

from msgspec import Struct

from khata.domain.money import PAISE_PER_CREDIT, PAISE_PER_RUPEE, half_up, in_rupees
from khata.domain.packs import WHOLE_BPS, Pack, TopUpTerms
from khata.domain.refusals import Refusal


class Quote(Struct, frozen=True, gc=False):
    """A price before tax with all that is added to it, in paise.

    `platform_fee_paise` has its own tax inside. `gst_bps` is the rate the quote was made at, so
    that its tax lines stay the same when the terms change; 0 for a zero-rated export.
    """

    amount_paise: int
    pack_id: str | None
    base_credits: int
    bonus_credits: int
    gst_paise: int
    platform_fee_paise: int
    round_off_paise: int
    payable_paise: int
    gst_bps: int

    @property
    def total_credits(self) -> int:
        """What the wallet gets: base and bonus."""
        return self.base_credits + self.bonus_credits


class BelowMinimum(Refusal, frozen=True, gc=False, tag="below_minimum"):
    code: ClassVar[str] = "MINIMUM_ADD_FUNDS_REQUIRED"
    decided: ClassVar[bool] = False
    amount: int
    minimum_amount: int

    @property
    def detail(self) -> str:
        return f"Add ₹{in_rupees(self.minimum_amount)} or more; this is ₹{in_rupees(self.amount)}."


class UnknownPack(Refusal, frozen=True, gc=False, tag="unknown_pack"):
    code: ClassVar[str] = "VALIDATION_FAILED"
    decided: ClassVar[bool] = False
    field: ClassVar[str] = "pack_id"
    pack_id: str

    @property
    def detail(self) -> str:
        return f"There is no pack {self.pack_id}."


class AmountNotWhole(Refusal, frozen=True, gc=False, tag="amount_not_whole"):
    code: ClassVar[str] = "VALIDATION_FAILED"
    decided: ClassVar[bool] = False
    field: ClassVar[str] = "amount"
    amount: int
    multiple_of: int = PAISE_PER_CREDIT

    @property
    def detail(self) -> str:
        return (
            f"The amount must be a multiple of {self.multiple_of} paise, the price of one credit."
        )


class AboveMaximum(Refusal, frozen=True, gc=False, tag="above_maximum"):
    code: ClassVar[str] = "VALIDATION_FAILED"
    decided: ClassVar[bool] = False
    field: ClassVar[str] = "amount"
    amount: int
    maximum_amount: int

    @property
    def detail(self) -> str:
        return f"Add ₹{in_rupees(self.maximum_amount)} or less."


QuoteRefusal = BelowMinimum | UnknownPack | AmountNotWhole | AboveMaximum


def quote(terms: TopUpTerms, asked: str | int, *, zero_rated: bool = False) -> Quote | QuoteRefusal:
    """What a pack (by its id) or an amount (in paise before tax) costs and brings.

    A `zero_rated` export pays no tax, neither on the price nor inside the fee.
    """
    if isinstance(asked, str):
        pack = terms.pack(asked)
        if pack is None:
            return UnknownPack(asked)
        return _quoted(terms, pack.price_paise, pack, 0 if zero_rated else terms.gst_bps)
    if asked < terms.minimum_paise:
        return BelowMinimum(asked, terms.minimum_paise)
    if asked > terms.maximum_paise:
        return AboveMaximum(asked, terms.maximum_paise)
    if asked % PAISE_PER_CREDIT:
        return AmountNotWhole(asked)
    return _quoted(terms, asked, terms.pack_of(asked), 0 if zero_rated else terms.gst_bps)


def net_of(gross_paise: int, gst_bps: int) -> int:
    """What is left of an amount when the tax inside it is taken out."""
    return half_up(gross_paise * WHOLE_BPS, WHOLE_BPS + gst_bps)


def _quoted(terms: TopUpTerms, amount_paise: int, pack: Pack | None, gst_bps: int) -> Quote:
    gst = half_up(amount_paise * gst_bps, WHOLE_BPS)
    fee = half_up(amount_paise * terms.fee_bps, WHOLE_BPS)
    if gst_bps == 0:
        fee = net_of(fee, terms.gst_bps)
    total = amount_paise + gst + fee
    payable = half_up(total, PAISE_PER_RUPEE) * PAISE_PER_RUPEE if terms.round_to_rupee else total
    return Quote(
        amount_paise=amount_paise,
        pack_id=pack.id if pack else None,
        base_credits=amount_paise // PAISE_PER_CREDIT,
        bonus_credits=pack.bonus_credits if pack else 0,
        gst_paise=gst,
        platform_fee_paise=fee,
        round_off_paise=payable - total,
        payable_paise=payable,
        gst_bps=gst_bps,
    )
