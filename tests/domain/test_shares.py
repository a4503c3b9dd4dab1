"""Percentages that sum to 100, and nothing lost to rounding."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.shares import percentages, rounded


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([], []),
        ([0, 0], ["0.0", "0.0"]),
        ([5], ["100.0"]),
        ([1, 1, 1], ["33.4", "33.3", "33.3"]),
        ([2, 1], ["66.7", "33.3"]),
        ([999, 1], ["99.9", "0.1"]),
        ([9999, 1], ["100.0", "0.0"]),
        ([30, -10], ["100.0", "0.0"]),  # more was given back than used: no part of the whole
    ],
)
def test_shares(amounts: list[int], expected: list[str]) -> None:
    assert [str(share) for share in percentages(amounts)] == expected


@given(st.lists(st.integers(-100, 10**12), max_size=40))
def test_they_sum_to_exactly_100_and_none_is_off_by_a_tenth(amounts: list[int]) -> None:
    shares = percentages(amounts)
    whole = sum(max(amount, 0) for amount in amounts)
    assert sum(shares, Decimal(0)) == (100 if whole else 0)
    for amount, share in zip(amounts, shares, strict=True):
        exact = Fraction(max(amount, 0) * 100, whole or 1)
        assert abs(Fraction(share) - exact) < Fraction(1, 10)


def test_halves_are_rounded_up() -> None:
    exact = (Fraction(1, 2), Fraction(3, 2), Fraction(7, 5), Fraction(-1, 2), Fraction(-3, 5))
    assert [rounded(each) for each in exact] == [1, 2, 1, 0, -1]
