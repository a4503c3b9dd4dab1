"""Caps and budgets that are lowered below what is used already: no charge crosses their line.

Whoever lowers one wishes for a look in the same commit. It finds what stands beyond its line by
then, and what a charge crossed meanwhile is told of under the same name: by one of both, once.
"""

from collections.abc import Callable, Mapping
from typing import Final

from khata.app.watching.limit_alerts import budget_alert, cap_alert
from khata.domain.crossings import budget_reached_by_now, caps_reached_by_now
from khata.domain.ids import WalletId
from khata.domain.limits import local_day
from khata.domain.windows import window_at
from khata.postgres import budgets as budget_store
from khata.postgres.alerts import raise_alert
from khata.postgres.asking import Connection, borrowed
from khata.postgres.budget_counts import subjects, zones
from khata.postgres.budgets import KeptBudget
from khata.postgres.connect import Pool
from khata.postgres.wallets import wallet as wallet_of
from khata.postgres.watches import counted_on

# Of very many whom a budget counts, each by itself, those who have used the most.
MOST_TOLD: Final = 1_000


class Lowered:
    """Raises alerts for what was lowered. `caps` are the operator's."""

    def __init__(self, pool: Pool, caps: Mapping[str, int], now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._caps = caps
        self._now_us = now_us

    async def look_at_caps(self, _: str, wallet_id: WalletId) -> int | None:
        """Tells of each cap that the wallet's day has used up."""
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            wallet = await wallet_of(connection, wallet_id)
            if wallet is None:
                return None
            day = local_day(wallet.time_zone, now_us)
            counted = await counted_on(connection, wallet_id, day)
            for use in caps_reached_by_now(wallet, counted, self._caps, day):
                alert = cap_alert(wallet_id, wallet.organization_id, wallet.time_zone, use)
                await raise_alert(connection, alert, now_us)
        return None

    async def look_at_budget(self, budget_id: str, _: WalletId) -> int | None:
        """Tells of each whose use of the budget in its window has reached one of its steps."""
        async with borrowed(self._pool) as connection, connection.transaction():
            kept = await budget_store.budget(connection, budget_id)
            if kept is not None and kept.ended_at_us is None:
                await _tell(connection, kept, self._now_us())
        return None


async def _tell(connection: Connection, kept: KeptBudget, now_us: int) -> None:
    budget, organization_id = kept.budget, kept.organization_id
    if organization_id is None:
        return
    zone = budget.time_zone
    if zone is None:
        assert kept.wallet_id is not None, "a budget without a zone of its own is a wallet's"
        zone = (await zones(connection, [kept.wallet_id]))[kept.wallet_id]
    window = window_at(budget.window, zone, now_us)
    asked = (kept.wallet_id, budget.id, window.since_us)
    for subject, used in await subjects(connection, asked, MOST_TOLD):
        reached = budget_reached_by_now(budget.use(window, subject, used, used))
        if reached is None:
            return  # the others have used no more
        alert = budget_alert(kept.wallet_id, organization_id, reached)
        await raise_alert(connection, alert, now_us)
