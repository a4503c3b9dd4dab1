"""What is wished for while wallets are watched: jobs of which each wallet has one a kind."""

from typing import Final

from khata.domain.ids import WalletId
from khata.postgres.asking import Connection
from khata.postgres.jobs import WantedJob, want

WATCH_JOB: Final = "watch"
EXPIRIES_JOB: Final = "expiries"
PROTECTION_JOB: Final = "protection"


def wish(kind: str, wallet_id: WalletId, run_at_us: int) -> WantedJob:
    """That it be done to the wallet then."""
    return WantedJob(kind=kind, subject=wallet_id, wallet_id=wallet_id, run_at_us=run_at_us)


async def look_again(connection: Connection, wallet_id: WalletId, now_us: int) -> None:
    """The wallet's lines were moved, and perhaps it is on another side of them now."""
    kinds = (WATCH_JOB, PROTECTION_JOB)
    await want(connection, [wish(kind, wallet_id, now_us) for kind in kinds], now_us)
