"""Billing profiles: who buys for a wallet, where an order does not say."""

import msgspec

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.parties import Buyer
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

PUT_PROFILE = """
insert into billing_profiles (bucket, wallet_id, organization_id, buyer, updated_at)
values ($1, $2, $3, $4, $5)
on conflict (bucket, wallet_id) do update set buyer = excluded.buyer,
  updated_at = excluded.updated_at"""

PROFILE = "select buyer from billing_profiles where bucket = $1 and wallet_id = $2"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Buyer).decode


async def put_profile(
    connection: Connection,
    wallet_id: WalletId,
    organization_id: OrganizationId,
    buyer: Buyer,
    at_us: int,
) -> None:
    """Sets who buys for the wallet."""
    named = (bucket_of(wallet_id), wallet_id, organization_id)
    await ask(connection, PUT_PROFILE, *named, _encode(buyer).decode(), Instant(at_us))


async def profile(connection: Connection, wallet_id: WalletId) -> Buyer | None:
    """Who buys for the wallet, if it was said."""
    found = await ask(connection, PROFILE, bucket_of(wallet_id), wallet_id)
    return _decode(found[0][0]) if found else None
