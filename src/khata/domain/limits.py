"""Daily hard caps: how many operations of a kind a wallet may do in a day of its own zone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from khata.domain.ledger import CapUse
from khata.domain.pricing import Price
from khata.domain.refusals import CapReached
from khata.domain.wallet import Book, Hold, Wallet

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
# Every zone's clock changes on a quarter of an hour, so its offset holds for the whole quarter.
QUARTER_US = 900_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def take_operation(
    book: Book, price: Price, caps: Mapping[str, int], at_us: int
) -> CapUse | CapReached | None:
    """The cap's use after one more operation of this feature; none where it has no cap."""
    cap = price.cap
    if cap is None or (limit := cap_limit(book.wallet, cap, caps)) is None:
        return None
    day = local_day(book.wallet.time_zone, at_us)
    used = book.caps.get((cap, day), 0)
    if used >= limit:
        return CapReached(cap, used, limit, day_start_us(book.wallet.time_zone, day + 1))
    return CapUse(cap, day, used, used + 1, limit)


def give_operation_back(book: Book, hold: Hold, caps: Mapping[str, int]) -> tuple[CapUse, ...]:
    """The cap's use after a hold that came to nothing returns its operation to its day.

    A day so long past that its count is not in the book any more gets nothing back.
    """
    if hold.cap is None or not (used := book.caps.get((hold.cap, hold.day), 0)):
        return ()
    limit = cap_limit(book.wallet, hold.cap, caps)
    return (CapUse(hold.cap, hold.day, used, used - 1, limit or 0),)


def cap_limit(wallet: Wallet, cap: str, caps: Mapping[str, int]) -> int | None:
    """Operations a day: the wallet's own figure within the operator's, none where uncapped."""
    operators = caps.get(cap)
    own = wallet.caps.get(cap)
    if operators is None:
        return own
    return operators if own is None else min(own, operators)


def local_day(time_zone: str, at_us: int) -> int:
    """The day of this instant in the zone, counted from 1970-01-01."""
    return (at_us + _offset_us(time_zone, at_us // QUARTER_US)) // DAY_US


def local_hour_us(time_zone: str, at_us: int) -> int:
    """When the hour of the zone's clock that this instant falls in began."""
    offset = _offset_us(time_zone, at_us // QUARTER_US)
    return (at_us + offset) // HOUR_US * HOUR_US - offset


@lru_cache(maxsize=4096)
def day_start_us(time_zone: str, day: int) -> int:
    """When that day begins in the zone."""
    midnight = (_EPOCH + timedelta(days=day)).replace(tzinfo=ZoneInfo(time_zone))
    return round(midnight.timestamp()) * 1_000_000


@lru_cache(maxsize=4096)
def _offset_us(time_zone: str, quarter: int) -> int:
    instant = datetime.fromtimestamp(quarter * 900, ZoneInfo(time_zone))
    offset = instant.utcoffset()
    assert offset is not None
    return round(offset.total_seconds()) * 1_000_000
