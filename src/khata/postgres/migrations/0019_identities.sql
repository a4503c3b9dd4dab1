-- Who a user is at a provider of identities.

set local search_path = khata;

create table identities (               -- whom a provider of identities means by a subject
  issuer text collate "C" not null,
  subject text collate "C" not null,    -- never given to anybody else there, as an e-mail may be
  user_id text collate "C" not null references users (id),
  created_at timestamptz not null,
  primary key (issuer, subject)
);

select keep_apart('identities', null);
grant select, insert on identities to khata_app;
