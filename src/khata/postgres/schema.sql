-- Khata's store, whole. The migrations in migrations/ lead to exactly this; a test compares both.
--
-- Credits are BIGINT whole credits, money is BIGINT paise, times are timestamptz to the microsecond.
-- Ids are text with a prefix; `bucket` (0..255) is the first random byte of the wallet's id, and begins
-- every key of a wallet's rows, so that the same schema distributes by it. No foreign key
-- lies on the hot path: a wallet's rows are written only under the lock on its accounts.

create schema khata;
set local search_path = khata;

-- Registries: small, undistributed, never in the hot transaction -----------------------------------

create table organizations (
  id text collate "C" primary key,
  name text not null,
  is_default boolean not null default false,
  created_at timestamptz not null,
  membership bigint not null default 0  -- counts the changes to its members, one after another
);
create unique index organizations_one_default on organizations (is_default) where is_default;

create table wallet_owners (            -- one wallet an owner
  organization_id text collate "C" not null references organizations (id),
  owner_type text not null,
  owner_id text collate "C" not null,
  wallet_id text collate "C" not null,
  primary key (organization_id, owner_type, owner_id),
  constraint wallet_owners_wallet unique (wallet_id),
  constraint wallet_owners_type check (owner_type in ('user', 'community', 'organization'))
);
create index wallet_owners_owner on wallet_owners (owner_id, wallet_id);
create index wallet_owners_of_organization on wallet_owners (organization_id, wallet_id);

create table price_lists (              -- published versions; never edited
  version integer primary key check (version > 0),
  effective_at timestamptz not null,
  published_at timestamptz not null,
  features text not null                -- JSON, as published
);

create table budgets (                  -- limits on what is spent in a window of time
  id text collate "C" primary key,
  organization_id text collate "C" references organizations (id),  -- null: of a platform's key
  wallet_id text collate "C",           -- null: all wallets of the organization count together
  of_key boolean not null,              -- the key's own: it comes with each call, on whatever wallet
  level text collate "C" not null,
  subject text collate "C",             -- the team, member or key; null: each one by itself
  category text collate "C",
  feature text collate "C",
  unit text collate "C" not null,
  window_kind text collate "C" not null,
  limit_amount bigint not null,         -- credits or operations
  on_limit text collate "C" not null,
  alert_at_percent smallint,
  time_zone text,                       -- of a shared budget's windows; else the wallet's counts
  name text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz,                 -- it counts no more, and receipts still tell of it
  constraint budgets_level check (level in ('organization', 'team', 'member', 'key')),
  constraint budgets_unit check (unit in ('credits', 'count')),
  constraint budgets_window check (window_kind in ('hour', 'day', 'month', 'lifetime')),
  constraint budgets_on_limit check (on_limit in ('refuse', 'alert')),
  constraint budgets_amounts check (
    limit_amount between 0 and 1000000000000000 and alert_at_percent between 1 and 100),
  constraint budgets_scope check (category is null or feature is null),
  constraint budgets_subject check (level <> 'organization' or subject is null),
  constraint budgets_zone check ((wallet_id is null) = (time_zone is not null)),
  constraint budgets_of_key check (
    not of_key or (level = 'key' and subject is not null and wallet_id is null)),
  constraint budgets_of_nobody check (organization_id is not null or of_key)
);
create index budgets_of_organization on budgets (organization_id, id);
create index budgets_of_wallet on budgets (wallet_id, id) where wallet_id is not null;

create table api_keys (
  id text collate "C" primary key,
  secret_hash bytea not null,           -- SHA-256; the secret itself is shown once and kept nowhere
  hint text not null,                   -- the first and last characters, to tell keys apart
  name text not null,
  scopes text[] not null,
  organization_id text collate "C" references organizations (id),  -- null: platform-wide
  owner_type text,
  owner_id text,
  created_at timestamptz not null,
  revoked_at timestamptz,
  created_by text collate "C",          -- the id of a key or user; worker, command-line
  rotated_at timestamptz,               -- when it was given its secret, where that is not its first
  expires_at timestamptz,
  last_used_at timestamptz,             -- to the minute
  budget text,                          -- JSON: its own spending limit, which comes with its calls
  constraint api_keys_secret unique (secret_hash),
  constraint api_keys_owner check ((owner_type is null) = (owner_id is null)),
  constraint api_keys_owner_in_organization check (owner_id is null or organization_id is not null)
);
create index api_keys_of_organization on api_keys (organization_id, created_at, id);

create table former_secrets (           -- of keys that were rotated, good for an overlap
  secret_hash bytea primary key,
  key_id text collate "C" not null references api_keys (id),
  organization_id text collate "C",     -- the key's
  good_until timestamptz not null
);
create index former_secrets_of_key on former_secrets (key_id);

create table signing_keys (             -- the public halves of the keys that sign checkpoints
  id text collate "C" primary key,      -- the first half of the SHA-256 of the public key, as hex
  public_key bytea not null,            -- Ed25519, 32 bytes; the private half is in no database
  created_at timestamptz not null,
  constraint signing_keys_ed25519 check (octet_length(public_key) = 32)
);

-- Wallets ------------------------------------------------------------------------------------------

create table wallets (                  -- who a wallet is, and its settings
  bucket smallint not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  owner_type text not null,
  owner_id text collate "C" not null,
  name text not null,
  status text not null default 'active',
  time_zone text not null,
  low_balance_threshold bigint not null,
  rapid_burn_limit bigint not null,
  caps text not null default '{}',      -- JSON: operations a day by cap, below the operator's
  created_at timestamptz not null,
  updated_at timestamptz not null,
  rapid_burn_action text not null default 'alert',
  frozen_reason text,                   -- why, unless somebody froze it by hand
  budgets text not null default '[]',   -- JSON: all that count what it spends, outermost first
  primary key (bucket, id),
  constraint wallets_bucket check (bucket between 0 and 255),
  constraint wallets_rapid_burn_action check (rapid_burn_action in ('alert', 'throttle', 'freeze')),
  constraint wallets_frozen_reason check (frozen_reason is null or status = 'frozen'),
  constraint wallets_status check (status in ('active', 'frozen', 'closed')),
  constraint wallets_thresholds check (low_balance_threshold >= 0 and rapid_burn_limit > 0)
);

-- A wallet's self-balancing book: what it holds, and where that came from and went.
-- The row's lock is the one lock of the engine, taken in (bucket, wallet_id) order.
create table accounts (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  revision bigint not null default 0,   -- counts every change to any of the wallet's rows
  sequence bigint not null default 0,   -- of the last transaction
  head bytea not null default decode(repeat('00', 32), 'hex'),  -- its hash
  at timestamptz not null default 'epoch',
  available bigint not null default 0,  -- the lots' available less debt
  reserved bigint not null default 0,
  locked bigint not null default 0,
  debt bigint not null default 0,       -- only a clawback makes it
  issued_purchase bigint not null default 0,
  issued_bonus bigint not null default 0,
  issued_promo bigint not null default 0,
  issued_plan bigint not null default 0,
  adjusted bigint not null default 0,
  consumed bigint not null default 0,
  expired bigint not null default 0,
  transferred bigint not null default 0,
  clawed_back bigint not null default 0,
  recharge_below bigint,                -- armed: a recharge begins when less than this is available
  recharges bigint not null default 0,  -- how many have begun
  primary key (bucket, wallet_id),
  constraint accounts_balanced check (
    available + reserved + locked + issued_purchase + issued_bonus + issued_promo + issued_plan
    + adjusted + consumed + expired + transferred + clawed_back = 0),
  constraint accounts_below_zero_only_by_debt check (available >= -debt and debt >= 0),
  constraint accounts_sides check (reserved >= 0 and locked >= 0),
  constraint accounts_bounds check (available <= 1000000000000000 and debt <= 1000000000000000)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

-- The ledger: one row a transaction, balanced by a CHECK, chained, never changed -------------------

-- The sum of legs in INR, [["account", paise], ...], which is zero wherever they stand.
create function legs_sum(legs json) returns numeric language sql immutable strict parallel safe
as $$ select coalesce(sum((leg ->> 1)::bigint), 0) from json_array_elements(legs) as leg $$;

create table transactions (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  sequence bigint not null,             -- the order within the wallet, without gaps
  id text collate "C" not null,
  organization_id text collate "C" not null,
  type text collate "C" not null,
  at timestamptz not null,              -- of the decision; never runs back within a wallet
  available_change bigint not null,
  reserved_change bigint not null,
  locked_change bigint not null,
  account text collate "C",             -- the counter-account, such as consumed.AI
  account_change bigint not null,
  available_after bigint not null,
  reserved_after bigint not null,
  locked_after bigint not null,
  feature text collate "C",
  category text collate "C",
  quantity bigint,
  price_version integer,
  member_id text collate "C",
  source text collate "C",              -- what caused it: hold, transaction, grant or payment
  source_id text collate "C",
  idempotency_key text collate "C",     -- null where no request of its own led to it
  fingerprint bytea,                    -- of the request's body
  metadata text,                        -- canonical JSON text, as hashed
  draws text not null,                  -- JSON: [["grt_...", credits], ...] in burn-down order
  facts text,                           -- canonical JSON text, as hashed
  recognized_paise bigint not null,     -- the part of the drawn lots' cost used up
  hash_version smallint not null,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (bucket, wallet_id, sequence),
  constraint transactions_id unique (bucket, id),
  constraint transactions_key unique (bucket, wallet_id, idempotency_key),
  constraint transactions_balanced check (
    available_change + reserved_change + locked_change + account_change = 0),
  constraint transactions_money_balanced check (
    case when type = 'USAGE_DEDUCTION' or strpos(facts, '"money":') = 0 then true
    else legs_sum(facts::json -> 'money') = 0 end),
  constraint transactions_account check ((account is null) = (account_change = 0)),
  constraint transactions_sequence check (sequence > 0),
  constraint transactions_sides check (reserved_after >= 0 and locked_after >= 0),
  constraint transactions_key_with_fingerprint check (
    (idempotency_key is null) = (fingerprint is null)),
  constraint transactions_hashes check (octet_length(hash) = 32 and octet_length(previous_hash) = 32)
);
create index transactions_other_than_usage on transactions (bucket, wallet_id, type, sequence)
  where type <> 'USAGE_DEDUCTION';
create index transactions_refunds on transactions (bucket, wallet_id, source_id)
  where type = 'REFUND';
create unique index transactions_restored_once on transactions (bucket, wallet_id, source_id)
  where type = 'CLAWBACK' and source = 'transaction';

create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception '% of % is forbidden: the ledger is append-only', tg_op, tg_table_name
    using errcode = 'restrict_violation';
end $$;
create trigger transactions_append_only before update or delete on transactions
  for each row execute function ledger_is_append_only();
create trigger transactions_no_truncate before truncate on transactions
  for each statement execute function ledger_is_append_only();
alter table transactions enable always trigger transactions_append_only;
alter table transactions enable always trigger transactions_no_truncate;

-- The account of what the draws of a transaction earned.
create function earned_on(type text, category text) returns text language sql immutable parallel safe
as $$ select case
  when type in ('USAGE_DEDUCTION', 'HOLD_CAPTURE', 'REFUND')
    then 'income.usage.' || coalesce(category, 'OTHER')
  when type = 'TRANSFER_OUT' then 'transferred'
  when type in ('CREDIT_PURCHASE', 'TRANSFER_IN') then 'expenses.chargebacks'
  when type = 'CLAWBACK' then 'gateway.offline'
  else 'income.breakage' end $$;

create view entries as                  -- the legs that accountants expect; they sum to zero a unit
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

-- The last sequence of a wallet at or before an instant: its times rise with its sequence, so the
-- primary key is searched by halves and no index on time is kept. Its settings and the range keep
-- the planner to that key: with stale statistics it took another index with the same first columns
-- and read the whole history for each probe.
create function sequence_at(in_bucket smallint, of_wallet text, instant timestamptz)
returns bigint language plpgsql stable
set enable_sort = off set plan_cache_mode = force_generic_plan as $$
declare low bigint := 0; high bigint; middle bigint; found_at timestamptz;
begin
  select sequence into high from accounts where bucket = in_bucket and wallet_id = of_wallet;
  if high is null then return 0; end if;
  while low < high loop
    middle := (low + high + 1) / 2;
    select at into found_at from transactions
      where bucket = in_bucket and wallet_id = of_wallet
        and sequence >= middle and sequence <= middle
      order by sequence;
    if found_at <= instant then low := middle; else high := middle - 1; end if;
  end loop;
  return low;
end $$;

-- The same for many instants, rising. Where in the stretch an instant lies is guessed by time, and the
-- guess made good by steps that double: a few rows an instant, however long the history is.
create function sequences_at(in_bucket smallint, of_wallet text, instants timestamptz[])
returns bigint[] language plpgsql stable
set enable_sort = off set plan_cache_mode = force_generic_plan as $$
declare
  answer bigint[] := '{}'; instant timestamptz;
  low bigint := 0; low_at timestamptz; high bigint; high_at timestamptz;
  last bigint; last_at timestamptz; guess bigint; guess_at timestamptz; step bigint; upward boolean;
begin
  select sequence into last from accounts where bucket = in_bucket and wallet_id = of_wallet;
  if coalesce(last, 0) = 0 then return array_fill(0::bigint, array[cardinality(instants)]); end if;
  select at into last_at from transactions
    where bucket = in_bucket and wallet_id = of_wallet and sequence >= last and sequence <= last
    order by sequence;
  foreach instant in array instants loop
    if instant >= last_at then
      low := last;
    else
      high := last; high_at := last_at; step := 0; guess := 1;
      -- The row of `low`, where there is one, is not after the instant; that of `high` is.
      while high - low > 1 or low = 0 loop
        if low > 0 and step = 0 then
          guess := low + ((high - low) * extract(epoch from instant - low_at)
            / extract(epoch from high_at - low_at))::bigint;
          guess := greatest(low + 1, least(high - 1, guess));
        end if;
        select at into guess_at from transactions
          where bucket = in_bucket and wallet_id = of_wallet
            and sequence >= guess and sequence <= guess
          order by sequence;
        exit when low = 0 and guess_at > instant;
        if step = 0 then
          step := case when low = 0 then 0 else greatest(1, sqrt(high - low)::bigint) end;
          upward := guess_at <= instant;
        elsif upward = (guess_at <= instant) then
          step := step * 2;
        else
          step := 0;
        end if;
        if guess_at <= instant then
          low := guess; low_at := guess_at;
        else
          high := guess; high_at := guess_at;
        end if;
        guess := case when upward then low + step else high - step end;
        if guess <= low or guess >= high then step := 0; end if;
      end loop;
    end if;
    answer := answer || low;
  end loop;
  return answer;
end $$;

-- Decisions that wrote no transaction and yet stay with their key: refusals, extended holds.
create table answers (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  organization_id text collate "C" not null,
  fingerprint bytea not null,
  at timestamptz not null,
  outcome text not null,                -- JSON
  refusal_id text collate "C",          -- of a refusal
  code text collate "C",
  circumstances text,                   -- JSON: what was asked for, and how the wallet stood
  primary key (bucket, wallet_id, idempotency_key)
);
create index answers_refusals on answers (bucket, wallet_id, refusal_id)
  where refusal_id is not null;
create index answers_refusals_at on answers (bucket, wallet_id, at, refusal_id)
  where refusal_id is not null;
create index answers_refusals_of_code on answers (bucket, wallet_id, code, at, refusal_id)
  where refusal_id is not null;
create index answers_old on answers using brin (at);
create index answers_of_budgets on answers (at) where code = 'BUDGET_EXCEEDED';

-- What is left of what came in, and what is set aside ----------------------------------------------

create table grants (                   -- lots
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  kind text collate "C" not null,
  priority smallint not null,
  expires_at timestamptz not null default 'infinity',
  transferable boolean not null,
  granted bigint not null,
  available bigint not null,
  reserved bigint not null default 0,   -- in open holds
  locked bigint not null default 0,     -- by a dispute, review or payout
  clawed_back bigint not null default 0,
  live boolean not null,                -- an index on amounts would make each update a cold one
  cost_paise bigint not null default 0, -- what was paid for it, before tax
  payment_id text collate "C",
  from_grant_id text collate "C",       -- the giver's lot, of a gift
  note text,
  sequence bigint not null,             -- of the transaction that made it
  created_at timestamptz not null,
  primary key (bucket, wallet_id, id),
  constraint grants_kind check (kind in ('purchase', 'bonus', 'promo', 'adjustment', 'plan')),
  constraint grants_pockets check (
    granted > 0 and available >= 0 and reserved >= 0 and locked >= 0
    and available + reserved + locked <= granted),
  constraint grants_live check (live = (available + reserved + locked > 0)),
  constraint grants_clawed_back check (clawed_back between 0 and granted),
  constraint grants_cost check (cost_paise >= 0),
  constraint grants_promo_stays check (not (kind = 'promo' and transferable))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create index grants_live_of_wallet on grants (bucket, wallet_id, priority) where live;
create index grants_due on grants (expires_at) where live;
create index grants_payment on grants (bucket, wallet_id, payment_id) where payment_id is not null;

create table holds (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  state text collate "C" not null,
  feature text collate "C" not null,
  category text collate "C" not null,
  quantity bigint,
  credits bigint not null,
  captured bigint not null default 0,
  price_version integer not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  draws text not null,                  -- JSON: the lots' credits set aside
  member_id text collate "C",
  cap text collate "C",                 -- the cap it counted against, on
  day integer not null,                 -- this day since 1970 in the wallet's zone
  metadata text,
  budgets text,                         -- JSON: those that counted it, with their windows
  primary key (bucket, wallet_id, id),
  constraint holds_state check (state in ('open', 'captured', 'released', 'expired')),
  constraint holds_amounts check (credits >= 0 and captured >= 0),
  constraint holds_captured_once check (state = 'captured' or captured = 0)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
create index holds_open on holds (bucket, wallet_id, expires_at) where state = 'open';

create table meters (                   -- the part of a credit used and not yet billed
  bucket smallint not null,
  wallet_id text collate "C" not null,
  feature text collate "C" not null,
  organization_id text collate "C" not null,
  numerator numeric not null,
  denominator numeric not null,
  primary key (bucket, wallet_id, feature),
  constraint meters_below_one check (numerator >= 0 and numerator < denominator)
) with (fillfactor = 70);

create table cap_counters (             -- operations a day of the wallet's own zone
  bucket smallint not null,
  wallet_id text collate "C" not null,
  day integer not null,                 -- since 1970
  cap text collate "C" not null,
  organization_id text collate "C" not null,
  used bigint not null,
  primary key (bucket, wallet_id, day, cap),
  constraint cap_counters_used check (used >= 0)
) with (fillfactor = 70);

create table budget_counters (          -- what a wallet's own budgets have counted
  bucket smallint not null,
  wallet_id text collate "C" not null,
  budget_id text collate "C" not null,
  since timestamptz not null,           -- when its window began; the epoch for one without an end
  subject text collate "C" not null,    -- '' for nobody in particular
  organization_id text collate "C" not null,
  used bigint not null,
  primary key (bucket, wallet_id, budget_id, since, subject),
  constraint budget_counters_used check (used >= 0)
) with (fillfactor = 70);

-- What budgets over several wallets have counted. Each row is locked after all the wallets of a
-- batch. The bucket is the budget's own, so a batch may touch a second one.
create table shared_budget_counters (
  bucket smallint not null,
  budget_id text collate "C" not null,
  since timestamptz not null,
  subject text collate "C" not null,
  organization_id text collate "C",     -- null: of a platform's key
  used bigint not null,
  primary key (bucket, budget_id, since, subject),
  constraint shared_budget_counters_used check (used >= 0)
) with (fillfactor = 70);

-- Rollups and the outbox, written in the charge's own transaction ----------------------------------

create table usage_hourly (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  hour timestamptz not null,            -- when an hour of the wallet's own clock began
  feature text collate "C" not null,
  member_id text collate "C" not null,  -- '' for none
  organization_id text collate "C" not null,
  category text collate "C" not null,
  credits bigint not null,              -- charged less refunded
  count bigint not null,                -- charges
  quantity bigint not null,
  primary key (bucket, wallet_id, hour, feature, member_id)
) with (fillfactor = 70);

create table usage_sums (               -- what usage_hourly says of past hours, by fewer names or days
  bucket smallint not null,
  wallet_id text collate "C" not null,
  grain text collate "C" not null,      -- which of time, category, feature and member it tells apart
  within text collate "C" not null,     -- the name that all its questions are narrowed to, or ''
  starts timestamptz not null,          -- when an hour or day of the wallet's own clock began
  category text collate "C" not null,   -- '' where the grain does not tell it apart, as below
  feature text collate "C" not null,
  member_id text collate "C" not null,
  organization_id text collate "C" not null,
  credits bigint not null,
  count bigint not null,
  quantity bigint not null,
  last_hour timestamptz,                -- the last one with a charge
  primary key (bucket, wallet_id, grain, within, starts, category, feature, member_id),
  constraint usage_sums_grain check (grain in ('hour', 'hour_category', 'hour_of_feature',
    'hour_of_member', 'day_feature', 'day_member', 'day_feature_of_member',
    'day_member_of_category', 'day_member_of_feature'))
) with (fillfactor = 90);

create table usage_summed (             -- until which hour usage_sums has them; none comes before it
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  until timestamptz not null,
  primary key (bucket, wallet_id)
);

create table outbox (                   -- which stretch of a wallet's ledger is news
  bucket smallint not null,
  wallet_id text collate "C" not null,
  sequence bigint not null,             -- the last transaction of the stretch
  first_sequence bigint not null,
  organization_id text collate "C" not null,
  at timestamptz not null,
  primary key (bucket, wallet_id, sequence),
  constraint outbox_stretch check (first_sequence <= sequence)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

create table news (                     -- what happened beside the ledger, until it is an event
  bucket smallint not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  wallet_id text collate "C",           -- none where it is of the whole organization
  kind text collate "C" not null,       -- the event's type, such as alert.raised
  subject text collate "C" not null,    -- the id of what it is about
  at timestamptz not null,
  primary key (bucket, id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Money in -----------------------------------------------------------------------------------------
-- Money is paise. What a customer buys is an order, through all attempts to pay it; each attempt that
-- a gateway tells of is a payment; credits come with the one that was captured, in the same commit.

create table claims (                   -- keys of wishes that the engine does not decide
  bucket smallint not null,
  wallet_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  organization_id text collate "C" not null,
  fingerprint bytea not null,
  claimed_by text collate "C" not null, -- the order or refund that it led to
  primary key (bucket, wallet_id, idempotency_key)
);

create table orders (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  status text collate "C" not null,
  provider text collate "C" not null,
  payment_method text collate "C" not null,
  recharge_number bigint,               -- which of the wallet's automatic recharges it is
  pack_id text collate "C",
  amount_paise bigint not null,         -- the price before tax
  gst_paise bigint not null,
  platform_fee_paise bigint not null,   -- with its tax
  round_off_paise bigint not null,
  payable_paise bigint not null,
  currency text collate "C" not null,
  base_credits bigint not null,
  bonus_credits bigint not null,
  tax text not null,                    -- JSON: the lines of the invoice to come
  buyer text not null,                  -- JSON, as the invoice will show it
  risk text not null,                   -- JSON: score, decision and every reason
  gateway_order_id text collate "C",
  checkout text,                        -- JSON: what the payer's browser needs
  payment_id text collate "C",          -- of the payment that was captured
  transaction_id text collate "C",      -- by which the credits came
  invoice_id text collate "C",
  failure_code text,
  failure_message text,
  refunded_paise bigint not null default 0,  -- of the price
  address text,                         -- the payer's, as far as trusted proxies tell
  answer text,                          -- the first answer to the request, kept for its key
  created_at timestamptz not null,
  updated_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (bucket, wallet_id, id),
  constraint orders_id unique (bucket, id),
  constraint orders_status check (status in ('created', 'processing', 'review', 'paid', 'failed',
    'refunded', 'partially_refunded', 'blocked', 'expired')),
  constraint orders_total check (
    payable_paise = amount_paise + gst_paise + platform_fee_paise + round_off_paise),
  constraint orders_amounts check (amount_paise > 0 and payable_paise > 0 and base_credits > 0
    and bonus_credits >= 0 and gst_paise >= 0 and platform_fee_paise >= 0),
  constraint orders_paid_with_credits check (
    (status in ('review', 'paid', 'refunded', 'partially_refunded')) = (transaction_id is not null)),
  constraint orders_refunded check (refunded_paise between 0 and amount_paise)
) with (fillfactor = 80);
create unique index orders_one_a_recharge on orders (bucket, wallet_id, recharge_number)
  where recharge_number is not null;
create index orders_under_way on orders (bucket, wallet_id) where status = 'processing';

create table payments (                 -- attempts to pay, as the gateway tells them
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  order_id text collate "C" not null,
  provider text collate "C" not null,
  gateway_payment_id text collate "C" not null,
  state text collate "C" not null,
  amount_paise bigint not null,
  currency text collate "C" not null,
  method text not null,
  fee_paise bigint,                     -- the gateway's, with its tax
  tax_paise bigint,
  instrument text collate "C",          -- keyed digest of what was paid with
  country text collate "C",             -- of the card
  failure_code text,
  transaction_id text collate "C",
  created_at timestamptz not null,
  updated_at timestamptz not null,
  risk text,                            -- JSON: what the payment's own facts make of it
  primary key (bucket, wallet_id, id),
  constraint payments_of_gateway unique (bucket, provider, gateway_payment_id),
  constraint payments_state check (state in
    ('created', 'authorized', 'captured', 'failed', 'refunded', 'quarantined'))
) with (fillfactor = 80);
create index payments_of_order on payments (bucket, wallet_id, order_id);
create unique index payments_one_grant_an_order on payments (bucket, wallet_id, order_id)
  where transaction_id is not null;

create table refunds (                  -- of money, to its source
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  order_id text collate "C" not null,
  payment_id text collate "C" not null,
  provider text collate "C" not null,
  gateway_refund_id text collate "C",
  status text collate "C" not null,
  amount_paise bigint not null,         -- of the price before tax
  gst_paise bigint not null,
  platform_fee_paise bigint not null,   -- with its tax; only on full cancellation without use
  round_off_paise bigint not null,
  total_paise bigint not null,          -- what the payer gets back
  tax text not null,                    -- JSON: the lines of the credit note
  credits_clawed_back bigint not null,
  reason text not null,
  transaction_id text collate "C",      -- by which the credits went
  restored_by text collate "C",         -- and came back, where the gateway could not refund
  credit_note_id text collate "C",
  failure_message text,
  answer text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  origin text collate "C" not null default 'asked',
  asked_paise bigint,                   -- of the price; all that can go back where it is null
  reckonings bigint not null default 1, -- how often it was reckoned, because credits were spent
  unspent_credits bigint not null default 0,  -- of the purchase, as it was reckoned last
  primary key (bucket, wallet_id, id),
  constraint refunds_id unique (bucket, id),
  constraint refunds_origin check (origin in ('asked', 'rejected', 'gateway')),
  constraint refunds_status check (status in ('pending', 'processed', 'failed')),
  constraint refunds_total check (
    total_paise = amount_paise + gst_paise + platform_fee_paise + round_off_paise),
  constraint refunds_amounts check (amount_paise > 0 and total_paise > 0
    and credits_clawed_back >= 0)
) with (fillfactor = 80);
create index refunds_of_order on refunds (bucket, wallet_id, order_id);

create table disputes (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  order_id text collate "C" not null,
  payment_id text collate "C" not null,
  provider text collate "C" not null,
  gateway_dispute_id text collate "C" not null,
  state text collate "C" not null,      -- as the gateway tells it
  booked text collate "C" not null,     -- what of it the ledger has
  locks bigint not null default 0,      -- how often credits were locked for it
  amount_paise bigint not null,
  currency text collate "C" not null,
  reason text,
  respond_by timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (bucket, wallet_id, id),
  constraint disputes_of_gateway unique (bucket, provider, gateway_dispute_id),
  constraint disputes_state check (state in ('open', 'under_review', 'won', 'lost', 'closed')),
  constraint disputes_booked check (booked in ('nothing', 'locked', 'unlocked', 'clawed_back'))
) with (fillfactor = 80);
create index disputes_of_payment on disputes (bucket, wallet_id, payment_id);

create table billing_profiles (         -- who buys, where an order does not say
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  buyer text not null,                  -- JSON
  updated_at timestamptz not null,
  primary key (bucket, wallet_id)
);

create table payment_methods (          -- mandates by which a wallet recharges itself
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  provider text collate "C" not null,
  kind text collate "C" not null,
  label text not null,                  -- for people: a card's last four digits, a masked address
  state text collate "C" not null,
  is_instant boolean not null,          -- no notice a day ahead of each debit
  max_amount_paise bigint,
  customer_id text collate "C",         -- at the gateway, as all below
  mandate_id text collate "C",
  mandate_order_id text collate "C",
  checkout text,                        -- JSON: what the payer needs to consent
  created_at timestamptz not null,
  removed_at timestamptz,
  primary key (bucket, wallet_id, id),
  constraint payment_methods_kind check (kind in ('upi', 'card')),
  constraint payment_methods_state check (state in
    ('initiated', 'confirmed', 'rejected', 'paused', 'cancelled'))
) with (fillfactor = 80);

create table recharge_settings (        -- when and how a wallet recharges itself
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  enabled boolean not null,
  threshold_credits bigint not null,
  amount_paise bigint not null,         -- the price before tax
  currency text collate "C" not null,
  payment_method_id text collate "C",
  daily_limit_paise bigint,
  monthly_limit_paise bigint,
  declines smallint not null default 0, -- since the last recharge that went well
  backing_off_until timestamptz,
  disabled_reason text collate "C",     -- why it was turned off, unless by the customer
  updated_at timestamptz not null,
  primary key (bucket, wallet_id),
  constraint recharge_settings_amounts check (threshold_credits >= 0 and amount_paise > 0
    and daily_limit_paise > 0 and monthly_limit_paise > 0),
  constraint recharge_settings_method check (not enabled or payment_method_id is not null)
) with (fillfactor = 80);

create table recharges (                -- each time that a wallet began to recharge itself
  bucket smallint not null,
  wallet_id text collate "C" not null,
  number bigint not null,               -- counted by the wallet's accounts
  organization_id text collate "C" not null,
  state text collate "C" not null,
  amount_paise bigint,                  -- fixed with its order, as what follows
  payment_method_id text collate "C",
  order_id text collate "C",
  gateway_payment_id text collate "C",  -- of the debit under way
  attempt integer not null default 0,   -- which try in a row it is
  next_at timestamptz,                  -- before then there is nothing to be done
  notice_sent_at timestamptz,
  notice_delivered_at timestamptz,
  debited_at timestamptz,               -- when the last debit was asked for
  failure text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (bucket, wallet_id, number),
  constraint recharges_state check (state in ('triggered', 'notice_sent', 'notice_delivered',
    'debit_due', 'debiting', 'succeeded', 'failed', 'cancelled_by_customer',
    'needs_customer_action')),
  constraint recharges_amounts check (number > 0 and amount_paise > 0 and attempt >= 0)
) with (fillfactor = 80);
create unique index recharges_one_under_way on recharges (bucket, wallet_id)
  where state in ('triggered', 'notice_sent', 'notice_delivered', 'debit_due', 'debiting');

create table payout_accounts (          -- where money would go if payouts were on
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  holder_name text not null,
  bank_name text not null,
  ifsc text not null,
  sealed_number bytea not null,         -- encrypted; never returned whole
  last_digits text not null,
  verified_at timestamptz,
  updated_at timestamptz not null,
  primary key (bucket, wallet_id),
  constraint payout_accounts_ifsc check (ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
  constraint payout_accounts_last_digits check (last_digits ~ '^[0-9]{4}$')
);

create table alerts (                   -- raised once a crossing
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  type text collate "C" not null,
  subject text collate "C" not null,    -- what crossed: one alert is raised for it
  state text collate "C" not null,
  facts text not null,                  -- JSON
  raised_at timestamptz not null,
  acknowledged_at timestamptz,
  resolved_at timestamptz,              -- when what it told of was over
  primary key (bucket, wallet_id, id),
  constraint alerts_once unique (bucket, wallet_id, type, subject),
  constraint alerts_state check (state in ('open', 'acknowledged', 'resolved')),
  constraint alerts_resolved check ((state = 'resolved') = (resolved_at is not null))
);
create index alerts_unresolved on alerts (bucket, wallet_id, type) where state <> 'resolved';
create index alerts_of_organization on alerts (organization_id, id);
create index alerts_unresolved_of_organization on alerts (organization_id, id)
  where state <> 'resolved';

create table alert_rules (              -- of which alerts a wallet's people want to hear, and how
  bucket smallint not null,
  wallet_id text collate "C" not null,
  type text collate "C" not null,
  organization_id text collate "C" not null,
  enabled boolean not null,
  email boolean not null,
  threshold bigint,                     -- where it is no setting of the wallet's own
  updated_at timestamptz not null,
  primary key (bucket, wallet_id, type),
  constraint alert_rules_threshold check (threshold > 0)
) with (fillfactor = 80);

create table mails (                    -- letters to be sent, each once to one recipient
  bucket smallint not null,
  wallet_id text collate "C" not null,  -- or the organization's own id
  id text collate "C" not null,
  organization_id text collate "C" not null,
  reason text collate "C" not null,     -- the id of what it tells of
  recipient text not null,
  letter text,                          -- JSON, until it is sent or given up
  state text collate "C" not null,
  note text,                            -- why not, or not yet
  created_at timestamptz not null,
  ended_at timestamptz,
  secret bytea,                         -- the end of its link, sealed, for as long as the letter
  primary key (bucket, wallet_id, id),
  constraint mails_once unique (bucket, wallet_id, reason, recipient),
  constraint mails_state check (state in ('waiting', 'sent', 'withdrawn', 'given_up')),
  constraint mails_letter check ((state = 'waiting') = (letter is not null)),
  constraint mails_secret check (letter is not null or secret is null)
) with (fillfactor = 70);
create index mails_old on mails using brin (created_at);

create table watches (                  -- how far a wallet's ledger was watched, and how it stood
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  looks bigint not null default 0,      -- counts them; each begins with the row's lock
  sequence bigint not null default 0,   -- of the last transaction seen
  at timestamptz not null default 'epoch',
  available bigint not null default 0,
  was_low boolean not null default true,
  was_exhausted boolean not null default true,
  used bigint not null default 0,       -- credits charged within 24 hours:
  tail bigint not null default 0,       -- by transactions behind this one
  head bigint not null default 0,       -- up to this one,
  oldest_at timestamptz,                -- the first of them at this time
  burning_since timestamptz,
  released_burn timestamptz,            -- the one whose protection somebody has released
  primary key (bucket, wallet_id),
  constraint watches_window check (used >= 0 and tail <= head and head <= sequence
    and (oldest_at is null) = (used = 0))
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

create table forecasts (                -- of usage, made by the worker; the last one
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  computed_at timestamptz not null,
  forecast text not null,               -- JSON
  primary key (bucket, wallet_id)
);

-- What is to be done beside requests. A job is named by its kind and its subject, and to do it twice
-- is harmless; its worker leases it, and what becomes wanted meanwhile is done again.
create table jobs (
  bucket smallint not null,
  kind text collate "C" not null,
  subject text collate "C" not null,    -- an id
  wallet_id text collate "C" not null,
  run_at timestamptz not null,
  wanted bigint not null default 1,     -- counts the wishes
  leased_until timestamptz not null default '-infinity',
  attempts integer not null default 0,  -- since it last went well
  error text,
  created_at timestamptz not null,
  primary key (bucket, kind, subject)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index jobs_due on jobs (run_at);

-- Events: the outbox and news, moved into one order that everybody reads ---------------------------

create table event_head (               -- its one row's lock makes positions rise without gaps
  is_head boolean primary key default true,
  position bigint not null,             -- of the last event
  constraint event_head_one check (is_head),
  constraint event_head_position check (position >= 0)
) with (fillfactor = 10);
insert into event_head (position) values (0);

create table events (                   -- what happened, in the order that everybody reads
  position bigint primary key,
  id text collate "C",                  -- of news; those of the ledger go by its transactions
  organization_id text collate "C" not null,
  wallet_id text collate "C",
  kind text collate "C" not null,       -- ledger, or what the news was
  first_sequence bigint,                -- a stretch of the wallet's ledger
  sequence bigint,
  subject text collate "C",
  at timestamptz not null,
  constraint events_position check (position > 0),
  constraint events_shape check (case kind
    when 'ledger' then id is null and subject is null and wallet_id is not null
      and first_sequence is not null and sequence is not null and first_sequence <= sequence
    else id is not null and subject is not null and first_sequence is null and sequence is null end)
);
create index events_of_organization on events (organization_id, position);
create index events_of_wallet on events (wallet_id, position);

create table event_readers (            -- how far each of those has read who must miss nothing
  name text collate "C" primary key,
  position bigint not null,             -- of the last event that it has done with
  moved_at timestamptz not null default now(),
  constraint event_readers_position check (position >= 0)
) with (fillfactor = 10);

create table events_apart (             -- what a reader's step failed at again and again
  reader text collate "C" not null,
  position bigint not null,
  event jsonb not null,                 -- whole, for it outlives the log
  error text not null,
  tries integer not null,
  since timestamptz not null,
  tried_at timestamptz not null,
  primary key (reader, position),
  constraint events_apart_tries check (tries > 0)
);

-- Registries of money ------------------------------------------------------------------------------

create table gateway_names (            -- what of ours is meant by a gateway's id
  provider text collate "C" not null,
  gateway_id text collate "C" not null,
  wallet_id text collate "C" not null,
  own_id text collate "C" not null,
  primary key (provider, gateway_id)
);

create table inbox (                    -- verified events of gateways, each once
  provider text collate "C" not null,
  event_id text collate "C" not null,
  type text collate "C" not null,
  body bytea not null,                  -- the raw bytes that were signed
  event text not null,                  -- JSON: what was understood of them
  state text collate "C" not null,
  note text,                            -- why it is in quarantine
  attempts integer not null default 0,
  run_at timestamptz not null,
  received_at timestamptz not null,
  primary key (provider, event_id),
  constraint inbox_state check (state in ('received', 'done', 'ignored', 'quarantined'))
) with (fillfactor = 70);
create index inbox_waiting on inbox (run_at) where state = 'received';
create index inbox_quarantined on inbox (received_at) where state = 'quarantined';

create table rejected_events (          -- what could not be believed: no body is kept
  provider text collate "C" not null,
  id text collate "C" not null,
  address text,
  reason text not null,
  body_sha256 bytea not null,
  received_at timestamptz not null,
  primary key (provider, id)
);

create table invoice_series (           -- the row's lock gives numbers without gaps
  series text collate "C" not null,
  year text collate "C" not null,       -- financial, as 26-27
  last bigint not null,
  primary key (series, year),
  constraint invoice_series_last check (last > 0)
);

create table invoices (                 -- invoices and credit notes; never changed
  id text collate "C" primary key,
  organization_id text collate "C" not null references organizations (id),
  wallet_id text collate "C" not null,
  kind text collate "C" not null,
  series text collate "C" not null,
  year text collate "C" not null,
  serial bigint not null,
  number text collate "C" not null,
  subject text collate "C" not null,    -- the order it bills, or the refund it credits
  document text not null,               -- JSON: all that is printed
  issued_at timestamptz not null,
  constraint invoices_kind check (kind in ('invoice', 'credit_note')),
  constraint invoices_number unique (series, year, serial),
  constraint invoices_once unique (kind, subject)
);
create index invoices_of_wallet on invoices (wallet_id, id);
create trigger invoices_append_only before update or delete on invoices
  for each row execute function ledger_is_append_only();
alter table invoices enable always trigger invoices_append_only;

create table attempts (                 -- to buy; kept for half a year
  id text collate "C" primary key,      -- of the order, or of the payment
  kind text collate "C" not null,
  at timestamptz not null,
  wallet_id text collate "C" not null,
  amount_paise bigint not null,         -- the price before tax
  address text collate "C",             -- an IPv4 address, or the /64 of an IPv6 one
  country text collate "C",             -- of the address
  instrument text collate "C",          -- keyed digest of the card or VPA
  is_card boolean not null,
  constraint attempts_kind check (kind in ('tried', 'captured', 'failed'))
) with (fillfactor = 90);
create index attempts_of_wallet on attempts (wallet_id, at);
create index attempts_of_address on attempts (address, at) where address is not null;
create index attempts_of_instrument on attempts (instrument, at) where instrument is not null;
create index attempts_old on attempts using brin (at);

create table audit_log (                -- who changed what, and who gave or took credits
  id text collate "C" primary key,
  organization_id text collate "C" references organizations (id),  -- null: changed for all
  at timestamptz not null,
  actor text collate "C" not null,      -- the id of an API key or user; worker, command-line
  address text,
  action text collate "C" not null,
  subject text collate "C" not null,
  before text,                          -- JSON, secrets masked
  after text,
  request_id text collate "C"           -- of the HTTP request
);
create index audit_log_of_organization on audit_log (organization_id, id);
create index audit_log_of_subject on audit_log (subject, id);
create index audit_log_of_actor on audit_log (actor, id);
create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function ledger_is_append_only();
alter table audit_log enable always trigger audit_log_append_only;

-- People -------------------------------------------------------------------------------------------

create table users (                    -- people who sign in
  id text collate "C" primary key,
  email text collate "C" not null,
  name text not null,
  password_hash text,                   -- argon2id, with its parameters; null until one is set
  is_operator boolean not null,         -- runs the installation
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint users_email unique (email),
  constraint users_email_form check (email = lower(email) and strpos(email, '@') > 1)
);

create table teams (
  id text collate "C" primary key,
  organization_id text collate "C" not null references organizations (id),
  name text not null,
  created_at timestamptz not null,
  constraint teams_name unique (organization_id, name)
);
create unique index teams_of_organization on teams (organization_id, id);

create table members (                  -- people inside an organization, by whom usage is counted
  id text collate "C" primary key,
  organization_id text collate "C" not null references organizations (id),
  user_id text collate "C" references users (id),  -- of those who sign in
  external_id text collate "C",         -- the platform's own name for the person
  name text not null,
  email text collate "C",
  role text collate "C" not null,
  team_id text collate "C",
  state text collate "C" not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint members_user unique (organization_id, user_id),
  constraint members_external_id unique (organization_id, external_id),
  constraint members_external_id_form check (not starts_with(external_id, 'mem_')),
  constraint members_role check (
    role in ('owner', 'admin', 'billing', 'member', 'viewer', 'auditor')),
  constraint members_state check (state in ('active', 'removed')),
  constraint members_team foreign key (organization_id, team_id)
    references teams (organization_id, id)
);
create index members_of_organization on members (organization_id, id);
create index members_of_user on members (user_id) where user_id is not null;
create index members_of_team on members (team_id) where team_id is not null;

create table sessions (                 -- of people who are signed in
  id text collate "C" primary key,
  token_hash bytea not null,            -- SHA-256; the token itself is in the browser's cookie only
  user_id text collate "C" not null references users (id),
  organization_id text collate "C" references organizations (id),  -- the one it acts in
  created_at timestamptz not null,
  seen_at timestamptz not null,         -- when it was last used, to the minute
  expires_at timestamptz not null,      -- however much it is used
  revoked_at timestamptz,
  address text collate "C",             -- from where it was begun
  agent text,                           -- what the browser calls itself
  constraint sessions_token unique (token_hash),
  constraint sessions_times check (created_at <= seen_at and created_at < expires_at)
) with (fillfactor = 80);
create index sessions_of_user on sessions (user_id, id);
create index sessions_old on sessions (expires_at);

create table invitations (              -- to become a member who signs in
  id text collate "C" primary key,
  token_hash bytea not null,            -- SHA-256
  organization_id text collate "C" not null references organizations (id),
  member_id text collate "C" references members (id),  -- who it is for, where that is a member yet
  email text collate "C" not null,
  name text not null,
  role text collate "C" not null,
  team_id text collate "C",
  invited_by text collate "C" not null, -- the id of a user or of an API key
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  revoked_at timestamptz,
  constraint invitations_token unique (token_hash),
  constraint invitations_email_form check (email = lower(email) and strpos(email, '@') > 1),
  constraint invitations_role check (
    role in ('owner', 'admin', 'billing', 'member', 'viewer', 'auditor')),
  constraint invitations_ended_once check (accepted_at is null or revoked_at is null),
  constraint invitations_times check (created_at < expires_at)
);
create unique index invitations_one_open on invitations (organization_id, email)
  where accepted_at is null and revoked_at is null;
create index invitations_of_organization on invitations (organization_id, id);

create table sign_in_links (            -- good once, for a short while, to set one's password
  token_hash bytea primary key,         -- SHA-256
  user_id text collate "C" not null references users (id),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  may_rename boolean not null,          -- made on the machine: it may say anew who the user is
  constraint sign_in_links_times check (created_at < expires_at)
);
create index sign_in_links_old on sign_in_links (expires_at);

create table identities (               -- whom a provider of identities means by a subject
  issuer text collate "C" not null,
  subject text collate "C" not null,    -- never given to anybody else there, as an e-mail may be
  user_id text collate "C" not null references users (id),
  created_at timestamptz not null,
  primary key (issuer, subject)
);

create table sign_in_attempts (         -- how far attempts to sign in have run ahead of their pace
  subject text collate "C" primary key, -- whose: an address, an organization, the digest of an e-mail
  paid_until timestamptz not null       -- each attempt moves it on by what it costs
) with (fillfactor = 70);
create index sign_in_attempts_old on sign_in_attempts (paid_until);

-- Webhooks out: who wants to be told of what, what waits for them, what became of each attempt -------

create table webhook_endpoints (        -- who wants to be told of what
  id text collate "C" primary key,
  organization_id text collate "C" not null references organizations (id),
  url text not null,
  event_types text[] not null,          -- none: all
  description text not null,
  state text collate "C" not null,
  why text,                             -- it is disabled
  sealed_secret bytea not null,
  sealed_old_secret bytea,              -- signs as well until then
  old_secret_until timestamptz,
  failures bigint not null default 0,   -- in a row
  failing_since timestamptz,
  is_alerted boolean not null default false,
  resting_until timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint webhook_endpoints_state check (state in ('enabled', 'disabled', 'deleted')),
  constraint webhook_endpoints_why check ((state = 'disabled') = (why is not null)),
  constraint webhook_endpoints_old_secret
    check ((sealed_old_secret is null) = (old_secret_until is null)),
  constraint webhook_endpoints_failing
    check (failures >= 0 and (failures = 0) = (failing_since is null))
) with (fillfactor = 70);
create index webhook_endpoints_of_organization on webhook_endpoints (organization_id, id);

create table webhook_deliveries (       -- one event to one endpoint; kept for 30 days
  id text collate "C" primary key,
  endpoint_id text collate "C" not null,
  organization_id text collate "C" not null,
  wallet_id text collate "C",
  lane text collate "C" not null,       -- within which they go out in their order: the wallet's
  position bigint not null,             -- of the event
  part bigint not null,                 -- of what is told of it
  event_id text collate "C" not null,
  event_type text collate "C" not null,
  body text not null,                   -- as it is sent each time
  state text collate "C" not null default 'pending',
  attempts integer not null default 0,
  tries integer not null default 0,     -- of the attempts, those by the present schedule
  next_at timestamptz,
  last_status integer,
  created_at timestamptz not null,
  ended_at timestamptz,
  constraint webhook_deliveries_once unique (endpoint_id, event_id),
  constraint webhook_deliveries_state check (state in ('pending', 'delivered', 'failed')),
  constraint webhook_deliveries_next check (
    (state = 'pending') = (next_at is not null) and (state = 'pending') = (ended_at is null)),
  constraint webhook_deliveries_tries check (tries between 0 and attempts)
) with (fillfactor = 80);
create index webhook_deliveries_waiting on webhook_deliveries (endpoint_id, lane, position, part)
  where state = 'pending';
create index webhook_deliveries_of_endpoint on webhook_deliveries (endpoint_id, created_at, id);
create index webhook_deliveries_failed on webhook_deliveries (endpoint_id, created_at, id)
  where state = 'failed';
create index webhook_deliveries_old on webhook_deliveries using brin (created_at);

create table webhook_lanes (            -- those in which something waits; the row is the queue
  endpoint_id text collate "C" not null,
  lane text collate "C" not null,
  organization_id text collate "C" not null,
  wanted bigint not null default 1,     -- how often something was put into it
  next_at timestamptz not null,
  leased_until timestamptz not null default '-infinity',
  primary key (endpoint_id, lane)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index webhook_lanes_due on webhook_lanes (endpoint_id, next_at);

create table webhook_attempts (
  delivery_id text collate "C" not null,
  number integer not null,
  organization_id text collate "C" not null,
  at timestamptz not null,
  latency_ms integer not null,
  status integer,                       -- none: there was no answer, for that reason
  error text,
  response text,                        -- how its body begins
  signature text not null,
  primary key (delivery_id, number),
  constraint webhook_attempts_answer check ((status is null) = (error is not null))
);

create table webhook_hourly (           -- attempts summed up, kept with each of them
  endpoint_id text collate "C" not null,
  hour timestamptz not null,
  organization_id text collate "C" not null,
  attempts bigint not null,
  accepted bigint not null,
  dead bigint not null,                 -- deliveries that were given up
  latency_ms bigint not null,
  primary key (endpoint_id, hour),
  constraint webhook_hourly_sums
    check (accepted between 0 and attempts and dead between 0 and attempts)
) with (fillfactor = 70);
create index webhook_hourly_old on webhook_hourly (hour);

-- What the service may do: it adds to the ledger and can change nothing in it ----------------------

grant usage on schema khata to khata_app;
grant select on all tables in schema khata to khata_app;
grant insert on transactions, price_lists, organizations, signing_keys to khata_app;
grant insert, update on wallets, accounts, grants, holds, meters, cap_counters, usage_hourly, api_keys
  to khata_app;
grant insert, delete on answers, outbox, news, events to khata_app;
grant insert on wallet_owners to khata_app;
grant execute on function sequence_at(smallint, text, timestamptz) to khata_app;
grant execute on function sequences_at(smallint, text, timestamptz[]) to khata_app;
grant insert, update on orders, payments, refunds, disputes, billing_profiles, payment_methods,
  payout_accounts, alerts, inbox, invoice_series to khata_app;
grant insert, update, delete on jobs, attempts to khata_app;
grant insert, update on budgets, budget_counters, shared_budget_counters to khata_app;
grant insert, update on recharge_settings, recharges, event_readers to khata_app;
grant update on event_head to khata_app;
grant insert, update, delete on events_apart to khata_app;
grant insert on claims, gateway_names, rejected_events, invoices, audit_log to khata_app;
grant insert on money_journal to khata_app;
grant insert, update on alert_rules, watches to khata_app;
grant insert, update on forecasts to khata_app;
grant insert, update, delete on mails to khata_app;
grant update (name, membership) on organizations to khata_app;
grant insert, update, delete on former_secrets to khata_app;
grant insert, update on users, members, invitations to khata_app;
grant insert, update on usage_sums, usage_summed to khata_app;
grant insert, update, delete on teams, sessions, sign_in_links, sign_in_attempts to khata_app;
grant insert on identities to khata_app;
grant insert, update on webhook_endpoints to khata_app;
grant insert, update, delete on webhook_deliveries, webhook_lanes, webhook_hourly to khata_app;
grant insert, delete on webhook_attempts to khata_app;

-- Whose rows are whose ------------------------------------------------------------------------------
-- The second line behind the door: what runs for a caller that is bound to an organization runs as
-- khata_tenant, and row-level security shows and takes the rows of the organization alone that its
-- session names. The service itself is khata_app and sees all of them; its policy is the constant
-- true, which the planner takes away. A table without policies is closed to both.

create function keep_apart(rows regclass, within text
  default 'organization_id = (select current_setting(''khata.organization'', true))')
returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', rows);
  execute format('create policy of_all on %s to khata_app using (true)', rows);
  if within is not null then
    execute format('create policy of_tenant on %s to khata_tenant using (%s)', rows, within);
  end if;
end $$;

do $$ begin
  perform keep_apart(name) from unnest(array['wallet_owners', 'wallets', 'accounts', 'transactions',
    'money_journal', 'answers', 'grants', 'holds', 'meters', 'cap_counters', 'usage_hourly', 'outbox',
    'claims', 'orders', 'payments', 'refunds', 'disputes', 'billing_profiles', 'payment_methods',
    'recharge_settings', 'recharges', 'payout_accounts', 'alerts', 'api_keys', 'invoices',
    'audit_log', 'former_secrets', 'teams', 'members', 'invitations', 'news', 'events', 'webhook_endpoints',
    'webhook_deliveries', 'webhook_lanes', 'webhook_attempts', 'webhook_hourly',
    'alert_rules', 'watches', 'budgets', 'budget_counters', 'shared_budget_counters',
    'mails', 'forecasts']::regclass[]) as name;
  perform keep_apart('organizations', 'id = (select current_setting(''khata.organization'', true))');
  perform keep_apart(name,            -- whose wallet it is, the policy of that table says
    format('exists (select from wallet_owners o where o.wallet_id = %s.wallet_id)', name))
    from unnest(array['gateway_names', 'attempts']::regclass[]) as name;
  perform keep_apart('jobs',          -- of a wallet, or of the organization itself
    'exists (select from wallet_owners o where o.wallet_id = jobs.wallet_id)'
    ' or wallet_id = (select current_setting(''khata.organization'', true))');
  perform keep_apart(name) from unnest(array['usage_sums', 'usage_summed']::regclass[]) as name;
  perform keep_apart('price_lists', 'true');          -- for everybody to know
  perform keep_apart(name, null)                      -- for no tenant at all
    from unnest(array['signing_keys', 'inbox', 'rejected_events', 'invoice_series', 'users', 'sessions',
      'sign_in_links', 'identities', 'sign_in_attempts', 'event_head', 'event_readers',
      'events_apart']::regclass[]) as name;
end $$;
alter view entries set (security_invoker = true);
alter view money_entries set (security_invoker = true);

grant usage on schema khata to khata_tenant;
grant select on organizations, wallet_owners, price_lists, api_keys, wallets, accounts, transactions,
  money_journal, answers, grants, holds, meters, cap_counters, usage_hourly, outbox, claims, orders,
  payments, refunds, disputes, billing_profiles, payment_methods, recharge_settings, recharges,
  payout_accounts, alerts, jobs, gateway_names, invoices, attempts, audit_log, entries, money_entries,
  teams, members, invitations, events, news, webhook_endpoints, webhook_deliveries, webhook_lanes,
  webhook_attempts, webhook_hourly, alert_rules, watches, budgets, budget_counters,
  shared_budget_counters, mails, forecasts to khata_tenant;
grant select on usage_sums, usage_summed to khata_tenant;
grant insert on wallet_owners, answers, claims, gateway_names, audit_log, news to khata_tenant;
grant insert, update on wallets, accounts, api_keys, orders, refunds, billing_profiles,
  payment_methods, recharge_settings, recharges, payout_accounts, jobs, attempts to khata_tenant;
grant update (name, membership) on organizations to khata_tenant;
grant insert, update on alerts, alert_rules, watches to khata_tenant;
grant insert, update (state, note, letter, secret, ended_at) on mails to khata_tenant;
grant insert, update on members, invitations, budgets to khata_tenant;
grant insert, update, delete on teams to khata_tenant;
grant insert, update on webhook_endpoints, webhook_deliveries to khata_tenant;
grant insert, update, delete on webhook_lanes to khata_tenant;
grant select, insert, update, delete on former_secrets to khata_tenant;
