"""What a sweep looks for, and what it clears away."""

from khata.domain.ids import WalletId
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

# A lot may have expired and yet be in an open hold or locked: that is not due.
DUE_WALLETS = """
select wallet_id from (
  (select wallet_id from holds where state = 'open' and expires_at <= $1
   order by expires_at limit $2)
  union
  (select wallet_id from grants where live and available > 0 and expires_at <= $1
   order by expires_at limit $2)) as due"""

PURGE_ANSWERS = """
delete from answers where (bucket, wallet_id, idempotency_key) in (
  select bucket, wallet_id, idempotency_key from answers where at < $1 limit $2)
returning 1"""


async def due_wallets(connection: Connection, at_us: int, limit: int) -> list[WalletId]:
    """Wallets on which a hold or a lot has expired and is not booked, the longest due first;
    at most twice `limit`."""
    return [row[0] for row in await ask(connection, DUE_WALLETS, Instant(at_us), limit)]


async def purge_answers(connection: Connection, before_us: int, limit: int) -> int:
    """Clears away up to `limit` kept answers older than that; how many it were."""
    return len(await ask(connection, PURGE_ANSWERS, Instant(before_us), limit))
