"""Invoices and credit notes: everything that is printed, frozen when it is issued.

What rule 46 of the CGST Rules asks of an invoice, and rule 53 of a credit note, is a field here.
A document is stored as JSON and rendered from that alone, so that it looks the same for ever,
whatever becomes of seller, buyer, rates and names of States.
"""

from datetime import date

import msgspec
from msgspec import Struct

from khata.domain.invoice_number import (
    DocumentKind,
    document_number,
    financial_year,
    issue_date,
)
from khata.domain.money import grouped
from khata.domain.parties import Buyer, Seller
from khata.domain.place_of_supply import PlaceOfSupply
from khata.domain.refund_money import MoneyBack
from khata.domain.states import STATES
from khata.domain.tax import TaxLine, TaxLines
from khata.domain.words import amount_in_words

FORMAT = "khata.document.v1"

WITH_TAX = "SUPPLY MEANT FOR EXPORT ON PAYMENT OF INTEGRATED TAX"
WITHOUT_TAX = (
    "SUPPLY MEANT FOR EXPORT UNDER BOND OR LETTER OF UNDERTAKING WITHOUT PAYMENT OF INTEGRATED TAX"
)


class Sale(Struct, frozen=True, kw_only=True):
    """What an order tells its invoice. `reference` is the gateway's own name of the payment."""

    order_id: str
    wallet_id: str
    payment_id: str
    reference: str
    payment_method: str
    base_credits: int
    bonus_credits: int
    tax: TaxLines
    place: PlaceOfSupply
    is_test: bool = False


class Refunded(Struct, frozen=True, kw_only=True):
    """What a refund of money tells its credit note. `reference` is the gateway's name of it."""

    refund_id: str
    reference: str
    reason: str
    back: MoneyBack


class Numbered(Struct, frozen=True):
    """The number a document gets, and when it is issued."""

    serial: int
    at_us: int


class DocumentLine(Struct, frozen=True):
    """One line: what was supplied, its service code, its value and its taxes."""

    description: str
    note: str
    sac: str
    tax: TaxLine


class Original(Struct, frozen=True):
    """The invoice that a credit note reduces."""

    number: str
    issued_on: date


class InvoiceDocument(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that an invoice or a credit note shows. Amounts are paise and never negative, but for
    the round-off."""

    format: str = FORMAT
    kind: DocumentKind
    number: str
    serial: int
    year: str
    issued_at_us: int
    issued_on: date
    seller: Seller
    buyer: Buyer
    place: PlaceOfSupply
    place_name: str
    is_utgst: bool
    lines: tuple[DocumentLine, ...]
    gst_bps: int
    round_off_paise: int
    total_paise: int
    total_in_words: str
    order_id: str
    wallet_id: str
    payment_id: str
    reference: str
    payment_method: str
    credits: int
    bonus_credits: int
    reverse_charge: bool = False
    original: Original | None = None
    refund_id: str | None = None
    reason: str | None = None
    statements: tuple[str, ...] = ()
    is_test: bool = False

    @property
    def tax(self) -> TaxLines:
        """The lines' values and taxes, with their sums."""
        lines = tuple(line.tax for line in self.lines)
        return TaxLines(self.place.supply, self.gst_bps, lines, self.round_off_paise)


def invoice(seller: Seller, buyer: Buyer, sale: Sale, numbered: Numbered) -> InvoiceDocument:
    """The invoice of a paid order."""
    tax, year = sale.tax, financial_year(numbered.at_us)
    credits = sale.base_credits + sale.bonus_credits
    return InvoiceDocument(
        kind="invoice",
        number=document_number("invoice", year, numbered.serial),
        serial=numbered.serial,
        year=year,
        issued_at_us=numbered.at_us,
        issued_on=issue_date(numbered.at_us),
        seller=seller,
        buyer=buyer,
        place=sale.place,
        place_name=STATES[sale.place.state_code].label,
        is_utgst=STATES[sale.place.state_code].is_utgst,
        lines=tuple(
            _line(line, seller.sac, "Prepaid credits", _bought(credits, sale.bonus_credits))
            for line in tax.lines
        ),
        gst_bps=tax.gst_bps,
        round_off_paise=tax.round_off_paise,
        total_paise=tax.payable_paise,
        total_in_words=amount_in_words(tax.payable_paise),
        order_id=sale.order_id,
        wallet_id=sale.wallet_id,
        payment_id=sale.payment_id,
        reference=sale.reference,
        payment_method=sale.payment_method,
        credits=credits,
        bonus_credits=sale.bonus_credits,
        statements=_statements(seller, sale.place, tax.gst_bps, is_test=sale.is_test),
        is_test=sale.is_test,
    )


def credit_note(billed: InvoiceDocument, refunded: Refunded, numbered: Numbered) -> InvoiceDocument:
    """The credit note of a refund, with the parties, place and rate of the invoice it reduces."""
    tax, year = refunded.back.tax, financial_year(numbered.at_us)
    credits = refunded.back.credits_clawed_back
    taken = f"{grouped(credits)} credits taken back"
    return msgspec.structs.replace(
        billed,
        kind="credit_note",
        number=document_number("credit_note", year, numbered.serial),
        serial=numbered.serial,
        year=year,
        issued_at_us=numbered.at_us,
        issued_on=issue_date(numbered.at_us),
        lines=tuple(
            _line(line, billed.seller.sac, "Prepaid credits, refunded", taken) for line in tax.lines
        ),
        round_off_paise=tax.round_off_paise,
        total_paise=tax.payable_paise,
        total_in_words=amount_in_words(tax.payable_paise),
        reference=refunded.reference,
        credits=credits,
        bonus_credits=0,
        original=Original(billed.number, billed.issued_on),
        refund_id=refunded.refund_id,
        reason=refunded.reason,
    )


def encoded(document: InvoiceDocument) -> str:
    """The document as the text that is stored."""
    return msgspec.json.encode(document).decode()


def decoded(text: str) -> InvoiceDocument:
    """The stored text as the document again. Raises `msgspec.ValidationError` for another."""
    return msgspec.json.decode(text, type=InvoiceDocument)


def _line(line: TaxLine, sac: str, description: str, note: str) -> DocumentLine:
    if line.item == "credits":
        return DocumentLine(description, note, sac, line)
    return DocumentLine("Platform fee", "", sac, line)


def _bought(credits: int, bonus_credits: int) -> str:
    bonus = f" incl. {grouped(bonus_credits)} bonus" if bonus_credits else ""
    return f"{grouped(credits)} credits{bonus}"


def _statements(
    seller: Seller, place: PlaceOfSupply, gst_bps: int, *, is_test: bool
) -> tuple[str, ...]:
    """What the law or honesty wants said, in the order of weight."""
    said: list[str] = []
    if is_test:
        said.append("Test mode: no money was paid.")
    if seller.gstin is None:
        said.append("The seller's GSTIN is not set: this document is no tax invoice.")
    if place.supply == "export":
        lut = f" (LUT ARN {seller.lut_arn})" if seller.lut_arn else ""
        said.append(WITH_TAX if gst_bps else f"{WITHOUT_TAX}{lut}")
    if place.assumed:
        said.append("The buyer gave no address: the place of supply is taken to be the seller's.")
    return tuple(said)
