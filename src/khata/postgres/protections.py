"""What protects a wallet that burns: it is frozen until somebody releases it, or slowed down."""

from msgspec import Struct

from khata.domain.budgets import Budget
from khata.domain.ids import WalletId, bucket_of
from khata.domain.wallet import RAPID_BURN, Wallet
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant
from khata.postgres.budgets import KeptBudget, end_budget, insert_budget
from khata.postgres.wallets import wallet as wallet_of

# The update of the row is its lock, as for every look at a wallet.
LOCK_WATCH = """
update watches set looks = looks + 1 where bucket = $1 and wallet_id = $2
returning burning_since, released_burn"""

NOTE_RELEASE = """
update watches set released_burn = burning_since where bucket = $1 and wallet_id = $2"""

FREEZE = f"""
with noticed as (
  update accounts set revision = revision + 1 where bucket = $1 and wallet_id = $2)
update wallets set status = 'frozen', frozen_reason = '{RAPID_BURN}', updated_at = $3
where bucket = $1 and id = $2 and status = 'active'
returning 1"""

THAW = f"""
with noticed as (
  update accounts set revision = revision + 1 where bucket = $1 and wallet_id = $2)
update wallets set status = 'active', frozen_reason = null, updated_at = $3
where bucket = $1 and id = $2 and frozen_reason = '{RAPID_BURN}'
returning 1"""


class Protected(Struct, frozen=True):
    """A wallet, and whether it burns and nobody has released it from that."""

    wallet: Wallet
    is_unreleased: bool


async def protected(connection: Connection, wallet_id: WalletId) -> Protected | None:
    """The wallet, whose watch is ours until the transaction ends; none where there is no such
    wallet."""
    watched = await ask(connection, LOCK_WATCH, bucket_of(wallet_id), wallet_id)
    burning_us, released_us = watched[0] if watched else (None, None)
    wallet = await wallet_of(connection, wallet_id)
    if wallet is None:
        return None
    return Protected(wallet, burning_us is not None and burning_us != released_us)


async def note_release(connection: Connection, wallet_id: WalletId) -> None:
    """Whatever protects the wallet from its present burn is to stay away."""
    await ask(connection, NOTE_RELEASE, bucket_of(wallet_id), wallet_id)


async def freeze(connection: Connection, wallet_id: WalletId, at_us: int) -> bool:
    """No credits leave the wallet any more; whether it was active until now."""
    return bool(await ask(connection, FREEZE, bucket_of(wallet_id), wallet_id, Instant(at_us)))


async def thaw(connection: Connection, wallet_id: WalletId, at_us: int) -> bool:
    """The wallet is active again; whether it was frozen for its burn."""
    return bool(await ask(connection, THAW, bucket_of(wallet_id), wallet_id, Instant(at_us)))


async def slow_down(connection: Connection, wallet: Wallet, budget: Budget, at_us: int) -> None:
    """The wallet may spend no faster than this budget from now on."""
    kept = KeptBudget(
        budget=budget,
        organization_id=wallet.organization_id,
        wallet_id=wallet.id,
        name="Protection from a rapid burn",
        of_key=False,
        created_at_us=at_us,
        updated_at_us=at_us,
    )
    await insert_budget(connection, kept)


async def speed_up(connection: Connection, budget_id: str, at_us: int) -> bool:
    """The wallet may spend as it could before; whether it was slowed down by that budget."""
    return await end_budget(connection, budget_id, at_us) is not None
