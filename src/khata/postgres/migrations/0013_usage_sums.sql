-- Usage summed up by fewer names and in longer times, so that a long look at a busy wallet is quick.
-- It begins empty: whatever is not summed up yet is read from the hours, and the worker sums it up.

set local search_path = khata;

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

grant select on usage_sums, usage_summed to khata_app;
grant insert, update on usage_sums, usage_summed to khata_app;
select keep_apart(name) from unnest(array['usage_sums', 'usage_summed']::regclass[]) as name;
grant select on usage_sums, usage_summed to khata_tenant;
