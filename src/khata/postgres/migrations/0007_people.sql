-- People: who signs in, and what they are in which organization.

set local search_path = khata;

alter table organizations
  add membership bigint not null default 0;

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
  constraint sign_in_links_times check (created_at < expires_at)
);
create index sign_in_links_old on sign_in_links (expires_at);

create table sign_in_attempts (         -- how far attempts to sign in have run ahead of their pace
  subject text collate "C" primary key, -- whose they are: an address, or the digest of an e-mail
  paid_until timestamptz not null       -- each attempt moves it on by what it costs
) with (fillfactor = 70);
create index sign_in_attempts_old on sign_in_attempts (paid_until);

grant update on organizations to khata_app;
grant select on users, teams, members, sessions, invitations, sign_in_links, sign_in_attempts
  to khata_app;
grant insert, update on users, members, invitations to khata_app;
grant insert, update, delete on teams, sessions, sign_in_links, sign_in_attempts to khata_app;
