"""Amounts in words, held against num2words."""

from collections.abc import Callable
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.words import amount_in_words, in_words

# It has no types.
num2words: Callable[..., str] = import_module("num2words").num2words


@pytest.mark.parametrize(
    ("paise", "words"),
    [
        (18_060, "One Hundred and Eighty Rupees and Sixty Paise Only"),
        (60_200, "Six Hundred and Two Rupees Only"),
        (12_040_021, "One Lakh Twenty Thousand Four Hundred Rupees and Twenty-One Paise Only"),
        (100, "One Rupee Only"),
        (1, "One Paisa Only"),
        (99, "Ninety-Nine Paise Only"),
        (0, "Zero Rupees Only"),
        (10**9 + 100, "One Crore and One Rupees Only"),
        (10**16, "One Crore Crore Rupees Only"),
    ],
)
def test_amounts(paise: int, words: str) -> None:
    assert amount_in_words(paise) == words


@given(st.one_of(st.integers(0, 2_000), st.integers(0, 10**10 - 1)))
def test_numbers_are_those_of_num2words(number: int) -> None:
    assert in_words(number) == num2words(number, lang="en_IN").replace(",", "")


@given(st.integers(0, 10**12 - 1))
def test_amounts_are_those_of_num2words(paise: int) -> None:
    theirs = num2words(paise, lang="en_IN", to="currency", currency="INR", separator=";")
    rupees, _, rest = theirs.replace(",", "").partition(";")
    parts = [part.strip() for part in (rupees, rest) if not part.strip().startswith("zero ")]
    expected = " and ".join(parts) or "zero rupees"
    assert amount_in_words(paise).lower() == f"{expected} only"
