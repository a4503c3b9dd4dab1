"""Rows beside the ledger that name a wallet: each is of one that exists, in its organization.

And documents: each bills or credits what was paid or given back, and none is missing in between.
"""

from collections.abc import Iterator

from psycopg import Connection
from psycopg.rows import TupleRow

from khata.domain.difference import Difference

# Each selects wallet, row, field, what is expected and what is there.
OWNERS = """
select o.wallet_id, o.owner_type || ' ' || o.owner_id, 'wallet_id', 'a wallet of this owner',
  coalesce(w.organization_id || ' ' || w.owner_type || ' ' || w.owner_id, 'no wallet')
from wallet_owners o left join wallets w on w.id = o.wallet_id
where (w.organization_id, w.owner_type, w.owner_id)
  is distinct from (o.organization_id, o.owner_type, o.owner_id)
limit 1000"""

WALLETS = """
select w.id, '', 'owner', 'the wallet of its owner', coalesce(o.wallet_id, 'no wallet')
from wallets w left join wallet_owners o on o.organization_id = w.organization_id
  and o.owner_type = w.owner_type and o.owner_id = w.owner_id
where o.wallet_id is distinct from w.id
limit 1000"""

ANSWERS = """
select a.wallet_id, a.idempotency_key, 'organization_id', coalesce(w.organization_id, 'a wallet'),
  a.organization_id
from answers a left join wallets w on w.bucket = a.bucket and w.id = a.wallet_id
where w.organization_id is distinct from a.organization_id
limit 1000"""

OUTBOX = """
select o.wallet_id, 'sequence ' || o.sequence, 'sequence and organization_id',
  coalesce('up to ' || a.sequence || ' of ' || a.organization_id, 'a wallet'),
  o.first_sequence || ' to ' || o.sequence || ' of ' || o.organization_id
from outbox o left join accounts a on a.bucket = o.bucket and a.wallet_id = o.wallet_id
where a.organization_id is distinct from o.organization_id or o.sequence > a.sequence
limit 1000"""

INVOICES = """
select i.wallet_id, i.number, 'number and organization_id',
  i.series || '/' || i.year || '/' || lpad(i.serial::text, 7, '0') || ' of '
    || coalesce(o.organization_id, 'a wallet'),
  i.number || ' of ' || i.organization_id
from invoices i left join wallet_owners o on o.wallet_id = i.wallet_id
where (i.series || '/' || i.year || '/' || lpad(i.serial::text, 7, '0'), o.organization_id)
  is distinct from (i.number, i.organization_id)
limit 1000"""

BILLED = """
select i.wallet_id, i.number, 'total_paise', coalesce(billed.paise::text, 'what is billed'),
  i.document::json ->> 'total_paise'
from invoices i left join (
  select 'invoice' as kind, wallet_id, id, payable_paise as paise from orders
  where transaction_id is not null
  union all select 'credit_note', wallet_id, id, total_paise from refunds) as billed
  on billed.kind = i.kind and billed.id = i.subject and billed.wallet_id = i.wallet_id
where billed.paise is distinct from (i.document::json ->> 'total_paise')::bigint
limit 1000"""

SERIES = """
select 'all wallets', series || '/' || year, 'serials', '1 to ' || coalesce(s.last, 0),
  coalesce(i.count, 0) || ' from ' || coalesce(i.least, 0) || ' to ' || coalesce(i.most, 0)
from invoice_series s full join (
  select series, year, count(*) as count, min(serial) as least, max(serial) as most
  from invoices group by series, year) as i using (series, year)
where (1, s.last, s.last) is distinct from (i.least, i.most, i.count)
limit 1000"""

# Every grain sums up the same hours, those before `until`.
USAGE_SUMS = """
with whole as (
  select s.bucket, s.wallet_id, concat_ws(' ', s.organization_id, coalesce(sum(h.credits), 0),
    coalesce(sum(h.count), 0), coalesce(sum(h.quantity), 0)) as found
  from usage_summed s left join usage_hourly h
    on h.bucket = s.bucket and h.wallet_id = s.wallet_id and h.hour < s.until
  group by s.bucket, s.wallet_id, s.organization_id),
parts as (
  select bucket, wallet_id, grain, concat_ws(' ', max(organization_id), sum(credits), sum(count),
    sum(quantity)) as found
  from usage_sums group by bucket, wallet_id, grain)
select p.wallet_id, p.grain, 'organization_id, credits, count and quantity',
  coalesce(w.found, 'no sums'), p.found
from parts p left join whole w on w.bucket = p.bucket and w.wallet_id = p.wallet_id
where p.found is distinct from w.found
limit 1000"""

# What counts a wallet stands in its row, and is what the registry says.
BUDGETS = """
select w.id, '', 'budgets', coalesce(told.ids, ''), coalesce(copied.ids, '')
from wallets w
left join lateral (
  select string_agg(b ->> 'id' || ' ' || (b ->> 'limit'), ', ' order by b ->> 'id') as ids
  from json_array_elements(w.budgets::json) as b) as copied on true
left join lateral (
  select string_agg(b.id || ' ' || b.limit_amount, ', ' order by b.id) as ids from budgets b
  where b.ended_at is null and not b.of_key and (b.wallet_id = w.id
    or (b.wallet_id is null and b.organization_id = w.organization_id))) as told on true
where (w.budgets <> '[]' or exists (select from budgets))
  and told.ids is distinct from copied.ids
limit 1000"""

_STATEMENTS = (
    ("wallet_owners", OWNERS),
    ("wallets", WALLETS),
    ("wallets", BUDGETS),
    ("answers", ANSWERS),
    ("outbox", OUTBOX),
    ("usage_sums", USAGE_SUMS),
    ("invoices", INVOICES),
    ("invoices", BILLED),
    ("invoice_series", SERIES),
)


def registry_differences(connection: Connection[TupleRow]) -> Iterator[Difference]:
    """The rows that name another wallet, owner or organization than there is, or another sum."""
    for table, statement in _STATEMENTS:
        for wallet_id, row, field, expected, found in connection.execute(statement.encode()):
            yield Difference(table, wallet_id, row, field, expected, found)
