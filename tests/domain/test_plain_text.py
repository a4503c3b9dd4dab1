"""Books as plain text: amounts without floats, names that both programs know, texts that cannot
say anything but themselves."""

import pytest

from khata.domain.chart import (
    Booked,
    Leg,
    counter_account,
    india_day,
    india_day_start_us,
    inr_account,
    own_account,
)
from khata.domain.plain_text import FORMS, rupees, summed

WALLET = "wal_01M8254JZ50AJ6BZEFX60J77VS"
HELD = own_account(WALLET, "available")
LEGS = (Leg("Assets:Bank", "INR", 5), Leg("Income:Breakage", "INR", -5), Leg(HELD, "CREDIT", 0))


def booked(title: str) -> Booked:
    return Booked(india_day_start_us(20_780), "txn_1", WALLET, title, LEGS)


@pytest.mark.parametrize(
    ("paise", "written"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (-5, "-0.05"),
        (-100, "-1.00"),
        (60_200, "602.00"),
        (10**17 + 1, "1000000000000000.01"),
    ],
)
def test_paise_have_two_decimals_however_many_they_are(paise: int, written: str) -> None:
    assert rupees(paise) == written


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("gateway.simulator", "Assets:Gateway:Simulator"),
        ("gst.cgst", "Liabilities:GST:CGST"),
        ("income.usage.AI", "Income:Usage:AI"),
        ("income.usage.REFUNDS", "Income:Usage:Refunds"),
        ("income.usage.OUR_OWN", "Income:Usage:OUR-OWN"),
        ("income.usage.über", "Income:Usage:XBer"),
        ("income.usage.₹", "Income:Usage:X"),
    ],
)
def test_accounts_in_rupees_have_names_that_beancount_takes(account: str, name: str) -> None:
    assert inr_account(account) == name


def test_accounts_of_credits_have_names_that_beancount_takes() -> None:
    assert HELD == "Liabilities:Credits:W-01a204524be502a465fdcfe981239f79:Available"
    assert counter_account("issued.purchase") == "Equity:Credits:Issued-Purchase"
    assert counter_account("clawed_back") == "Equity:Credits:Clawed-Back"
    assert counter_account("consumed.AI") == "Equity:Credits:Consumed:AI"


def test_wallets_have_accounts_of_their_own() -> None:
    names = {own_account(WALLET[:-1] + last, "locked") for last in "0123456789ABCDEFGHJKMNPQRST"}
    assert len(names) == 27


def test_days_are_those_of_india() -> None:
    midnight = india_day_start_us(20_780)
    assert (india_day(midnight - 1), india_day(midnight)) == (20_779, 20_780)


def test_a_text_stays_within_its_place() -> None:
    nasty = 'a "b" \\ c\nd ; e'
    assert FORMS["beancount"].entry(booked(nasty)).splitlines()[0] == (
        '2026-11-23 * "a \\"b\\" \\\\ c d ; e" ^txn_1'
    )
    assert FORMS["hledger"].entry(booked(nasty)).splitlines()[0] == (
        f'2026-11-23 * a "b" \\ c d , e  ; id:txn_1, wallet:{WALLET}'
    )
    row = FORMS["csv"].entry(booked(nasty)).splitlines()[0]
    assert row.startswith(
        f'2026-11-23,2026-11-22T18:30:00.000000Z,txn_1,{WALLET},"a ""b"" \\ c d ; e",Assets:'
    )


def test_assertions_are_exact_and_stand_when_the_day_is_over() -> None:
    standing = (Leg("Assets:Bank", "INR", 5), Leg(HELD, "CREDIT", 7))
    assert FORMS["beancount"].assertions(20_780, standing) == (
        f"2026-11-24 balance Assets:Bank  0.05 ~ 0 INR\n2026-11-24 balance {HELD}  7 ~ 0 CREDIT\n"
    )
    assert FORMS["hledger"].assertions(20_780, standing) == (
        "2026-11-23 * assertions\n"
        "    Assets:Bank  0.00 INR = 0.05 INR\n"
        f"    {HELD}  0 CREDIT = 7 CREDIT\n"
    )
    assert FORMS["hledger"].assertions(20_780, ()) == ""


def test_accounts_that_share_a_name_are_summed() -> None:
    two = (Leg("Assets:Bank", "INR", 5), Leg("Assets:Bank", "INR", 6))
    assert summed(two) == (Leg("Assets:Bank", "INR", 11),)
