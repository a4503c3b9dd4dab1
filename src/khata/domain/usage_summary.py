"""What a wallet has used, at which pace, and what that comes to.

docs/reference/usage.md defines each figure. A summary asks for sums between a few instants, its
marks, and makes all figures of them.
"""

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from msgspec import Struct

from khata.domain.days import month_before_us, month_start_us, same_time_us
from khata.domain.limits import DAY_US, HOUR_US, day_start_us, local_day, local_hour_us
from khata.domain.shares import rounded

USUAL_DAYS = 7
_WEEK_HOURS = 7 * 24
_FAR_DAYS = 3650


class Spans(NamedTuple):
    """What was used between each mark and the next."""

    marks: Sequence[int]
    used: Sequence[int]

    def between(self, from_us: int, to_us: int) -> int:
        """The sum from one mark to another."""
        first, last = bisect_left(self.marks, from_us), bisect_left(self.marks, to_us)
        return sum(self.used[first:last])


class Viewed(Struct, frozen=True, gc=False):
    """Whose use is summed up, and at which moment. `available` is what there is left to use."""

    time_zone: str
    created_at_us: int
    available: int
    at_us: int


class Summary(Struct, frozen=True, gc=False):
    """Whole credits, rounded half up. What needs a past that is not there is none."""

    from_us: int
    to_us: int
    total_consumed: int
    previous_period: int
    daily_average: int
    burn_rate_per_day: int
    monthly_estimate: int
    today: int
    usual_by_now: int | None
    this_month: int
    previous_month: int
    previous_month_by_now: int
    days_left: int | None
    runs_out_at_us: int | None


def summary_marks(viewed: Viewed, from_us: int, to_us: int) -> tuple[int, ...]:
    """Between which instants a summary needs the sums, rising."""
    zone, at_us = viewed.time_zone, viewed.at_us
    month_before = month_before_us(zone, at_us)
    marks = {from_us, to_us, 2 * from_us - to_us, _week_us(viewed), _tomorrow_us(viewed)}
    marks |= {month_start_us(zone, at_us, later) for later in (-1, 0)}
    marks |= {_hour(zone, month_before), _hour(zone, month_before) + HOUR_US}
    for start, then in _usual_days(viewed):
        marks |= {start, _hour(zone, then), _hour(zone, then) + HOUR_US}
    today = local_day(zone, at_us)
    marks |= {day_start_us(zone, today - back) for back in range(USUAL_DAYS + 1)}
    return tuple(sorted(marks))


def summary(viewed: Viewed, from_us: int, to_us: int, spans: Spans) -> Summary:
    """All figures, of the sums between the marks."""
    zone, at_us = viewed.time_zone, viewed.at_us
    tomorrow_us = _tomorrow_us(viewed)
    month_us, last_month_us = (month_start_us(zone, at_us, later) for later in (0, -1))
    total = spans.between(from_us, to_us)
    this_month = spans.between(month_us, tomorrow_us)
    pace = burn_rate(viewed, spans)
    to_come = Fraction(month_start_us(zone, at_us, 1) - at_us, DAY_US)
    days_left = lasting(viewed.available, pace)
    return Summary(
        from_us=from_us,
        to_us=to_us,
        total_consumed=total,
        previous_period=spans.between(2 * from_us - to_us, from_us),
        daily_average=rounded(Fraction(total, _days_begun(viewed, from_us, to_us))),
        burn_rate_per_day=rounded(pace),
        monthly_estimate=rounded(this_month + pace * to_come),
        today=spans.between(day_start_us(zone, local_day(zone, at_us)), tomorrow_us),
        usual_by_now=_usual_by_now(viewed, spans),
        this_month=this_month,
        previous_month=spans.between(last_month_us, month_us),
        previous_month_by_now=rounded(
            _so_far(zone, spans, last_month_us, month_before_us(zone, at_us))
        ),
        days_left=None if days_left is None else int(days_left),
        runs_out_at_us=_runs_out_at_us(at_us, days_left),
    )


def burn_rate(viewed: Viewed, spans: Spans) -> Fraction:
    """Credits a day over the last 168 hours of the clock, that under way counted in.

    A wallet younger than seven days has burnt them in the days since it was made, begun ones whole.
    """
    burnt = spans.between(_week_us(viewed), _tomorrow_us(viewed))
    age_days = -((viewed.created_at_us - viewed.at_us) // DAY_US)
    return Fraction(burnt, min(max(age_days, 1), USUAL_DAYS))


def lasting(available: int, pace: Fraction) -> Fraction | None:
    """For how many days these credits last at that pace; none where they last for ever."""
    if available <= 0:
        return Fraction(0)
    return available / pace if pace > 0 else None


def _runs_out_at_us(at_us: int, days_left: Fraction | None) -> int | None:
    if days_left is None or days_left > _FAR_DAYS:
        return None
    return at_us + rounded(days_left * DAY_US)


def _usual_by_now(viewed: Viewed, spans: Spans) -> int | None:
    """What was used on the days before until the clock showed what it shows now, on average."""
    days = _usual_days(viewed)
    if not days:
        return None
    used = [_so_far(viewed.time_zone, spans, start, then) for start, then in days]
    return rounded(sum(used, Fraction(0)) / len(days))


def _usual_days(viewed: Viewed) -> list[tuple[int, int]]:
    """Of the seven days before today, those that the wallet has seen whole: when each began, and
    when its clock showed what it shows now."""
    zone, today = viewed.time_zone, local_day(viewed.time_zone, viewed.at_us)
    starts = [(day_start_us(zone, day), day) for day in range(today - USUAL_DAYS, today)]
    return [
        (start, same_time_us(zone, day, viewed.at_us))
        for start, day in starts
        if start >= viewed.created_at_us
    ]


def _so_far(zone: str, spans: Spans, from_us: int, then_us: int) -> Fraction:
    """The hours before `then_us`, and of its own hour the part that had passed."""
    hour_us = _hour(zone, then_us)
    whole = spans.between(from_us, hour_us)
    begun = spans.between(hour_us, hour_us + HOUR_US)
    return whole + Fraction(begun * (then_us - hour_us), HOUR_US)


def _days_begun(viewed: Viewed, from_us: int, to_us: int) -> int:
    """The period's days so far, those before the wallet left out; at least one."""
    zone = viewed.time_zone
    first = local_day(zone, max(from_us, viewed.created_at_us))
    last = local_day(zone, min(to_us - 1, viewed.at_us))
    return max(last - first + 1, 1)


def _hour(zone: str, at_us: int) -> int:
    return local_hour_us(zone, at_us)


def _week_us(viewed: Viewed) -> int:
    return _hour(viewed.time_zone, viewed.at_us) - (_WEEK_HOURS - 1) * HOUR_US


def _tomorrow_us(viewed: Viewed) -> int:
    zone = viewed.time_zone
    return day_start_us(zone, local_day(zone, viewed.at_us) + 1)
