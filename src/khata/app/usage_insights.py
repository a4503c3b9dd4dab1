"""What stands out of usage, with who and when is behind it: three reads of sums."""

from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from khata.app.usage import Looked, Share, Shares, Usages
from khata.domain.usage_insight import (
    MUCH_OF_IT,
    BusyHours,
    FeatureUse,
    Standout,
    busy_hours,
    standout,
)


class Insight(Struct, frozen=True):
    """A feature that stands out, its part of all, and what it hangs on, where that is so:
    a member as charges name it, with how it is called, and hours of the working days."""

    standout: Standout
    category: str | None
    percentage: Decimal
    member_id: str | None
    member_name: str | None
    member_percentage: Decimal | None
    busy: BusyHours | None


async def insight(usages: Usages, looked: Looked) -> Insight | None:
    """The one thing to know of this usage, if there is any that leads to something."""
    features = await usages.shares(looked, "feature")
    # A wallet that was made within the period before had less time to use anything.
    is_whole = looked.viewed.created_at_us <= looked.before_us
    found = standout([_use(share, is_whole=is_whole) for share in features.shares])
    if found is None:
        return None
    narrowed = replace(looked.narrowed, feature=found.use.feature)
    of_it = replace(looked, narrowed=narrowed)
    members = await usages.shares(of_it, "member", 1)
    most = _most(members)
    known = await usages.members(of_it, members)
    week = await usages.week(of_it)
    busy = busy_hours([hour.credits for hour in week])
    if found.finding == "largest" and most is None and busy is None:
        return None  # it is large, and nothing says what could be done
    share = next(each for each in features.shares if each.name == found.use.feature)
    member_id = None if most is None else most.name
    member = known.get(member_id or "")
    return Insight(
        standout=found,
        category=share.category,
        percentage=share.percentage,
        member_id=member_id,
        member_name=None if member is None else member.name,
        member_percentage=None if most is None else most.percentage,
        busy=busy,
    )


def _use(share: Share, *, is_whole: bool) -> FeatureUse:
    return FeatureUse(share.name or "", share.credits, share.previous if is_whole else None)


def _most(members: Shares) -> Share | None:
    """Who used the most of it, where that is much."""
    for share in members.shares:
        if share.name is not None and share.percentage >= MUCH_OF_IT:
            return share
    return None
