-- Alerts end by themselves and by rules; each wallet is watched along its ledger.

set local search_path = khata;

alter table wallets
  add rapid_burn_action text not null default 'alert',
  add frozen_reason text,
  add constraint wallets_rapid_burn_action check (rapid_burn_action in ('alert', 'throttle', 'freeze')),
  add constraint wallets_frozen_reason check (frozen_reason is null or status = 'frozen');

alter table alerts
  add resolved_at timestamptz,
  add constraint alerts_resolved check ((state = 'resolved') = (resolved_at is not null));
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

-- Credits that expire are told of from now on, also those that are there already.
insert into jobs (bucket, kind, subject, wallet_id, run_at, created_at)
select distinct bucket, 'expiries', wallet_id, wallet_id, 'epoch'::timestamptz, 'epoch'::timestamptz
from grants where live and expires_at < 'infinity'
on conflict do nothing;

grant select on alert_rules, watches to khata_app;
grant insert, update on alert_rules, watches to khata_app;

do $$ begin
  perform keep_apart(name) from unnest(array['alert_rules', 'watches']::regclass[]) as name;
end $$;
grant select on alert_rules, watches to khata_tenant;
grant insert, update on alerts, alert_rules, watches to khata_tenant;
