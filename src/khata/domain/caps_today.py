"""How far a wallet's day has used up each of its caps, and when it would at this pace."""

from collections.abc import Mapping

from msgspec import Struct

from khata.domain.limits import cap_limit, day_start_us, local_day
from khata.domain.money import half_up
from khata.domain.wallet import Book


class CapToday(Struct, frozen=True, gc=False):
    """Operations of the wallet's day under one cap. `full_at_us` is when it is reached at the pace
    of the day so far; none where it is not."""

    cap: str
    used: int
    limit: int
    resets_at_us: int
    full_at_us: int | None

    @property
    def remaining(self) -> int:
        """Operations that are left of today's; none are where the cap was lowered below its use."""
        return max(self.limit - self.used, 0)


def caps_today(book: Book, caps: Mapping[str, int], at_us: int) -> list[CapToday]:
    """All caps of this wallet, the operator's and its own."""
    zone = book.wallet.time_zone
    day = local_day(zone, at_us)
    begun_us, ends_us = day_start_us(zone, day), day_start_us(zone, day + 1)
    found: list[CapToday] = []
    for cap in sorted({*caps, *book.wallet.caps}):
        limit = cap_limit(book.wallet, cap, caps)
        if limit is not None:
            used = book.caps.get((cap, day), 0)
            full_us = _full_at_us(used, limit, begun_us, at_us)
            shown_us = full_us if full_us is not None and full_us < ends_us else None
            found.append(CapToday(cap, used, limit, ends_us, shown_us))
    return found


def _full_at_us(used: int, limit: int, begun_us: int, at_us: int) -> int | None:
    """When the limit is reached if the day goes on as it began."""
    if used >= limit:
        return at_us
    return begun_us + half_up((at_us - begun_us) * limit, used) if used else None
