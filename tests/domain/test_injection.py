"""What looks like an injection and what does not. People come first: each benign text is a buyer
who would be turned away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.injection import LONGEST_SCANNED, injection_in

ATTACKS = [
    ("' OR '1'='1", "a quote and a condition"),
    ("order-1' OR 1=1--", "a quote and a condition"),
    ('" or ""="', "a quote and a condition"),
    ("x') AND (1=2", "a quote and a condition"),
    ("1' or sleep(5)#", "a quote and a condition"),
    ("a' || pg_sleep(3) || '", "a quote and a condition"),
    ("x' AND email IS NOT NULL; --", "a quote and a condition"),
    ("%27%20OR%20%271%27%3D%271", "a quote and a condition"),
    ("key'+or+'a'='a", "a quote and a condition"),
    ("'/**/oR/**/1/**/=/**/1", "a quote and a comment"),
    ("admin'--", "a quote and a comment"),
    ("admin' #", "a quote and a comment"),
    ("x');/*", "a quote and a comment"),
    ("1 UNION SELECT NULL, version()", "a union of queries"),
    ("-1 uNiOn\n\tAlL   sElEcT password FROM users", "a union of queries"),
    ("1 UN/**/ION SELECT 1; 1 /*!50000UNION*/ SELECT (2)", "a union of queries"),
    ("pay; DROP TABLE wallets", "a second statement"),
    ("1;DELETE FROM transactions", "a second statement"),
    ("k;update wallets set available = 9", "a second statement"),
    ("x'; INSERT", "a second statement"),
    ("1; EXEC sp_executesql N'x'", "a second statement"),
    ("1 WAITFOR DELAY '0:0:5'", "a delay"),
    ("1-SLEEP(5)", "a delay"),
    ("pg_sleep (10)", "a delay"),
    ("1 + benchmark(5000000,md5(1))", "a delay"),
    ("exec master..xp_cmdshell", "the server's own procedures"),
    ("1 from INFORMATION_SCHEMA.tables", "the server's own procedures"),
    ("1 or 1=1", "a tautology"),
    ("key-1 having 'x' = 'x'", "a tautology"),
]

BENIGN = [
    "order-2026-11-25_0001",
    "01K9Z3NDEKTSV4RRFFQ69G5FAV",
    "payment-razorpay-pay_IH4NVgf4Dreq1l",
    "O'Brien",
    "D'Souza & Sons; Margao",
    "Teachers' Union, Pune",
    "Workers' and Farmers' Society",
    'Sharma "Bunty" and Sons',
    "The select committee meets at 5",
    "Students' union select committee",
    "Please drop me a line; update me at five",
    "Delete from the list whoever has left",
    "Insert into the letter box; alter nothing",
    'Hotel "Sunrise" -- second floor',
    "Flat 4/* (new wing) */",
    "6' -2\" tall",
    "Sleep (8 hours) and rest",
    "100% cotton, 50%25 off",
    "a+b=c, x=1, y = 2",
    "2024 = a good year",
    "rock 'n' roll or nothing",
    "buyer+credits@example.in",
    "Union Bank of India, Select Branch",
    "ಬೆಂಗಳೂರು 560001",
    "राम और श्याम; नई दिल्ली",
    "",
]


@pytest.mark.parametrize(("text", "found"), ATTACKS)
def test_an_attack_is_told_apart(text: str, found: str) -> None:
    assert injection_in(text) == found


@pytest.mark.parametrize("text", BENIGN)
def test_people_are_left_alone(text: str) -> None:
    assert injection_in(text) is None


def test_it_decodes_once_and_no_more() -> None:
    assert injection_in("%27 or 1=1") is not None
    assert injection_in("%2527 union %2527") is None


def test_a_broken_escape_is_read_as_it_stands() -> None:
    assert injection_in("100%zz %") is None
    assert injection_in("%ff%fe' or 1=1") is not None


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    assert injection_in("x" * LONGEST_SCANNED + "' or 1=1") is None


@given(st.text(alphabet="'\"`;-/*#%()=, orandunionselectfrom1+", max_size=LONGEST_SCANNED))
def test_whatever_is_sent_it_answers(text: str) -> None:
    injection_in(text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEFXYZ0123456789_-", min_size=6))
def test_a_well_formed_key_is_never_an_attack(key: str) -> None:
    assert injection_in(key) is None
