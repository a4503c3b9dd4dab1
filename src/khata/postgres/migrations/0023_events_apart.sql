-- An event that a reader's step fails at again and again is set apart, and the reader goes on. When
-- a reader has moved last tells whether anybody reads by that name still.

set local search_path = khata;

alter table event_readers add column moved_at timestamptz not null default now();

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

grant select, insert, update, delete on events_apart to khata_app;
select keep_apart('events_apart', null);
