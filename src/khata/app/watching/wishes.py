"""What is wished for while wallets are watched: jobs of which each wallet has one a kind."""

from typing import Final

from khata.domain.budgets import Budget
from khata.domain.crossings import is_lowered
from khata.domain.ids import WalletId
from khata.postgres.alerts import place_of
from khata.postgres.asking import Connection
from khata.postgres.budgets import KeptBudget
from khata.postgres.jobs import WantedJob, want

WATCH_JOB: Final = "watch"
EXPIRIES_JOB: Final = "expiries"
PROTECTION_JOB: Final = "protection"
LOWERED_CAPS_JOB: Final = "lowered-caps"
LOWERED_BUDGET_JOB: Final = "lowered-budget"


def wish(kind: str, wallet_id: WalletId, run_at_us: int) -> WantedJob:
    """That it be done to the wallet then."""
    return WantedJob(kind=kind, subject=wallet_id, wallet_id=wallet_id, run_at_us=run_at_us)


async def look_again(connection: Connection, wallet_id: WalletId, now_us: int) -> None:
    """The wallet's lines were moved, and perhaps it is on another side of them now."""
    kinds = (WATCH_JOB, PROTECTION_JOB)
    await want(connection, [wish(kind, wallet_id, now_us) for kind in kinds], now_us)


async def look_at_caps(connection: Connection, wallet_id: WalletId, now_us: int) -> None:
    """The wallet's caps were set, and perhaps its day has used one up already."""
    await want(connection, [wish(LOWERED_CAPS_JOB, wallet_id, now_us)], now_us)


async def look_at_budget(
    connection: Connection, before: Budget, after: KeptBudget | None, now_us: int
) -> None:
    """The budget was changed, if it has not ended, and perhaps its window has used it up already.

    The key of a platform has no organization that could be told.
    """
    if after is None or after.organization_id is None or not is_lowered(before, after.budget):
        return
    job = WantedJob(
        kind=LOWERED_BUDGET_JOB,
        subject=after.budget.id,
        wallet_id=place_of(after.wallet_id, after.organization_id),
        run_at_us=now_us,
    )
    await want(connection, [job], now_us)
