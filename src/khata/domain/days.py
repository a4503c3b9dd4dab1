"""Days and months of a zone's own calendar, as the instants that they begin at."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from khata.domain.limits import day_start_us, local_day

_FIRST_DAY = date(1970, 1, 1).toordinal()
_HOURS = 24


def day_starts(time_zone: str, from_us: int, to_us: int) -> tuple[int, ...]:
    """When the days of that stretch begin, the first one at or before it, `to_us` left out."""
    first, last = local_day(time_zone, from_us), local_day(time_zone, to_us - 1)
    return tuple(day_start_us(time_zone, day) for day in range(first, last + 1))


def date_text(time_zone: str, at_us: int) -> str:
    """The zone's date at this instant, as ``2026-11-22``."""
    return _date(local_day(time_zone, at_us)).isoformat()


def month_start_us(time_zone: str, at_us: int, later: int = 0) -> int:
    """When the month of this instant begins in the zone, or one so many months later."""
    today = _date(local_day(time_zone, at_us))
    return day_start_us(time_zone, _number(_first_of_month(today, later)))


def same_time_us(time_zone: str, day: int, at_us: int) -> int:
    """When the zone's clock shows on that day what it shows at this instant."""
    zone = ZoneInfo(time_zone)
    second, rest_us = divmod(at_us, 1_000_000)
    shown = datetime.fromtimestamp(second, zone).time()
    then = datetime.combine(_date(day), shown, zone)
    return round(then.timestamp()) * 1_000_000 + rest_us


def month_before_us(time_zone: str, at_us: int) -> int:
    """The same day and time of the month before; its end where it has no such day."""
    today = _date(local_day(time_zone, at_us))
    ends_on = _first_of_month(today, 0)
    on = _first_of_month(today, -1) + timedelta(days=today.day - 1)
    if on >= ends_on:
        return day_start_us(time_zone, _number(ends_on))
    return same_time_us(time_zone, _number(on), at_us)


@lru_cache(maxsize=16_384)
def place_in_week(time_zone: str, hour_us: int) -> int:
    """Which of the week's 168 hours begins at this instant: 0 is Monday's first."""
    then = datetime.fromtimestamp(hour_us // 1_000_000, ZoneInfo(time_zone))
    return then.weekday() * _HOURS + then.hour


def _first_of_month(day: date, later: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + later, 12)
    return date(year, month + 1, 1)


def _date(day: int) -> date:
    return date.fromordinal(_FIRST_DAY + day)


def _number(day: date) -> int:
    return day.toordinal() - _FIRST_DAY
