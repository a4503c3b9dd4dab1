"""Invoices and credit notes: everything that stands on the document. Money is paise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from khata.app.documents.printed import Copy
from khata.domain import invoice, parties
from khata.domain.invoice_number import DocumentKind
from khata.domain.place_of_supply import Supply
from khata.domain.tax import Item
from khata.domain.times import rfc3339
from khata.http.schemas.common import Cursor, Limit, Time
from khata.http.schemas.topups import BillingProfile, profile_shown
from khata.postgres import invoices as store

Day = Annotated[str, Meta(extra_json_schema={"format": "date"})]


class InvoiceQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which documents."""

    limit: Limit = 50
    cursor: Cursor | None = None


class CopyQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose copy it is: the original is the recipient's, the duplicate the supplier's."""

    copy: Copy = "original"


class InvoiceSeller(Struct, frozen=True):
    """The supplier, as settings named them when the document was issued."""

    legal_name: str
    trade_name: str | None
    address: Sequence[str]
    state_code: str
    gstin: str | None
    pan: str | None
    cin: str | None
    email: str | None
    phone: str | None
    website: str | None
    lut_arn: str | None


class InvoicePlace(Struct, frozen=True):
    """The place of supply. `assumed`: the buyer gave no address, so it is the seller's State."""

    state_code: str
    name: str
    supply: Supply
    assumed: bool


class InvoiceLine(Struct, frozen=True):
    """One line. `sgst` is UTGST where `taxes` says so."""

    item: Item
    description: str
    note: str
    sac: str
    taxable_amount: int
    igst: int
    cgst: int
    sgst: int
    total: int


class InvoiceTax(Struct, frozen=True):
    """A tax over all lines."""

    name: Literal["IGST", "CGST", "SGST", "UTGST"]
    amount: int


class InvoiceTotals(Struct, frozen=True):
    """`total` is what was paid, or given back: the taxable amount, the tax and the round-off."""

    taxable_amount: int
    tax: int
    round_off: int
    total: int


class InvoiceReduced(Struct, frozen=True):
    """The invoice that a credit note reduces."""

    id: str | None
    number: str
    issued_on: Day


class CreditNote(Struct, frozen=True):
    """A credit note that reduces the invoice, and by how much."""

    id: str
    number: str
    total: int


class InvoiceUrls(Struct, frozen=True):
    """Where the document is as a page, on this server."""

    pdf: str
    html: str


class Invoice(Struct, frozen=True, kw_only=True):
    """An invoice or a credit note, which never changes. `reference` is the gateway's own name of
    the payment, or of the refund. `credit_notes` are those against it by now, oldest first."""

    id: str
    kind: DocumentKind
    number: str
    financial_year: str
    issued_at: Time
    issued_on: Day
    wallet_id: str
    order_id: str
    payment_id: str
    refund_id: str | None
    reference: str
    payment_method: str
    reason: str | None
    reduces: InvoiceReduced | None
    credit_notes: list[CreditNote]
    seller: InvoiceSeller
    buyer: BillingProfile
    place_of_supply: InvoicePlace
    reverse_charge: bool
    lines: list[InvoiceLine]
    gst_bps: int
    taxes: list[InvoiceTax]
    totals: InvoiceTotals
    currency: str
    total_in_words: str
    credits: int
    bonus_credits: int
    statements: Sequence[str]
    is_test: bool
    urls: InvoiceUrls


def invoice_shown(issued: store.Invoice, of_order: Sequence[store.Invoice]) -> Invoice:
    """A document as the API shows it, among all of its order."""
    document, address = issued.document, f"/v1/invoices/{issued.id}"
    place = document.place
    return Invoice(
        id=issued.id,
        kind=document.kind,
        number=document.number,
        financial_year=document.year,
        issued_at=rfc3339(document.issued_at_us),
        issued_on=document.issued_on.isoformat(),
        wallet_id=document.wallet_id,
        order_id=document.order_id,
        payment_id=document.payment_id,
        refund_id=document.refund_id,
        reference=document.reference,
        payment_method=document.payment_method,
        reason=document.reason,
        reduces=_reduced(document, of_order),
        credit_notes=[] if document.kind == "credit_note" else _notes(of_order),
        seller=_seller(document.seller),
        buyer=profile_shown(document.buyer),
        place_of_supply=InvoicePlace(
            place.state_code, document.place_name, place.supply, place.assumed
        ),
        reverse_charge=document.reverse_charge,
        lines=[_line(line) for line in document.lines],
        gst_bps=document.gst_bps,
        taxes=_taxes(document),
        totals=InvoiceTotals(
            document.tax.taxable_paise,
            document.tax.tax_paise,
            document.round_off_paise,
            document.total_paise,
        ),
        currency="INR",
        total_in_words=document.total_in_words,
        credits=document.credits,
        bonus_credits=document.bonus_credits,
        statements=document.statements,
        is_test=document.is_test,
        urls=InvoiceUrls(f"{address}.pdf", f"{address}.html"),
    )


def _reduced(
    note: invoice.InvoiceDocument, of_order: Sequence[store.Invoice]
) -> InvoiceReduced | None:
    original = note.original
    if original is None:
        return None
    ids = (each.id for each in of_order if each.document.number == original.number)
    return InvoiceReduced(next(ids, None), original.number, original.issued_on.isoformat())


def _notes(of_order: Sequence[store.Invoice]) -> list[CreditNote]:
    return [
        CreditNote(each.id, each.document.number, each.document.total_paise)
        for each in of_order
        if each.document.kind == "credit_note"
    ]


def _seller(seller: parties.Seller) -> InvoiceSeller:
    return msgspec.convert(msgspec.structs.asdict(seller), InvoiceSeller)


def _line(line: invoice.DocumentLine) -> InvoiceLine:
    tax = line.tax
    return InvoiceLine(
        tax.item,
        line.description,
        line.note,
        line.sac,
        tax.taxable_paise,
        tax.igst_paise,
        tax.cgst_paise,
        tax.sgst_paise,
        tax.total_paise,
    )


def _taxes(document: invoice.InvoiceDocument) -> list[InvoiceTax]:
    tax = document.tax
    if document.place.supply != "intra":
        return [InvoiceTax("IGST", tax.igst_paise)]
    state = "UTGST" if document.is_utgst else "SGST"
    return [InvoiceTax("CGST", tax.cgst_paise), InvoiceTax(state, tax.sgst_paise)]
