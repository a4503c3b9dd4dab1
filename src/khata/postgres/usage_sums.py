"""Usage summed up by fewer names and in longer times, hour after hour, behind the charges.

What is summed up is past: a wallet's times never run back, so nothing is added any more to an hour
that its last transaction has left behind. Reads take what is summed up from here and the rest from
the hours, so they are right however far behind this is.
"""

from collections.abc import Sequence

from khata.domain.ids import WalletId, bucket_of
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant, times

# Whoever sums up holds this row meanwhile; another waits, and finds less to do.
BEGIN = """
insert into usage_summed (bucket, wallet_id, organization_id, until)
select bucket, wallet_id, organization_id, '-infinity' from accounts
where bucket = $1 and wallet_id = $2
on conflict (bucket, wallet_id) do update set until = usage_summed.until
returning until = '-infinity', until"""

NEXT_HOUR = """
select hour, (select at from accounts where bucket = $1 and wallet_id = $2) from usage_hourly
where bucket = $1 and wallet_id = $2 and hour >= $3
order by hour limit 1"""

# $5 has when the days begin, from that of the first hour on. The rows come to lie in the order in
# which they are read.
SUM_UP = """
insert into usage_sums as s (bucket, wallet_id, grain, within, starts, category, feature,
  member_id, organization_id, credits, count, quantity, last_hour)
select $1, $2, kind.grain, kind.within, kind.starts, kind.category, kind.feature, kind.member_id,
  min(organization_id), sum(credits), sum(count), sum(quantity),
  max(hour) filter (where count > 0)
from (
  select *, ($5::timestamptz[])[width_bucket(hour, $5::timestamptz[])] as day
  from usage_hourly
  where bucket = $1 and wallet_id = $2 and hour >= $3 and hour < $4) as u
cross join lateral (values
  ('hour', '', hour, '', '', ''),
  ('hour_category', '', hour, u.category, '', ''),
  ('hour_of_feature', u.feature, hour, u.category, u.feature, ''),
  ('hour_of_member', u.member_id, hour, '', '', u.member_id),
  ('day_feature', '', day, u.category, u.feature, ''),
  ('day_member', '', day, '', '', u.member_id),
  ('day_feature_of_member', u.member_id, day, u.category, u.feature, u.member_id),
  ('day_member_of_category', u.category, day, u.category, '', u.member_id),
  ('day_member_of_feature', u.feature, day, u.category, u.feature, u.member_id))
  as kind (grain, within, starts, category, feature, member_id)
group by kind.grain, kind.within, kind.starts, kind.category, kind.feature, kind.member_id
order by kind.grain, kind.within, kind.starts, kind.category, kind.feature, kind.member_id
on conflict (bucket, wallet_id, grain, within, starts, category, feature, member_id) do update
set credits = s.credits + excluded.credits, count = s.count + excluded.count,
  quantity = s.quantity + excluded.quantity,
  last_hour = greatest(s.last_hour, excluded.last_hour)"""

ADVANCE = "update usage_summed set until = $3 where bucket = $1 and wallet_id = $2"


async def begin(connection: Connection, wallet_id: WalletId) -> int | None:
    """Until when the wallet's hours are summed up, held for the transaction; none where none is."""
    found = await ask(connection, BEGIN, bucket_of(wallet_id), wallet_id)
    return found[0][1] if found and not found[0][0] else None


async def next_hour(
    connection: Connection, wallet_id: WalletId, until_us: int
) -> tuple[int, int] | None:
    """The first hour with usage from then on, and when the wallet's last transaction was."""
    found = await ask(connection, NEXT_HOUR, bucket_of(wallet_id), wallet_id, Instant(until_us))
    return (found[0][0], found[0][1]) if found else None


async def sum_up(
    connection: Connection, wallet_id: WalletId, from_us: int, to_us: int, days: Sequence[int]
) -> None:
    """Sums up the hours from one on and before another, and notes it."""
    named = (bucket_of(wallet_id), wallet_id)
    await ask(connection, SUM_UP, *named, Instant(from_us), Instant(to_us), times(days))
    await ask(connection, ADVANCE, *named, Instant(to_us))
