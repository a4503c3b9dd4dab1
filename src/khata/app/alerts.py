"""Alerts of a wallet, as people look at them."""

from collections.abc import Callable

from khata.app.audited import Change, note_change
from khata.domain.ids import WalletId, is_id
from khata.postgres import alerts as store
from khata.postgres import claims
from khata.postgres.alerts import Alert, AlertState
from khata.postgres.asking import borrowed
from khata.postgres.audit_log import SERVICE, Actor
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

    async def acknowledge(
        self, wallet_id: WalletId, alert_id: str, by: Actor = SERVICE
    ) -> Alert | None:
        """The alert, seen by somebody now or earlier; none where there is no such alert.

        Who saw it first is written down.
        """
        if not is_id(alert_id, "alt_"):
            return None
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            organization_id = await claims.lock_wallet(connection, wallet_id)
            before = await store.alert(connection, wallet_id, alert_id)
            if before is None or before.acknowledged_at_us is not None:
                return before
            after = await store.acknowledge(connection, wallet_id, alert_id, now_us)
            change = Change(
                organization_id=organization_id,
                action="alert.acknowledged",
                subject=alert_id,
                before={"state": before.state},
                after={"state": before.state if after is None else after.state},
            )
            await note_change(connection, by, change, now_us)
            return after
