"""What budgets count, as the gate, receipts and the list of budgets show it."""

from __future__ import annotations

from msgspec import Struct

from khata.app.shown.common import Time
from khata.domain import budgets as domain
from khata.domain.budgets import BudgetLevel, BudgetUnit, BudgetWindow, OnLimit
from khata.domain.times import rfc3339


class BudgetStanding(Struct, frozen=True, gc=False, kw_only=True):
    """A budget that would count a charge, with what it has counted so far in its window.

    `subject` is the team, member or key that it counts. One for good never resets.
    """

    budget_id: str
    level: BudgetLevel
    subject: str | None
    category: str | None
    feature: str | None
    unit: BudgetUnit
    window: BudgetWindow
    used: int
    limit: int
    on_limit: OnLimit
    resets_at: Time | None


class BudgetUse(Struct, frozen=True, kw_only=True):
    """A budget as the decision found and left it."""

    budget_id: str
    level: BudgetLevel
    subject: str | None
    category: str | None
    feature: str | None
    unit: BudgetUnit
    window: BudgetWindow
    before: int
    after: int
    limit: int
    on_limit: OnLimit
    resets_at: Time | None


def standing_shown(use: domain.BudgetUse) -> BudgetStanding:
    """A budget before what is asked about."""
    return BudgetStanding(
        budget_id=use.budget_id,
        level=use.level,
        subject=use.subject or None,
        category=use.category,
        feature=use.feature,
        unit=use.unit,
        window=use.window,
        used=use.before,
        limit=use.limit,
        on_limit=use.on_limit,
        resets_at=None if use.until_us is None else rfc3339(use.until_us),
    )


def use_shown(use: domain.BudgetUse) -> BudgetUse:
    """A use as a receipt shows it."""
    return BudgetUse(
        budget_id=use.budget_id,
        level=use.level,
        subject=use.subject or None,
        category=use.category,
        feature=use.feature,
        unit=use.unit,
        window=use.window,
        before=use.before,
        after=use.after,
        limit=use.limit,
        on_limit=use.on_limit,
        resets_at=None if use.until_us is None else rfc3339(use.until_us),
    )
