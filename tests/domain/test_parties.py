"""Seller and buyer: what is wrong with their details, field by field."""

import pytest
from msgspec.structs import replace

from khata.domain.parties import EXAMPLE_SELLER, Buyer, Seller, check_buyer, check_seller

GOOD = Buyer(
    name="Asha Rao",
    email="asha@example.in",
    address="12 MG Road\nBengaluru 560001",
    state_code="29",
)
SELLER = Seller(
    legal_name="Khata Labs Private Limited",
    address=("1 Residency Road", "Bengaluru 560025"),
    state_code="29",
    gstin="29AAGCB7383J1Z4",
    pan="AAGCB7383J",
)
ABROAD = replace(GOOD, country="US", state_code=None)


@pytest.mark.parametrize(
    "buyer",
    [
        GOOD,
        replace(GOOD, gstin="29AAGCB7383J1Z4"),
        replace(GOOD, state_code=None, gstin="27AAPFU0939F1ZV"),
        replace(GOOD, state_code="38"),
        replace(GOOD, state_code="97"),
        replace(GOOD, name="अशा राव", address="१२ एम जी रोड"),
        replace(GOOD, name="A" * 200),
        ABROAD,
    ],
)
def test_good_buyers(buyer: Buyer) -> None:
    assert check_buyer(buyer) == []


@pytest.mark.parametrize(
    ("buyer", "field", "message"),
    [
        (replace(GOOD, name=" "), "name", "1 to 200 characters"),
        (replace(GOOD, name="A" * 201), "name", "1 to 200 characters"),
        (replace(GOOD, name="Asha\nRao"), "name", "on one line"),
        (replace(GOOD, name="Asha\u202eoaR"), "name", "on one line"),
        (replace(GOOD, email=""), "email", "e-mail"),
        (replace(GOOD, email="asha"), "email", "e-mail"),
        (replace(GOOD, email="asha@rao@example.in"), "email", "e-mail"),
        (replace(GOOD, email="asha@example.in\n"), "email", "e-mail"),
        (replace(GOOD, email=f"{'a' * 250}@b.in"), "email", "e-mail"),
        (replace(GOOD, address="\n"), "address", "postal address"),
        (replace(GOOD, address="A" * 501), "address", "1 to 500 characters"),
        (replace(GOOD, address="A\n" * 9), "address", "at most 8 lines"),
        (replace(GOOD, address="A\x00"), "address", "postal address"),
        (replace(GOOD, country="India"), "country", "two capital letters"),
        (replace(GOOD, country="in"), "country", "two capital letters"),
        (replace(GOOD, state_code=None), "state_code", "must be given"),
        (replace(GOOD, state_code="Karnataka"), "state_code", "two digits"),
        (replace(GOOD, state_code="96"), "state_code", "two digits"),
        (replace(GOOD, state_code="39"), "state_code", "two digits"),
        (replace(GOOD, gstin=""), "gstin", "15 characters"),
        (replace(GOOD, gstin="29AAGCB7383J1Z5"), "gstin", "check digit"),
        (
            replace(GOOD, gstin="27AAPFU0939F1ZV"),
            "state_code",
            "contradicts the GSTIN, which is of Maharashtra (27)",
        ),
        (replace(ABROAD, state_code="29"), "state_code", "India only"),
        (replace(ABROAD, gstin="29AAGCB7383J1Z4"), "gstin", "India only"),
    ],
)
def test_wrong_buyers(buyer: Buyer, field: str, message: str) -> None:
    [wrong] = check_buyer(buyer)
    assert wrong.field == field
    assert message in wrong.message


def test_everything_wrong_is_told_at_once() -> None:
    wrong = check_buyer(Buyer(name="", country="IN", state_code="00", gstin="x"))
    assert [error.field for error in wrong] == ["name", "email", "address", "state_code"]


@pytest.mark.parametrize(
    ("seller", "fields"),
    [
        (SELLER, []),
        (replace(SELLER, pan=None), []),
        (EXAMPLE_SELLER, ["legal_name", "address", "gstin"]),
        (replace(SELLER, gstin=None), ["gstin"]),
        (replace(SELLER, gstin="27AAPFU0939F1ZV", pan=None), ["gstin"]),
        (replace(SELLER, state_code="96"), ["state_code"]),
        (replace(SELLER, pan="AAPFU0939F"), ["pan"]),
        (replace(SELLER, pan="x"), ["pan"]),
        (replace(SELLER, sac="1234"), ["sac"]),
        (replace(SELLER, legal_name=" ", address=(" ",)), ["legal_name", "address"]),
    ],
)
def test_sellers(seller: Seller, fields: list[str]) -> None:
    assert [wrong.field for wrong in check_seller(seller)] == fields
