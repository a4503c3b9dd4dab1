"""Invoices and credit notes: their numbers, what they print, and that they last."""

from datetime import date

import msgspec
import pytest

from billed import SELLER, credited, issued
from khata.domain.invoice import WITH_TAX, WITHOUT_TAX, Original, decoded, encoded
from khata.domain.invoice_number import (
    DocumentKind,
    document_number,
    financial_year,
    issue_date,
    series_of,
)
from khata.domain.parties import Buyer
from khata.domain.times import microseconds


@pytest.mark.parametrize(
    ("at", "day", "year"),
    [
        ("2026-03-31T18:29:59.999999Z", date(2026, 3, 31), "25-26"),
        ("2026-03-31T18:30:00Z", date(2026, 4, 1), "26-27"),  # midnight in India
        ("2026-12-31T18:30:00Z", date(2027, 1, 1), "26-27"),
        ("2099-04-01T12:00:00Z", date(2099, 4, 1), "99-00"),
    ],
)
def test_the_day_and_the_financial_year_are_indias(at: str, day: date, year: str) -> None:
    assert issue_date(microseconds(at)) == day
    assert financial_year(microseconds(at)) == year


@pytest.mark.parametrize(
    ("kind", "serial", "number"),
    [
        ("invoice", 1, "CR/26-27/0000001"),
        ("credit_note", 42, "CN/26-27/0000042"),
        ("invoice", 9_999_999, "CR/26-27/9999999"),
    ],
)
def test_numbers(kind: DocumentKind, serial: int, number: str) -> None:
    assert document_number(kind, "26-27", serial) == number
    assert len(number) == 16
    assert number.startswith(series_of(kind))


@pytest.mark.parametrize("serial", [0, -1, 10_000_000])
def test_a_serial_that_does_not_fit_is_refused(serial: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        document_number("invoice", "26-27", serial)


def test_an_invoice_within_the_state() -> None:
    document = issued()
    assert (document.number, document.issued_on) == ("CR/26-27/0000007", date(2026, 11, 26))
    assert (document.place_name, document.is_utgst) == ("Karnataka (29)", False)
    assert [(line.description, line.note, line.sac) for line in document.lines] == [
        ("Prepaid credits", "5,500 credits incl. 500 bonus", "998315"),
        ("Platform fee", "", "998315"),
    ]
    tax = document.tax
    assert (tax.taxable_paise, tax.cgst_paise, tax.sgst_paise) == (51_017, 4_592, 4_592)
    assert (document.round_off_paise, document.total_paise) == (-1, 60_200)
    assert tax.payable_paise == document.total_paise
    assert document.total_in_words == "Six Hundred and Two Rupees Only"
    assert (document.reverse_charge, document.statements) == (False, ())


def test_the_state_of_the_gstin_is_the_place_of_supply() -> None:
    buyer = Buyer(name="Umbrella LLP", gstin="27AAPFU0939F1ZV")
    document = issued(buyer)
    assert (document.place_name, document.tax.igst_paise) == ("Maharashtra (27)", 9_183)
    assert document.buyer.is_registered
    assert not issued().buyer.is_registered


@pytest.mark.parametrize(
    ("lut", "total", "igst", "statement"),
    [
        (None, 60_200, 9_183, WITH_TAX),
        ("AD290326000001X", 51_000, 0, f"{WITHOUT_TAX} (LUT ARN AD290326000001X)"),
    ],
)
def test_exports_say_what_the_law_wants(
    lut: str | None, total: int, igst: int, statement: str
) -> None:
    seller = msgspec.structs.replace(SELLER, lut_arn=lut)
    document = issued(Buyer(name="Acme Inc", address="1 Main St", country="US"), seller)
    assert (document.total_paise, document.tax.igst_paise) == (total, igst)
    assert document.place_name == "Foreign Country (96)"
    assert document.statements == (statement,)


def test_a_document_says_what_it_is_not() -> None:
    seller = msgspec.structs.replace(SELLER, gstin=None)
    document = issued(Buyer(name="Asha Rao"), seller, is_test=True)
    assert document.is_test
    assert [statement.split(":")[0] for statement in document.statements] == [
        "Test mode",
        "The seller's GSTIN is not set",
        "The buyer gave no address",
    ]


def test_a_credit_note_reduces_its_invoice() -> None:
    billed = issued(Buyer(name="Umbrella LLP", gstin="27AAPFU0939F1ZV"))
    note = credited(billed, used=2_000, serial=3)
    assert (note.kind, note.number) == ("credit_note", "CN/26-27/0000003")
    assert note.original == Original(billed.number, billed.issued_on)
    assert (note.tax.taxable_paise, note.tax.igst_paise, note.total_paise) == (
        30_000,
        5_400,
        35_400,
    )
    assert [(line.description, line.note) for line in note.lines] == [
        ("Prepaid credits, refunded", "3,500 credits taken back")
    ]
    assert (note.seller, note.buyer, note.place) == (billed.seller, billed.buyer, billed.place)
    assert note.total_in_words == "Three Hundred and Fifty-Four Rupees Only"
    assert (note.credits, note.bonus_credits, note.reason) == (3_500, 0, "Not needed")


def test_a_cancelled_purchase_is_credited_whole() -> None:
    billed = issued()
    note = credited(billed, used=0)
    assert note.tax == billed.tax
    assert note.total_paise == billed.total_paise
    assert [line.description for line in note.lines] == [
        "Prepaid credits, refunded",
        "Platform fee",
    ]


def test_documents_last_as_text() -> None:
    billed = issued(Buyer(name="“Ünïcode” भारत\\", address="1\n2", state_code="38"), is_test=True)
    for document in (billed, credited(billed, used=0)):
        assert decoded(encoded(document)) == document
    with pytest.raises(msgspec.ValidationError):
        decoded('{"kind": "bill"}')
