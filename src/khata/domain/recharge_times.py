"""When a mandate may be debited: a day after its notice, off the peak; and how early to begin."""

from datetime import UTC, datetime, timedelta

from khata.domain.limits import DAY_US, HOUR_US, day_start_us, local_day

INDIA = "Asia/Kolkata"
# The payer must know for 24 hours; half an hour more covers clocks that differ and slow notices.
NOTICE_AHEAD_US = DAY_US + HOUR_US // 2
# From the notice to the money it takes up to a day and a half.
LEAD_HOURS = 36
FORECAST_DAYS = 7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).date()
_MINUTE_US = 60_000_000
# Of the Indian day, in minutes: UPI debits no mandate from 10:00 to 13:00 and 17:00 to 21:30.
_PEAKS = ((600, 780), (1020, 1290))


def off_peak_us(at_us: int) -> int:
    """The instant itself, or the end of the peak that it falls in."""
    begins_us = day_start_us(INDIA, local_day(INDIA, at_us))
    minute = (at_us - begins_us) // _MINUTE_US
    for starts, ends in _PEAKS:
        if starts <= minute < ends:
            return begins_us + ends * _MINUTE_US
    return at_us


def early_line(threshold_credits: int, used_credits: int) -> int:
    """The line of a wallet whose money comes a day and a half late: what it will have used by then
    is added, if it goes on as in the last seven days, in which it used so much."""
    hours = FORECAST_DAYS * 24
    return threshold_credits + -(-max(used_credits, 0) * LEAD_HOURS // hours)


def day_bounds_us(time_zone: str, at_us: int) -> tuple[int, int]:
    """When the wallet's day began and when it ends."""
    day = local_day(time_zone, at_us)
    return day_start_us(time_zone, day), day_start_us(time_zone, day + 1)


def month_bounds_us(time_zone: str, at_us: int) -> tuple[int, int]:
    """When the wallet's month began and when it ends."""
    today = _EPOCH + timedelta(days=local_day(time_zone, at_us))
    first = today.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return (
        day_start_us(time_zone, (first - _EPOCH).days),
        day_start_us(time_zone, (following - _EPOCH).days),
    )
