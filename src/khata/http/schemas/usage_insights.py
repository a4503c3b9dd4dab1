"""What stands out of usage, as it is shown."""

from __future__ import annotations

from msgspec import Raw, Struct, field

from khata.app.usage import Looked
from khata.app.usage_insights import Insight
from khata.domain.times import rfc3339
from khata.domain.usage_insight import Finding, risen_by_percent
from khata.http.schemas.common import Time
from khata.http.schemas.usage_figures import Percentage


class InsightMember(Struct, frozen=True):
    """Who used the most of the feature, where that was much of it."""

    member_id: str
    name: str | None
    percentage: Percentage


class InsightHours(Struct, frozen=True):
    """Hours of the clock, Monday to Friday, from `since` on and before `until`, into which
    `percentage` of the feature's credits fell."""

    since: int = field(name="from_hour")
    until: int = field(name="to_hour")
    percentage: int


class UsageInsight(Struct, frozen=True, kw_only=True):
    """A feature that stands out. `risen`: `risen_credits` more than in as long a time before, which
    was `risen_percent` more, or null where that had none. `largest`: most was used of it.

    `member` and `hours` are what it hangs on, where that is so.
    """

    finding: Finding
    feature: str
    category: str | None
    credits: int
    percentage: Percentage
    previous_credits: int | None
    risen_credits: int | None
    risen_percent: int | None
    member: InsightMember | None
    hours: InsightHours | None


class UsageInsights(Struct, frozen=True):
    """What stands out of a period; null where nothing does."""

    since: Time = field(name="from")
    until: Time = field(name="to")
    insight: UsageInsight | None


def insights_shown(looked: Looked, found: Insight | None) -> UsageInsights:
    """The insight as the API shows it."""
    period = rfc3339(looked.from_us), rfc3339(looked.to_us)
    return UsageInsights(*period, None if found is None else _insight(found))


def _insight(found: Insight) -> UsageInsight:
    use, has_risen = found.standout.use, found.standout.finding == "risen"
    return UsageInsight(
        finding=found.standout.finding,
        feature=use.feature,
        category=found.category,
        credits=use.credits,
        percentage=Raw(str(found.percentage).encode()),
        previous_credits=use.previous,
        risen_credits=use.credits - (use.previous or 0) if has_risen else None,
        risen_percent=risen_by_percent(use) if has_risen else None,
        member=_member(found),
        hours=_hours(found),
    )


def _member(found: Insight) -> InsightMember | None:
    if found.member_id is None or found.member_percentage is None:
        return None
    percentage = Raw(str(found.member_percentage).encode())
    return InsightMember(found.member_id, found.member_name, percentage)


def _hours(found: Insight) -> InsightHours | None:
    busy = found.busy
    return None if busy is None else InsightHours(busy.since, busy.until, busy.percentage)
