"""The statistics: several methods, tried on the wallet's own past, and the best one simulated.

Only the child program imports this: it wants statsmodels, which takes a second and 150 MB. All is
seeded by the history itself, so that the same history is forecast the same.

Each method simulates courses of days, by drawing from its own errors. A method is tried from up to
six days of the past on: it sees what was before, and its expected sum of the next days is held
against what was used. The one whose sums missed least, over all these days together, is taken. How
far it missed in units of its own spread also tells by how much its courses must be spread wider:
with few days of history each method takes its figures for surer than they are.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, Final, cast
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from khata.domain.forecast import MOST_ERROR_PERCENT, Backtested, Method, Simulated

# It brings no types.
_ets_module: Any = import_module("statsmodels.tsa.exponential_smoothing.ets")
_theta_module: Any = import_module("statsmodels.tsa.forecasting.theta")

Floats = NDArray[np.float64]
Courses = Callable[[Floats, int, int, np.random.Generator], Floats]

WEEK: Final = 7
COURSES: Final = 1_000
_TRIED: Final = 200
_MOST_ORIGINS: Final = 6
_WEEKS: Final = 8
# What the exponential methods need to begin with.
_LONG_ENOUGH: Final = 16
_WIDEST: Final = 5.0
# The best of several methods has been lucky too, and looks better than it is.
_LUCK: Final = 1.25


def simulated(history: Sequence[int], days: int) -> Simulated:
    """Courses of that many days to come, by the method that did best on this history."""
    rows = np.asarray(history, dtype=np.float64)
    seed = crc32(rows.tobytes())
    tests = dict(_tests(rows, seed))
    method = min(tests, key=lambda name: tests[name].error)
    courses = tests[method].spread(_of(method, rows, days, COURSES, seed))
    return Simulated(
        method,
        [Backtested(name, _percent(test.error)) for name, test in tests.items()],
        cast("list[list[int]]", np.rint(courses).astype(np.int64).tolist()),
    )


class _Test:
    """How a method did from each origin: what it foretold, how widely, and what it missed by."""

    def __init__(self, foretold: Sequence[Floats], used: Sequence[float]) -> None:
        means = np.asarray([each.mean() for each in foretold])
        spreads = np.asarray([each.std() for each in foretold])
        missed = means - np.asarray(used)
        self.error = float(np.abs(missed).sum() / max(sum(used), 1.0))
        self._parts = _root_mean(missed / np.maximum(means, 1.0))
        self._units = _root_mean(missed / spreads) if np.all(spreads > 0.0) else None

    def spread(self, courses: Floats) -> Floats:
        """The courses further from each other by the factor by which the test missed more than the
        method thought; where it thought nothing, so far that their sums miss as much.

        Each course is made larger or smaller as a whole, so that none falls below zero, and their
        mean stays.
        """
        sums = courses.sum(axis=1)
        mean = float(sums.mean())
        apart = float(sums.std()) / max(mean, 1.0)
        if not apart:
            return courses
        wider = self._parts / apart if self._units is None else self._units
        parts = (sums / mean) ** (min(max(_LUCK * wider, 1.0), _WIDEST) - 1.0)
        wide = courses * parts[:, None]
        return wide * (mean / wide.sum(axis=1).mean())


def _tests(rows: Floats, seed: int) -> Sequence[tuple[Method, _Test]]:
    """The methods that could be tried from every origin, each with its test; at least one."""
    days, origins = _trials(len(rows))
    used = [float(rows[at : at + days].sum()) for at in origins]
    tests: list[tuple[Method, _Test]] = []
    for method in METHODS:
        if origins[0] < _LONG_ENOUGH and method not in _NEED_A_WEEK:
            continue
        try:
            sums = [_of(method, rows[:at], days, _TRIED, seed).sum(axis=1) for at in origins]
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            continue
        tests.append((method, _Test(sums, used)))
    return tests


def _trials(length: int) -> tuple[int, Sequence[int]]:
    """How many days are foretold in a test, and from which days on: evenly apart, the last one so
    that its days end with the history."""
    days = WEEK if length < 6 * WEEK else 2 * WEEK if length < 12 * WEEK else 4 * WEEK
    last = length - days
    first = max(_LONG_ENOUGH, last - (_MOST_ORIGINS - 1) * WEEK)
    if last < first:
        first = WEEK
    count = min(_MOST_ORIGINS, last - first + 1)
    return days, sorted({int(each) for each in np.linspace(first, last, count)})


def _of(method: Method, rows: Floats, days: int, count: int, seed: int) -> Floats:
    """Courses that are finite and not below zero."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        courses = METHODS[method](rows, days, count, np.random.default_rng(seed))
    if not np.all(np.isfinite(courses)):
        raise ArithmeticError("the method has come to nothing")
    return np.maximum(courses, 0.0)


def _seasonal_mean(rows: Floats, days: int, count: int, rng: np.random.Generator) -> Floats:
    """Each weekday as its mean over the last weeks, with whole weeks' errors.

    The mean itself is drawn anew for each course, as it would be from other weeks like these.
    """
    weeks = min(len(rows) // WEEK, _WEEKS)
    block = rows[len(rows) - weeks * WEEK :].reshape(weeks, WEEK)
    ahead = -(-days // WEEK)
    means = block[rng.integers(0, weeks, size=(count, weeks))].mean(axis=1)
    errors = (block - block.mean(axis=0)) * np.sqrt(weeks / max(weeks - 1, 1))
    drawn = errors[rng.integers(0, weeks, size=(count, ahead))]
    return (means[:, None, :] + drawn).reshape(count, ahead * WEEK)[:, :days]


def _seasonal_naive(rows: Floats, days: int, count: int, rng: np.random.Generator) -> Floats:
    """Each day as the same weekday a week before, with the differences between weeks."""
    differences = rows[WEEK:] - rows[:-WEEK]
    errors = differences - differences.mean() if len(differences) else np.zeros(1)
    ahead = -(-days // WEEK)
    steps = rng.choice(errors, size=(count, ahead, WEEK)).cumsum(axis=1)
    return (rows[-WEEK:] + steps).reshape(count, ahead * WEEK)[:, :days]


def _ets(rows: Floats, days: int, count: int, rng: np.random.Generator) -> Floats:
    return _exponential(rows, days, count, rng, damped_trend=False)


def _ets_damped(rows: Floats, days: int, count: int, rng: np.random.Generator) -> Floats:
    return _exponential(rows, days, count, rng, damped_trend=True)


def _exponential(
    rows: Floats, days: int, count: int, rng: np.random.Generator, *, damped_trend: bool
) -> Floats:
    """Exponential smoothing with a weekly season, and a trend that dies away where wanted."""
    made = _ets_module.ETSModel(
        rows,
        error="add",
        trend="add" if damped_trend else None,
        damped_trend=damped_trend,
        seasonal="add",
        seasonal_periods=WEEK,
        initialization_method="heuristic",
    )
    fitted = made.fit(disp=False, maxiter=100)
    courses = fitted.simulate(
        days, anchor="end", repetitions=count, random_errors="bootstrap", rng=rng
    )
    return np.asarray(courses, dtype=np.float64).T


def _theta(rows: Floats, days: int, count: int, rng: np.random.Generator) -> Floats:
    """The theta method on the days less their weekday's part: a level that follows its own errors,
    and a drift."""
    made = _theta_module.ThetaModel(
        rows, period=WEEK, deseasonalize=True, use_test=False, method="additive"
    )
    fitted = made.fit()
    alpha = float(fitted.params["alpha"])
    errors = _level_errors(rows, alpha)
    drawn = rng.choice(errors, size=(count, days))
    level = np.zeros((count, days))
    level[:, 1:] = alpha * drawn.cumsum(axis=1)[:, :-1]
    return np.asarray(fitted.forecast(days), dtype=np.float64) + drawn + level


def _level_errors(rows: Floats, alpha: float) -> Floats:
    """By how much a level that follows its errors missed each day, around nothing."""
    weekdays = np.arange(len(rows)) % WEEK
    parts = np.asarray([rows[weekdays == day].mean() for day in range(WEEK)])
    plain = rows - (parts - parts.mean())[weekdays]
    level, errors = plain[:WEEK].mean(), np.empty(len(rows))
    for place, each in enumerate(plain):
        errors[place] = each - level
        level += alpha * errors[place]
    return errors - errors.mean()


# The simplest first: of two that missed by the same, it is taken.
METHODS: Final[Mapping[Method, Courses]] = {
    "seasonal_mean": _seasonal_mean,
    "ets": _ets,
    "theta": _theta,
    "ets_damped": _ets_damped,
    "seasonal_naive": _seasonal_naive,
}
_NEED_A_WEEK: Final[frozenset[Method]] = frozenset({"seasonal_mean", "seasonal_naive"})


def _root_mean(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))


def _percent(error: float) -> int:
    return min(round(100 * error), MOST_ERROR_PERCENT)
