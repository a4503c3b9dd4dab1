"""Alerts end by themselves when what they tell of is over, whether or not anybody has seen them."""

from collections.abc import Sequence

from khata.domain.ids import WalletId, bucket_of
from khata.postgres.alerts import AlertType
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant, texts

RESOLVE = """
update alerts set state = 'resolved', resolved_at = $5
where bucket = $1 and wallet_id = $2 and type = $3 and state <> 'resolved'
  and not subject = any($4::text[])"""

RESOLVE_ONE = """
update alerts set state = 'resolved', resolved_at = $5
where bucket = $1 and wallet_id = $2 and type = $3 and state <> 'resolved' and subject = $4"""


async def resolve(
    connection: Connection,
    wallet_id: WalletId,
    type: AlertType,
    at_us: int,
    but: Sequence[str] = (),
) -> None:
    """The wallet's alerts of that type are over, but those of the subjects named."""
    named = (bucket_of(wallet_id), wallet_id, type)
    await ask(connection, RESOLVE, *named, texts(but), Instant(at_us))


async def resolve_one(
    connection: Connection, wallet_id: WalletId, type: AlertType, subject: str, at_us: int
) -> None:
    """The alert of that subject is over."""
    named = (bucket_of(wallet_id), wallet_id, type)
    await ask(connection, RESOLVE_ONE, *named, subject, Instant(at_us))
