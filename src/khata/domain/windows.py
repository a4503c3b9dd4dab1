"""Windows of time in which budgets count: hours, days and months of a zone's own clock."""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from khata.domain.budgets import BudgetWindow
from khata.domain.limits import HOUR_US, QUARTER_US, day_start_us, local_day, local_hour_us

_EPOCH = date(1970, 1, 1)


class Window(NamedTuple):
    """From when until when something is counted; without an end it is so for ever."""

    since_us: int
    until_us: int | None


LIFETIME = Window(0, None)


def window_at(window: BudgetWindow, time_zone: str, at_us: int) -> Window:
    """The window of that kind in which this instant lies."""
    if window == "lifetime":
        return LIFETIME
    if window == "hour":
        hour_us = local_hour_us(time_zone, at_us)
        return Window(hour_us, hour_us + HOUR_US)
    # The zone's clock stays as it is for a quarter of an hour, and so does its date.
    return _days(window, time_zone, at_us // QUARTER_US)


@lru_cache(maxsize=4096)
def _days(window: BudgetWindow, time_zone: str, quarter: int) -> Window:
    day = local_day(time_zone, quarter * QUARTER_US)
    if window == "day":
        return Window(day_start_us(time_zone, day), day_start_us(time_zone, day + 1))
    first = (_EPOCH + timedelta(days=day)).replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    begins, ends = ((each - _EPOCH).days for each in (first, following))
    return Window(day_start_us(time_zone, begins), day_start_us(time_zone, ends))
