"""Invoices over HTTP: issued with the capture, told in JSON, given as PDF and as a page."""

import csv
import re
import sys
from collections.abc import Callable
from html import unescape
from io import BytesIO, StringIO

import pytest
from pypdf import PdfReader

from bank import Bank
from desk import Clock
from served import Api, Json, Product

PRO = {"pack_id": "pro", "payment_method": "upi", "simulate": {"outcome": "success"}}
NOBODY = "inv_01K9Z3NDEKTSV4RRFFQ69G5FAV"
BUYER = {
    "name": "Umbrella <b>Analytics</b> & Sons LLP",
    "email": "ap@umbrella.example",
    "address": "801 Peninsula Towers\nMumbai 400013",
    "state_code": "27",
    "gstin": "27AAPFU0939F1ZV",
}


@pytest.fixture
def bought(product: Product, api: Api) -> Callable[..., Json]:
    """Buys for a wallet, and gives the invoice."""

    def buy(wallet_id: str, **body: object) -> Json:
        placed = api.post(f"/v1/wallets/{wallet_id}/orders", {**PRO, **body})
        product.settle()
        order = api.get(f"/v1/wallets/{wallet_id}/orders/{placed['id']}")
        assert order["status"] == "paid"
        return api.get(f"/v1/invoices/{order['invoice_id']}")

    return buy


def pdf_text(content: bytes) -> str:
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def exported(api: Api, wallet_id: str) -> list[Json]:
    answer = api.ask("GET", f"/v1/wallets/{wallet_id}/invoices.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(StringIO(answer.text)))


def test_a_paid_order_has_its_invoice(api: Api, bought: Callable[..., Json]) -> None:
    wallet_id = api.new_wallet()
    invoice = bought(wallet_id, buyer={"name": "Asha Rao", "state_code": "29"})
    (order,) = api.get(f"/v1/wallets/{wallet_id}/orders")["data"]
    assert re.fullmatch(r"CR/26-27/\d{7}", invoice["number"])
    shown = {name: invoice[name] for name in ("kind", "order_id", "payment_id", "wallet_id")}
    assert shown == {
        "kind": "invoice",
        "order_id": order["id"],
        "payment_id": order["payment_id"],
        "wallet_id": wallet_id,
    }
    transaction = api.get(f"/v1/wallets/{wallet_id}/transactions/{order['transaction_id']}")
    assert invoice["issued_at"] == transaction["created_at"]
    assert invoice["totals"] == {
        "taxable_amount": 51_017,
        "tax": 9_184,
        "round_off": -1,
        "total": 60_200,
    }
    assert invoice["taxes"] == [
        {"name": "CGST", "amount": 4_592},
        {"name": "SGST", "amount": 4_592},
    ]
    assert [line["description"] for line in invoice["lines"]] == ["Prepaid credits", "Platform fee"]
    assert invoice["total_in_words"] == "Six Hundred and Two Rupees Only"
    assert (invoice["credits"], invoice["bonus_credits"]) == (5_500, 500)
    assert invoice["place_of_supply"]["name"] == "Karnataka (29)"
    assert invoice["is_test"]
    assert invoice["buyer"]["name"] == "Asha Rao"


@pytest.mark.parametrize(
    ("buyer", "taxes"),
    [
        ({"name": "Asha", "state_code": "27"}, ["IGST"]),
        ({"name": "Asha", "state_code": "38"}, ["IGST"]),
        ({"name": "Tan", "country": "SG"}, ["IGST"]),
        (None, ["CGST", "SGST"]),
    ],
)
def test_the_place_of_supply_decides_the_taxes(
    api: Api, bought: Callable[..., Json], buyer: Json | None, taxes: list[str]
) -> None:
    invoice = bought(api.new_wallet(), **({"buyer": buyer} if buyer else {}))
    assert [tax["name"] for tax in invoice["taxes"]] == taxes
    assert invoice["place_of_supply"]["assumed"] is (buyer is None)
    assert invoice["totals"]["total"] == 60_200


def test_the_pdf_has_the_figures_and_is_the_same_bytes_every_time(
    api: Api, bought: Callable[..., Json]
) -> None:
    invoice = bought(api.new_wallet(), buyer=BUYER)
    answer = api.ask("GET", invoice["urls"]["pdf"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    name = invoice["number"].replace("/", "-")
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.pdf"'
    text = pdf_text(answer.content)
    for expected in (
        invoice["number"],
        "ORIGINAL FOR RECIPIENT",
        "TEST MODE",
        "Umbrella <b>Analytics</b> & Sons LLP",
        "27AAPFU0939F1ZV",
        "Maharashtra (27)",
        "5,500 credits incl. 500 bonus",
        "500.00 90.00 590.00",
        "IGST 18% 91.83",
        "₹602.00",
        "Six Hundred and Two Rupees Only",
        invoice["order_id"],
        invoice["reference"],
    ):
        assert expected in text
    again = api.ask("GET", invoice["urls"]["pdf"])
    assert again.content == answer.content
    assert again.headers["etag"] == answer.headers["etag"]


def test_the_duplicate_says_so(api: Api, bought: Callable[..., Json]) -> None:
    pdf = bought(api.new_wallet())["urls"]["pdf"]
    original = api.ask("GET", pdf)
    duplicate = api.ask("GET", pdf, query={"copy": "duplicate"})
    assert "DUPLICATE FOR SUPPLIER" in pdf_text(duplicate.content)
    assert duplicate.headers["etag"] != original.headers["etag"]
    refused = api.ask("GET", pdf, query={"copy": "triplicate"})
    assert refused.json()["errors"][0]["field"] == "copy"


def test_the_page_takes_what_a_buyer_wrote_as_text(api: Api, bought: Callable[..., Json]) -> None:
    invoice = bought(api.new_wallet(), buyer=BUYER)
    answer = api.ask("GET", invoice["urls"]["html"])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<b>" not in answer.text
    assert "Umbrella <b>Analytics</b> & Sons LLP" in unescape(answer.text)
    assert invoice["number"] in answer.text


@pytest.mark.parametrize("form", ["pdf", "html"])
def test_a_document_that_is_there_is_not_sent_again(
    api: Api, bought: Callable[..., Json], form: str
) -> None:
    path = bought(api.new_wallet())["urls"][form]
    etag = api.ask("GET", path).headers["etag"]
    for named, status in ((etag, 304), (f'"x", W/{etag}', 304), ('"x"', 200)):
        answer = api.raw("GET", path, {b"If-None-Match": named.encode()})
        assert (answer.status_code, answer.headers["etag"]) == (status, etag)
        assert bool(answer.content) is (status == 200)


def test_a_refund_has_a_credit_note_against_the_invoice(
    product: Product, api: Api, bought: Callable[..., Json]
) -> None:
    wallet_id = api.new_wallet()
    invoice = bought(wallet_id, buyer={"name": "Asha Rao", "state_code": "29"})
    path = f"/v1/wallets/{wallet_id}/orders/{invoice['order_id']}/refund"
    begun = api.post(path, {"amount": 30_000, "reason": "Fewer people"})["refund"]
    product.settle()
    (refund,) = api.get(f"{path}s")["data"]
    note = api.get(f"/v1/invoices/{refund['credit_note_id']}")
    assert re.fullmatch(r"CN/26-27/\d{7}", note["number"])
    assert (note["kind"], note["refund_id"]) == ("credit_note", begun["id"])
    assert note["reduces"] == {name: invoice[name] for name in ("id", "number", "issued_on")}
    assert (invoice["credit_notes"], note["credit_notes"]) == ([], [])
    assert note["totals"] == {
        "taxable_amount": 30_000,
        "tax": 5_400,
        "round_off": 0,
        "total": refund["total"],
    }
    assert note["buyer"] == invoice["buyer"]
    text = pdf_text(api.ask("GET", note["urls"]["pdf"]).content)
    for expected in ("Credit Note", invoice["number"], "Fewer people", "₹354.00", "300.00 27.00"):
        assert expected in text
    told = {"id": note["id"], "number": note["number"], "total": refund["total"]}
    reduced = {**invoice, "credit_notes": [told]}
    assert api.get(f"/v1/wallets/{wallet_id}/invoices")["data"] == [note, reduced]
    assert api.get(f"/v1/invoices/{invoice['id']}") == reduced
    noted, billed = exported(api, wallet_id)
    assert (noted["number"], noted["reduces"]) == (note["number"], invoice["number"])
    assert noted["total"] == "354.00"
    money = ("taxable_value", "cgst", "sgst_or_utgst", "round_off", "total")
    assert [billed[name] for name in money] == ["510.17", "45.92", "45.92", "-0.01", "602.00"]


def test_a_refund_that_failed_has_no_credit_note(
    product: Product, api: Api, bank: Bank, bought: Callable[..., Json], clock: Clock
) -> None:
    wallet_id = api.new_wallet()
    invoice = bought(wallet_id)
    path = f"/v1/wallets/{wallet_id}/orders/{invoice['order_id']}/refund"
    bank.fault("refund_fails_later")
    api.post(path, {})
    product.settle()
    clock.turn(days=1.1)
    product.settle()
    (refund,) = api.get(f"{path}s")["data"]
    assert (refund["status"], refund["credit_note_id"]) == ("failed", None)
    assert api.get(f"/v1/wallets/{wallet_id}/invoices")["data"] == [invoice]


def test_without_typst_the_page_is_left(
    api: Api, bought: Callable[..., Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = bought(api.new_wallet())["urls"]
    monkeypatch.setitem(sys.modules, "typst", None)
    refused = api.ask("GET", urls["pdf"])
    assert (refused.status_code, refused.json()["code"]) == (501, "PDF_UNAVAILABLE")
    assert "pip install 'khata[pdf]'" in refused.json()["detail"]
    assert api.ask("GET", urls["html"]).status_code == 200


def test_invoices_are_listed_newest_first(api: Api, bought: Callable[..., Json]) -> None:
    wallet_id = api.new_wallet()
    issued = [bought(wallet_id, pack_id=pack) for pack in ("starter", "growth", "pro")]
    path = f"/v1/wallets/{wallet_id}/invoices"
    whole = api.get(path)
    assert whole == {"data": issued[::-1], "next_cursor": None}
    first = api.get(path, limit=2)
    rest = api.get(path, limit=2, cursor=first["next_cursor"])
    assert [*first["data"], *rest["data"]] == whole["data"]
    assert rest["next_cursor"] is None
    refused = api.ask("GET", path, query={"cursor": "x"})
    assert refused.json()["errors"][0]["field"] == "cursor"


def test_all_are_exported_whatever_a_buyer_wrote(api: Api, bought: Callable[..., Json]) -> None:
    wallet_id = api.new_wallet()
    assert exported(api, wallet_id) == []
    issued = [bought(wallet_id, buyer={**BUYER, "name": name}) for name in ("Asha", "=1+1")]
    rows = exported(api, wallet_id)
    assert [row["id"] for row in rows] == [each["id"] for each in reversed(issued)]
    assert [row["buyer"] for row in rows] == ["'=1+1", "Asha"]
    assert (rows[0]["igst"], rows[0]["buyer_gstin"]) == ("91.83", BUYER["gstin"])


def test_an_order_that_failed_has_no_invoice(product: Product, api: Api) -> None:
    wallet_id = api.new_wallet()
    failing = {**PRO, "simulate": {"outcome": "fail"}}
    placed = api.post(f"/v1/wallets/{wallet_id}/orders", failing)
    product.settle()
    order = api.get(f"/v1/wallets/{wallet_id}/orders/{placed['id']}")
    assert (order["status"], order["invoice_id"]) == ("failed", None)
    assert api.get(f"/v1/wallets/{wallet_id}/invoices")["data"] == []


def test_a_registered_buyers_invoice_goes_to_the_portal_once_a_seller_is_named(
    api: Api, bought: Callable[..., Json]
) -> None:
    """Here nobody named the seller, so there is no GSTIN to report under."""
    invoice = bought(api.new_wallet(), buyer=BUYER)
    refused = api.ask("GET", f"/v1/invoices/{invoice['id']}.inv-01.json")
    assert (refused.status_code, refused.json()["code"]) == (409, "NOT_REGISTRABLE")
    assert refused.json()["detail"] == "The seller has no GSTIN."


@pytest.mark.parametrize("form", ["", ".pdf", ".html", ".inv-01.json"])
def test_a_foreign_invoice_is_as_good_as_none(
    api: Api, bought: Callable[..., Json], caller: Callable[[str], Api], form: str
) -> None:
    own, foreign = api.new_key(), bought(api.new_wallet())["id"]
    stranger = caller(api.new_api_key("*", owner_type="user", owner_id=own))
    answers = [
        stranger.ask("GET", f"/v1/invoices/{each}{form}") for each in (foreign, NOBODY, "inv_x")
    ]
    shown = [
        (answer.status_code, answer.text.replace(each, "<invoice>"))
        for answer, each in zip(answers, (foreign, NOBODY, "inv_x"), strict=True)
    ]
    assert shown[0] == shown[1] == shown[2]
    assert (shown[0][0], answers[0].json()["code"]) == (404, "INVOICE_NOT_FOUND")


def test_invoices_need_their_scope(
    api: Api, bought: Callable[..., Json], caller: Callable[[str], Api]
) -> None:
    wallet_id = api.new_wallet()
    invoice = bought(wallet_id)
    spender = caller(api.new_api_key("wallets:read", "wallets:consume"))
    for path in (
        f"/v1/wallets/{wallet_id}/invoices",
        f"/v1/invoices/{invoice['id']}",
        *invoice["urls"].values(),
    ):
        refused = spender.ask("GET", path)
        assert (refused.status_code, refused.json()["required_scope"]) == (403, "payments:read")
    owner = api.get(f"/v1/wallets/{wallet_id}")
    bounds = {name: owner[name] for name in ("owner_type", "owner_id")}
    reader = caller(api.new_api_key("payments:read", **bounds))
    assert reader.get(f"/v1/invoices/{invoice['id']}") == invoice
