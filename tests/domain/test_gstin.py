"""GSTIN and States: good numbers, mistyped ones, and those of another State."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.in_ import gstin as oracle

from khata.domain.gstin import check_digit, gstin_error, is_pan, state_of
from khata.domain.states import ADDRESS_STATES, STATES, current, is_address_state

GOOD = "27AAPFU0939F1ZV"


def with_check_digit(first_14: str) -> str:
    return first_14 + check_digit(first_14)


@pytest.mark.parametrize(
    "gstin",
    [GOOD, "29AAGCB7383J1Z4", "07AAACR5055K1Z9", with_check_digit("38AAPFU0939F1Z")]
    + [with_check_digit(f"{code}AAPFU0939F1Z") for code in ("97", "99", "25", "28", "01")],
)
def test_good(gstin: str) -> None:
    assert gstin_error(gstin) is None


@pytest.mark.parametrize(
    ("gstin", "message"),
    [
        ("", "15 characters"),
        (GOOD[:-1], "15 characters"),
        (GOOD + "0", "15 characters"),
        (GOOD.lower(), "15 characters"),
        (f" {GOOD[1:]}", "15 characters"),
        (f"{GOOD}\n", "15 characters"),
        (f"٢٧{GOOD[2:]}", "15 characters"),  # digits, but not those of ASCII
        ("27AAPFU0939F0ZV", "15 characters"),
        ("27AAPFU0939F1AV", "15 characters"),
        ("27AAPXU0939F1ZV", "15 characters"),  # no holder is an X
        ("27AAPFU0000F1ZV", "15 characters"),
        ("27AAPFU0939F1ZO", "check digit"),
        ("27AAPFU9039F1ZV", "check digit"),
        (with_check_digit("00AAPFU0939F1Z"), "00, which is no State"),
        (with_check_digit("39AAPFU0939F1Z"), "39, which is no State"),
        (with_check_digit("96AAPFU0939F1Z"), "96, which is no State"),
    ],
)
def test_wrong(gstin: str, message: str) -> None:
    error = gstin_error(gstin)
    assert error is not None
    assert message in error


@pytest.mark.parametrize(
    ("gstin", "state_code", "agrees"),
    [
        (GOOD, "27", True),
        (GOOD, "29", False),
        (GOOD, "xx", False),
        (with_check_digit("38AAPFU0939F1Z"), "38", True),
        (with_check_digit("38AAPFU0939F1Z"), "01", False),
        (with_check_digit("25AAPFU0939F1Z"), "26", True),  # Daman and Diu joined 26
        (with_check_digit("37AAPFU0939F1Z"), "28", True),  # Andhra Pradesh was 28
    ],
)
def test_it_agrees_with_the_state_of_the_address(gstin: str, state_code: str, agrees: bool) -> None:
    assert (gstin_error(gstin, state_code) is None) is agrees


def test_the_state_is_todays() -> None:
    assert state_of(GOOD) == "27"
    assert state_of(with_check_digit("25AAPFU0939F1Z")) == "26"


@given(
    st.integers(1, 37),
    st.from_regex(r"[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z][Z0-9][0-9A-Z]", fullmatch=True),
)
def test_the_verdict_is_that_of_python_stdnum(state: int, rest: str) -> None:
    gstin = f"{state:02}{rest}"
    assert (gstin_error(gstin) is None) is oracle.is_valid(gstin)


@given(
    st.integers(1, 37), st.from_regex(r"[A-Z]{3}[PCHF][A-Z][0-9]{4}[A-Z][1-9A-Z]Z", fullmatch=True)
)
def test_the_check_digit_is_that_of_python_stdnum(state: int, rest: str) -> None:
    gstin = with_check_digit(f"{state:02}{rest}")
    assert (gstin_error(gstin) is None) is oracle.is_valid(gstin)


@given(st.integers(0, 14), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_one_mistyped_character_is_always_found(place: int, typed: str) -> None:
    mistyped = GOOD[:place] + typed + GOOD[place + 1 :]
    assert (gstin_error(mistyped) is None) is (mistyped == GOOD)


@pytest.mark.parametrize(
    ("text", "good"), [("AAPFU0939F", True), ("AAPXU0939F", False), (GOOD, False), ("", False)]
)
def test_pan(text: str, good: bool) -> None:
    assert is_pan(text) is good


def test_the_states() -> None:
    assert list(STATES) == [f"{code:02}" for code in range(1, 39)] + ["96", "97", "99"]
    utgst = [state.code for state in STATES.values() if state.is_utgst and not state.successor]
    assert utgst == ["04", "26", "31", "35", "38", "97"]
    assert {"25", "28", "96", "99"}.isdisjoint(state.code for state in ADDRESS_STATES)
    assert len(ADDRESS_STATES) == 37
    assert [is_address_state(code) for code in ("38", "97", "96", "99", "7", "")] == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert current("40") is None
