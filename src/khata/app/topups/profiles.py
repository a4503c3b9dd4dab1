"""Billing profiles: who buys for a wallet where an order does not say."""

from collections.abc import Callable

from khata.domain.parties import Buyer
from khata.domain.wallet import Wallet
from khata.postgres import billing_profiles as store
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool


class Profiles:
    """The buyers by wallet."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us

    async def of(self, wallet: Wallet) -> Buyer:
        """Who buys for the wallet: as was said, or as the wallet is called."""
        async with borrowed(self._pool) as connection:
            known = await store.profile(connection, wallet.id)
        return known or Buyer(name=wallet.name)

    async def put(self, wallet: Wallet, buyer: Buyer) -> None:
        """Sets who buys for the wallet."""
        async with borrowed(self._pool) as connection:
            await store.put_profile(
                connection, wallet.id, wallet.organization_id, buyer, self._now_us()
            )
