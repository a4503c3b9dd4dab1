"""A seller who bills the pack of ₹500, for the tests of documents."""

from khata.domain.invoice import (
    InvoiceDocument,
    Numbered,
    Refunded,
    Sale,
    credit_note,
    invoice,
)
from khata.domain.packs import TopUpTerms
from khata.domain.parties import Buyer, Seller
from khata.domain.place_of_supply import PlaceOfSupply, is_zero_rated, place_of_supply
from khata.domain.quotes import Quote, quote
from khata.domain.refund_money import MoneyBack, Standing, money_back
from khata.domain.tax import tax_lines
from khata.domain.times import microseconds

ISSUED_US = microseconds("2026-11-25T20:00:00Z")
SELLER = Seller(
    legal_name="Khata Labs Private Limited",
    address=("1 Residency Road", "Bengaluru 560025"),
    state_code="29",
    gstin="29AAGCB7383J1Z4",
)
BUYER = Buyer(name="Asha Rao", email="asha@example.in", address="12 MG Road", state_code="29")


def sale(place: PlaceOfSupply, *, is_test: bool = False, lut: str | None = None) -> Sale:
    """An order for the pack of ₹500, paid by UPI."""
    made = quote(TopUpTerms(), "pro", zero_rated=is_zero_rated(place, lut))
    assert isinstance(made, Quote)
    return Sale(
        order_id="ord_1",
        wallet_id="wal_1",
        payment_id="pay_1",
        reference="pay_IH4NVgf4Dreq1l",
        payment_method="upi",
        base_credits=made.base_credits,
        bonus_credits=made.bonus_credits,
        tax=tax_lines(made, place.supply),
        place=place,
        is_test=is_test,
    )


def issued(
    buyer: Buyer = BUYER, seller: Seller = SELLER, *, is_test: bool = False
) -> InvoiceDocument:
    """The seventh invoice of the year, for that order."""
    place = place_of_supply(
        seller.state_code, country=buyer.country, state_code=buyer.state_code, gstin=buyer.gstin
    )
    sold = sale(place, is_test=is_test, lut=seller.lut_arn)
    return invoice(seller, buyer, sold, Numbered(7, ISSUED_US))


def credited(billed: InvoiceDocument, used: int, serial: int = 1) -> InvoiceDocument:
    """The credit note of all that can go back once so many of the pack's credits were used."""
    bonus_used = min(used, 500)
    standing = Standing(used, 500 - bonus_used, 5_000 - used + bonus_used)
    back = money_back(billed.tax, standing)
    assert isinstance(back, MoneyBack)
    refunded = Refunded(
        refund_id="rfd_1", reference="rfnd_FP8QHiV938haTz", reason="Not needed", back=back
    )
    return credit_note(billed, refunded, Numbered(serial, ISSUED_US))
