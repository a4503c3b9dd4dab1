"""A resident's days, from a seed alone: moments at which something is wanted, in order."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from msgspec import Struct

from khata.cli.demo.cast import Resident

ZONE = ZoneInfo("Asia/Kolkata")
SECOND_US = 1_000_000
RUSH = 3.2
MOST_AT_ONCE = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SATURDAY = 5


class Use(Struct, frozen=True):
    """One operation that somebody wants."""

    feature: str
    member_id: str
    quantity: int
    is_streamed: bool


class Moment(Struct, frozen=True):
    """What is wanted at one instant. `day` counts from 0."""

    at_us: int
    day: int
    uses: tuple[Use, ...]


def moments(
    resident: Resident, first_midnight: datetime, days: int, random: Random
) -> Iterator[Moment]:
    """All moments of these days, from a midnight of the residents' zone on."""
    for day in range(days):
        midnight = first_midnight + timedelta(days=day)
        wanted = _operations(resident, midnight, day / max(days - 1, 1), random)
        if day == resident.rush_day:
            wanted = round(wanted * RUSH)
        instants = sorted(_instant(resident, midnight, random) for _ in range(_bursts(wanted)))
        for at_us, size in zip(instants, _sizes(wanted, len(instants), random), strict=True):
            yield Moment(at_us, day, tuple(_use(resident, day, random) for _ in range(size)))


def midnight_before(at_us: int, days: int) -> datetime:
    """The midnight with which a period begins that ends at this instant, `days` days later."""
    local = (_EPOCH + timedelta(microseconds=at_us)).astimezone(ZONE)
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days - 1)


def microseconds_of(at: datetime) -> int:
    """The instant in microseconds since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _operations(resident: Resident, midnight: datetime, gone: float, random: Random) -> int:
    grown = resident.growth + (1 - resident.growth) * gone
    week = resident.weekend if midnight.weekday() >= _SATURDAY else 1.0
    return max(1, round(resident.a_day * grown * week * random.gauss(1.0, 0.18)))


def _bursts(operations: int) -> int:
    return max(1, -(-operations // 3))


def _sizes(operations: int, bursts: int, random: Random) -> list[int]:
    sizes = [1] * bursts
    for _ in range(max(operations - bursts, 0)):
        place = random.randrange(bursts)
        sizes[place] += sizes[place] < MOST_AT_ONCE
    return sizes


def _instant(resident: Resident, midnight: datetime, random: Random) -> int:
    hour = random.choices(range(24), weights=resident.hours)[0]
    within = random.randrange(3600 * SECOND_US)
    return microseconds_of(midnight + timedelta(hours=hour)) + within


def _use(resident: Resident, day: int, random: Random) -> Use:
    features = resident.features
    if day == resident.rush_day:  # a hackathon: everybody asks the assistant
        features = {name: weight for name, weight in features.items() if name.startswith("AI_")}
    feature = random.choices(list(features), weights=list(features.values()))[0]
    member = random.choices(list(resident.members), weights=list(resident.members.values()))[0]
    quantity = random.randint(2, 12) if feature in {"EMAIL_SEND", "PUSH_NOTIFICATION"} else 1
    is_streamed = feature == "AI_ASSISTANT_REPLY" and random.random() < resident.streamed
    return Use(feature, member, quantity, is_streamed)
