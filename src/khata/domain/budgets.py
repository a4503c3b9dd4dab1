"""Budgets: how much may be spent in a window of time, by whom and on what; and the counters.

A wallet's own budget counts that wallet in windows of the wallet's zone. A shared one counts all
wallets of an organization (or all that an API key may spend from), in windows of a zone of its own.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from msgspec import Struct

BudgetLevel = Literal["organization", "team", "member", "key"]
BudgetUnit = Literal["credits", "count"]
BudgetWindow = Literal["hour", "day", "month", "lifetime"]
OnLimit = Literal["refuse", "alert"]

# Outermost first: in this order they are checked.
LEVELS: tuple[BudgetLevel, ...] = ("organization", "team", "member", "key")
WINDOWS: tuple[BudgetWindow, ...] = ("lifetime", "month", "day", "hour")
# How the id of a budget begins that protects a wallet from a rapid burn.
THROTTLE = "thr_"
# The subject of a budget that is of nobody in particular.
EVERYBODY = ""


class Budget(Struct, frozen=True, gc=False, omit_defaults=True):
    """A limit on credits or operations in a window. Where a team, member or key of its level has
    no `subject`, each one is counted by itself. `time_zone` is of a shared one only."""

    id: str
    level: BudgetLevel
    unit: BudgetUnit
    window: BudgetWindow
    limit: int
    subject: str | None = None
    category: str | None = None
    feature: str | None = None
    on_limit: OnLimit = "refuse"
    alert_at_percent: int | None = None
    time_zone: str | None = None

    @property
    def is_shared(self) -> bool:
        """Whether all wallets of its organization count together."""
        return self.time_zone is not None

    def is_about(self, feature: str, category: str) -> bool:
        """Whether what is spent on this feature counts."""
        if self.feature is not None:
            return self.feature == feature
        return self.category is None or self.category == category

    def use(
        self, window: tuple[int, int | None], subject: str, before: int, after: int
    ) -> "BudgetUse":
        """What was counted for the subject in that window, before and after."""
        since_us, until_us = window
        return BudgetUse(
            budget_id=self.id,
            level=self.level,
            unit=self.unit,
            window=self.window,
            since_us=since_us,
            before=before,
            after=after,
            limit=self.limit,
            until_us=until_us,
            subject=subject,
            category=self.category,
            feature=self.feature,
            on_limit=self.on_limit,
            alert_at_percent=self.alert_at_percent,
            is_shared=self.is_shared,
        )


class Counter(NamedTuple):
    """What counts a budget: one of its windows, and who spent in it."""

    budget_id: str
    since_us: int
    subject: str


class BudgetUse(Struct, frozen=True, gc=False, omit_defaults=True):
    """A budget as a decision found and left it, with all that a receipt says of it.

    A window without `until_us` never ends.
    """

    budget_id: str
    level: BudgetLevel
    unit: BudgetUnit
    window: BudgetWindow
    since_us: int
    before: int
    after: int
    limit: int
    until_us: int | None = None
    subject: str = EVERYBODY
    category: str | None = None
    feature: str | None = None
    on_limit: OnLimit = "refuse"
    alert_at_percent: int | None = None
    is_shared: bool = False

    @property
    def counter(self) -> Counter:
        """What counted it."""
        return Counter(self.budget_id, self.since_us, self.subject)

    @property
    def amount(self) -> int:
        """Credits or operations that were counted; negative where they were given back."""
        return self.after - self.before


class Person(Struct, frozen=True, gc=False):
    """A member as budgets know it: the one name that it is counted by, and its team."""

    subject: str
    team_id: str | None = None


class Spender(Struct, frozen=True, gc=False):
    """Who sent a command: the API key, if any, with the spending limit that it brings along."""

    key_id: str | None = None
    organization_id: str | None = None
    budget: Budget | None = None


NOBODY = Spender()


# One and the same wherever nothing is counted, so that to compare is to look who it is.
NOTHING_USED: Mapping[Counter, int] = MappingProxyType({})
NOBODY_KNOWN: Mapping[str, Person] = MappingProxyType({})


class Counts(Struct, frozen=True, gc=False):
    """What budgets have counted so far, as far as a batch may need it.

    `own` counts the wallet alone. `shared` counts many wallets and is never remembered. `people`
    has the members that commands name, where a budget asks who they are.
    """

    own: Mapping[Counter, int] = NOTHING_USED
    shared: Mapping[Counter, int] = NOTHING_USED
    people: Mapping[str, Person] = NOBODY_KNOWN

    def used(self, counter: Counter, *, is_shared: bool) -> int:
        """What was counted. Not to know it is a bug: the batch names what it may need."""
        return (self.shared if is_shared else self.own)[counter]


NO_COUNTS = Counts()


def counts_after(counts: Counts, uses: Iterable[BudgetUse]) -> Counts:
    """The counts after these uses."""
    own: dict[Counter, int] = {}
    shared: dict[Counter, int] = {}
    for use in uses:
        (shared if use.is_shared else own)[use.counter] = use.after
    return Counts(
        {**counts.own, **own} if own else counts.own,
        {**counts.shared, **shared} if shared else counts.shared,
        counts.people,
    )


def outermost_first(budgets: Iterable[Budget]) -> tuple[Budget, ...]:
    """In the order in which they are checked, whichever order they were made in."""
    return tuple(sorted(budgets, key=_place))


def _place(budget: Budget) -> tuple[int, int, int, int, str]:
    breadth = 2 if budget.feature is not None else int(budget.category is not None)
    return (
        LEVELS.index(budget.level),
        int(not budget.is_shared),
        breadth,
        WINDOWS.index(budget.window),
        budget.id,
    )
