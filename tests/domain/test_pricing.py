"""Whole credits, exact metering: what a quantity costs, and what is carried to the next one."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.pricing import NO_REMAINDER, Price, Remainder, bill, over, reserve
from khata.testing import price_list, rules

TOKENS = Price("TOKENS", "AI", 3, per=1000)
CALL = Price("CALL", "AI", 15)


@pytest.mark.parametrize(
    ("carried", "quantity", "credits", "left"),
    [
        (None, 250, 0, (750, 1000)),
        ((750, 1000), 250, 1, (500, 1000)),
        ((999, 1000), 1, 1, (2, 1000)),
        (None, 1000, 3, (0, 1000)),
        (None, 0, 0, (0, 1000)),
        ((1, 2), 1, 0, (503, 1000)),  # a half of a credit, carried over from another `per`
        ((1, 3), 0, 0, (1000, 3000)),  # a third does not fit into thousandths: nothing is rounded
        ((1000, 3000), 222, 0, (2998, 3000)),
        ((2998, 3000), 1, 1, (7, 3000)),
        ((2000, 4000), 1, 0, (503, 1000)),  # and it returns to thousandths as soon as it can
        (None, 10**12, 3 * 10**9, (0, 1000)),
    ],
)
def test_a_metered_price_bills_whole_credits_and_carries_the_rest(
    carried: tuple[int, int] | None, quantity: int, credits: int, left: tuple[int, int]
) -> None:
    billed = bill(TOKENS, quantity, Remainder(*carried) if carried else None)
    assert billed.credits == credits
    assert billed.after == Remainder(*left)


def test_a_price_for_one_is_multiplied_and_carries_nothing() -> None:
    billed = bill(CALL, 4, None)
    assert (billed.credits, billed.before, billed.after) == (60, None, None)


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6)), max_size=12
    )
)
def test_over_any_changes_of_price_nothing_is_billed_twice_or_lost(
    uses: list[tuple[int, int, int]],
) -> None:
    carried, billed = NO_REMAINDER, 0
    used = sum((Fraction(credits * quantity, per) for quantity, credits, per in uses), Fraction(0))
    for quantity, credits, per in uses:
        charge = bill(Price("TOKENS", "AI", credits, per=per), quantity, carried)
        billed += charge.credits
        carried = charge.after or carried
        assert 0 <= carried.numerator < carried.denominator
        assert charge.credits >= 0
    assert billed + Fraction(carried.numerator, carried.denominator) == used


@given(st.integers(0, 10**12), st.integers(0, 10**6), st.integers(1, 10**6), st.fractions(0, 1))
def test_a_hold_rounded_up_covers_whatever_is_carried(
    quantity: int, credits: int, per: int, carried: Fraction
) -> None:
    price = Price("TOKENS", "AI", credits, per=per)
    below_one = carried if carried < 1 else Fraction(0)
    remainder = Remainder(below_one.numerator, below_one.denominator)
    assert bill(price, quantity, remainder).credits <= reserve(price, quantity)


@given(st.fractions(0, 1), st.integers(1, 10**6))
def test_a_remainder_stays_the_same_fraction_over_any_per(fraction: Fraction, per: int) -> None:
    moved = over(Remainder(fraction.numerator, fraction.denominator), per)
    assert Fraction(moved.numerator, moved.denominator) == fraction
    assert moved.denominator % per == 0


@pytest.mark.parametrize(
    ("at_us", "version"), [(0, 1), (999, 1), (1000, 2), (1001, 2), (2000, 4), (9999, 4)]
)
def test_the_latest_version_whose_time_has_come_is_in_force(at_us: int, version: int) -> None:
    versions = (
        price_list(),
        price_list(version=2, effective_at_us=1000),
        price_list(version=3, effective_at_us=2000),
        price_list(version=4, effective_at_us=2000),
    )
    assert rules(*versions).prices.at(at_us).version == version
