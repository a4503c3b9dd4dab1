"""Alerts of a wallet, as people look at them."""

from collections.abc import Callable

from khata.domain.ids import WalletId, is_id
from khata.postgres import alerts as store
from khata.postgres.alerts import Alert, AlertState
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool


class Alerts:
    """Lists alerts, and notes that somebody has seen them."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us

    async def list(
        self, wallet_id: WalletId, state: AlertState | None, limit: int, before: str | None
    ) -> list[Alert]:
        """Up to `limit` of the wallet's alerts with ids below `before`, newest first."""
        async with borrowed(self._pool) as connection:
            return await store.alerts(connection, wallet_id, state, limit, before)

    async def acknowledge(self, wallet_id: WalletId, alert_id: str) -> Alert | None:
        """The alert, seen by somebody now or earlier; none where there is no such alert."""
        if not is_id(alert_id, "alt_"):
            return None
        async with borrowed(self._pool) as connection:
            return await store.acknowledge(connection, wallet_id, alert_id, self._now_us())
