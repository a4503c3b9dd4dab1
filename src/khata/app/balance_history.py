"""How a wallet's balances went, day by day or hour by hour, and where credits were bought."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from msgspec import Struct

from khata.app.books_seen import BooksSeen
from khata.app.invalid import Invalid
from khata.app.past_balances import Balances, balances_at, projected
from khata.app.usage import demand_known_time
from khata.domain.days import day_starts
from khata.domain.ids import WalletId
from khata.domain.limits import HOUR_US, day_start_us, local_day, local_hour_us
from khata.domain.wallet import Book
from khata.postgres import balances as store
from khata.postgres.asking import borrowed
from khata.postgres.balances import Stood
from khata.postgres.connect import Pool

USUAL_DAYS = 45
MOST_POINTS = 400


class BalancePoint(Struct, frozen=True, gc=False):
    """The balances at the end of a day or hour that began then, or now while it is under way."""

    begun_us: int
    balances: Balances
    purchased: int


class BalanceHistory(Struct, frozen=True):
    """The balances just before the first point, and the points."""

    time_zone: str
    from_us: int
    to_us: int
    opening: Balances
    points: Sequence[BalancePoint]


class BalanceHistories:
    """Reads of the ledger at some instants: what they cost hangs on how many those are."""

    def __init__(self, seen: BooksSeen, readers: Pool, now_us: Callable[[], int]) -> None:
        self._seen = seen
        self._readers = readers
        self._now_us = now_us

    async def of(
        self, wallet_id: str, from_us: int | None, to_us: int | None, *, hourly: bool
    ) -> BalanceHistory | None:
        """The balances from one day or hour on and up to another, the last 45 days if nothing is
        said; none where there is no such wallet. Raises `Invalid`."""
        book = await self._seen.booked(wallet_id)
        if book is None:
            return None
        zone, now_us = book.wallet.time_zone, self._now_us()
        starts, ends_us = _starts(zone, from_us, to_us, now_us, hourly=hourly)
        # Of the wallet as it was just before each instant that closes a point.
        closes = [*(start - 1 for start in starts), min(ends_us - 1, now_us)]
        stood, bought = await self._stood(book, closes)
        points = [
            BalancePoint(start, balances, purchased)
            for start, balances, purchased in zip(starts, stood[1:], bought, strict=True)
        ]
        return BalanceHistory(zone, starts[0], ends_us, stood[0], points)

    async def _stood(self, book: Book, instants: Sequence[int]) -> tuple[list[Balances], list[int]]:
        wallet_id = book.wallet.id
        async with borrowed(self._readers) as connection:
            found = await store.stood_at(connection, wallet_id, instants)
            edges = [stood.sequence for stood in found]
            bought = await store.purchases(connection, wallet_id, edges[0], edges[-1])
        balances = [
            await self._at(book, at_us, stood) for at_us, stood in zip(instants, found, strict=True)
        ]
        sums = [
            sum(credits for sequence, credits in bought if first < sequence <= last)
            for first, last in pairwise(edges)
        ]
        return balances, sums

    async def _at(self, book: Book, at_us: int, stood: Stood) -> Balances:
        """As the ledger says, unless something that had expired was booked later only."""
        plainly = Balances(at_us, stood.sequence, stood.available, stood.reserved, stood.locked)
        if stood.is_last:
            return projected(self._seen, book, plainly, stood.sequence)
        if stood.occurred_at_us is None:
            return plainly
        found = await balances_at(self._readers, self._seen, WalletId(book.wallet.id), at_us)
        assert found is not None, "a wallet does not go away"
        return found


def _starts(
    zone: str, from_us: int | None, to_us: int | None, now_us: int, *, hourly: bool
) -> tuple[Sequence[int], int]:
    """When each day or hour of that time begins, and when the last one ends; none to come."""
    demand_known_time("from", from_us, now_us)
    demand_known_time("to", to_us, now_us)
    today = local_day(zone, now_us)
    ends_us = day_start_us(zone, today + 1) if to_us is None else min(to_us, now_us + HOUR_US)
    if from_us is None:
        from_us = day_start_us(zone, local_day(zone, ends_us - 1) - USUAL_DAYS + 1)
    if from_us >= min(ends_us, now_us + 1):
        raise Invalid("from", "must lie before to, and not in the future")
    step_us = HOUR_US if hourly else 24 * HOUR_US
    if ends_us - from_us > MOST_POINTS * step_us:
        raise Invalid("from", f"makes more than {MOST_POINTS} points")
    if not hourly:
        starts = [at_us for at_us in day_starts(zone, from_us, ends_us) if at_us <= now_us]
        return starts, day_start_us(zone, local_day(zone, starts[-1]) + 1)
    hours: list[int] = []
    at_us = local_hour_us(zone, from_us)
    while at_us < ends_us and at_us <= now_us:
        hours.append(at_us)
        at_us = max(local_hour_us(zone, at_us + HOUR_US), at_us + 1)
    return hours, hours[-1] + HOUR_US
