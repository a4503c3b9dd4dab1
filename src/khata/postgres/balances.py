"""A wallet's balances at many instants: what the ledger stood at, with no history read."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from khata.domain.ids import WalletId, bucket_of
from khata.domain.ledger import Facts
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import times

# A range with an order keeps the planner to the primary key, as in load.py.
STOOD = """
select found.sequence, before.available_after, before.reserved_after, before.locked_after,
  behind.sequence, behind.facts
from unnest(sequences_at($1::smallint, $2, $3::timestamptz[])) with ordinality
  as found (sequence, place)
left join lateral (
  select available_after, reserved_after, locked_after from transactions
  where bucket = $1 and wallet_id = $2
    and sequence >= found.sequence and sequence <= found.sequence
  order by sequence) as before on true
left join lateral (
  select sequence, facts from transactions
  where bucket = $1 and wallet_id = $2
    and sequence >= found.sequence + 1 and sequence <= found.sequence + 1
  order by sequence) as behind on true
order by place"""

PURCHASES = """
select sequence, -account_change from transactions
where bucket = $1 and wallet_id = $2 and type = 'CREDIT_PURCHASE' and type <> 'USAGE_DEDUCTION'
  and sequence > $3 and sequence <= $4
order by sequence"""

_facts = msgspec.json.Decoder(Facts).decode


class Stood(NamedTuple):
    """Where the ledger stood at an instant, and when what stands behind it had happened.

    `is_last` is whether nothing stands behind; `occurred_at_us` is none for what was decided then.
    """

    sequence: int
    available: int
    reserved: int
    locked: int
    is_last: bool
    occurred_at_us: int | None


async def stood_at(
    connection: Connection, wallet_id: WalletId, instants: Sequence[int]
) -> list[Stood]:
    """Where the ledger stood at each of these instants, which rise."""
    found = await ask(connection, STOOD, bucket_of(wallet_id), wallet_id, times(instants))
    return [
        Stood(
            row[0],
            row[1] or 0,
            row[2] or 0,
            row[3] or 0,
            row[4] is None,
            _facts(row[5]).occurred_at_us if row[5] else None,
        )
        for row in found
    ]


async def purchases(
    connection: Connection, wallet_id: WalletId, behind: int, until: int
) -> list[tuple[int, int]]:
    """The sequence and credits of each purchase behind one sequence and up to another."""
    found = await ask(connection, PURCHASES, bucket_of(wallet_id), wallet_id, behind, until)
    return [(row[0], row[1]) for row in found]
