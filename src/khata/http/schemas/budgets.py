"""Budgets as the API takes and shows them."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from khata.app.budgets import CountedBudget, Subject
from khata.domain.budgets import BudgetLevel, BudgetUnit, BudgetWindow, OnLimit
from khata.domain.money import MAX_WALLET_CREDITS
from khata.domain.times import rfc3339
from khata.domain.windows import Window
from khata.http.schemas.common import AnyId, Cursor, FeatureCode, Limit, MemberId, Name, Time
from khata.http.schemas.wallets import OrganizationIdText

Amount = Annotated[int, Meta(extra_json_schema={"minimum": 0, "maximum": MAX_WALLET_CREDITS})]
Percent = Annotated[int, Meta(ge=1, le=100)]
CategoryCode = Annotated[str, Meta(min_length=1, max_length=64)]


class BudgetBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A budget of one wallet, or without `wallet_id` over all wallets of the organization.

    Of the level team, member or key without a `subject`, each of them has the limit by itself.
    """

    level: BudgetLevel
    limit: Amount
    unit: BudgetUnit = "credits"
    window: BudgetWindow = "month"
    wallet_id: AnyId | None = None
    organization_id: OrganizationIdText | None = None
    subject: MemberId | None = None
    category: CategoryCode | None = None
    feature: FeatureCode | None = None
    on_limit: OnLimit = "refuse"
    alert_at_percent: Percent | None = None
    time_zone: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    name: Name | None = None


class BudgetChanges(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to change; what is left out stays. An `alert_at_percent` of null takes it away."""

    limit: Amount | UnsetType = UNSET
    on_limit: OnLimit | UnsetType = UNSET
    alert_at_percent: Percent | UnsetType | None = UNSET
    name: Name | UnsetType = UNSET


class BudgetQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of an organization's budgets, oldest first."""

    wallet_id: AnyId | None = None
    level: BudgetLevel | None = None
    organization_id: OrganizationIdText | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class SubjectQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """How many of those who spent the most."""

    limit: Limit = 50


class Budget(Struct, frozen=True, kw_only=True):
    """A budget, and what was used of it in its current window: by `used_by`, who used the most of
    it, where each team, member or key is counted by itself."""

    id: str
    organization_id: str | None
    wallet_id: str | None
    name: str | None
    level: BudgetLevel
    subject: str | None
    category: str | None
    feature: str | None
    unit: BudgetUnit
    window: BudgetWindow
    time_zone: str | None
    limit: int
    on_limit: OnLimit
    alert_at_percent: int | None
    used: int
    used_by: str | None
    window_began_at: Time | None
    resets_at: Time | None
    created_at: Time
    updated_at: Time
    ended_at: Time | None


class BudgetSubject(Struct, frozen=True, kw_only=True):
    """What one of them has used."""

    subject: str | None
    used: int
    limit: int


class BudgetUsage(Struct, frozen=True, kw_only=True):
    """Who used a budget in its current window, the most first."""

    budget_id: str
    window_began_at: Time | None
    resets_at: Time | None
    data: list[BudgetSubject]


def budget_shown(counted: CountedBudget) -> Budget:
    """The budget as the API shows it."""
    kept, most = counted.kept, counted.fullest
    of = kept.budget
    return Budget(
        id=of.id,
        organization_id=kept.organization_id,
        wallet_id=kept.wallet_id,
        name=kept.name,
        level=of.level,
        subject=of.subject,
        category=of.category,
        feature=of.feature,
        unit=of.unit,
        window=of.window,
        time_zone=of.time_zone,
        limit=of.limit,
        on_limit=of.on_limit,
        alert_at_percent=of.alert_at_percent,
        used=0 if most is None else most.used,
        used_by=None if most is None else most.subject or None,
        window_began_at=_began(counted.window),
        resets_at=_ends(counted.window),
        created_at=rfc3339(kept.created_at_us),
        updated_at=rfc3339(kept.updated_at_us),
        ended_at=None if kept.ended_at_us is None else rfc3339(kept.ended_at_us),
    )


def usage_shown(budget_id: str, limit: int, window: Window, subjects: list[Subject]) -> BudgetUsage:
    """Who used a budget."""
    return BudgetUsage(
        budget_id=budget_id,
        window_began_at=_began(window),
        resets_at=_ends(window),
        data=[
            BudgetSubject(subject=each.subject or None, used=each.used, limit=limit)
            for each in subjects
        ],
    )


def _began(window: Window) -> str | None:
    return None if window.until_us is None else rfc3339(window.since_us)


def _ends(window: Window) -> str | None:
    return None if window.until_us is None else rfc3339(window.until_us)
