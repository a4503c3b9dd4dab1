"""Refusals as they are kept beside their keys, to be looked up."""

from typing import NamedTuple

import msgspec
from msgspec import Struct

from khata.domain.ids import WalletId, bucket_of
from khata.domain.refusals import AnyRefusal
from khata.domain.refused import Circumstances
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

_COLUMNS = "refusal_id, at, idempotency_key, outcome, circumstances"

REFUSAL = f"""
select {_COLUMNS} from answers where bucket = $1 and wallet_id = $2 and refusal_id = $3"""

REFUSALS = f"""
select {_COLUMNS} from answers
where bucket = $1 and wallet_id = $2 and refusal_id < $3
  and ($4::text is null or code = $4) and ($5::timestamptz is null or at >= $5)
  and ($6::timestamptz is null or at < $6)
order by refusal_id desc limit $7"""

# Above every id of a refusal.
_LAST = "ref_~"

_outcome = msgspec.json.Decoder(AnyRefusal).decode
_circumstances = msgspec.json.Decoder(Circumstances).decode


class KeptRefusal(Struct, frozen=True):
    """A refusal, when and under which key it was decided, and how things stood then."""

    id: str
    at_us: int
    idempotency_key: str
    refusal: AnyRefusal
    circumstances: Circumstances


class RefusalFilter(NamedTuple):
    """Which refusals to list; None is any. From is included, until is not."""

    code: str | None = None
    from_us: int | None = None
    until_us: int | None = None


async def refusal(
    connection: Connection, wallet_id: WalletId, refusal_id: str
) -> KeptRefusal | None:
    """The wallet's refusal of that id, as long as it is kept."""
    found = await ask(connection, REFUSAL, bucket_of(wallet_id), wallet_id, refusal_id)
    return _kept(found[0]) if found else None


async def refusals(
    connection: Connection,
    wallet_id: WalletId,
    chosen: RefusalFilter,
    limit: int,
    before: str | None,
) -> list[KeptRefusal]:
    """Up to `limit` refusals with ids below `before`, newest first."""
    place = (bucket_of(wallet_id), wallet_id, before or _LAST)
    times = [None if at is None else Instant(at) for at in (chosen.from_us, chosen.until_us)]
    found = await ask(connection, REFUSALS, *place, chosen.code, *times, limit)
    return [_kept(row) for row in found]


def _kept(row: Row) -> KeptRefusal:
    refusal_id, at_us, key, outcome, circumstances = row
    return KeptRefusal(refusal_id, at_us, key, _outcome(outcome), _circumstances(circumstances))
