"""Budgets that refuse: what they refuse moves nothing, so the ledger tells nothing of it.

A budget of credits is seldom used up to the last one; it is what it refuses that people want to
hear of, once a window. Refusals are kept with their keys, and every few seconds those of late are
looked through. Looked at twice, or by two processes at once, they are told of once. What is over by
the time it is looked at, the budget or its window, is told of no more.
"""

from collections.abc import Callable
from typing import Final

from khata.domain.budgets import THROTTLE
from khata.domain.limits import DAY_US, QUARTER_US
from khata.domain.times import rfc3339
from khata.domain.windows import window_at
from khata.postgres import budgets as budget_store
from khata.postgres.alerts import Facts, NewAlert, raise_alert
from khata.postgres.asking import Connection, borrowed
from khata.postgres.budget_counts import zones
from khata.postgres.connect import Pool
from khata.postgres.refusals import RefusedByBudget, refused_by_budgets

LOOK_SECONDS: Final = 5.0
# A refusal is dated a little before it is committed.
SLACK_US: Final = 60_000_000


class RefusedBudgets:
    """Raises an alert for each budget that has refused, the first time in its window."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us
        self._looked_us: int | None = None

    async def look(self) -> int:
        """Looks through what was refused since the last look, or for a day by now if this is the
        first; how many alerts were raised. Raises `Unavailable`, and goes on from there then."""
        now_us, last_us, raised = self._now_us(), self._looked_us, 0
        since_us = now_us - DAY_US if last_us is None else last_us - SLACK_US
        while since_us <= now_us:
            until_us = since_us + QUARTER_US  # a day may hold more than a statement has time for
            async with borrowed(self._pool) as connection:
                for each in await refused_by_budgets(connection, since_us, until_us):
                    raised += not _is_throttle(each) and await _told(connection, each, now_us)
            self._looked_us = min(until_us, now_us)
            since_us = until_us
        return raised


async def _told(connection: Connection, refused: RefusedByBudget, now_us: int) -> bool:
    """Where the budget is used up to the last, the charge that did it was told of already.

    The key of a platform has no organization that could be told.
    """
    refusal, at_us = refused.refusal, refused.at_us
    kept = await budget_store.budget(connection, refusal.budget_id)
    if kept is None or kept.organization_id is None or kept.ended_at_us is not None:
        return False
    # The last seconds of a window are looked at when it is over.
    if refusal.resets_at_us is not None and refusal.resets_at_us + SLACK_US <= now_us:
        return False
    zone = kept.budget.time_zone
    if zone is None:
        zone = (await zones(connection, [refused.wallet_id]))[refused.wallet_id]
    since_us = window_at(kept.budget.window, zone, at_us).since_us
    is_used_up = refusal.used >= refusal.limit
    facts: Facts = {
        "budget_id": refusal.budget_id,
        "level": refusal.level,
        "subject": refusal.subject,
        "category": refusal.category,
        "feature": refusal.feature,
        "unit": refusal.unit,
        "window": refusal.window,
        "used": refusal.used,
        "limit": refusal.limit,
        "percent": 100 if is_used_up else refusal.used * 100 // refusal.limit,
        "refused": refusal.requested,
        "resets_at": None if refusal.resets_at_us is None else rfc3339(refusal.resets_at_us),
    }
    step = "100" if is_used_up else "refused"
    alert = NewAlert(
        wallet_id=kept.wallet_id,
        organization_id=refused.organization_id,
        type="BUDGET_REACHED",
        subject=f"{refusal.budget_id}/{since_us}/{refusal.subject or ''}/{step}",
        facts=facts,
        ends_at_us=refusal.resets_at_us,
    )
    return await raise_alert(connection, alert, at_us)


def _is_throttle(refused: RefusedByBudget) -> bool:
    return refused.refusal.budget_id.startswith(THROTTLE)
