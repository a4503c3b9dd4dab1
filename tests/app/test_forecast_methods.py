"""The statistics against series whose truth is known, and against histories of every kind."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from khata.app.forecasts.methods import METHODS, WEEK, simulated
from khata.domain.forecast import MIN_DAYS, Backtested, Forecast, days_ahead, drawn_up

# A month of 30 days that begins in 15.
TODAY = days_ahead(0).month - 15
AHEAD = days_ahead(TODAY)
DAYS = AHEAD.end - AHEAD.day
SEASON = np.array([1.2, 1.15, 1.1, 1.2, 1.0, 0.6, 0.5])


def forecast(history: list[int]) -> Forecast:
    return drawn_up(TODAY, len(history), simulated(history, DAYS))


def lived(kind: str, length: int, rng: np.random.Generator) -> list[int]:
    """Days of a wallet with a weekly rhythm and, by the day, three tenths of chance."""
    days = np.arange(length)
    level = {
        "steady": np.full(length, 300.0),
        "growing": 300.0 * (1 + 0.003 * days),
        "wandering": 300.0 * np.exp(np.cumsum(rng.normal(0, 0.015, length))),
    }[kind]
    expected = level * SEASON[days % WEEK]
    return [int(each) for each in rng.negative_binomial(12, 12 / (12 + expected))]


def test_the_interval_holds_the_months_true_sum_as_often_as_it_says() -> None:
    """80 percent, of many wallets' months; of 72 that is 58, give or take seven."""
    rng = np.random.default_rng(20_261_126)
    within = 0
    widths: list[float] = []
    for kind in ("steady", "growing", "wandering"):
        for length in (28, 60, 90, 150) * 6:
            days = lived(kind, length + DAYS, rng)
            truth = sum(days[length + AHEAD.month - AHEAD.day :])
            made = forecast(days[:length])
            within += made.low <= truth <= made.high
            widths.append((made.high - made.low) / truth)
    assert 51 <= within <= 67
    # And not because it is so wide that it says nothing.
    assert np.median(widths) < 0.6


def test_a_rhythm_without_chance_is_foretold_exactly() -> None:
    week = [70, 60, 50, 60, 40, 10, 0]
    made = forecast(week * 8)
    truth = [week[place % WEEK] for place in range(DAYS)]
    assert [each.credits for each in made.series] == truth
    assert made.low == made.credits == made.high == sum(truth[AHEAD.month - AHEAD.day :])
    assert made.backtest[0] == Backtested("seasonal_mean", 0)


@pytest.mark.parametrize(("name", "column"), [("nile", "volume"), ("co2", "co2")])
def test_series_that_everybody_knows(name: str, column: str) -> None:
    """The level of the Nile, which chance moves, and carbon dioxide over Hawaii, which rises."""
    series: Any = import_module(f"statsmodels.datasets.{name}").load_pandas().data[column]
    known = [round(float(each)) for each in series.dropna()]
    known = known[-(90 + DAYS) :] if len(known) > 90 + DAYS else known
    past, truth = known[:-DAYS], sum(known[-(AHEAD.end - AHEAD.month) :])
    made = forecast(past)
    assert made.low <= truth <= made.high
    assert abs(made.credits - truth) < 0.1 * truth


def spiky() -> list[int]:
    return [10] * 30 + [100_000] + [10] * 29


@pytest.mark.parametrize(
    "history",
    [
        [0] * 60,
        [25] * 60,
        [0] * 59 + [1],
        spiky(),
        [10**9] * 40 + [0] * 20,
        [400, 0, 0, 0, 0, 0, 0, 0, 0, 0] * 6,
        [0] * 6 + [900] + [0] * 7,
        list(range(MIN_DAYS)),
        list(range(60, 0, -1)),
        [5, 7] * 15,
        [10**12, 1] * 20,
    ],
)
def test_whatever_the_history_the_figures_are_whole_ordered_and_not_below_zero(
    history: list[int],
) -> None:
    made = forecast(history)
    assert 0 <= made.low <= made.credits <= made.high
    assert all(0 <= each.low <= each.credits <= each.high for each in made.series)
    assert len(made.series) == DAYS
    assert made.method in {tested.method for tested in made.backtest}
    assert all(tested.error_percent >= 0 for tested in made.backtest)


@pytest.mark.parametrize("credits", [0, 25])
def test_a_history_that_never_changes_goes_on(credits: int) -> None:
    made = forecast([credits] * 60)
    assert {(each.credits, each.low, each.high) for each in made.series} == {(credits,) * 3}
    assert made.low == made.credits == made.high == credits * (AHEAD.end - AHEAD.month)


def test_the_one_that_was_least_wrong_is_taken() -> None:
    rng = np.random.default_rng(1)
    for kind in ("steady", "growing"):
        made = forecast(lived(kind, 120, rng))
        assert [tested.method for tested in made.backtest] == list(METHODS)
        errors = {tested.method: tested.error_percent for tested in made.backtest}
        assert errors[made.method] == min(errors.values())


def test_a_steep_rise_is_seen_as_one() -> None:
    """Last week's mean would be far behind."""
    rising = [100 + 10 * day for day in range(90)]
    made = forecast(rising)
    assert made.method in {"theta", "ets_damped", "ets"}
    assert made.credits > 30 * rising[-1]


def test_short_histories_are_tried_with_what_can_be_said_of_them() -> None:
    for length in range(MIN_DAYS, 24):
        rng = np.random.default_rng(length)
        made = forecast(lived("steady", length, rng))
        methods = {tested.method for tested in made.backtest}
        assert {"seasonal_mean", "seasonal_naive"} <= methods
        assert (len(methods) > 2) == (length >= 23)


def test_the_same_history_is_forecast_the_same() -> None:
    days = lived("wandering", 60, np.random.default_rng(3))
    assert forecast(days) == forecast(days)
