-- A letter may carry a link that lets somebody in: its end is kept sealed beside the letter, and goes
-- with it. A letter can be withdrawn before it is sent, by whoever ends what it tells of.

set local search_path = khata;

alter table mails
  add secret bytea,
  drop constraint mails_state,
  add constraint mails_state check (state in ('waiting', 'sent', 'withdrawn', 'given_up')),
  add constraint mails_secret check (letter is not null or secret is null);
grant update (state, note, letter, secret, ended_at) on mails to khata_tenant;
