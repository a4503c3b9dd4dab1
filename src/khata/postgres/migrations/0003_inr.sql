-- The ledger in two units: legs in INR beside the credits, and a journal of money alone.

set local search_path = khata;

create function legs_sum(legs json) returns numeric language sql immutable strict parallel safe
as $$ select coalesce(sum((leg ->> 1)::bigint), 0) from json_array_elements(legs) as leg $$;

alter table transactions add constraint transactions_money_balanced check (
    case when type = 'USAGE_DEDUCTION' or strpos(facts, '"money":') = 0 then true
    else legs_sum(facts::json -> 'money') = 0 end);
create unique index transactions_restored_once on transactions (bucket, wallet_id, source_id)
  where type = 'CLAWBACK' and source = 'transaction';

create function earned_on(type text, category text) returns text language sql immutable parallel safe
as $$ select case
  when type in ('USAGE_DEDUCTION', 'HOLD_CAPTURE', 'REFUND')
    then 'income.usage.' || coalesce(category, 'OTHER')
  when type = 'TRANSFER_OUT' then 'transferred'
  when type in ('CREDIT_PURCHASE', 'TRANSFER_IN') then 'expenses.chargebacks'
  when type = 'CLAWBACK' then 'gateway.offline'
  else 'income.breakage' end $$;

create or replace view entries as                  -- the legs that accountants expect; they sum to zero a unit
  select bucket, wallet_id, sequence, id as transaction_id, organization_id, at, type,
         leg.account, 'CREDIT' as unit, leg.amount
  from transactions
  cross join lateral (values
    (1, 'available', available_change), (2, 'reserved', reserved_change),
    (3, 'locked', locked_change), (4, account, account_change)) as leg (place, account, amount)
  where leg.amount <> 0
  union all                             -- what the facts say in so many words
  select bucket, wallet_id, sequence, id, organization_id, at, type,
         leg ->> 0, 'INR', (leg ->> 1)::bigint
  from transactions
  cross join lateral json_array_elements(facts::json -> 'money') as leg
  where type in ('CREDIT_PURCHASE', 'BONUS_CREDIT', 'LOCK', 'UNLOCK', 'CLAWBACK')
    and strpos(facts, '"money":') > 0 and (leg ->> 1)::bigint <> 0
  union all                             -- what the cost of new lots implies
  select bucket, wallet_id, sequence, id, organization_id, at, type,
         leg.account, 'INR', leg.amount
  from transactions
  cross join lateral (
    select sum((lot ->> 'cost_paise')::bigint)::bigint as cost
    from json_array_elements(facts::json -> 'grants') as lot) as made
  cross join lateral (values
    (case when type = 'TRANSFER_IN' then 'transferred' else 'gateway.offline' end, made.cost),
    ('deferred_revenue', -made.cost)) as leg (account, amount)
  where type in ('CREDIT_PURCHASE', 'BONUS_CREDIT', 'TRANSFER_IN')
    and strpos(facts, '"cost_paise":') > 0 and made.cost <> 0
    and (type = 'TRANSFER_IN' or strpos(facts, '"money":') = 0)
  union all                             -- what the draws earned
  select bucket, wallet_id, sequence, id, organization_id, at, type,
         leg.account, 'INR', leg.amount
  from transactions
  cross join lateral (values
    ('deferred_revenue', recognized_paise),
    (earned_on(type, category), -recognized_paise)) as leg (account, amount)
  where recognized_paise <> 0
    and not (type = 'CLAWBACK' and strpos(coalesce(facts, ''), '"money":') > 0);

-- What moved money and no credits: refunds paid out, settlements. Its legs are as those of the ledger.
create table money_journal (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  at timestamptz not null,
  kind text collate "C" not null,
  source text collate "C" not null,     -- payment, refund or dispute
  source_id text collate "C" not null,
  gateway text collate "C" not null,
  legs text not null,                   -- JSON: [["account", paise], ...], debit positive
  primary key (bucket, wallet_id, id),
  constraint money_journal_once unique (bucket, wallet_id, kind, source_id),
  constraint money_journal_kind check (kind in ('PAYMENT_HELD', 'REFUND_PROCESSED',
    'REFUND_FAILED', 'SETTLEMENT', 'DISPUTE_WITHDRAWN', 'DISPUTE_REINSTATED')),
  constraint money_journal_balanced check (legs_sum(legs::json) = 0)
);
create trigger money_journal_append_only before update or delete on money_journal
  for each row execute function ledger_is_append_only();
create trigger money_journal_no_truncate before truncate on money_journal
  for each statement execute function ledger_is_append_only();
alter table money_journal enable always trigger money_journal_append_only;
alter table money_journal enable always trigger money_journal_no_truncate;

create view money_entries as            -- every leg in INR, of the ledger and of the journal
  select bucket, wallet_id, organization_id, at, type as kind, transaction_id as id, account,
         amount as paise
  from entries where unit = 'INR'
  union all
  select bucket, wallet_id, organization_id, at, kind, id, leg ->> 0, (leg ->> 1)::bigint
  from money_journal cross join lateral json_array_elements(legs::json) as leg;

grant select on money_journal, money_entries to khata_app;
grant insert on money_journal to khata_app;
