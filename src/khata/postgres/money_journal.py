"""The journal of money, to which is only added."""

import msgspec

from khata.domain.ids import bucket_of
from khata.domain.money_journal import MoneyPosting
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

INSERT_MONEY = """
insert into money_journal
  (bucket, wallet_id, id, organization_id, at, kind, source, source_id, gateway, legs)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (bucket, wallet_id, kind, source_id) do nothing
returning id"""

_encode = msgspec.json.Encoder().encode


async def post_money(connection: Connection, posting: MoneyPosting) -> bool:
    """Adds the posting, unless one of its kind and source stands already."""
    of = posting.occasion
    added = await ask(
        connection,
        INSERT_MONEY,
        bucket_of(of.wallet_id),
        of.wallet_id,
        of.id,
        of.organization_id,
        Instant(of.at_us),
        posting.kind,
        posting.source,
        posting.source_id,
        of.gateway,
        _encode(posting.legs).decode(),
    )
    return bool(added)
