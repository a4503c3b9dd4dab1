"""The form INV-01: what the portal asks for, in its own words and numbers."""

import msgspec
import pytest
from msgspec.structs import replace

from billed import BUYER, SELLER, credited, issued
from khata.domain.e_invoice import EInvoice, NotRegistrable, e_invoice
from khata.domain.invoice import InvoiceDocument
from khata.domain.parties import Buyer

REGISTERED = Buyer(
    name="Umbrella Analytics LLP",
    email="ap@umbrella.example",
    address="801 Peninsula Towers\nLower Parel, Mumbai - 400 013",
    gstin="27AAPFU0939F1ZV",
)
ABROAD = Buyer(name="Acme Inc", address="1 Main Street\nSpringfield", country="US")

encode = msgspec.json.Encoder(decimal_format="number").encode


def form(document: InvoiceDocument) -> dict[str, dict[str, object]]:
    made = e_invoice(document)
    assert isinstance(made, EInvoice), made
    return msgspec.json.decode(encode(made))


def test_the_invoice_of_a_registered_buyer() -> None:
    made = form(issued(REGISTERED))
    assert made["TranDtls"] == {
        "TaxSch": "GST",
        "SupTyp": "B2B",
        "RegRev": "N",
        "IgstOnIntra": "N",
    }
    assert made["DocDtls"] == {"Typ": "INV", "No": "CR/26-27/0000007", "Dt": "26/11/2026"}
    assert made["SellerDtls"] == {
        "Gstin": "29AAGCB7383J1Z4",
        "LglNm": "Khata Labs Private Limited",
        "Addr1": "1 Residency Road",
        "Addr2": "Bengaluru 560025",
        "Loc": "Bengaluru",
        "Pin": 560_025,
        "Stcd": "29",
    }
    assert made["BuyerDtls"] == {
        "Gstin": "27AAPFU0939F1ZV",
        "LglNm": "Umbrella Analytics LLP",
        "Pos": "27",
        "Addr1": "801 Peninsula Towers",
        "Addr2": "Lower Parel, Mumbai - 400 013",
        "Loc": "Lower Parel, Mumbai",
        "Pin": 400_013,
        "Stcd": "27",
        "Em": "ap@umbrella.example",
    }
    assert "RefDtls" not in made
    assert "ExpDtls" not in made


def test_amounts_are_rupees_with_two_decimals_that_add_up() -> None:
    made = encode(e_invoice(issued(REGISTERED))).decode()
    assert '"ValDtls":{"AssVal":510.17,"CgstVal":0.00,"SgstVal":0.00,"IgstVal":91.83,' in made
    assert '"RndOffAmt":0.00,"TotInvVal":602.00}' in made
    assert '"UnitPrice":10.17,"TotAmt":10.17,"AssAmt":10.17,"GstRt":18.00,"IgstAmt":1.83' in made
    within = encode(e_invoice(issued(replace(REGISTERED, gstin=SELLER.gstin)))).decode()
    assert '"CgstVal":45.92,"SgstVal":45.92,"IgstVal":0.00,"RndOffAmt":-0.01' in within


def test_a_credit_note_names_the_invoice_it_reduces() -> None:
    made = form(credited(issued(REGISTERED), used=2_000))
    assert made["DocDtls"]["Typ"] == "CRN"
    assert made["RefDtls"] == {
        "PrecDocDtls": [{"InvNo": "CR/26-27/0000007", "InvDt": "26/11/2026"}]
    }


@pytest.mark.parametrize(("lut", "supply"), [(None, "EXPWP"), ("AD290326000001X", "EXPWOP")])
def test_an_export_is_with_or_without_payment_of_tax(lut: str | None, supply: str) -> None:
    made = form(issued(ABROAD, replace(SELLER, lut_arn=lut)))
    assert made["TranDtls"]["SupTyp"] == supply
    assert made["ExpDtls"] == {"CntCode": "US"}
    shown = {name: made["BuyerDtls"][name] for name in ("Gstin", "Pos", "Stcd", "Pin", "Loc")}
    assert shown == {
        "Gstin": "URP",
        "Pos": "96",
        "Stcd": "96",
        "Pin": 999_999,
        "Loc": "Springfield",
    }


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (issued(BUYER), "The buyer is not registered"),
        (issued(REGISTERED, replace(SELLER, gstin=None)), "The seller has no GSTIN"),
        (issued(REGISTERED, replace(SELLER, address=("Here",))), "The seller's address has no PIN"),
        (issued(replace(REGISTERED, address="Mumbai")), "The buyer's address has no PIN"),
        (issued(replace(ABROAD, address="")), "The buyer's address is not known"),
    ],
)
def test_what_the_portal_would_not_take_is_told(document: InvoiceDocument, reason: str) -> None:
    refused = e_invoice(document)
    assert isinstance(refused, NotRegistrable)
    assert refused.reason.startswith(reason)
