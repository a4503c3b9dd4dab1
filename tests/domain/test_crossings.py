"""Lines are crossed once each way, and credits that expire are told of a few days ahead."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.domain.budgets import Budget, BudgetUse
from khata.domain.crossings import (
    ExpiringDay,
    ExpiryPlan,
    Level,
    Standing,
    budget_reached_by_now,
    budgets_reached,
    caps_used_up,
    cross_lines,
    is_lowered,
    plan_expiries,
)
from khata.domain.ids import GrantId
from khata.domain.ledger import CapUse
from khata.domain.limits import local_day
from khata.domain.wallet import NEVER_US, Lot

ZONE = "Asia/Kolkata"
THRESHOLD = 200

LOW, WELL = ("LOW_BALANCE", True), ("LOW_BALANCE", False)
OUT, BACK = ("CREDITS_EXHAUSTED", True), ("CREDITS_EXHAUSTED", False)


def standings(*available: int) -> list[Standing]:
    return [Standing(place, place * 10, credits) for place, credits in enumerate(available, 1)]


@pytest.mark.parametrize(
    ("available", "crossed"),
    [
        ([], []),
        ([0], []),  # made at zero
        ([100, 50], [BACK]),
        ([201], [WELL, BACK]),
        ([201, 200], [WELL, BACK, LOW]),
        ([500, 200, 150, 10], [WELL, BACK, LOW]),  # once, however often it is charged
        ([500, 200, 201, 199], [WELL, BACK, LOW, WELL, LOW]),
        ([500, 0], [WELL, BACK, LOW, OUT]),
        ([500, -40, 0, 1], [WELL, BACK, LOW, OUT, BACK]),  # a debt, paid
    ],
)
def test_lines_are_told_of_once_a_crossing(
    available: list[int], crossed: list[tuple[str, bool]]
) -> None:
    _, found = cross_lines(Level(), standings(*available), THRESHOLD)
    assert [(crossing.line, crossing.is_below) for crossing in found] == crossed


def test_a_crossing_says_where_the_wallet_stood_and_by_which_transaction() -> None:
    _, found = cross_lines(Level(was_low=False), standings(300, 120), THRESHOLD)
    assert [(c.available, c.sequence, c.at_us) for c in found if c.is_below] == [(120, 2, 20)]


@given(st.lists(st.integers(-50, 400)), st.integers(0, 300), st.integers(0, 40))
def test_stretches_do_not_matter_and_each_crossing_changes_sides(
    available: list[int], threshold: int, split: int
) -> None:
    all_standings = standings(*available)
    level, first = cross_lines(Level(), all_standings[:split], threshold)
    level, second = cross_lines(level, all_standings[split:], threshold)
    assert cross_lines(Level(), all_standings, threshold) == (level, first + second)
    sides = [True, *(credits <= threshold for credits in available)]
    low = [c.is_below for c in first + second if c.line == "LOW_BALANCE"]
    assert low == [now for before, now in pairwise(sides) if before != now]


@pytest.mark.parametrize(("threshold", "is_low"), [(200, False), (299, False), (300, True)])
def test_a_raised_threshold_may_leave_a_wallet_low(threshold: int, is_low: bool) -> None:
    level, found = cross_lines(Level(was_low=False, was_exhausted=False), standings(300), threshold)
    assert (level.was_low, len(found)) == (is_low, is_low)


@pytest.mark.parametrize(
    ("before", "after", "used_up"), [(198, 199, False), (199, 200, True), (200, 199, False)]
)
def test_a_cap_is_told_of_with_its_last_operation(before: int, after: int, used_up: bool) -> None:
    use = CapUse("AI", 20_784, before, after, 200)
    assert caps_used_up([use]) == ((use,) if used_up else ())


def use(before: int, after: int, at_percent: int | None = None, name: str = "bud_1") -> BudgetUse:
    return BudgetUse(
        budget_id=name,
        level="team",
        unit="credits",
        window="month",
        since_us=0,
        before=before,
        after=after,
        limit=1_000,
        alert_at_percent=at_percent,
    )


@pytest.mark.parametrize(
    ("counted", "told"),
    [
        (use(0, 999), []),
        (use(999, 1_000), [100]),
        (use(1_000, 1_001), []),
        (use(990, 1_010), [100]),  # one that only tells
        (use(799, 800, 80), [80]),
        (use(800, 801, 80), []),
        (use(700, 1_000, 80), [100]),  # both at once are told of as the last
        (use(900, 700, 80), []),  # given back
        (use(0, 1_000, name="thr_1"), []),  # what slows a burning wallet down
    ],
)
def test_a_budget_is_told_of_at_its_limit_and_at_the_part_that_was_asked_for(
    counted: BudgetUse, told: list[int]
) -> None:
    assert [reached.percent for reached in budgets_reached([counted])] == told


@pytest.mark.parametrize(
    ("counted", "stands_at"),
    [
        (use(999, 999), None),
        (use(1_000, 1_000), 100),
        (use(2_000, 2_000, 80), 100),
        (use(799, 799, 80), None),
        (use(800, 800, 80), 80),
        (replace(use(0, 0), limit=0), None),  # who may use nothing has not used it up
        (replace(use(1, 1), limit=0), 100),
    ],
)
def test_a_budget_stands_at_the_highest_step_it_has_reached(
    counted: BudgetUse, stands_at: int | None
) -> None:
    reached = budget_reached_by_now(counted)
    assert (reached and reached.percent) == stands_at


@pytest.mark.parametrize(
    ("before", "after", "is_lower"),
    [
        ((100, None), (99, None), True),
        ((100, None), (100, None), False),
        ((100, None), (101, None), False),
        ((100, None), (100, 80), True),
        ((100, 80), (100, 90), False),
        ((100, 80), (200, 30), True),
        ((100, 50), (90, 90), True),
    ],
)
def test_a_budget_is_lowered_when_a_step_of_it_comes_sooner(
    before: tuple[int, int | None], after: tuple[int, int | None], *, is_lower: bool
) -> None:
    ends = [
        Budget("bud_1", "team", "credits", "month", limit, alert_at_percent=percent)
        for limit, percent in (before, after)
    ]
    assert is_lowered(*ends) == is_lower


def india(words: str) -> int:
    instant = datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(ZONE))
    return round(instant.timestamp() * 1_000_000)


CHRISTMAS = india("2026-12-25 09:00")
BEFORE = india("2026-01-05 12:00")


def lot(
    name: str,
    credits: int,
    expires_at_us: int = CHRISTMAS,
    created_at_us: int = BEFORE,
    spent: int = 0,
) -> Lot:
    return Lot(
        GrantId(name),
        "bonus",
        credits,
        credits - spent,
        1,
        created_at_us,
        expires_at_us=expires_at_us,
    )


def told(credits: int, ahead: int, lots: int = 1, first_us: int = CHRISTMAS) -> ExpiringDay:
    return ExpiringDay(local_day(ZONE, first_us), ahead, credits, lots, first_us)


@pytest.mark.parametrize(
    ("at", "expected", "next_at"),
    [
        ("2026-11-25 08:59", (), "2026-11-25 09:00"),
        ("2026-11-25 09:00", (told(500, 30),), "2026-12-18 09:00"),
        ("2026-12-18 08:59", (told(500, 30),), "2026-12-18 09:00"),
        ("2026-12-18 09:00", (told(500, 7),), "2026-12-24 09:00"),
        ("2026-12-24 09:00", (told(500, 1),), "2026-12-25 09:00"),
        ("2026-12-25 09:00", (), None),
    ],
)
def test_credits_are_told_of_thirty_seven_and_one_day_before_they_expire(
    at: str, expected: tuple[ExpiringDay, ...], next_at: str | None
) -> None:
    plan = plan_expiries([lot("a", 500)], ZONE, india(at), 1)
    assert plan == ExpiryPlan(expected, india(next_at) if next_at else None)


def test_the_lots_of_a_day_are_told_of_together_and_days_apart() -> None:
    evening, next_day = india("2026-12-25 23:59"), india("2026-12-26 00:00")
    lots = [
        lot("a", 500),
        lot("b", 70, evening),
        lot("c", 9, next_day),
        lot("empty", 40, spent=40),
        lot("for ever", 1_000, NEVER_US),
    ]
    plan = plan_expiries(lots, ZONE, india("2026-12-24 09:00"), 1)
    # The next day's credits are told of at their own time.
    assert plan.told == (told(570, 1, lots=2), told(9, 7, first_us=next_day))
    assert plan.next_us == india("2026-12-25 00:00")


@pytest.mark.parametrize(
    ("granted", "ahead"),
    [("2026-12-17 09:00", 7), ("2026-12-18 08:59", 7), ("2026-12-18 09:00", None)],
)
def test_who_is_granted_credits_for_a_few_days_is_not_told_so_at_once(
    granted: str, ahead: int | None
) -> None:
    lots = [lot("a", 500, created_at_us=india(granted))]
    plan = plan_expiries(lots, ZONE, india("2026-12-18 12:00"), 1)
    assert [day.ahead for day in plan.told] == ([] if ahead is None else [ahead])


@pytest.mark.parametrize(("least", "is_told"), [(1, True), (500, True), (501, False)])
def test_a_few_credits_may_be_not_worth_a_word(least: int, is_told: bool) -> None:
    plan = plan_expiries([lot("a", 500)], ZONE, india("2026-12-20 09:00"), least)
    assert bool(plan.told) is is_told


def test_what_is_spent_before_its_day_is_not_told_of() -> None:
    spent = replace(lot("a", 500), available=0)
    assert plan_expiries([spent], ZONE, india("2026-12-20 09:00"), 1) == ExpiryPlan((), None)
