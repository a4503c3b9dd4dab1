"""The burn window against one that is summed anew for every charge, on random histories."""

from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.domain.burn import Burn, BurnCrossing, Used, calm_level, slide
from khata.domain.limits import DAY_US, HOUR_US

LIMIT = 50

# Many at the same instant, and many exactly at the edge of somebody else's window.
gaps = st.sampled_from(
    [0, 0, 0, 1, HOUR_US, DAY_US // 3, DAY_US // 2, DAY_US - 1, DAY_US, DAY_US + 1]
)
histories = st.lists(st.tuples(gaps, st.integers(1, 60)), max_size=30)


def charges(history: Sequence[tuple[int, int]]) -> list[Used]:
    """Every second transaction is a charge."""
    times = accumulate(gap for gap, _ in history)
    amounts = (credits for _, credits in history)
    pairs = enumerate(zip(times, amounts, strict=True), 1)
    return [Used(2 * number, at_us, credits) for number, (at_us, credits) in pairs]


def within(made: Sequence[Used], at_us: int) -> int:
    return sum(charge.credits for charge in made if at_us - DAY_US < charge.at_us <= at_us)


def by_brute_force(made: Sequence[Used], until_us: int) -> list[tuple[bool, int, int]]:
    """Begun and calmed down, when, and with which credits in the window."""
    crossings: list[tuple[bool, int, int]] = []
    burning = False
    leavings = {charge.at_us + DAY_US for charge in made}
    for at_us in sorted({charge.at_us for charge in made} | leavings):
        if at_us > until_us:
            break
        before = [charge for charge in made if charge.at_us < at_us]
        if burning and within(before, at_us) <= calm_level(LIMIT):
            burning = False
            crossings.append((False, at_us, within(before, at_us)))
        for charge in (charge for charge in made if charge.at_us == at_us):
            before.append(charge)
            if not burning and within(before, at_us) > LIMIT:
                burning = True
                crossings.append((True, at_us, within(before, at_us)))
    return crossings


def told(crossings: Sequence[BurnCrossing]) -> list[tuple[bool, int, int]]:
    return [(crossing.is_burning, crossing.at_us, crossing.used) for crossing in crossings]


def scant(behind: Sequence[Used], until_us: int) -> Sequence[Used]:
    """Only what leaves, and the first that stays."""
    leaving = sum(charge.at_us <= until_us - DAY_US for charge in behind)
    return behind[: leaving + 1] if leaving else ()


@given(histories, st.lists(st.integers(1, 6)), gaps, st.booleans())
def test_the_window_is_exact_whatever_the_stretches(
    history: list[tuple[int, int]], sizes: list[int], idle_us: int, knows_all: bool
) -> None:
    made = charges(history)
    burn, crossed, done = Burn(), list[BurnCrossing](), 0
    for size in (*sizes, len(made)):
        taken = made[done : done + size]
        done += len(taken)
        now_us = made[done - 1].at_us if done else 0
        # Time may pass with nothing to charge, but not beyond the next charge.
        until_us = min(now_us + idle_us, made[done].at_us) if done < len(made) else now_us + idle_us
        behind = [charge for charge in made[:done] if charge.sequence > burn.tail]
        known = behind if knows_all else scant(behind, until_us)
        burn, new = slide(burn, known, taken, LIMIT, until_us)
        crossed += new
        present = [charge for charge in made[:done] if charge.at_us > until_us - DAY_US]
        assert burn.used == sum(charge.credits for charge in present)
        assert burn.oldest_us == (present[0].at_us if present else None)
        assert [charge for charge in made[:done] if charge.sequence > burn.tail] == present
    assert told(crossed) == by_brute_force(made, (made[-1].at_us if made else 0) + idle_us)


@pytest.mark.parametrize(
    ("apart_us", "burns"), [(0, True), (DAY_US - 1, True), (DAY_US, False), (DAY_US + 1, False)]
)
def test_charges_exactly_a_day_apart_are_in_no_window_together(apart_us: int, burns: bool) -> None:
    made = [Used(1, 0, 30), Used(2, apart_us, 30)]
    _, crossed = slide(Burn(), made, made, LIMIT, apart_us)
    assert bool(crossed) is burns


def test_a_wallet_burns_above_its_limit_and_calms_down_at_four_fifths_of_it() -> None:
    made = [Used(1, 0, 10), Used(2, HOUR_US, 40), Used(3, 2 * HOUR_US, 1), Used(4, 3 * HOUR_US, 9)]
    burn, crossed = slide(Burn(), made, made, LIMIT, 3 * HOUR_US)
    assert crossed == (BurnCrossing(True, 2 * HOUR_US, 51, 0, 0, 3),)
    assert burn == Burn(60, 0, 4, 0, 2 * HOUR_US)
    burn, crossed = slide(burn, made, [], LIMIT, DAY_US)
    assert (burn.used, crossed) == (50, ())
    burn, crossed = slide(burn, made[1:], [], LIMIT, 2 * DAY_US)
    assert crossed == (BurnCrossing(False, DAY_US + HOUR_US, 10, 2 * HOUR_US, 2, 4),)
    assert burn == Burn(0, 4, 4)


@pytest.mark.parametrize(
    ("limit", "crossings"), [(29, [True]), (30, []), (50, []), (37, []), (1_000, [])]
)
def test_a_limit_that_is_lowered_below_the_window_is_crossed_at_once(
    limit: int, crossings: list[bool]
) -> None:
    quiet = Burn(used=30, head=1, oldest_us=0)
    _, crossed = slide(quiet, [], [], limit, HOUR_US)
    assert [crossing.is_burning for crossing in crossed] == crossings


@pytest.mark.parametrize(("limit", "calms"), [(37, False), (38, True)])
def test_a_limit_that_is_raised_calms_the_wallet_down(limit: int, calms: bool) -> None:
    burning = Burn(used=30, head=1, oldest_us=0, burning_since_us=0)
    _, crossed = slide(burning, [], [], limit, HOUR_US)
    assert bool(crossed) is calms
