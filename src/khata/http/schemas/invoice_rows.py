"""Invoices and credit notes as rows of CSV, for those who keep books. Money is in rupees there."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from khata.http.csv_rows import plain
from khata.postgres.invoices import Invoice

COLUMNS: Final = (
    "number",
    "kind",
    "issued_on",
    "reduces",
    "buyer",
    "buyer_gstin",
    "place_of_supply",
    "taxable_value",
    "igst",
    "cgst",
    "sgst_or_utgst",
    "round_off",
    "total",
    "currency",
    "credits",
    "order_id",
    "payment_id",
    "refund_id",
    "id",
)


def invoice_cells(issued: Invoice) -> Sequence[object]:
    """What stands on the document. A credit note's figures are what it gives back."""
    document = issued.document
    tax, buyer, original = document.tax, document.buyer, document.original
    return (
        document.number,
        document.kind,
        document.issued_on.isoformat(),
        original and original.number,
        plain(buyer.name),
        buyer.gstin,
        document.place.state_code,
        _rupees(tax.taxable_paise),
        _rupees(tax.igst_paise),
        _rupees(tax.cgst_paise),
        _rupees(tax.sgst_paise),
        _rupees(document.round_off_paise),
        _rupees(document.total_paise),
        "INR",
        document.credits,
        document.order_id,
        document.payment_id,
        document.refund_id,
        issued.id,
    )


def _rupees(paise: int) -> Decimal:
    return Decimal(paise).scaleb(-2)
