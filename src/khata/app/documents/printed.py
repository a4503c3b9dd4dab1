"""A document as the words and figures that stand on the page, the same for HTML and PDF."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from msgspec import Struct

from khata.domain.invoice import InvoiceDocument
from khata.domain.money import in_rupees
from khata.domain.parties import Buyer, Seller
from khata.domain.place_of_supply import HOME
from khata.domain.states import STATES
from khata.domain.tax import TaxLine, TaxLines

Copy = Literal["original", "duplicate"]

_COPIES: dict[Copy, str] = {
    "original": "ORIGINAL FOR RECIPIENT",
    "duplicate": "DUPLICATE FOR SUPPLIER",
}
_METHODS = {
    "upi": "UPI",
    "debit": "Debit card",
    "credit": "Credit card",
    "netbanking": "Net banking",
    "wallet": "Wallet",
}
_ISSUED_ELECTRONICALLY = "Issued electronically; no signature is required."


class Fact(Struct, frozen=True):
    """A label and what it says."""

    label: str
    value: str


class Party(Struct, frozen=True):
    """The seller or the buyer: a name, lines below it, and registrations."""

    heading: str
    name: str
    lines: tuple[str, ...]
    facts: tuple[Fact, ...]


class Row(Struct, frozen=True):
    """A line of the table. `figures` stand under `Printed.columns`."""

    description: str
    note: str
    sac: str
    figures: tuple[str, ...]


class Printed(Struct, frozen=True, kw_only=True):
    """All texts of the page, in order."""

    title: str
    copy: str
    logo: str
    number: str
    identity: tuple[Fact, ...]
    seller: Party
    buyer: Party
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    sums: tuple[Fact, ...]
    total: Fact
    words: Fact
    references: tuple[Fact, ...]
    statements: tuple[str, ...]
    terms: tuple[str, ...]
    footer: str
    is_test: bool


def printed(document: InvoiceDocument, copy: Copy = "original") -> Printed:
    """The texts of one of the two copies that the law wants."""
    tax, seller = document.tax, document.seller
    is_note = document.kind == "credit_note"
    title = "Credit Note" if is_note else "Tax Invoice" if seller.gstin else "Invoice"
    return Printed(
        title=title,
        copy=_COPIES[copy],
        logo=seller.logo or seller.trade_name or seller.legal_name,
        number=document.number,
        identity=tuple(_identity(document)),
        seller=_seller(seller),
        buyer=_buyer(document.buyer),
        columns=("Taxable value", *(label for label, _ in _taxes(document, tax)), "Amount"),
        rows=tuple(
            Row(line.description, line.note, line.sac, _figures(document, line.tax))
            for line in document.lines
        ),
        sums=tuple(_sums(document, tax)),
        total=Fact(
            "Total credited" if is_note else "Total paid", f"₹{_money(document.total_paise)}"
        ),
        words=Fact("Amount in words", document.total_in_words),
        references=tuple(_references(document)),
        statements=document.statements,
        terms=seller.terms,
        footer=_ISSUED_ELECTRONICALLY,
        is_test=document.is_test,
    )


def file_name(document: InvoiceDocument, suffix: str) -> str:
    """The number as a name of a file: ``CR-26-27-0000001.pdf``."""
    return f"{document.number.replace('/', '-')}.{suffix}"


def _identity(document: InvoiceDocument) -> Iterator[Fact]:
    is_note = document.kind == "credit_note"
    yield Fact("Credit note number" if is_note else "Invoice number", document.number)
    yield Fact("Date of issue", _day(document.issued_on))
    yield Fact("Place of supply", document.place_name)
    if document.original:
        yield Fact("Against invoice", document.original.number)
        yield Fact("Date of that invoice", _day(document.original.issued_on))
    yield Fact("Tax payable on reverse charge", "Yes" if document.reverse_charge else "No")


def _seller(seller: Seller) -> Party:
    contact = (seller.email, seller.phone, seller.website)
    return Party(
        "Supplier",
        seller.legal_name,
        (*seller.address, *(text for text in contact if text)),
        _given(
            ("GSTIN", seller.gstin),
            ("State", _state(seller.state_code)),
            ("PAN", seller.pan),
            ("CIN", seller.cin),
        ),
    )


def _buyer(buyer: Buyer) -> Party:
    address = [line.strip() for line in buyer.address.splitlines()]
    return Party(
        "Recipient",
        buyer.name,
        tuple(line for line in (*address, buyer.email) if line),
        _given(
            ("GSTIN", buyer.gstin),
            ("State", _state(buyer.state_code)),
            ("Country", buyer.country if buyer.country != HOME else None),
        ),
    )


def _given(*facts: tuple[str, str | None]) -> tuple[Fact, ...]:
    return tuple(Fact(label, value) for label, value in facts if value)


def _taxes(document: InvoiceDocument, tax: TaxLine | TaxLines) -> tuple[tuple[str, int], ...]:
    """The columns of taxes, with their amounts of a line or of all."""
    bps = document.gst_bps
    if document.place.supply != "intra":
        return ((f"IGST {_percent(bps)}", tax.igst_paise),)
    half = _percent(bps, parts=2)
    state = "UTGST" if document.is_utgst else "SGST"
    return ((f"CGST {half}", tax.cgst_paise), (f"{state} {half}", tax.sgst_paise))


def _figures(document: InvoiceDocument, line: TaxLine) -> tuple[str, ...]:
    taxes = (amount for _, amount in _taxes(document, line))
    return tuple(_money(paise) for paise in (line.taxable_paise, *taxes, line.total_paise))


def _sums(document: InvoiceDocument, tax: TaxLines) -> Iterator[Fact]:
    yield Fact("Taxable value", _money(tax.taxable_paise))
    for label, amount in _taxes(document, tax):
        yield Fact(label, _money(amount))
    yield Fact("Round-off", _money(document.round_off_paise))


def _references(document: InvoiceDocument) -> Iterator[Fact]:
    method = _METHODS.get(document.payment_method, document.payment_method)
    if document.kind == "credit_note":
        if document.reason:
            yield Fact("Reason", document.reason)
        yield Fact("Refunded to", method)
        if document.reference:
            yield Fact("Refund reference", document.reference)
        yield Fact("Refund", document.refund_id or "")
    else:
        yield Fact("Paid by", method)
        yield Fact("Payment reference", document.reference)
    yield Fact("Order", document.order_id)
    yield Fact("Wallet", document.wallet_id)


def _state(code: str | None) -> str | None:
    state = STATES.get(code or "")
    return state.label if state else code


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _money(paise: int) -> str:
    return in_rupees(paise).replace("-", "−")  # noqa: RUF001 - a minus, as wide as a digit


def _percent(bps: int, parts: int = 1) -> str:
    """Basis points, or an equal part of them, as ``18%`` or ``2.25%``."""
    whole, thousandths = divmod(bps * 10 // parts, 1_000)
    return f"{whole}.{thousandths:03}".rstrip("0").rstrip(".") + "%"
