-- Refusals are listed by time, of a code or of all, without a walk through the others.

set local search_path = khata;

create index answers_refusals_at on answers (bucket, wallet_id, at, refusal_id)
  where refusal_id is not null;
create index answers_refusals_of_code on answers (bucket, wallet_id, code, at, refusal_id)
  where refusal_id is not null;
