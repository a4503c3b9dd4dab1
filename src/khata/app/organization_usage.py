"""Usage of all wallets of an organization, looked at together by one zone's calendar."""

from collections.abc import Callable, Mapping
from typing import Final

from khata.app.invalid import Invalid
from khata.app.people.within import known_organization
from khata.app.usage import Looked, Shares, period_of
from khata.app.wallets import DEFAULT_TIME_ZONE, is_time_zone
from khata.domain.ids import OrganizationId
from khata.domain.usage_grains import Narrowed
from khata.domain.usage_summary import Viewed
from khata.domain.wallet import Wallet
from khata.postgres import wallets
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool

# Each wallet's rows are found for themselves, some ten microseconds a wallet.
MOST_WALLETS: Final = 10_000


class OrganizationUsages:
    """Finds the wallets that a look at an organization is of."""

    def __init__(self, readers: Pool, now_us: Callable[[], int]) -> None:
        self._readers = readers
        self._now_us = now_us

    async def look_at(
        self,
        organization_id: OrganizationId | None,
        time_zone: str | None,
        period: tuple[int | None, int | None],
        narrowed: Narrowed,
    ) -> Looked:
        """The organization's usage, that of the default one if none is named. Raises `Invalid`."""
        zone = time_zone or DEFAULT_TIME_ZONE
        if not is_time_zone(zone):
            raise Invalid("time_zone", "must be a name of the IANA time zones, as Asia/Kolkata")
        async with borrowed(self._readers) as connection:
            known = await known_organization(connection, organization_id)
            found = await wallets.glances(connection, known, MOST_WALLETS + 1)
        if len(found) > MOST_WALLETS:
            raise Invalid("organization_id", f"has more than {MOST_WALLETS} wallets to sum up")
        now_us = self._now_us()
        viewed = Viewed(
            zone,
            min((wallet.created_at_us for wallet in found), default=now_us),
            sum(wallet.available for wallet in found),
            now_us,
        )
        return Looked(
            known,
            [wallet.id for wallet in found if wallet.time_zone == zone],
            viewed,
            *period_of(viewed, *period),
            narrowed,
            [wallet.id for wallet in found if wallet.time_zone != zone],
        )

    async def wallets(self, shares: Shares) -> Mapping[str, Wallet]:
        """The wallets that these shares are of."""
        names = [share.name for share in shares.shares if share.name is not None]
        async with borrowed(self._readers) as connection:
            return await wallets.wallets_by_id(connection, names)
