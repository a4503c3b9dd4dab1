"""Alerts of what limits use: a cap or a budget that is used up, by a charge or by being lowered.

Each is told of once a window, whoever finds it first: it is named by its limit, the window and the
step.
"""

from khata.domain.crossings import BudgetReached
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.ledger import CapUse
from khata.domain.limits import day_start_us
from khata.domain.times import rfc3339
from khata.postgres.alerts import Facts, NewAlert


def cap_alert(
    wallet_id: WalletId, organization_id: OrganizationId, time_zone: str, use: CapUse
) -> NewAlert:
    """Once a cap and day: an operation given back and taken again is no news."""
    resets_us = day_start_us(time_zone, use.day + 1)
    facts: Facts = {
        "cap": use.cap,
        "used": use.after,
        "limit": use.limit,
        "resets_at": rfc3339(resets_us),
    }
    return NewAlert(
        wallet_id=wallet_id,
        organization_id=organization_id,
        type="CAP_REACHED",
        subject=f"{use.cap}/{use.day}",
        facts=facts,
        ends_at_us=resets_us,
    )


def budget_alert(
    wallet_id: WalletId | None, organization_id: OrganizationId, reached: BudgetReached
) -> NewAlert:
    """Once a window and step. Of a budget over many wallets its organization is told."""
    use = reached.use
    facts: Facts = {
        "budget_id": use.budget_id,
        "level": use.level,
        "subject": use.subject or None,
        "category": use.category,
        "feature": use.feature,
        "unit": use.unit,
        "window": use.window,
        "used": use.after,
        "limit": use.limit,
        "percent": reached.percent,
        "resets_at": None if use.until_us is None else rfc3339(use.until_us),
    }
    return NewAlert(
        wallet_id=None if use.is_shared else wallet_id,
        organization_id=organization_id,
        type="BUDGET_REACHED",
        subject=f"{use.budget_id}/{use.since_us}/{use.subject}/{reached.percent}",
        facts=facts,
        ends_at_us=use.until_us,
    )
