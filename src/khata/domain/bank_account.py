"""Bank accounts in India: their form, the bank that an IFSC belongs to, and how they are shown."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from msgspec import Struct
from typing_extensions import override

from khata.domain.parties import Wrong

MAX_HOLDER = 200
MAX_BANK = 100
SHOWN_DIGITS = 4
HIDDEN = "X" * 6

_IFSC = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}")
_NUMBER = re.compile(r"[0-9]{9,18}")
_BETWEEN = re.compile(r"[\s-]")

# By the first four letters of the IFSC.
BANKS: Mapping[str, str] = {
    "AIRP": "Airtel Payments Bank",
    "AUBL": "AU Small Finance Bank",
    "BARB": "Bank of Baroda",
    "BDBL": "Bandhan Bank",
    "BKID": "Bank of India",
    "CBIN": "Central Bank of India",
    "CITI": "Citibank",
    "CNRB": "Canara Bank",
    "CSBK": "CSB Bank",
    "DBSS": "DBS Bank India",
    "DCBL": "DCB Bank",
    "DEUT": "Deutsche Bank",
    "DLXB": "Dhanlaxmi Bank",
    "ESFB": "Equitas Small Finance Bank",
    "FDRL": "Federal Bank",
    "HDFC": "HDFC Bank",
    "HSBC": "HSBC Bank",
    "IBKL": "IDBI Bank",
    "ICIC": "ICICI Bank",
    "IDFB": "IDFC First Bank",
    "IDIB": "Indian Bank",
    "INDB": "IndusInd Bank",
    "IOBA": "Indian Overseas Bank",
    "IPOS": "India Post Payments Bank",
    "JAKA": "Jammu & Kashmir Bank",
    "KARB": "Karnataka Bank",
    "KKBK": "Kotak Mahindra Bank",
    "KVBL": "Karur Vysya Bank",
    "MAHB": "Bank of Maharashtra",
    "PSIB": "Punjab & Sind Bank",
    "PUNB": "Punjab National Bank",
    "RATN": "RBL Bank",
    "SBIN": "State Bank of India",
    "SCBL": "Standard Chartered Bank",
    "SIBL": "South Indian Bank",
    "TMBL": "Tamilnad Mercantile Bank",
    "UBIN": "Union Bank of India",
    "UCBA": "UCO Bank",
    "UJVN": "Ujjivan Small Finance Bank",
    "UTIB": "Axis Bank",
    "YESB": "YES Bank",
}


class BankAccount(Struct, frozen=True, kw_only=True):
    """Where money can be sent. `number` is a secret: it is shown by `masked` only."""

    holder_name: str
    ifsc: str
    number: str
    bank_name: str | None = None

    @override
    def __repr__(self) -> str:
        """Without the whole number, for logs and tracebacks."""
        return f"BankAccount({self.ifsc}, {masked(last_digits(self.number))})"

    @property
    def bank(self) -> str | None:
        """The bank's name: as it was given, or else the one that the IFSC belongs to."""
        return self.bank_name or bank_of(self.ifsc)


def tidied(account: BankAccount) -> BankAccount:
    """The account as banks write it: no blanks or dashes in its numbers, the IFSC in capitals."""
    return BankAccount(
        holder_name=" ".join(account.holder_name.split()),
        ifsc=_BETWEEN.sub("", account.ifsc).upper(),
        number=_BETWEEN.sub("", account.number),
        bank_name=" ".join((account.bank_name or "").split()) or None,
    )


def check_bank_account(account: BankAccount) -> list[Wrong]:
    """What of a tidied account must be mended before money could be sent there."""
    return [*_name_errors(account), *_number_errors(account)]


def bank_of(ifsc: str) -> str | None:
    """The bank that an IFSC belongs to, where it is one of the large ones."""
    return BANKS.get(ifsc[:4])


def masked(last_digits: str) -> str:
    """An account number as it may be shown, such as `XXXXXX1234`."""
    return HIDDEN + last_digits


def last_digits(number: str) -> str:
    """What may be shown of an account number."""
    return number[-SHOWN_DIGITS:]


def _name_errors(account: BankAccount) -> Iterator[Wrong]:
    if not 0 < len(account.holder_name) <= MAX_HOLDER or not _is_a_name(account.holder_name):
        yield Wrong("holder_name", f"must be a name of 1 to {MAX_HOLDER} characters")
    if account.bank_name is not None and (
        len(account.bank_name) > MAX_BANK or not _is_a_name(account.bank_name)
    ):
        yield Wrong("bank_name", f"must be a name of 1 to {MAX_BANK} characters")


def _number_errors(account: BankAccount) -> Iterator[Wrong]:
    if not _IFSC.fullmatch(account.ifsc):
        yield Wrong("ifsc", "must be four letters, a zero and six letters or digits: SBIN0000300")
    elif account.bank is None:
        yield Wrong("bank_name", f"must be given: whose code {account.ifsc[:4]} is isn't known")
    if not _NUMBER.fullmatch(account.number):
        yield Wrong("account_number", "must be 9 to 18 digits")
    elif len(set(account.number)) == 1:
        yield Wrong("account_number", "must be an account's number, not one digit again and again")


def _is_a_name(text: str) -> bool:
    """Letters of any script and what stands between them; nothing that hides or turns text."""
    categories = {unicodedata.category(character)[0] for character in text}
    return "L" in categories and "C" not in categories
