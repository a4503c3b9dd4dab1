"""A wallet with a long year behind it: its ledger and rollups made by the database itself.

The shape is that of a platform at work: the features of the price list and 40 members, a few of
each far busier than the rest, around the clock; a purchase every some days, now and then a refund.
All of it might have happened, but for the hashes, which are no chain; no list looks at them.
"""

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from khata.domain.ids import WalletId, bucket_of
from khata.domain.limits import DAY_US

MEMBERS = 40
DAYS = 365
_AT_ONCE = 250_000
_EACH_CREDITS = 5
_MORE_CREDITS = 1_000

# What the wallet bought at first is enough for all; every 100,000th is a further purchase, every
# 200th a refund of a credit of the charge before it. A hash chooses feature and member, so that a
# refund has those of its charge.
_LEDGER = """
insert into transactions (bucket, wallet_id, sequence, id, organization_id, type, at,
  available_change, reserved_change, locked_change, account, account_change, available_after,
  reserved_after, locked_after, feature, category, quantity, price_version, member_id, source,
  source_id, idempotency_key, fingerprint, draws, facts, recognized_paise, hash_version,
  previous_hash, hash)
select %(bucket)s, %(wallet)s, n, %(prefix)s || lpad(n::text, 24, '0'), %(organization)s,
  kind.type, kind.at, kind.change, 0, 0, kind.account, -kind.change, kind.available, 0, 0,
  kind.feature, kind.category,
  kind.quantity, case when kind.feature is not null then 1 end, kind.member, kind.source,
  kind.source_id, case when kind.source is null then 'key-' || lpad(n::text, 20, '0') end,
  case when kind.source is null then '\\x00'::bytea end,
  case when kind.source = 'payment' then '[]'
    else '[["' || %(grants)s || lpad('1', 24, '0') || '",' || -kind.change || ']]' end,
  case when kind.source = 'payment' then json_build_object('grants', json_build_array(
    json_build_object('id', %(grants)s || lpad(n::text, 24, '0'), 'kind', 'purchase',
      'granted', kind.change, 'available', kind.change, 'sequence', n,
      'created_at_us', (extract(epoch from kind.at) * 1000000)::bigint,
      'payment_id', kind.source_id)), 'payment_id', kind.source_id)::text end,
  0, 1, decode(repeat('5a', 32), 'hex'), decode(repeat('a5', 32), 'hex')
from generate_series(%(first)s::bigint, %(last)s::bigint) as n
cross join lateral (
  select n %% 100000 = 1 as is_bought, n %% 200 = 3 as is_refund,
    case when n %% 200 = 3 then n - 1 else n end as charge) as what
cross join lateral (
  select 1 + floor(%(features)s * power((hashint8extended(charge, 1) & 65535) / 65536.0::float8, 2)
      )::int as feature_place,
    floor(%(members)s * power((hashint8extended(charge, 2) & 65535) / 65536.0::float8, 2)
      )::int as member_place,
    (n + 99999) / 100000 as purchases, (n + 197) / 200 as refunds) as chance
cross join lateral (
  select case when is_bought then 'CREDIT_PURCHASE' when is_refund then 'REFUND'
      else 'USAGE_DEDUCTION' end as type,
    to_timestamp((%(begin)s::bigint + n * %(step)s::numeric) / 1000000.0) as at,
    case when n = 1 then %(plenty)s when is_bought then %(more)s when is_refund then 1
      else -%(each)s end as change,
    %(plenty)s + (purchases - 1) * %(more)s + refunds
      - (n - purchases - refunds) * %(each)s as available,
    case when is_bought then 'issued.purchase'
      else 'consumed.' || (%(categories)s::text[])[feature_place] end as account,
    case when not is_bought then (%(feature_names)s::text[])[feature_place] end as feature,
    case when not is_bought then (%(categories)s::text[])[feature_place] end as category,
    case when not is_bought and not is_refund then 1 end as quantity,
    case when not is_bought then 'member-' || member_place end as member,
    case when is_refund then 'transaction' when is_bought then 'payment' end as source,
    case when is_refund then %(prefix)s || lpad(charge::text, 24, '0')
      when is_bought then 'pay_' || n end as source_id) as kind"""

# What was bought: all charges drew from the first.
_LOTS = """
insert into grants (bucket, wallet_id, id, organization_id, kind, priority, transferable, granted,
  available, live, payment_id, sequence, created_at)
select bucket, wallet_id, %(grants)s || lpad(sequence::text, 24, '0'), organization_id, 'purchase',
  50, true, available_change,
  available_change - case when sequence = 1 then used.credits else 0 end, true, source_id,
  sequence, at
from transactions cross join (
  select coalesce(sum(credits), 0) as credits from usage_hourly
  where bucket = %(bucket)s and wallet_id = %(wallet)s) as used
where bucket = %(bucket)s and wallet_id = %(wallet)s and type = 'CREDIT_PURCHASE'"""

_ROLLUP = """
insert into usage_hourly (bucket, wallet_id, hour, feature, member_id, organization_id, category,
  credits, count, quantity)
select bucket, wallet_id, date_trunc('hour', at, %(zone)s) as hour, feature,
  coalesce(member_id, ''), min(organization_id), min(category), sum(account_change),
  count(*) filter (where type = 'USAGE_DEDUCTION'), coalesce(sum(quantity), 0)
from transactions
where bucket = %(bucket)s and wallet_id = %(wallet)s and feature is not null
group by bucket, wallet_id, hour, feature, coalesce(member_id, '')"""

_ACCOUNTS = """
update accounts set sequence = s.sequence, at = s.at, head = s.hash, revision = revision + 1,
  available = s.available_after, issued_purchase = -bought.credits,
  consumed = bought.credits - s.available_after
from (select * from transactions where bucket = %(bucket)s and wallet_id = %(wallet)s
  order by sequence desc limit 1) as s,
  (select sum(granted)::bigint as credits from grants
    where bucket = %(bucket)s and wallet_id = %(wallet)s) as bought
where accounts.bucket = %(bucket)s and accounts.wallet_id = %(wallet)s"""

# The indexes of millions of rows are built whole, several times faster than row by row.
_BEFORE = (
    "alter table transactions drop constraint transactions_id",
    "alter table transactions drop constraint transactions_key",
)
_AFTER = (
    "alter table transactions add constraint transactions_id unique (bucket, id)",
    """alter table transactions add constraint transactions_key
    unique (bucket, wallet_id, idempotency_key)""",
    "vacuum (freeze, analyze) transactions",
    "vacuum (freeze, analyze) usage_hourly",
)


class LongWallet(Struct, frozen=True):
    """A wallet that is to get a past of so many transactions, up to an instant."""

    wallet_id: WalletId
    organization_id: str
    time_zone: str
    transactions: int
    until_us: int


def fill(
    owner: Connection[TupleRow], wallets: list[LongWallet], features: list[tuple[str, str]]
) -> None:
    """Gives empty wallets their pasts; the owner of a database of our own, and nobody else's."""
    owner.execute("set maintenance_work_mem = '512MB'")
    owner.execute("set synchronous_commit = off")
    for statement in _BEFORE:
        owner.execute(statement.encode())
    for wallet in wallets:
        _fill_one(owner, wallet, features)
    for statement in _AFTER:
        owner.execute(statement.encode())


def _fill_one(
    owner: Connection[TupleRow], wallet: LongWallet, features: list[tuple[str, str]]
) -> None:
    given = {
        "bucket": bucket_of(wallet.wallet_id),
        "wallet": wallet.wallet_id,
        "organization": wallet.organization_id,
        "prefix": "txn_" + wallet.wallet_id[4:6],
        "grants": "grt_" + wallet.wallet_id[4:6],
        "begin": wallet.until_us - DAYS * DAY_US,
        "step": DAYS * DAY_US // wallet.transactions,
        "plenty": wallet.transactions * _EACH_CREDITS + 1_000_000,
        "each": _EACH_CREDITS,
        "more": _MORE_CREDITS,
        "members": MEMBERS,
        "features": len(features),
        "feature_names": [feature for feature, _ in features],
        "categories": [category for _, category in features],
        "zone": wallet.time_zone,
    }
    for first in range(1, wallet.transactions + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, wallet.transactions)
        owner.execute(_LEDGER.encode(), {**given, "first": first, "last": last})
    owner.execute(_ROLLUP.encode(), given)
    owner.execute(_LOTS.encode(), given)
    owner.execute(_ACCOUNTS.encode(), given)
