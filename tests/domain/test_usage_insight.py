"""What stands out of usage: a rise before what is large, and nothing where little was used."""

import pytest

from khata.domain.usage_insight import (
    BusyHours,
    FeatureUse,
    busy_hours,
    risen_by_percent,
    standout,
)

DAY = 24


@pytest.mark.parametrize(
    ("used", "found"),
    [
        ({}, None),
        ({"A": (99, 0)}, None),
        # Four times what it was, and more than a tenth of all.
        ({"A": (40, 10), "B": (160, 160)}, ("risen", "A")),
        # Of two that rose, the one by more credits.
        ({"A": (60, 10), "B": (140, 40)}, ("risen", "B")),
        ({"A": (100, 0), "B": (30, 30)}, ("risen", "A")),
        # A rise of less than a quarter is none, nor one of less than a tenth of all.
        ({"A": (124, 100)}, ("largest", "A")),
        ({"A": (9, 1), "B": (91, 91)}, ("largest", "B")),
        # Whoever used nothing before for want of a wallet has not risen.
        ({"A": (100, None)}, ("largest", "A")),
        # Many small ones: none stands out.
        (dict.fromkeys("ABCDEF", (19, 19)), None),
        ({"A": (500, 900), "B": (-20, 0)}, ("largest", "A")),
    ],
)
def test_one_feature_stands_out_or_none(
    used: dict[str, tuple[int, int | None]], found: tuple[str, str] | None
) -> None:
    told = standout([FeatureUse(name, *credits) for name, credits in used.items()])
    assert (told and (told.finding, told.use.feature)) == found


@pytest.mark.parametrize(("credits", "previous", "percent"), [(15, 10, 50), (15, 0, None)])
def test_by_how_much_it_rose(credits: int, previous: int, percent: int | None) -> None:
    assert risen_by_percent(FeatureUse("A", credits, previous)) == percent


def week(*used: tuple[int, int, int]) -> list[int]:
    hours = [0] * 7 * DAY
    for weekday, hour, credits in used:
        hours[weekday * DAY + hour] += credits
    return hours


@pytest.mark.parametrize(
    ("used", "found"),
    [
        ([], None),
        ([(0, 10, 5)], BusyHours(10, 11, 100)),
        # Each working day at another hour, two of which lie side by side.
        ([(0, 9, 30), (1, 10, 30), (2, 15, 20), (4, 20, 20)], BusyHours(9, 11, 60)),
        # Of stretches of the same weight, the earlier.
        ([(0, 8, 50), (3, 18, 50)], BusyHours(8, 9, 50)),
        # On weekends, or spread over the day, there is no such time.
        ([(5, 10, 60), (6, 10, 60)], None),
        ([(2, hour, 1) for hour in range(DAY)], None),
        # More was given back than used in an hour.
        ([(0, 10, 60), (1, 3, -50), (2, 20, 50)], BusyHours(10, 11, 54)),
    ],
)
def test_when_most_of_it_was_used(
    used: list[tuple[int, int, int]], found: BusyHours | None
) -> None:
    assert busy_hours(week(*used)) == found
