"""Bank accounts: what has the form of one, and how it is shown."""

import re

import pytest
from msgspec.structs import replace

from khata.domain.bank_account import (
    BANKS,
    BankAccount,
    bank_of,
    check_bank_account,
    last_digits,
    masked,
    tidied,
)

ASHA = BankAccount(holder_name="Asha Rao", ifsc="HDFC0001234", number="50100123456789")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ifsc": "SBIN0000300"},
        {"ifsc": "YESB0CMSNOC"},
        {"number": "123456789"},
        {"number": "123456789012345678"},
        {"holder_name": "आशा राव"},
        {"holder_name": "M/s O'Brien & Sons (Pvt.) Ltd."},
        {"ifsc": "XYZB0000001", "bank_name": "Saraswat Co-operative Bank"},
        {"bank_name": "HDFC Bank, Fort branch"},
    ],
)
def test_what_has_the_form_of_an_account(changes: dict[str, str]) -> None:
    assert check_bank_account(replace(ASHA, **changes)) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ifsc": "HDFC1001234"}, "ifsc"),
        ({"ifsc": "HDF00001234"}, "ifsc"),
        ({"ifsc": "HDFC000123"}, "ifsc"),
        ({"ifsc": "HDFC00012345"}, "ifsc"),
        ({"ifsc": "hdfc0001234"}, "ifsc"),
        ({"ifsc": ""}, "ifsc"),
        ({"ifsc": "HDFC0001२34"}, "ifsc"),
        ({"ifsc": "XYZB0000001"}, "bank_name"),
        ({"bank_name": "B" * 101}, "bank_name"),
        ({"bank_name": "12345"}, "bank_name"),
        ({"number": "12345678"}, "account_number"),
        ({"number": "1234567890123456789"}, "account_number"),
        ({"number": "5010012345678X"}, "account_number"),
        ({"number": "५०१००१२३४५६७८९"}, "account_number"),
        ({"number": "000000000"}, "account_number"),
        ({"holder_name": ""}, "holder_name"),
        ({"holder_name": "N" * 201}, "holder_name"),
        ({"holder_name": "12345"}, "holder_name"),
        ({"holder_name": "Asha\u202eoaR"}, "holder_name"),
        ({"holder_name": "Asha\nRao"}, "holder_name"),
    ],
)
def test_what_will_not_do_is_named(changes: dict[str, str], field: str) -> None:
    (wrong,) = check_bank_account(replace(ASHA, **changes))
    assert wrong.field == field


def test_all_that_is_wrong_is_named_at_once() -> None:
    nothing = BankAccount(holder_name="", ifsc="", number="")
    fields = [wrong.field for wrong in check_bank_account(nothing)]
    assert fields == ["holder_name", "ifsc", "account_number"]


def test_it_is_tidied_as_people_write_it() -> None:
    written = BankAccount(
        holder_name="  Asha   Rao ",
        ifsc=" hdfc 0001234",
        number="5010-0123 4567 89",
        bank_name="  ",
    )
    assert tidied(written) == ASHA


def test_a_bank_is_known_by_its_code_unless_another_name_is_given() -> None:
    assert ASHA.bank == "HDFC Bank"
    assert replace(ASHA, bank_name="HDFC Bank, Fort").bank == "HDFC Bank, Fort"
    assert bank_of("XYZB0000001") is None
    assert all(re.fullmatch("[A-Z]{4}", code) for code in BANKS)
    assert len(set(BANKS.values())) == len(BANKS)


def test_only_the_last_digits_are_shown() -> None:
    assert masked(last_digits(ASHA.number)) == "XXXXXX6789"
    assert ASHA.number not in f"{ASHA} {ASHA!r}"
