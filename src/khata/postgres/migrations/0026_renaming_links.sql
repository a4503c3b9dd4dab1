-- A link that went out by a letter sets a password, and says nothing of who the user is: only one that
-- was made on the machine does. Those that are open now, for a quarter of an hour, set passwords alone.

set local search_path = khata;

alter table sign_in_links add column may_rename boolean not null default false;
alter table sign_in_links alter column may_rename drop default;
