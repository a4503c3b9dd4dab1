"""Budgets: their windows in the zone's own time, their order, and what comes back to them."""

from datetime import datetime
from itertools import pairwise, permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from khata.domain.budgets import (
    Budget,
    BudgetUse,
    BudgetWindow,
    Counter,
    Counts,
    counts_after,
    outermost_first,
)
from khata.domain.refusals import BudgetExceeded
from khata.domain.spending import give_back
from khata.domain.windows import Window, window_at


def at_us(zone: str, words: str) -> int:
    instant = datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone))
    return round(instant.timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("window", "zone", "instant", "begins", "ends"),
    [
        ("hour", "Asia/Kolkata", "2026-01-31T23:59", "2026-01-31T23:00", "2026-02-01T00:00"),
        ("day", "Asia/Kolkata", "2026-01-31T23:59", "2026-01-31T00:00", "2026-02-01T00:00"),
        ("month", "Asia/Kolkata", "2026-01-31T23:59", "2026-01-01T00:00", "2026-02-01T00:00"),
        ("month", "Asia/Kolkata", "2026-02-28T12:00", "2026-02-01T00:00", "2026-03-01T00:00"),
        ("month", "Asia/Kolkata", "2028-02-29T12:00", "2028-02-01T00:00", "2028-03-01T00:00"),
        ("month", "UTC", "2026-12-31T23:59", "2026-12-01T00:00", "2027-01-01T00:00"),
        # The clock is put forward on the 29th: the day and the month are an hour shorter.
        ("day", "Europe/Berlin", "2026-03-29T12:00", "2026-03-29T00:00", "2026-03-30T00:00"),
        ("month", "Europe/Berlin", "2026-03-31T23:59", "2026-03-01T00:00", "2026-04-01T00:00"),
        ("month", "Europe/Berlin", "2026-04-01T00:00", "2026-04-01T00:00", "2026-05-01T00:00"),
        # Midnight does not exist on this day: it begins at one o'clock.
        ("day", "America/Havana", "2026-03-08T12:00", "2026-03-08T01:00", "2026-03-09T00:00"),
    ],
)
def test_when_a_window_begins_and_ends(
    window: BudgetWindow, zone: str, instant: str, begins: str, ends: str
) -> None:
    found = window_at(window, zone, at_us(zone, instant))
    assert found == (at_us(zone, begins), at_us(zone, ends))


@pytest.mark.parametrize("window", ["hour", "day", "month"])
@pytest.mark.parametrize(
    "zone", ["Asia/Kolkata", "Europe/Berlin", "America/New_York", "Pacific/Chatham", "UTC"]
)
def test_windows_follow_each_other_without_a_gap(window: BudgetWindow, zone: str) -> None:
    seen: list[Window] = []
    instant = at_us(zone, "2026-03-25T00:00")
    for _ in range(200):
        found = window_at(window, zone, instant)
        assert found.until_us is not None
        assert window_at(window, zone, found.until_us - 1) == found
        seen.append(found)
        instant = found.until_us
    assert all(before.until_us == after.since_us for before, after in pairwise(seen))


def test_a_lifetime_has_no_end() -> None:
    assert window_at("lifetime", "UTC", 10**18) == (0, None)


IN_ORDER = (
    Budget("shared", "organization", "credits", "day", 1, time_zone="UTC"),
    Budget("ever", "organization", "credits", "lifetime", 1),
    Budget("month", "organization", "credits", "month", 1),
    Budget("day", "organization", "credits", "day", 1),
    Budget("ai a month", "organization", "credits", "month", 1, category="AI"),
    Budget("summary", "organization", "credits", "month", 1, feature="AI_SUMMARY"),
    Budget("team", "team", "credits", "hour", 1),
    Budget("member", "member", "credits", "lifetime", 1),
    Budget("key", "key", "credits", "lifetime", 1),
)


def test_the_outermost_comes_first_in_whatever_order_they_were_made() -> None:
    for some in permutations(IN_ORDER, 3):
        assert outermost_first(some) == tuple(each for each in IN_ORDER if each in some)


USE = BudgetUse("bud_1", "member", "credits", "day", 5, before=30, after=50, limit=90, subject="a")


@pytest.mark.parametrize(
    ("counted", "unused", "left"),
    [(50, 20, 30), (50, 5, 45), (50, 0, None), (90, 20, 70), (50, 99, 30), (10, 20, 0)],
)
def test_what_was_not_used_comes_back_and_no_more(
    counted: int, unused: int, left: int | None
) -> None:
    counts = Counts({USE.counter: counted})
    back = give_back(counts, [USE], unused, operations=0)
    assert [(use.before, use.after) for use in back] == ([] if left is None else [(counted, left)])


def test_an_operation_comes_back_as_one() -> None:
    calls = BudgetUse("bud_2", "key", "count", "day", 5, before=3, after=4, limit=9, subject="k")
    counts = Counts({calls.counter: 7})
    (back,) = give_back(counts, [calls], credits=100, operations=1)
    assert (back.before, back.after) == (7, 6)


def test_a_counter_that_was_not_named_is_a_bug() -> None:
    with pytest.raises(KeyError):
        give_back(Counts(), [USE], 5, operations=0)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 99)), max_size=9))
def test_own_and_shared_counters_are_kept_apart(told: list[tuple[bool, int, int]]) -> None:
    counts, own, shared = Counts(), {}, {}
    for is_shared, number, after in told:
        use = BudgetUse("bud_1", "key", "credits", "day", number, 0, after, 9, is_shared=is_shared)
        counts = counts_after(counts, [use])
        (shared if is_shared else own)[Counter("bud_1", number, "")] = after
    assert (counts.own, counts.shared) == (own, shared)


TOLD = BudgetExceeded(
    budget_id="bud_1",
    level="member",
    subject="asha",
    category=None,
    feature=None,
    unit="credits",
    window="day",
    used=190,
    limit=200,
    requested=15,
    over=5,
    resets_at_us=1,
)


@pytest.mark.parametrize(
    ("refusal", "detail"),
    [
        (TOLD, "of member asha, 200 credits a day, has 190 used: 15 more are 5 too many."),
        (
            replace(TOLD, window="hour", limit=1, used=1, requested=1, over=1),
            "of member asha, 1 credit an hour, has 1 used: 1 more are 1 too many.",
        ),
        (
            replace(TOLD, subject=None, unit="count", window="lifetime"),
            "of the organization, 200 operations in all, has 190 used: 15 more are 5 too many.",
        ),
    ],
)
def test_a_refusal_says_which_and_by_how_much(refusal: BudgetExceeded, detail: str) -> None:
    assert refusal.code == "BUDGET_EXCEEDED"
    assert refusal.detail == f"The budget {detail}"
