-- Letters to people wait in the database until they are sent.

set local search_path = khata;

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
  primary key (bucket, wallet_id, id),
  constraint mails_once unique (bucket, wallet_id, reason, recipient),
  constraint mails_state check (state in ('waiting', 'sent', 'given_up')),
  constraint mails_letter check ((state = 'waiting') = (letter is not null))
) with (fillfactor = 70);
create index mails_old on mails using brin (created_at);

do $$ begin perform keep_apart('mails'); end $$;

drop policy of_tenant on jobs;          -- a job may be the organization's own, as a letter's
create policy of_tenant on jobs to khata_tenant
  using (exists (select from wallet_owners o where o.wallet_id = jobs.wallet_id)
    or wallet_id = (select current_setting('khata.organization', true)));
grant select, insert, update, delete on mails to khata_app;
grant select, insert on mails to khata_tenant;
