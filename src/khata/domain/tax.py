"""The tax lines of a paid quote: taxable values, IGST or CGST and SGST for each, and the round-off.

The payable is fixed before and the same for every buyer in India. Each tax is computed on its own
line, as whoever holds the invoice can do again; what a paisa of rounding makes of the sum is the
round-off's.
"""

from typing import Literal

from msgspec import Struct

from khata.domain.money import half_up
from khata.domain.packs import WHOLE_BPS
from khata.domain.place_of_supply import Supply
from khata.domain.quotes import Quote, net_of

Item = Literal["credits", "platform_fee"]


class TaxLine(Struct, frozen=True, gc=False):
    """One line: its value before tax, and the taxes on it, in paise.

    `sgst_paise` is UTGST where the place of supply is a Union Territory without legislature.
    """

    item: Item
    taxable_paise: int
    igst_paise: int = 0
    cgst_paise: int = 0
    sgst_paise: int = 0

    @property
    def tax_paise(self) -> int:
        """All taxes on the line."""
        return self.igst_paise + self.cgst_paise + self.sgst_paise

    @property
    def total_paise(self) -> int:
        """The line's value with its taxes."""
        return self.taxable_paise + self.tax_paise


class TaxLines(Struct, frozen=True, gc=False):
    """The lines of an invoice or a credit note. With the round-off they sum to the payable."""

    supply: Supply
    gst_bps: int
    lines: tuple[TaxLine, ...]
    round_off_paise: int

    @property
    def taxable_paise(self) -> int:
        """The value of all lines before tax."""
        return sum(line.taxable_paise for line in self.lines)

    @property
    def igst_paise(self) -> int:
        """The integrated tax of all lines."""
        return sum(line.igst_paise for line in self.lines)

    @property
    def cgst_paise(self) -> int:
        """The Union's half of the tax of all lines."""
        return sum(line.cgst_paise for line in self.lines)

    @property
    def sgst_paise(self) -> int:
        """The State's or Union Territory's half of the tax of all lines."""
        return sum(line.sgst_paise for line in self.lines)

    @property
    def tax_paise(self) -> int:
        """All taxes of all lines."""
        return self.igst_paise + self.cgst_paise + self.sgst_paise

    @property
    def payable_paise(self) -> int:
        """Lines, taxes and round-off together."""
        return self.taxable_paise + self.tax_paise + self.round_off_paise

    def line(self, item: Item) -> TaxLine:
        """The line of that item, of nothing when there is none."""
        return next((line for line in self.lines if line.item == item), TaxLine(item, 0))


def tax_line(item: Item, taxable_paise: int, supply: Supply, gst_bps: int) -> TaxLine:
    """A value with the tax on it, halves of a paisa up."""
    if supply != "intra":
        return TaxLine(item, taxable_paise, half_up(taxable_paise * gst_bps, WHOLE_BPS))
    half = half_up(taxable_paise * gst_bps, 2 * WHOLE_BPS)
    return TaxLine(item, taxable_paise, cgst_paise=half, sgst_paise=half)


def tax_lines(quote: Quote, supply: Supply) -> TaxLines:
    """The lines of a quote's invoice: the credits, the platform fee, and the round-off.

    A line without value is left out.
    """
    fee = net_of(quote.platform_fee_paise, quote.gst_bps)
    both = (
        tax_line("credits", quote.amount_paise, supply, quote.gst_bps),
        tax_line("platform_fee", fee, supply, quote.gst_bps),
    )
    lines = tuple(line for line in both if line.taxable_paise)
    total = sum(line.total_paise for line in lines)
    return TaxLines(supply, quote.gst_bps, lines, quote.payable_paise - total)
