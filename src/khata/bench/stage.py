"""The stage: a Khata of its own on a throw-away folder, with wallets that never run dry."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.domain.commands import Consume, GrantCredits
from khata.domain.ids import WalletId
from khata.postgres.settings import DatabaseSettings

FEATURE = "AI_SUMMARY"  # premium, capped and priced: the whole path of a charge
PLENTY = 10**12
NO_CAPS = {"AI": 10**12, "WEBHOOKS": 10**12, "EMAILS": 10**12}
OWNER_KEY = "khk_" + "bench" * 8
_MADE_AT_ONCE = 64


class Stage(Struct, frozen=True):
    """A running Khata, one wallet that all meet on, and many that they choose from."""

    khata: Khata
    folder: Path
    hot: WalletId
    wallets: tuple[WalletId, ...]
    keys: Iterator[int]

    def charge(self, wallet_id: WalletId) -> Consume:
        """A charge that was never asked for before."""
        key = f"bench-{next(self.keys):012d}"
        return Consume(wallet_id=wallet_id, idempotency_key=key, feature=FEATURE)


@asynccontextmanager
async def set_up(
    folder: Path, url: str | None, wallets: int, told: Callable[[str], None]
) -> AsyncGenerator[Stage]:
    """Starts everything in this folder, or on the database of that URL, and fills it."""
    settings = KhataSettings(
        database=DatabaseSettings(data_folder=folder, url=url),
        owner_key=OWNER_KEY,
        caps=NO_CAPS,
        sweeps=False,
        relays=True,
    )
    async with open_khata(settings) as khata:
        told(f"making {wallets} wallets")
        mark = str(khata.now_us())
        places = asyncio.Semaphore(_MADE_AT_ONCE)
        names = (f"{mark}-{number}" for number in range(wallets + 1))
        made = await asyncio.gather(*(_rich_wallet(khata, name, places) for name in names))
        yield Stage(khata, folder, made[0], tuple(made[1:]), itertools.count())


async def _rich_wallet(khata: Khata, owner: str, places: asyncio.Semaphore) -> WalletId:
    async with places:
        wallet, _, _ = await khata.wallets.create(None, "user", owner, "bench")
    grant = GrantCredits(
        wallet_id=wallet.id,
        idempotency_key="bench-grant",
        kind="plan",
        credits=PLENTY,
        note="bench",
    )
    await khata.engine.submit(grant)
    return wallet.id
