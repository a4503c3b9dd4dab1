"""Usage as a wallet's people look at it, in the days of its own zone."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from desk import NOON_US, Desk
from khata.app.invalid import Invalid
from khata.app.usage import Looked
from khata.domain.limits import DAY_US, HOUR_US, day_start_us, local_day
from khata.domain.usage_grains import Narrowed
from khata.postgres.usage import EVERYTHING, By

ZONE = "Asia/Kolkata"
TODAY_US = day_start_us(ZONE, local_day(ZONE, NOON_US))


async def look(
    desk: Desk,
    from_us: int | None = None,
    to_us: int | None = None,
    narrowed: Narrowed = EVERYTHING,
) -> Looked:
    looked = await desk.khata.usages.look_at(desk.wallet.id, from_us, to_us, narrowed)
    assert looked is not None
    return looked


@pytest.fixture(scope="module")
async def busy(open_desk: Desk) -> Desk:
    """Ten days: Bela mails each day, Chen has summaries on the last two, a batch job calls once."""
    desk = open_desk
    await desk.grant(10_000)
    for day in range(10):
        await desk.consume("EMAIL_SEND", quantity=10, member_id="bela")
        if day >= 8:
            await desk.consume("AI_SUMMARY", member_id="chen")
        if day == 0:
            await desk.consume("API_HEAVY_QUERY")
        if day < 9:
            desk.clock.turn(days=1)
    return desk


async def shares(desk: Desk, by: By, **narrowed: str) -> list[tuple[str | None, int, int]]:
    found = await desk.khata.usages.shares(await look(desk, narrowed=Narrowed(**narrowed)), by)
    return [(share.name, share.credits, share.charges) for share in found.shares]


async def test_shares_by_category_feature_and_member(busy: Desk) -> None:
    assert await shares(busy, "category") == [("QUEUE", 100, 10), ("AI", 30, 2), ("API", 5, 1)]
    assert await shares(busy, "feature") == [
        ("EMAIL_SEND", 100, 10),
        ("AI_SUMMARY", 30, 2),
        ("API_HEAVY_QUERY", 5, 1),
    ]
    assert await shares(busy, "member") == [("bela", 100, 10), ("chen", 30, 2), (None, 5, 1)]


async def test_usage_is_narrowed_to_a_kind(busy: Desk) -> None:
    assert await shares(busy, "feature", member_id="chen") == [("AI_SUMMARY", 30, 2)]
    assert await shares(busy, "member", category="QUEUE") == [("bela", 100, 10)]
    assert await shares(busy, "category", feature="API_HEAVY_QUERY") == [("API", 5, 1)]
    assert await shares(busy, "category", feature="API_HEAVY_QUERY", member_id="bela") == []


async def test_shares_compare_to_the_period_before(busy: Desk) -> None:
    last_two_days = await look(busy, busy.clock() - DAY_US, busy.clock())
    found = await busy.khata.usages.shares(last_two_days, "feature")
    now_and_before = {share.name: (share.credits, share.previous) for share in found.shares}
    # From noon yesterday, whose hour counts whole, to the end of the hour that it is now.
    assert now_and_before == {"AI_SUMMARY": (30, 0), "EMAIL_SEND": (20, 10)}
    assert [share.percentage for share in found.shares] == [Decimal("60.0"), Decimal("40.0")]


async def test_those_beyond_the_limit_are_summed_up(busy: Desk) -> None:
    found = await busy.khata.usages.shares(await look(busy), "member", 1)
    assert [share.name for share in found.shares] == ["bela"]
    assert found.other is not None
    assert (found.other.credits, found.other.charges, found.names) == (35, 3, 3)
    assert found.shares[0].percentage + found.other.percentage == 100
    assert (found.credits, found.charges) == (135, 13)


async def test_the_last_activity_is_the_hour_of_the_last_charge(busy: Desk) -> None:
    found = await busy.khata.usages.shares(await look(busy), "member")
    # It is half past eleven at noon in UTC's reckoning of the desk: the hour began at eleven.
    last = {share.name: share.last_hour_us for share in found.shares}
    eleven_us = busy.clock() - HOUR_US // 2
    assert last == {"bela": eleven_us, "chen": eleven_us, None: eleven_us - 9 * DAY_US}


async def test_each_feature_has_its_course_by_day(busy: Desk) -> None:
    week = await look(busy, TODAY_US + 3 * DAY_US)
    found = await busy.khata.usages.shares(week, "feature", 10, courses=True)
    courses = {share.name: list(share.course) for share in found.shares}
    assert courses == {"EMAIL_SEND": [10] * 7, "AI_SUMMARY": [0] * 5 + [15] * 2}


def flat(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    return [point for point in points if point[1]]


async def test_a_course_leaves_no_day_out(busy: Desk) -> None:
    looked = await look(busy, TODAY_US - 2 * DAY_US, TODAY_US + 4 * DAY_US)
    course = await busy.khata.usages.course(looked, "category", 10)
    assert [(point.at_us - TODAY_US) // DAY_US for point in course.points] == list(range(-2, 4))
    assert [point.credits for point in course.points] == [0, 0, 15, 10, 10, 10]
    assert [(part.name, part.credits) for part in course.points[2].parts] == [
        ("QUEUE", 10),
        ("API", 5),
    ]
    assert [(share.name, share.credits) for share in course.shares] == [("QUEUE", 40), ("API", 5)]
    assert course.other is None


async def test_a_course_names_the_largest_and_sums_up_the_others(busy: Desk) -> None:
    course = await busy.khata.usages.course(await look(busy, TODAY_US), "feature", 1)
    assert [share.name for share in course.shares] == ["EMAIL_SEND"]
    assert course.other is not None
    assert course.other.credits == sum(p.credits for p in course.points) - course.shares[0].credits
    first, last = course.points[0], course.points[-1]
    assert {part.name: part.credits for part in first.parts} == {"EMAIL_SEND": 10, None: 5}
    assert {part.name: part.credits for part in last.parts} == {"EMAIL_SEND": 10, None: 15}


async def test_a_course_by_the_hour(busy: Desk) -> None:
    looked = await look(busy, TODAY_US, TODAY_US + DAY_US)
    course = await busy.khata.usages.course(looked, None, 10, hourly=True)
    assert len(course.points) == 24
    assert [(place, p.credits) for place, p in enumerate(course.points) if p.credits] == [(11, 15)]


async def test_the_busy_hours_of_the_week(busy: Desk) -> None:
    week = await busy.khata.usages.week(await look(busy))
    used = {divmod(hour.place, 24): hour.credits for hour in week if hour.credits}
    # The desk's first day is a Sunday; the tenth is a Tuesday.
    sunday, monday, tuesday = used[6, 11], used[0, 11], used[1, 11]
    assert (sunday, monday, tuesday) == (25, 35, 35)
    assert {place[1] for place in used} == {11}
    assert len(week) == 168


async def test_a_summary_of_the_wallet(busy: Desk) -> None:
    figures = await busy.khata.usages.summary(await look(busy))
    assert figures.total_consumed == 135
    assert figures.daily_average == 14  # the wallet is ten days old
    assert figures.today == 25
    assert figures.usual_by_now == 6  # 45 before this hour's half: seven days of 10, one of 25
    assert figures.burn_rate_per_day == 14
    assert figures.days_left == (10_000 - 135) * 7 // 100


@pytest.fixture
async def fresh(busy: Desk) -> Desk:
    """A new wallet beside the busy one."""
    wallet, _, _ = await busy.khata.wallets.create(None, "user", busy.key, "Chen")
    return Desk(busy.khata, wallet, busy.clock)


async def test_where_no_credits_are_used_nothing_is_told(fresh: Desk) -> None:
    looked = await look(fresh)
    found = await fresh.khata.usages.shares(looked, "feature", 10, courses=True)
    assert (list(found.shares), found.other, found.credits) == ([], None, 0)
    course = await fresh.khata.usages.course(looked, "member", 10)
    assert [point.credits for point in course.points] == [0] * 30
    figures = await fresh.khata.usages.summary(looked)
    assert (figures.total_consumed, figures.burn_rate_per_day, figures.days_left) == (0, 0, 0)


@pytest.mark.parametrize(
    ("from_us", "to_us", "field"),
    [
        (NOON_US, NOON_US - 2 * HOUR_US, "to"),
        (NOON_US + 13 * DAY_US, None, "to"),
        (NOON_US - 1200 * DAY_US, None, "from"),
    ],
)
async def test_a_silly_period_is_a_clear_error(
    busy: Desk, from_us: int, to_us: int | None, field: str
) -> None:
    with pytest.raises(Invalid, match=field):
        await busy.khata.usages.course(await look(busy, from_us, to_us), None, 10)


async def test_an_unknown_wallet_has_no_usage(busy: Desk) -> None:
    for nobody in ("wal_" + "0" * 26, "silly"):
        assert await busy.khata.usages.look_at(nobody, None, None, Narrowed()) is None
        assert await busy.khata.usages.caps(nobody) is None
        assert await busy.khata.balances.of(nobody, None, None, hourly=False) is None


async def test_caps_of_today(fresh: Desk) -> None:
    await fresh.grant(1000)
    for _ in range(3):
        await fresh.consume("AI_SUMMARY")
    caps = await fresh.khata.usages.caps(fresh.wallet.id)
    assert caps is not None
    assert [(cap.cap, cap.used, cap.limit) for cap in caps] == [
        ("AI", 3, 200),
        ("EMAILS", 0, 5000),
        ("WEBHOOKS", 0, 10_000),
    ]
    assert {cap.resets_at_us for cap in caps} == {TODAY_US + 10 * DAY_US}
    assert caps[0].full_at_us is None
