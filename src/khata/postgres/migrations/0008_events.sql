-- Events: what happened, in one order for all readers; the outbox and other news are moved there.

set local search_path = khata;

drop index outbox_old;
alter table outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

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
  constraint event_readers_position check (position >= 0)
) with (fillfactor = 10);

grant select on news, event_head, events, event_readers to khata_app;
grant insert, delete on news, events to khata_app;
grant update on event_head to khata_app;
grant insert, update on event_readers to khata_app;
