"""What protects a wallet that burns: it is frozen until somebody releases it."""

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.wallet import RAPID_BURN, RapidBurnAction
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

# The update of the row is its lock, as for every look at a wallet.
LOCK_WATCH = """
update watches set looks = looks + 1 where bucket = $1 and wallet_id = $2
returning burning_since, released_burn"""

PROTECTED = """
select organization_id, status, frozen_reason, rapid_burn_action, rapid_burn_limit
from wallets where bucket = $1 and id = $2"""

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
    """A wallet as far as its protection goes. A burn is released when somebody has said so."""

    organization_id: OrganizationId
    status: str
    frozen_reason: str | None
    action: RapidBurnAction
    limit: int
    is_burning: bool
    is_released: bool


async def protected(connection: Connection, wallet_id: WalletId) -> Protected | None:
    """The wallet, whose watch is ours until the transaction ends; none where there is no such
    wallet."""
    named = (bucket_of(wallet_id), wallet_id)
    watched = await ask(connection, LOCK_WATCH, *named)
    burning_us, released_us = watched[0] if watched else (None, None)
    found = await ask(connection, PROTECTED, *named)
    if not found:
        return None
    is_burning = burning_us is not None
    organization_id, status, reason, action, limit = found[0]
    is_released = is_burning and burning_us == released_us
    return Protected(organization_id, status, reason, action, limit, is_burning, is_released)


async def note_release(connection: Connection, wallet_id: WalletId) -> None:
    """Whatever protects the wallet from its present burn is to stay away."""
    await ask(connection, NOTE_RELEASE, bucket_of(wallet_id), wallet_id)


async def freeze(connection: Connection, wallet_id: WalletId, at_us: int) -> bool:
    """No credits leave the wallet any more; whether it was active until now."""
    return bool(await ask(connection, FREEZE, bucket_of(wallet_id), wallet_id, Instant(at_us)))


async def thaw(connection: Connection, wallet_id: WalletId, at_us: int) -> bool:
    """The wallet is active again; whether it was frozen for its burn."""
    return bool(await ask(connection, THAW, bucket_of(wallet_id), wallet_id, Instant(at_us)))
