"""Seller and buyer, as a document names them, and what is wrong with either."""

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

from khata.domain.gstin import gstin_error, is_pan, state_of
from khata.domain.place_of_supply import HOME
from khata.domain.states import STATES, is_address_state

MAX_NAME = 200
MAX_EMAIL = 254
MAX_ADDRESS = 500
MAX_ADDRESS_LINES = 8

_COUNTRY = re.compile(r"[A-Z]{2}")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
_SAC = re.compile(r"99\d{4}", re.ASCII)
# They turn the text around them: a name could look like another one.
_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Wrong(Struct, frozen=True, gc=False):
    """A field that will not do, and what would."""

    field: str
    message: str


class Seller(Struct, frozen=True, kw_only=True):
    """The supplier on every document. `gstin` is None as long as the operator gave none.

    `logo` is the word set large at the top, `terms` are lines at the foot. `lut_arn` names the
    letter of undertaking under which exports are zero-rated.
    """

    legal_name: str
    address: tuple[str, ...]
    state_code: str
    trade_name: str | None = None
    gstin: str | None = None
    pan: str | None = None
    cin: str | None = None
    email: str | None = None
    phone: str | None = None
    website: str | None = None
    sac: str = "998315"
    lut_arn: str | None = None
    logo: str | None = None
    terms: tuple[str, ...] = ()


EXAMPLE_SELLER = Seller(
    legal_name="Example Seller",
    address=("The seller's details are not set",),
    state_code="29",
)


class Buyer(Struct, frozen=True, kw_only=True):
    """The recipient. `address` may have several lines; `country` is an ISO 3166 code."""

    name: str
    email: str = ""
    address: str = ""
    country: str = HOME
    state_code: str | None = None
    gstin: str | None = None

    @property
    def is_registered(self) -> bool:
        """Whether the buyer may claim the tax as input credit."""
        return self.gstin is not None


def check_buyer(buyer: Buyer) -> list[Wrong]:
    """What of a buyer's details must be mended before an invoice can name them."""
    return [*_contact_errors(buyer), *_tax_errors(buyer)]


def check_seller(seller: Seller) -> list[Wrong]:
    """What is missing or wrong in the seller's details; documents are good when nothing is."""
    return [*_identity_errors(seller), *_registration_errors(seller)]


def _contact_errors(buyer: Buyer) -> Iterator[Wrong]:
    if not buyer.name.strip() or len(buyer.name) > MAX_NAME or not _is_plain(buyer.name):
        yield Wrong("name", f"must be a name of 1 to {MAX_NAME} characters on one line")
    if len(buyer.email) > MAX_EMAIL or not _EMAIL.fullmatch(buyer.email):
        yield Wrong("email", "must be an e-mail address")
    lines = buyer.address.splitlines()
    if (
        not buyer.address.strip()
        or len(buyer.address) > MAX_ADDRESS
        or len(lines) > MAX_ADDRESS_LINES
        or not all(_is_plain(line) for line in lines)
    ):
        yield Wrong(
            "address",
            f"must be a postal address of 1 to {MAX_ADDRESS} characters "
            f"on at most {MAX_ADDRESS_LINES} lines",
        )


def _tax_errors(buyer: Buyer) -> Iterator[Wrong]:
    if not _COUNTRY.fullmatch(buyer.country):
        yield Wrong("country", "must be a country code of two capital letters, such as IN")
    elif buyer.country == HOME:
        yield from _home_errors(buyer)
    else:
        if buyer.state_code is not None:
            yield Wrong("state_code", "is for addresses in India only")
        if buyer.gstin is not None:
            yield Wrong("gstin", "is for buyers in India only")


def _home_errors(buyer: Buyer) -> Iterator[Wrong]:
    if buyer.state_code is None and buyer.gstin is None:
        yield Wrong("state_code", "must be given: it decides which tax is charged")
    if buyer.state_code is not None and not is_address_state(buyer.state_code):
        yield Wrong("state_code", "must be a State's code of two digits, such as 29 for Karnataka")
    elif buyer.gstin is not None:
        error = gstin_error(buyer.gstin)
        if error is not None:
            yield Wrong("gstin", error)
        elif buyer.state_code is not None and gstin_error(buyer.gstin, buyer.state_code):
            state = STATES[state_of(buyer.gstin)]
            yield Wrong("state_code", f"contradicts the GSTIN, which is of {state.label}")


def _identity_errors(seller: Seller) -> Iterator[Wrong]:
    example = EXAMPLE_SELLER
    if not seller.legal_name.strip() or seller.legal_name == example.legal_name:
        yield Wrong("legal_name", "must be the seller's name as registered")
    if not any(line.strip() for line in seller.address) or seller.address == example.address:
        yield Wrong("address", "must be the seller's registered address")
    if not _SAC.fullmatch(seller.sac):
        yield Wrong("sac", "must be six digits that begin with 99, such as 998315")


def _registration_errors(seller: Seller) -> Iterator[Wrong]:
    if not is_address_state(seller.state_code):
        yield Wrong("state_code", "must be a State's code of two digits, such as 29 for Karnataka")
    elif seller.gstin is None:
        yield Wrong("gstin", "must be given: without it no document is a tax invoice")
    elif (error := gstin_error(seller.gstin, seller.state_code)) is not None:
        yield Wrong("gstin", error)
    if seller.pan is not None and not is_pan(seller.pan):
        yield Wrong("pan", "must be five letters, four digits and a letter")
    elif seller.pan and seller.gstin and seller.gstin[2:12] != seller.pan:
        yield Wrong("pan", "is not the one within the GSTIN")


def _is_plain(text: str) -> bool:
    return not any(
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _TURNS_TEXT
        for character in text
    )
