"""Alerts as they are shown, and the rules by which they are raised and sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from khata.app.shown.alerts import Alert, alert_shown
from khata.app.watching.rules import RuleChange, RuleStanding
from khata.domain.money import MAX_WALLET_CREDITS
from khata.domain.times import rfc3339
from khata.http.schemas.common import AnyId, Cursor, Limit, Time
from khata.postgres.alerts import AlertState, AlertType

__all__ = [
    "Alert",
    "AlertQuery",
    "AlertRule",
    "AlertRules",
    "AlertRulesBody",
    "AlertsQuery",
    "OrganizationQuery",
    "alert_shown",
    "changes_of",
    "rules_shown",
]


class AlertQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which alerts."""

    state: AlertState | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class AlertsQuery(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which alerts of an organization."""

    organization_id: AnyId | None = None
    state: AlertState | None = None
    type: AlertType | None = None
    wallet_id: AnyId | None = None
    count: Literal["true", "false"] = "false"
    limit: Limit = 50
    cursor: Cursor | None = None


class OrganizationQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which organization; the caller's own if nothing is said."""

    organization_id: AnyId | None = None


class AlertRule(Struct, frozen=True):
    """What is wanted of alerts of a type: whether they are raised, whether they go out by e-mail,
    and from where on. `threshold` is null where there is none to set.

    Of a low balance and a rapid burn it is the wallet's own `low_balance_threshold` and
    `rapid_burn_limit`, in credits; of credits that expire the least that are worth a word.
    """

    type: AlertType
    enabled: bool
    email: bool
    threshold: int | None
    last_raised_at: Time | None
    unresolved: int


class AlertRules(Struct, frozen=True):
    """A rule for each type of alert."""

    data: Sequence[AlertRule]


class AlertRuleChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is to be otherwise for alerts of a type; what is not named stays."""

    type: AlertType
    enabled: bool | UnsetType = UNSET
    email: bool | UnsetType = UNSET
    threshold: Annotated[int, Meta(ge=0, le=MAX_WALLET_CREDITS)] | UnsetType = UNSET


class AlertRulesBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Rules to change, each type once; those of other types stay."""

    rules: Annotated[list[AlertRuleChange], Meta(min_length=1, max_length=20)]


def changes_of(body: AlertRulesBody) -> list[RuleChange]:
    """What is asked of the rules."""
    return [
        RuleChange(type=each.type, enabled=each.enabled, email=each.email, threshold=each.threshold)
        for each in body.rules
    ]


def rules_shown(standings: Sequence[RuleStanding]) -> AlertRules:
    """The rules as the API shows them."""
    return AlertRules([_shown(standing) for standing in standings])


def _shown(standing: RuleStanding) -> AlertRule:
    rule, last_us = standing.rule, standing.last_raised_at_us
    return AlertRule(
        rule.type,
        rule.enabled,
        rule.email,
        rule.threshold,
        None if last_us is None else rfc3339(last_us),
        standing.unresolved,
    )
