-- Webhooks out: endpoints, what was and is to be sent to them, and what became of each attempt.

set local search_path = khata;

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

grant select on webhook_endpoints, webhook_deliveries, webhook_lanes, webhook_attempts, webhook_hourly
  to khata_app;
grant insert, update on webhook_endpoints to khata_app;
grant insert, update, delete on webhook_deliveries, webhook_lanes, webhook_hourly to khata_app;
grant insert, delete on webhook_attempts to khata_app;

do $$ begin
  perform keep_apart(name) from unnest(array['webhook_endpoints', 'webhook_deliveries',
    'webhook_lanes', 'webhook_attempts', 'webhook_hourly']::regclass[]) as name;
end $$;
grant select on webhook_endpoints, webhook_deliveries, webhook_lanes, webhook_attempts, webhook_hourly
  to khata_tenant;
grant insert, update on webhook_endpoints, webhook_deliveries to khata_tenant;
grant insert, update, delete on webhook_lanes to khata_tenant;
