"""What a customer pays with, and the values whose outcome the vendor's test mode fixes."""

from typing import Any, Final, cast

from msgspec import Struct

from khata.payments.simulator.asked import choice_in, optional_text_in
from khata.payments.simulator.documents import Doc
from khata.payments.simulator.failures import FAILURES, Failure, invalid
from khata.payments.simulator.ids import digest

METHODS: Final = ("upi", "card", "netbanking", "wallet")
BANKS: Final = {
    "HDFC": "HDFC Bank",
    "ICIC": "ICICI Bank",
    "SBIN": "State Bank of India",
    "UTIB": "Axis Bank",
    "KKBK": "Kotak Mahindra Bank",
}
WALLETS: Final = (
    "payzapp",
    "airtelmoney",
    "mobikwik",
    "jiomoney",
    "olamoney",
    "bajajpay",
    "phonepe",
    "amazonpay",
)
DECLINED_ADDRESS: Final = "failure@razorpay"
USUAL_ADDRESS: Final = "success@razorpay"
USUAL_CARD: Final = "4100280000001007"


class Card(Struct, frozen=True):
    """A test card: its network, where it was issued, and why it fails, if it does."""

    network: str
    is_international: bool = False
    reason: str | None = None


TEST_CARDS: Final = {
    USUAL_CARD: Card("Visa"),
    "5500670000001002": Card("MasterCard"),
    "6527658900001005": Card("RuPay"),
    "4100280000090000": Card("Visa", reason="payment_timed_out"),
    "4100280000080001": Card("Visa", reason="insufficient_funds"),
    "4100280000070002": Card("Visa", reason="payment_cancelled"),
    "4100280000060003": Card("Visa", reason="card_declined"),
    "4100280000030006": Card("Visa", reason="card_disabled_for_online_payments"),
    "4100280000020007": Card("Visa", reason="gateway_technical_error"),
    "4100280000000009": Card("Visa", reason="authentication_failed"),
    "5555555555554444": Card("MasterCard", is_international=True),
    "4012888888881881": Card("Visa", is_international=True),
}
_NETWORKS: Final = {"4": "Visa", "5": "MasterCard", "6": "RuPay", "3": "American Express"}
_ALL_NETWORKS: Final = (*_NETWORKS.values(), "Diners Club", "Maestro", "Unknown")


class Instrument(Struct, frozen=True):
    """What is paid with: the fields it gives to the payment, and why it fails, if it does."""

    method: str
    shown: Doc
    failure: Failure | None = None


def instrument_in(body: Doc, account_id: str) -> Instrument:
    """The instrument that a checkout names; the usual one of its method where it names none."""
    method = choice_in(body, "method", METHODS, "upi")
    given: Any = body.get("instrument") or {}
    if isinstance(given, str):
        given = {_NAMED_BY[method]: given}
    if not isinstance(given, dict):
        raise invalid("instrument", "The instrument must be an object or a string.")
    return _READ[method](cast("Doc", given), account_id)


def _upi(given: Doc, _: str) -> Instrument:
    address = optional_text_in(given, "vpa") or USUAL_ADDRESS
    if "@" not in address:
        raise invalid("vpa", "Invalid VPA. Please enter a valid Virtual Payment Address")
    flow = choice_in(given, "flow", ("intent", "collect", "in_app"), "intent")
    kinds = ("bank_account", "credit_card", "wallet", "credit_line")
    kind = choice_in(given, "payer_account_type", kinds, "bank_account")
    upi = {"payer_account_type": kind, "vpa": address, "flow": flow}
    failure = FAILURES["payment_failed"] if address == DECLINED_ADDRESS else None
    return Instrument("upi", {"vpa": address, "upi": upi}, failure)


def _card(given: Doc, account_id: str) -> Instrument:
    number = "".join((optional_text_in(given, "number") or USUAL_CARD).split())
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        raise invalid("card.number", "The card number is invalid.")
    known = TEST_CARDS.get(number) or Card(_NETWORKS.get(number[0], "Unknown"))
    international = bool(given.get("international", known.is_international))
    kind = choice_in(given, "type", ("credit", "debit", "prepaid"), "credit")
    name = f"{digest(account_id, number):x}"[:14]
    card = {
        "id": f"card_{name}",
        "entity": "card",
        "name": optional_text_in(given, "name") or "",
        "last4": number[-4:],
        "network": choice_in(given, "network", _ALL_NETWORKS, known.network),
        "type": kind,
        "issuer": None if international else "HDFC",
        "international": international,
        "emi": False,
        "sub_type": "consumer",
        "token_iin": None,
    }
    failure = FAILURES[known.reason] if known.reason else None
    shown: Doc = {"card_id": card["id"], "card": card, "international": international}
    return Instrument("card", shown, failure)


def _netbanking(given: Doc, _: str) -> Instrument:
    bank = choice_in(given, "bank", tuple(BANKS), "HDFC")
    return Instrument("netbanking", {"bank": bank})


def _wallet(given: Doc, _: str) -> Instrument:
    wallet = choice_in(given, "wallet", WALLETS, "payzapp")
    return Instrument("wallet", {"wallet": wallet})


_NAMED_BY: Final = {"upi": "vpa", "card": "number", "netbanking": "bank", "wallet": "wallet"}
_READ: Final = {"upi": _upi, "card": _card, "netbanking": _netbanking, "wallet": _wallet}
