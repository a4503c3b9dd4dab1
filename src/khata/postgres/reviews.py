"""What speaks against approving an order under review by itself."""

from msgspec import Struct

from khata.domain.ids import bucket_of
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant
from khata.postgres.orders import Order

# A later payment of the wallet that failed with what this order was paid with speaks against it.
SIGNALS = """
select
  exists (select 1 from disputes
    where bucket = $1 and wallet_id = $2 and payment_id = $4
      and state in ('open', 'under_review', 'lost')),
  exists (select 1 from refunds
    where bucket = $1 and wallet_id = $2 and order_id = $3 and origin = 'rejected'),
  exists (select 1 from payments own join payments later using (bucket, wallet_id, instrument)
    where own.bucket = $1 and own.wallet_id = $2 and own.id = $4
      and later.state = 'failed' and later.created_at >= $5)"""


class Signals(Struct, frozen=True):
    """What has come up since an order was placed."""

    is_disputed: bool
    was_rejected: bool
    instrument_failed: bool

    @property
    def speak_against(self) -> bool:
        """Whether any of it calls for a person."""
        return self.is_disputed or self.was_rejected or self.instrument_failed


async def signals(connection: Connection, order: Order) -> Signals:
    """What has come up about a paid order."""
    named = (bucket_of(order.wallet_id), order.wallet_id, order.id, order.payment_id)
    return Signals(*(await ask(connection, SIGNALS, *named, Instant(order.created_at_us)))[0])
