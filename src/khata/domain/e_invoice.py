"""E-invoices: a document in the form INV-01 that the invoice registration portal takes.

Whose turnover obliges them registers documents for registered buyers and exports there; those for
consumers are not taken. The names of the fields are the portal's (schema version 1.1), its amounts
are rupees with two decimals.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated

from msgspec import Meta, Raw, Struct

from khata.domain.invoice import DocumentLine, InvoiceDocument
from khata.domain.parties import Buyer, Seller
from khata.domain.states import ABROAD

Hundredths = Annotated[Raw, Meta(extra_json_schema={"type": "number"})]
"""A number with two decimals, as it will stand in the JSON."""

_PIN = re.compile(r"\b([1-9]\d{2}) ?(\d{3})\b", re.ASCII)
_PIN_ABROAD = 999_999
_UNREGISTERED = "URP"
_LONGEST_LINE = 100
_LONGEST_PLACE = 50


class NotRegistrable(Struct, frozen=True):
    """Why the portal would not take the document."""

    reason: str


class TransactionDetails(Struct, frozen=True, kw_only=True, rename="pascal"):
    """What kind of supply it is: B2B, or an export with or without payment of tax."""

    tax_sch: str = "GST"
    sup_typ: str
    reg_rev: str = "N"
    igst_on_intra: str = "N"


class DocumentDetails(Struct, frozen=True, rename="pascal"):
    """INV or CRN, the number, and the day as dd/mm/yyyy."""

    typ: str
    no: str
    dt: str


class PartyDetails(Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True):
    """The seller or the buyer. `pos` is the place of supply, of a buyer only."""

    gstin: str
    lgl_nm: str
    trd_nm: str | None = None
    pos: str | None = None
    addr1: str
    addr2: str | None = None
    loc: str
    pin: int
    stcd: str
    em: str | None = None


class EInvoiceItem(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A line; all of ours are services."""

    sl_no: str
    prd_desc: str
    is_servc: str = "Y"
    hsn_cd: str
    unit_price: Hundredths
    tot_amt: Hundredths
    ass_amt: Hundredths
    gst_rt: Hundredths
    igst_amt: Hundredths
    cgst_amt: Hundredths
    sgst_amt: Hundredths
    tot_item_val: Hundredths


class ValueDetails(Struct, frozen=True, rename="pascal"):
    """The sums over all lines, the round-off, and the total."""

    ass_val: Hundredths
    cgst_val: Hundredths
    sgst_val: Hundredths
    igst_val: Hundredths
    rnd_off_amt: Hundredths
    tot_inv_val: Hundredths


class PrecedingDocument(Struct, frozen=True, rename="pascal"):
    """The invoice that a credit note reduces."""

    inv_no: str
    inv_dt: str


class References(Struct, frozen=True, rename="pascal"):
    """What the document refers to."""

    prec_doc_dtls: Sequence[PrecedingDocument]


class ExportDetails(Struct, frozen=True, rename="pascal"):
    """Where an export goes, by ISO 3166."""

    cnt_code: str


class EInvoice(Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True):
    """The whole of INV-01."""

    # Defaults are left out, and this one must be there.
    version: str
    tran_dtls: TransactionDetails
    doc_dtls: DocumentDetails
    seller_dtls: PartyDetails
    buyer_dtls: PartyDetails
    item_list: Sequence[EInvoiceItem]
    val_dtls: ValueDetails
    ref_dtls: References | None = None
    exp_dtls: ExportDetails | None = None


def e_invoice(document: InvoiceDocument) -> EInvoice | NotRegistrable:
    """The document for the portal, or why it has no place there."""
    seller = _seller(document.seller)
    if isinstance(seller, NotRegistrable):
        return seller
    buyer = _buyer(document)
    if isinstance(buyer, NotRegistrable):
        return buyer
    original, is_export = document.original, document.place.supply == "export"
    preceding = original and PrecedingDocument(original.number, _day(original.issued_on))
    supply = ("EXPWP" if document.gst_bps else "EXPWOP") if is_export else "B2B"
    return EInvoice(
        version="1.1",
        tran_dtls=TransactionDetails(sup_typ=supply),
        doc_dtls=DocumentDetails(
            "CRN" if original else "INV", document.number, _day(document.issued_on)
        ),
        seller_dtls=seller,
        buyer_dtls=buyer,
        item_list=[_item(document, place, line) for place, line in enumerate(document.lines, 1)],
        val_dtls=_values(document),
        ref_dtls=References([preceding]) if preceding else None,
        exp_dtls=ExportDetails(document.buyer.country) if is_export else None,
    )


def _seller(seller: Seller) -> PartyDetails | NotRegistrable:
    if seller.gstin is None:
        return NotRegistrable("The seller has no GSTIN.")
    found = _located("seller", seller.address)
    if isinstance(found, NotRegistrable):
        return found
    place, pin = found
    return PartyDetails(
        gstin=seller.gstin,
        lgl_nm=seller.legal_name[:_LONGEST_LINE],
        trd_nm=seller.trade_name,
        addr1=seller.address[0][:_LONGEST_LINE],
        addr2=_rest(seller.address),
        loc=place,
        pin=pin,
        stcd=seller.state_code,
        em=seller.email,
    )


def _buyer(document: InvoiceDocument) -> PartyDetails | NotRegistrable:
    buyer, place = document.buyer, document.place
    lines = tuple(line.strip() for line in buyer.address.splitlines() if line.strip())
    if place.supply == "export":
        return _of_abroad(buyer, lines)
    if buyer.gstin is None:
        return NotRegistrable("The buyer is not registered: only their kind is reported there.")
    found = _located("buyer", lines)
    if isinstance(found, NotRegistrable):
        return found
    location, pin = found
    return PartyDetails(
        gstin=buyer.gstin,
        lgl_nm=buyer.name[:_LONGEST_LINE],
        pos=place.state_code,
        addr1=lines[0][:_LONGEST_LINE],
        addr2=_rest(lines),
        loc=location,
        pin=pin,
        stcd=place.state_code,
        em=buyer.email or None,
    )


def _of_abroad(buyer: Buyer, lines: Sequence[str]) -> PartyDetails | NotRegistrable:
    if not lines:
        return NotRegistrable("The buyer's address is not known.")
    return PartyDetails(
        gstin=_UNREGISTERED,
        lgl_nm=buyer.name[:_LONGEST_LINE],
        pos=ABROAD,
        addr1=lines[0][:_LONGEST_LINE],
        addr2=_rest(lines),
        loc=lines[-1][:_LONGEST_PLACE],
        pin=_PIN_ABROAD,
        stcd=ABROAD,
        em=buyer.email or None,
    )


def _located(whose: str, lines: Sequence[str]) -> tuple[str, int] | NotRegistrable:
    """The place and its PIN code, from the last line that has one."""
    for number in range(len(lines) - 1, -1, -1):
        found = _PIN.search(lines[number])
        if found:
            named = lines[number][: found.start()].strip(" ,-–")  # noqa: RUF001 - people write both
            before = lines[number - 1] if number else ""
            place = named or before or lines[number]
            return place[:_LONGEST_PLACE], int(found[1] + found[2])
    return NotRegistrable(f"The {whose}'s address has no PIN code.")


def _rest(lines: Sequence[str]) -> str | None:
    return ", ".join(lines[1:])[:_LONGEST_LINE] or None


def _item(document: InvoiceDocument, place: int, line: DocumentLine) -> EInvoiceItem:
    tax, value = line.tax, _hundredths(line.tax.taxable_paise)
    return EInvoiceItem(
        sl_no=str(place),
        prd_desc=f"{line.description}: {line.note}" if line.note else line.description,
        hsn_cd=line.sac,
        unit_price=value,
        tot_amt=value,
        ass_amt=value,
        gst_rt=_hundredths(document.gst_bps),
        igst_amt=_hundredths(tax.igst_paise),
        cgst_amt=_hundredths(tax.cgst_paise),
        sgst_amt=_hundredths(tax.sgst_paise),
        tot_item_val=_hundredths(tax.total_paise),
    )


def _values(document: InvoiceDocument) -> ValueDetails:
    tax = document.tax
    return ValueDetails(
        _hundredths(tax.taxable_paise),
        _hundredths(tax.cgst_paise),
        _hundredths(tax.sgst_paise),
        _hundredths(tax.igst_paise),
        _hundredths(document.round_off_paise),
        _hundredths(document.total_paise),
    )


def _hundredths(number: int) -> Raw:
    """Paise as rupees, or basis points as percent."""
    whole, rest = divmod(abs(number), 100)
    sign = "-" if number < 0 else ""
    return Raw(f"{sign}{whole}.{rest:02}".encode())


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
