"""What budgets have counted, for those who list them: as booked, without a lock."""

from collections.abc import Sequence
from typing import NamedTuple

from khata.domain.ids import WalletId, bucket_of
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant, int2s, texts, times

FULLEST_OWN = """
select c.budget_id, c.subject, c.used
from unnest($1::smallint[], $2::text[], $3::text[], $4::timestamptz[])
  as asked (bucket, wallet_id, budget_id, since)
cross join lateral (
  select * from budget_counters
  where bucket = asked.bucket and wallet_id = asked.wallet_id and budget_id = asked.budget_id
    and since = asked.since
  order by used desc, subject limit 1) c"""

FULLEST_SHARED = """
select c.budget_id, c.subject, c.used
from unnest($1::smallint[], $2::text[], $3::timestamptz[]) as asked (bucket, budget_id, since)
cross join lateral (
  select * from shared_budget_counters
  where bucket = asked.bucket and budget_id = asked.budget_id and since = asked.since
  order by used desc, subject limit 1) c"""

SUBJECTS_OWN = """
select subject, used from budget_counters
where bucket = $1 and wallet_id = $2 and budget_id = $3 and since = $4 and used > 0
order by used desc, subject limit $5"""

SUBJECTS_SHARED = """
select subject, used from shared_budget_counters
where bucket = $1 and budget_id = $2 and since = $3 and used > 0
order by used desc, subject limit $4"""

ZONES = """
select w.id, w.time_zone from unnest($1::smallint[], $2::text[]) as asked (bucket_, id_)
join wallets w on w.bucket = bucket_ and w.id = id_"""


class Subject(NamedTuple):
    """Who spent in a window, and how much of the budget; '' is nobody in particular."""

    subject: str
    used: int


# A budget's window: of which wallet (none for a shared one), which budget, and since when.
Asked = tuple[WalletId | None, str, int]


async def fullest(connection: Connection, asked: Sequence[Asked]) -> dict[str, Subject]:
    """Of each budget's window who has spent the most, by budget, as far as anything was."""
    own = [(wallet_id, *rest) for wallet_id, *rest in asked if wallet_id is not None]
    shared = [
        (budget_id, since_us) for wallet_id, budget_id, since_us in asked if wallet_id is None
    ]
    found: dict[str, Subject] = {}
    if own:
        wallets = [each[0] for each in own]
        places = int2s([bucket_of(each) for each in wallets]), texts(wallets)
        budgets = texts([str(each[1]) for each in own]), times([int(each[2]) for each in own])
        rows = await ask(connection, FULLEST_OWN, *places, *budgets)
        found.update((row[0], Subject(*row[1:])) for row in rows)
    if shared:
        places = int2s([bucket_of(each) for each, _ in shared]), texts([each for each, _ in shared])
        rows = await ask(connection, FULLEST_SHARED, *places, times([since for _, since in shared]))
        found.update((row[0], Subject(*row[1:])) for row in rows)
    return found


async def subjects(connection: Connection, asked: Asked, limit: int) -> list[Subject]:
    """Up to `limit` of those who spent in a budget's window, the most first."""
    wallet_id, budget_id, since_us = asked
    if wallet_id is None:
        place = (bucket_of(budget_id), budget_id, Instant(since_us))
        found = await ask(connection, SUBJECTS_SHARED, *place, limit)
    else:
        place = (bucket_of(wallet_id), wallet_id, budget_id, Instant(since_us))
        found = await ask(connection, SUBJECTS_OWN, *place, limit)
    return [Subject(*row) for row in found]


async def zones(connection: Connection, wallets: Sequence[WalletId]) -> dict[WalletId, str]:
    """The zones of these wallets."""
    places = int2s([bucket_of(each) for each in wallets]), texts(wallets)
    return {row[0]: row[1] for row in await ask(connection, ZONES, *places)}
