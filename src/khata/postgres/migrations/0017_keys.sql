-- Keys that expire, are rotated and tell when they were used; an audit log that names requests.

set local search_path = khata;

alter table api_keys
  add created_by text collate "C",
  add rotated_at timestamptz,
  add expires_at timestamptz,
  add last_used_at timestamptz;
create index api_keys_of_organization on api_keys (organization_id, created_at, id);

create table former_secrets (           -- of keys that were rotated, good for an overlap
  secret_hash bytea primary key,
  key_id text collate "C" not null references api_keys (id),
  organization_id text collate "C",     -- the key's
  good_until timestamptz not null
);
create index former_secrets_of_key on former_secrets (key_id);

alter table audit_log
  alter organization_id drop not null,
  add request_id text collate "C";
create index audit_log_of_subject on audit_log (subject, id);
create index audit_log_of_actor on audit_log (actor, id);

grant select on former_secrets to khata_app;
grant insert, update, delete on former_secrets to khata_app;
select keep_apart('former_secrets');
grant select, insert, update, delete on former_secrets to khata_tenant;
