-- Refusals can be looked up: each has an id, and the circumstances in which it was decided.

set local search_path = khata;

alter table answers
  add refusal_id text collate "C",
  add code text collate "C",
  add circumstances text;
-- A key's own budget comes with the key, as a wallet's with the wallet.
alter table api_keys drop column budget_id, add column budget text;
create index answers_refusals on answers (bucket, wallet_id, refusal_id)
  where refusal_id is not null;
