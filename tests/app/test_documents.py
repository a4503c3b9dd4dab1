"""Invoices and credit notes on paper: the figures are on the page, and what is written is text."""

import re
import sys
from collections.abc import Callable
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from msgspec.structs import replace
from pypdf import PdfReader
from structlog.testing import capture_logs

from billed import BUYER, SELLER, credited, issued
from khata.app.documents.page import document_html
from khata.app.documents.pdf import PdfUnavailable, document_pdf, is_pdf_available
from khata.app.documents.printed import Copy, file_name, printed
from khata.domain.invoice import InvoiceDocument
from khata.domain.parties import EXAMPLE_SELLER, Buyer

Page = Callable[..., str]
REGISTERED = Buyer(
    name="Umbrella Analytics LLP",
    email="ap@umbrella.example",
    address="801 Peninsula Towers\nMumbai 400013",
    gstin="27AAPFU0939F1ZV",
)
ABROAD = Buyer(name="Acme “Ünïcode” Inc", address="1 Main Street\nSpringfield", country="US")
MARKUP = '#panic("x") *bold* _it_ $x^2$ @ref <b>&amp;</b> `code` \\ // #include "a" ={}'


def pdf_text(document: InvoiceDocument, copy: Copy = "original") -> str:
    return text_of(document_pdf(document, copy))


def text_of(pdf: bytes) -> str:
    """What a reader copies from the pages, on one line."""
    pages = PdfReader(BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def html_text(document: InvoiceDocument, copy: Copy = "original") -> str:
    """What stands between the tags, on one line."""
    _, _, body = document_html(document, copy).partition("<body>")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture(params=[pdf_text, html_text], ids=["pdf", "html"])
def page(request: pytest.FixtureRequest) -> Page:
    """How the page is read, in both forms."""
    return request.param


def assert_all_on(text: str, *expected: str) -> None:
    missing = [words for words in expected if words not in text]
    assert not missing, f"not on the page: {missing}\n{text}"


def test_an_invoice_has_what_the_law_wants(page: Page) -> None:
    assert_all_on(
        page(issued()),
        "Tax Invoice",
        "ORIGINAL FOR RECIPIENT",
        "CR/26-27/0000007",
        "26 November 2026",
        "Khata Labs Private Limited",
        "29AAGCB7383J1Z4",
        "Asha Rao",
        "12 MG Road",
        "Place of supply Karnataka (29)",
        "Tax payable on reverse charge No",
        "998315",
        "5,500 credits incl. 500 bonus",
        "CGST 9% SGST 9%",
        "500.00 45.00 45.00 590.00",
        "10.17 0.92 0.92 12.01",
        "Taxable value 510.17 CGST 9% 45.92 SGST 9% 45.92 Round-off −0.01",  # noqa: RUF001
        "Total paid ₹602.00",
        "Six Hundred and Two Rupees Only",
        "Paid by UPI",
        "pay_IH4NVgf4Dreq1l",
        "ord_1",
        "wal_1",
        "Issued electronically; no signature is required.",
    )


def test_a_registered_buyer_of_another_state_pays_integrated_tax(page: Page) -> None:
    text = page(issued(REGISTERED))
    assert_all_on(text, "27AAPFU0939F1ZV", "Maharashtra (27)", "IGST 18%", "91.83", "₹602.00")
    assert "CGST" not in text


def test_a_union_territory_has_its_own_tax(page: Page) -> None:
    seller = replace(SELLER, state_code="38", gstin=None)
    text = page(issued(replace(BUYER, state_code="38"), seller))
    assert_all_on(text, "CGST 9% UTGST 9%", "Ladakh (38)")


def test_an_export_says_so(page: Page) -> None:
    text = page(issued(ABROAD, replace(SELLER, lut_arn="AD290326000001X")))
    assert_all_on(
        text,
        "Acme “Ünïcode” Inc",
        "Country US",
        "Foreign Country (96)",
        "IGST 0%",
        "Total paid ₹510.00",
        "WITHOUT PAYMENT OF INTEGRATED TAX (LUT ARN AD290326000001X)",
    )


def test_a_credit_note_names_its_invoice(page: Page) -> None:
    text = page(credited(issued(), used=2_000))
    assert_all_on(
        text,
        "Credit Note",
        "CN/26-27/0000001",
        "Against invoice CR/26-27/0000007",
        "3,500 credits taken back",
        "300.00 27.00 27.00 354.00",
        "Total credited ₹354.00",
        "Three Hundred and Fifty-Four Rupees Only",
        "Reason Not needed",
        "rfnd_FP8QHiV938haTz",
    )
    assert "Platform fee" not in text


def test_the_supplier_keeps_a_copy(page: Page) -> None:
    text = page(issued(), "duplicate")
    assert "DUPLICATE FOR SUPPLIER" in text
    assert "ORIGINAL" not in text


def test_what_is_no_tax_invoice_does_not_look_like_one(page: Page) -> None:
    text = page(issued(Buyer(name="Asha Rao"), EXAMPLE_SELLER, is_test=True))
    assert_all_on(text, "TEST MODE", "GSTIN is not set", "place of supply is taken to be")
    assert "Tax Invoice" not in text


def test_what_a_buyer_writes_is_text_and_no_markup(page: Page) -> None:
    buyer = Buyer(name=MARKUP, email="a@b.in", address=f"{MARKUP}\n{MARKUP}", state_code="29")
    assert page(issued(buyer)).count(MARKUP) == 3


def test_a_long_name_and_address_wrap_and_nothing_is_lost(page: Page) -> None:
    words = [f"word{number}" for number in range(25)]
    address = "\n".join(f"line{number} of a long address in the hills" for number in range(8))
    text = page(issued(Buyer(name=" ".join(words), address=address, state_code="12")))
    assert_all_on(text, *words, *address.splitlines(), "Total paid ₹602.00")


def test_a_word_without_end_is_broken_within_its_column() -> None:
    name, email = "W" * 200, f"{'m' * 240}@example.in"
    [page] = PdfReader(BytesIO(document_pdf(issued(replace(BUYER, name=name, email=email))))).pages
    lines = page.extract_text().replace("\u200b", "").splitlines()
    assert name in "".join(lines)
    assert email in "".join(lines)
    assert max(line.count("W") for line in lines) < 30


def test_a_page_has_nothing_of_elsewhere_and_runs_nothing() -> None:
    html = document_html(issued(Buyer(name="<script>alert(1)</script>", state_code="29")))
    assert html.startswith("<!doctype html>")
    assert not re.search(r"<script|https?://|url\(|@import|\son\w+=|<img|<link", html)


def test_a_pdf_has_the_same_bytes_every_time_and_says_what_it_is() -> None:
    first = document_pdf(issued())
    assert document_pdf(issued()) == first
    metadata = PdfReader(BytesIO(first)).metadata
    assert metadata is not None
    assert metadata.title == "Tax Invoice CR/26-27/0000007"
    assert metadata.author == "Khata Labs Private Limited"
    assert b"<pdfaid:part>2</pdfaid:part>" in first
    assert document_pdf(issued(), "duplicate") != first


def test_a_script_without_a_font_is_told_and_the_page_is_made_all_the_same(
    tmp_path: Path,
) -> None:
    document = issued(replace(BUYER, name="தமிழ்"))
    with capture_logs() as logs:
        pdf = document_pdf(document, fonts=tmp_path)
    assert "₹602.00" in text_of(pdf)
    assert [(line["event"], line["number"]) for line in logs] == [
        ("document_glyph_missing", "CR/26-27/0000007")
    ]
    assert "தமிழ்" in html_text(document)


def test_without_typst_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_pdf_available()
    monkeypatch.setitem(sys.modules, "typst", None)
    assert not is_pdf_available()
    with pytest.raises(PdfUnavailable, match=re.escape("pip install 'khata[pdf]'")):
        document_pdf(issued())
    assert "₹602.00" in html_text(issued())


@pytest.mark.parametrize(
    ("gst_bps", "columns"),
    [
        (1_800, ("CGST 9%", "SGST 9%")),
        (500, ("CGST 2.5%", "SGST 2.5%")),
        (25, ("CGST 0.125%", "SGST 0.125%")),
    ],
)
def test_rates_are_printed_exactly(gst_bps: int, columns: tuple[str, str]) -> None:
    document = replace(issued(), gst_bps=gst_bps)
    assert printed(document).columns == ("Taxable value", *columns, "Amount")


def test_a_method_without_a_name_of_ours_is_printed_as_it_is() -> None:
    texts = printed(replace(issued(), payment_method="emandate"))
    assert texts.references[0].value == "emandate"


def test_the_name_of_the_file_is_the_number() -> None:
    assert file_name(issued(), "pdf") == "CR-26-27-0000007.pdf"
