-- Budgets, and what counts them.

set local search_path = khata;

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

alter table wallets add column budgets text not null default '[]';
alter table holds add column budgets text;
alter table api_keys add column budget_id text collate "C" references budgets (id);

grant select, insert, update on budgets, budget_counters, shared_budget_counters to khata_app;

do $$ begin
  perform keep_apart(name) from unnest(array['budgets', 'budget_counters',
    'shared_budget_counters']::regclass[]) as name;
end $$;
grant select on budgets, budget_counters, shared_budget_counters to khata_tenant;
grant insert, update on budgets to khata_tenant;
