"""Alerts, as people look at them: of a wallet, and of a whole organization."""

from collections.abc import Callable, Sequence
from typing import Final

from khata.app.audited import Change, note_change
from khata.app.people.within import known_organization
from khata.domain.actor import SERVICE, Actor
from khata.domain.ids import OrganizationId, WalletId, is_id
from khata.postgres import alerts as store
from khata.postgres.alerts import Alert, AlertFilter, AlertState, place_of
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool

COUNTED: Final = 10_000


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
        async with borrowed(self._pool) as connection, connection.transaction():
            before = await store.alert(connection, wallet_id, alert_id)
            return await self._seen(connection, before, by)

    async def list_all(
        self,
        organization_id: OrganizationId | None,
        wanted: AlertFilter,
        limit: int,
        before: str | None,
    ) -> Sequence[Alert]:
        """Up to `limit` of the organization's alerts with ids below `before`, newest first.

        Raises `Invalid` where there is no such organization.
        """
        async with borrowed(self._pool) as connection:
            within = await known_organization(connection, organization_id)
            return await store.alerts_of_organization(connection, within, wanted, limit, before)

    async def count(
        self, organization_id: OrganizationId | None, wanted: AlertFilter
    ) -> tuple[int, bool]:
        """How many such alerts there are, and whether there are more than were counted."""
        async with borrowed(self._pool) as connection:
            within = await known_organization(connection, organization_id)
            counted = await store.count_alerts(connection, within, wanted, COUNTED + 1)
        return min(counted, COUNTED), counted > COUNTED

    async def acknowledge_any(
        self, organization_id: OrganizationId | None, alert_id: str, by: Actor = SERVICE
    ) -> Alert | None:
        """The organization's alert, of whichever wallet, seen by somebody now or earlier; none
        where there is no such alert. Raises `Invalid` where there is no such organization."""
        if not is_id(alert_id, "alt_"):
            return None
        async with borrowed(self._pool) as connection, connection.transaction():
            within = await known_organization(connection, organization_id)
            before = await store.alert_of_organization(connection, within, alert_id)
            return await self._seen(connection, before, by)

    async def _seen(self, connection: Connection, before: Alert | None, by: Actor) -> Alert | None:
        """The alert as it is now that somebody has seen it, with who was the first."""
        if before is None or before.acknowledged_at_us is not None:
            return before
        now_us = self._now_us()
        place = place_of(before.wallet_id, before.organization_id)
        after = await store.acknowledge(connection, place, before.id, now_us)
        if after is None or after.acknowledged_at_us != now_us:  # another was faster
            return after
        change = Change(
            organization_id=after.organization_id,
            action="alert.acknowledged",
            subject=after.id,
            before={"state": before.state},
            after={"state": after.state, "type": after.type, "wallet_id": after.wallet_id},
        )
        await note_change(connection, by, change, now_us)
        return after
