"""Which lines a wallet crosses: low, exhausted, a cap used up, credits about to expire.

Each is told once a crossing: a wallet is low or exhausted until it has been above the line again, a
cap is used up until its day ends. A new wallet has nothing and counts as below, so that one made at
zero is told of only after it had something.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from khata.domain.budgets import THROTTLE, Budget, BudgetUse
from khata.domain.ledger import CapUse
from khata.domain.limits import DAY_US, cap_limit, local_day
from khata.domain.wallet import NEVER_US, Lot, Wallet

Line = Literal["LOW_BALANCE", "CREDITS_EXHAUSTED"]

EXPIRY_STEPS = (30, 7, 1)
"""How many days ahead people are told of credits that expire."""


class Level(Struct, frozen=True, gc=False):
    """Where a wallet's available credits were when they were last looked at."""

    was_low: bool = True
    was_exhausted: bool = True


class LineCrossing(Struct, frozen=True, gc=False):
    """The available credits went to a line or below, or came above it again."""

    line: Line
    is_below: bool
    available: int
    sequence: int
    at_us: int


class Standing(Struct, frozen=True, gc=False):
    """Available credits after a transaction."""

    sequence: int
    at_us: int
    available: int


def cross_lines(
    level: Level, standings: Iterable[Standing], threshold: int
) -> tuple[Level, tuple[LineCrossing, ...]]:
    """The level after these transactions, and what they crossed on the way, in order."""
    low, exhausted = level.was_low, level.was_exhausted
    crossed: list[LineCrossing] = []
    for standing in standings:
        now = (standing.available, standing.sequence, standing.at_us)
        if (standing.available <= threshold) != low:
            low = not low
            crossed.append(LineCrossing("LOW_BALANCE", low, *now))
        if (standing.available <= 0) != exhausted:
            exhausted = not exhausted
            crossed.append(LineCrossing("CREDITS_EXHAUSTED", exhausted, *now))
    return Level(low, exhausted), tuple(crossed)


def caps_used_up(uses: Iterable[CapUse]) -> tuple[CapUse, ...]:
    """Those uses that took the last operation of a day."""
    return tuple(use for use in uses if use.before < use.limit <= use.after)


class BudgetReached(Struct, frozen=True, gc=False):
    """A budget that a charge brought to its limit, or to so many percent of it."""

    use: BudgetUse
    percent: int


def budgets_reached(uses: Iterable[BudgetUse]) -> tuple[BudgetReached, ...]:
    """Budgets that these uses brought to their limit, or to the part of it that is to be told of.

    What slows a burning wallet down is no budget that anybody has set.
    """
    reached: list[BudgetReached] = []
    for use in uses:
        if not use.budget_id.startswith(THROTTLE):
            crossed = (step for step in _steps(use) if _is_crossed(use, step))
            reached.extend(BudgetReached(use, step) for step in list(crossed)[:1])
    return tuple(reached)


def budget_reached_by_now(use: BudgetUse) -> BudgetReached | None:
    """The highest step that a budget has reached, whether by a charge or because it was lowered."""
    stands = (step for step in _steps(use) if use.after > 0 and _is_reached(use, step))
    return next((BudgetReached(use, step) for step in stands), None)


def is_lowered(before: Budget, after: Budget) -> bool:
    """Whether a budget was changed so that it is reached sooner than before, or told of sooner."""
    first_steps = [each.limit * (each.alert_at_percent or 100) for each in (before, after)]
    return after.limit < before.limit or first_steps[1] < first_steps[0]


def caps_reached_by_now(
    wallet: Wallet, counted: Mapping[str, int], caps: Mapping[str, int], day: int
) -> tuple[CapUse, ...]:
    """Which caps the operations of a wallet's day have used up, though perhaps not when they were
    done: a cap may have been lowered since."""
    reached: list[CapUse] = []
    for cap, used in counted.items():
        limit = cap_limit(wallet, cap, caps)
        if limit is not None and 0 < used >= limit:
            reached.append(CapUse(cap, day, used, used, limit))
    return tuple(reached)


def _steps(use: BudgetUse) -> list[int]:
    return sorted({use.alert_at_percent or 100, 100}, reverse=True)


def _is_crossed(use: BudgetUse, percent: int) -> bool:
    return use.before * 100 < use.limit * percent and _is_reached(use, percent)


def _is_reached(use: BudgetUse, percent: int) -> bool:
    return use.limit * percent <= use.after * 100


class ExpiringDay(Struct, frozen=True, gc=False):
    """Credits that expire on one day of the wallet's zone, as they are told of `ahead` days before:
    the first of them at `first_us`, from so many lots."""

    day: int
    ahead: int
    credits: int
    lots: int
    first_us: int


class ExpiryPlan(Struct, frozen=True, gc=False):
    """What of a wallet's credits is to be told of now, and when to look again, if ever."""

    told: tuple[ExpiringDay, ...]
    next_us: int | None


def plan_expiries(lots: Iterable[Lot], time_zone: str, at_us: int, least: int) -> ExpiryPlan:
    """The days on which credits of the wallet expire, `least` or more, each at the last of its
    steps that has come.

    What was granted after a step was known to expire that soon, and is not told of at that step.
    """
    told: list[ExpiringDay] = []
    looks: list[int] = []
    for day, of_day in _by_day(lots, time_zone, at_us).items():
        first_us = min(lot.expires_at_us for lot in of_day)
        credits = sum(lot.available for lot in of_day)
        steps = {ahead: first_us - ahead * DAY_US for ahead in EXPIRY_STEPS}
        come = [ahead for ahead, step_us in steps.items() if step_us <= at_us]
        looks += [step_us for step_us in steps.values() if step_us > at_us]
        if come and credits >= least and _known_before(of_day, steps[come[-1]]):
            told.append(ExpiringDay(day, come[-1], credits, len(of_day), first_us))
            looks.append(max(lot.expires_at_us for lot in of_day))
    return ExpiryPlan(tuple(told), min(looks, default=None))


def _by_day(lots: Iterable[Lot], time_zone: str, at_us: int) -> dict[int, list[Lot]]:
    days: dict[int, list[Lot]] = {}
    for lot in lots:
        if lot.available and at_us < lot.expires_at_us < NEVER_US:
            days.setdefault(local_day(time_zone, lot.expires_at_us), []).append(lot)
    return dict(sorted(days.items()))


def _known_before(lots: Sequence[Lot], step_us: int) -> bool:
    return any(lot.created_at_us < step_us for lot in lots)
