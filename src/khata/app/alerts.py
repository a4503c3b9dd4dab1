"""Alerts, as people look at them: of a wallet, and of a whole organization."""

from collections.abc import Callable, Sequence
from typing import Final

from khata.app.people.within import known_organization
from khata.domain.ids import OrganizationId, WalletId, is_id
from khata.postgres import alerts as store
from khata.postgres.alerts import Alert, AlertFilter, AlertState, place_of
from khata.postgres.asking import borrowed
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

    async def acknowledge(self, wallet_id: WalletId, alert_id: str) -> Alert | None:
        """The alert, seen by somebody now or earlier; none where there is no such alert."""
        if not is_id(alert_id, "alt_"):
            return None
        async with borrowed(self._pool) as connection:
            return await store.acknowledge(connection, wallet_id, alert_id, self._now_us())

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
        self, organization_id: OrganizationId | None, alert_id: str
    ) -> Alert | None:
        """The organization's alert, of whichever wallet, seen by somebody now or earlier; none
        where there is no such alert. Raises `Invalid` where there is no such organization."""
        if not is_id(alert_id, "alt_"):
            return None
        async with borrowed(self._pool) as connection:
            within = await known_organization(connection, organization_id)
            found = await store.alert_of_organization(connection, within, alert_id)
            if found is None:
                return None
            place = place_of(found.wallet_id, within)
            return await store.acknowledge(connection, place, alert_id, self._now_us())
