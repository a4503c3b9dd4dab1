"""Usage as people look at it: sums, shares, courses and habits, from the rollups alone.

One wallet is looked at by its own calendar, and an organization's wallets together by one zone's.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from khata.app.books_seen import BooksSeen
from khata.app.invalid import Invalid
from khata.app.usage_summing import UsageSumming
from khata.domain.caps_today import CapToday, caps_today
from khata.domain.days import day_starts, place_in_week
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.limits import DAY_US, HOUR_US, day_start_us, local_day, local_hour_us
from khata.domain.pricing import Price
from khata.domain.rules import Rules
from khata.domain.shares import percentages
from khata.domain.usage_grains import Narrowed, hourly_sources, sources
from khata.domain.usage_summary import Spans, Summary, Viewed, summary, summary_marks
from khata.postgres import usage as store
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.members import Member, named_members
from khata.postgres.usage import By, Question, Used

USUAL_DAYS = 30
EARLIEST_US = 946_684_800_000_000
AHEAD_US = 366 * DAY_US
MOST_HOURS = 62 * 24
MOST_DAYS = 1100
TREND_DAYS = 400
WEEK_HOURS = 168


class Looked(Struct, frozen=True):
    """Whose usage is looked at, of which time and which kind.

    `elsewhere` are further wallets, which have another zone than by which is looked.
    """

    organization_id: OrganizationId
    wallets: Sequence[WalletId]
    viewed: Viewed
    from_us: int
    to_us: int
    narrowed: Narrowed = Narrowed()
    elsewhere: Sequence[WalletId] = ()

    @property
    def zone(self) -> str:
        """By whose calendar."""
        return self.viewed.time_zone

    @property
    def before_us(self) -> int:
        """When the period before began, as long as this one."""
        return 2 * self.from_us - self.to_us


class Share(Struct, frozen=True):
    """What was used under one name, its part of the whole, and what it was in the period before.

    `course` is by day, where it was asked for.
    """

    name: str | None
    category: str | None
    credits: int
    charges: int
    quantity: int
    percentage: Decimal
    previous: int
    last_hour_us: int | None
    course: Sequence[int] = ()


class Shares(Struct, frozen=True):
    """The largest shares, and what the others come to; of how many names in all."""

    shares: Sequence[Share]
    other: Share | None
    names: int
    credits: int
    charges: int


class Point(Struct, frozen=True):
    """One hour or day of a course, what was used in it, and of that under each name."""

    at_us: int
    credits: int
    charges: int
    parts: Sequence[Used]


class Course(Struct, frozen=True):
    """Usage hour by hour or day by day; of more names than asked for, the largest."""

    points: Sequence[Point]
    shares: Sequence[Share] = ()
    other: Share | None = None


class WeekHour(Struct, frozen=True):
    """One of the 168 hours of the week: 0 is Monday's first."""

    place: int
    credits: int
    charges: int


class Usages:
    """Reads of usage. Nothing in them depends on how long the history is."""

    def __init__(
        self,
        seen: BooksSeen,
        readers: Pool,
        summing: UsageSumming,
        rules: Callable[[], Rules],
        now_us: Callable[[], int],
    ) -> None:
        self._seen = seen
        self._summing = summing
        self._readers = readers
        self._rules = rules
        self._now_us = now_us

    async def look_at(
        self, wallet_id: str, from_us: int | None, to_us: int | None, narrowed: Narrowed
    ) -> Looked | None:
        """The wallet's usage of whole hours of its clock; none where there is no such wallet.

        Unless said otherwise, it is of the last 30 days, today counted in. Raises `Invalid`.
        """
        book = await self._seen.settled(wallet_id)
        if book is None:
            return None
        wallet = book.wallet
        viewed = Viewed(
            wallet.time_zone, wallet.created_at_us, book.accounts.available, self._now_us()
        )
        period = period_of(viewed, from_us, to_us)
        return Looked(wallet.organization_id, [wallet.id], viewed, *period, narrowed)

    async def summary(self, looked: Looked) -> Summary:
        """What was used, at which pace, and what that comes to."""
        marks = summary_marks(looked.viewed, looked.from_us, looked.to_us)
        sums = [0] * (len(marks) - 1)
        for used in await self._used(looked, marks, None):
            sums[used.segment] = used.credits
        return summary(looked.viewed, looked.from_us, looked.to_us, Spans(marks, sums))

    async def shares(
        self, looked: Looked, by: By, limit: int | None = None, *, courses: bool = False
    ) -> Shares:
        """What was used under each name, the most first; beyond `limit` names, in one sum."""
        totals = [looked.before_us, looked.from_us, looked.to_us]
        found = await self._used(looked, totals, by)
        now = sorted(
            (used for used in found if used.segment == 1),
            key=lambda used: (-used.credits, -used.charges, used.name or ""),
        )
        before = {used.name: used.credits for used in found if used.segment == 0}
        parts = percentages([used.credits for used in now])
        shown = len(now) if limit is None else limit
        names = [used.name for used in now[:shown] if used.name is not None]
        course = await self._courses(looked, by, names) if courses else {}
        shares = [
            _share(used, part, before.get(used.name, 0), course.get(used.name, ()))
            for used, part in zip(now, parts, strict=True)
        ]
        return Shares(
            shares[:shown],
            _other(shares[shown:]),
            len(now),
            sum(used.credits for used in now),
            sum(used.charges for used in now),
        )

    async def course(
        self, looked: Looked, by: By | None, limit: int, *, hourly: bool = False
    ) -> Course:
        """Usage hour by hour or day by day, none left out. Raises `Invalid` for too many."""
        starts = _hour_starts(looked) if hourly else _day_starts(looked, MOST_DAYS)
        if by is None:
            found = await self._used(looked, [*starts, looked.to_us], None)
            return Course(_points(starts, found))
        totals = await self.shares(looked, by, limit)
        names = [share.name or "" for share in totals.shares]
        found = await self._used(looked, [*starts, looked.to_us], by, names)
        return Course(_points(starts, found), totals.shares, totals.other)

    async def week(self, looked: Looked) -> Sequence[WeekHour]:
        """When in the week it is busy: each hour of it, by the clock, over the whole period."""
        starts = _hour_starts(looked, MOST_DAYS * 24)
        credits, charges = [0] * WEEK_HOURS, [0] * WEEK_HOURS
        for used in await self._used(looked, [*starts, looked.to_us], None):
            place = place_in_week(looked.zone, starts[used.segment])
            credits[place] += used.credits
            charges[place] += used.charges
        return [WeekHour(place, credits[place], charges[place]) for place in range(WEEK_HOURS)]

    def prices(self) -> Mapping[str, Price]:
        """What each feature costs now."""
        return self._rules().prices.at(self._now_us()).features

    async def members(self, looked: Looked, shares: Shares) -> Mapping[str, Member]:
        """Those of the members that the organization knows, by what charges call them."""
        names = [share.name for share in shares.shares if share.name is not None]
        async with borrowed(self._readers) as connection:
            return await named_members(connection, looked.organization_id, names)

    async def caps(self, wallet_id: str) -> Sequence[CapToday] | None:
        """How far the wallet's day has used up its caps; none where there is no such wallet."""
        book = await self._seen.settled(wallet_id)
        return None if book is None else caps_today(book, self._rules().caps, self._now_us())

    async def _used(
        self,
        looked: Looked,
        marks: Sequence[int],
        by: By | None,
        named: Sequence[str] | None = None,
    ) -> list[Used]:
        narrowed, told = looked.narrowed, None if by == "wallet" else by
        chosen = sources(looked.zone, marks, told, narrowed, looked.viewed.at_us)
        found = await self._asked(Question(looked.wallets, marks, chosen, by, narrowed, named))
        if looked.elsewhere:
            others = hourly_sources(marks, told, narrowed)
            asked = Question(looked.elsewhere, marks, others, by, narrowed, named)
            found = together([*found, *await self._asked(asked)])
        return found

    async def _asked(self, question: Question) -> list[Used]:
        if not question.wallets:
            return []
        async with borrowed(self._readers) as connection:
            found, worth = await store.used(connection, question, self._summing.worth())
        if worth:
            await self._summing.wish(worth)
        return found

    async def _courses(
        self, looked: Looked, by: By, names: Sequence[str]
    ) -> dict[str | None, list[int]]:
        """By day, of each of these names."""
        starts = _day_starts(looked, TREND_DAYS)
        courses: dict[str | None, list[int]] = {name: [0] * len(starts) for name in names}
        for used in await self._used(looked, [*starts, looked.to_us], by, names):
            if used.name is not None:
                courses[used.name][used.segment] = used.credits
        return courses


def together(found: Sequence[Used]) -> list[Used]:
    """What stands under the same name in the same segment, in one."""
    sums: dict[tuple[int, str | None], Used] = {}
    for used in found:
        place = (used.segment, used.name)
        sums[place] = sums[place].and_also(used) if place in sums else used
    return list(sums.values())


def demand_known_time(field: str, at_us: int | None, now_us: int) -> None:
    """Raises `Invalid` for times of which no wallet can have anything, and no calendar much."""
    if at_us is not None and not EARLIEST_US <= at_us <= now_us + AHEAD_US:
        raise Invalid(field, "must lie in 2000 or later, and not more than a year ahead")


def period_of(viewed: Viewed, from_us: int | None, to_us: int | None) -> tuple[int, int]:
    """Whole hours of the clock that these times lie in."""
    demand_known_time("from", from_us, viewed.at_us)
    demand_known_time("to", to_us, viewed.at_us)
    zone = viewed.time_zone
    today = local_day(zone, viewed.at_us)
    if to_us is None:
        until_us = day_start_us(zone, today + 1)
    else:
        until_us = local_hour_us(zone, to_us - 1) + HOUR_US
    if from_us is None:
        since_us = day_start_us(zone, local_day(zone, until_us - 1) - USUAL_DAYS + 1)
    else:
        since_us = local_hour_us(zone, from_us)
    if since_us >= until_us:
        raise Invalid("to", "must lie behind from")
    return since_us, until_us


def _day_starts(looked: Looked, most: int) -> Sequence[int]:
    if looked.to_us - looked.from_us > most * 24 * HOUR_US:
        raise Invalid("from", f"must not lie more than {most} days before to")
    starts = day_starts(looked.zone, looked.from_us, looked.to_us)
    return [max(start, looked.from_us) for start in starts]


def _hour_starts(looked: Looked, most: int = MOST_HOURS) -> Sequence[int]:
    """Of each hour of the clock. Where that is moved by less than an hour, one is cut short."""
    if looked.to_us - looked.from_us > most * HOUR_US:
        raise Invalid("from", f"must not lie more than {most} hours before to")
    starts: list[int] = []
    at_us = looked.from_us
    while at_us < looked.to_us:
        starts.append(at_us)
        at_us = max(local_hour_us(looked.zone, at_us + HOUR_US), at_us + 1)
    return starts


def _share(used: Used, percentage: Decimal, previous: int, course: Sequence[int]) -> Share:
    return Share(
        name=used.name or None,
        category=used.category,
        credits=used.credits,
        charges=used.charges,
        quantity=used.quantity,
        percentage=percentage,
        previous=previous,
        last_hour_us=used.last_hour_us,
        course=course,
    )


def _other(shares: Sequence[Share]) -> Share | None:
    """What these come to together; none where there are none."""
    if not shares:
        return None
    return Share(
        name=None,
        category=None,
        credits=sum(share.credits for share in shares),
        charges=sum(share.charges for share in shares),
        quantity=sum(share.quantity for share in shares),
        percentage=sum((share.percentage for share in shares), Decimal(0)),
        previous=sum(share.previous for share in shares),
        last_hour_us=max((share.last_hour_us or 0 for share in shares), default=0) or None,
    )


def _points(starts: Sequence[int], found: Sequence[Used]) -> Sequence[Point]:
    parts: list[list[Used]] = [[] for _ in starts]
    for used in found:
        parts[used.segment].append(used)
    return [
        Point(
            at_us,
            sum(used.credits for used in part),
            sum(used.charges for used in part),
            sorted(part, key=lambda used: -used.credits),
        )
        for at_us, part in zip(starts, parts, strict=True)
    ]
