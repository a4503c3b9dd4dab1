-- Refunds of money know how they began, and as what they were reckoned; payments know their risk.

set local search_path = khata;

alter table refunds
  add origin text collate "C" not null default 'asked',
  add asked_paise bigint,
  add reckonings bigint not null default 1,
  add unspent_credits bigint not null default 0,
  add constraint refunds_origin check (origin in ('asked', 'rejected', 'gateway')),
  add constraint refunds_id unique (bucket, id);
alter table payments
  add risk text;
