-- Orders, payments, refunds, disputes, invoices, and the jobs that keep them going.

set local search_path = khata;

-- Money in -----------------------------------------------------------------------------------------
-- Money is paise. What a customer buys is an order, through all attempts to pay it; each attempt that
-- a gateway tells of is a payment; credits come with the one that was captured, in the same commit.

create table claims (                   -- keys of wishes that the engine does not decide
  bucket smallint not null,
  wallet_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  organization_id text collate "C" not null,
  fingerprint bytea not null,
  claimed_by text collate "C" not null, -- the order or refund that it led to
  primary key (bucket, wallet_id, idempotency_key)
);

create table orders (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  status text collate "C" not null,
  provider text collate "C" not null,
  payment_method text collate "C" not null,
  recharge_number bigint,               -- which of the wallet's automatic recharges it is
  pack_id text collate "C",
  amount_paise bigint not null,         -- the price before tax
  gst_paise bigint not null,
  platform_fee_paise bigint not null,   -- with its tax
  round_off_paise bigint not null,
  payable_paise bigint not null,
  currency text collate "C" not null,
  base_credits bigint not null,
  bonus_credits bigint not null,
  tax text not null,                    -- JSON: the lines of the invoice to come
  buyer text not null,                  -- JSON, as the invoice will show it
  risk text not null,                   -- JSON: score, decision and every reason
  gateway_order_id text collate "C",
  checkout text,                        -- JSON: what the payer's browser needs
  payment_id text collate "C",          -- of the payment that was captured
  transaction_id text collate "C",      -- by which the credits came
  invoice_id text collate "C",
  failure_code text,
  failure_message text,
  refunded_paise bigint not null default 0,  -- of the price
  address text,                         -- the payer's, as far as trusted proxies tell
  answer text,                          -- the first answer to the request, kept for its key
  created_at timestamptz not null,
  updated_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (bucket, wallet_id, id),
  constraint orders_id unique (bucket, id),
  constraint orders_status check (status in ('created', 'processing', 'review', 'paid', 'failed',
    'refunded', 'partially_refunded', 'blocked', 'expired')),
  constraint orders_total check (
    payable_paise = amount_paise + gst_paise + platform_fee_paise + round_off_paise),
  constraint orders_amounts check (amount_paise > 0 and payable_paise > 0 and base_credits > 0
    and bonus_credits >= 0 and gst_paise >= 0 and platform_fee_paise >= 0),
  constraint orders_paid_with_credits check (
    (status in ('review', 'paid', 'refunded', 'partially_refunded')) = (transaction_id is not null)),
  constraint orders_refunded check (refunded_paise between 0 and amount_paise)
) with (fillfactor = 80);
create unique index orders_one_a_recharge on orders (bucket, wallet_id, recharge_number)
  where recharge_number is not null;
create index orders_under_way on orders (bucket, wallet_id) where status = 'processing';

create table payments (                 -- attempts to pay, as the gateway tells them
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  order_id text collate "C" not null,
  provider text collate "C" not null,
  gateway_payment_id text collate "C" not null,
  state text collate "C" not null,
  amount_paise bigint not null,
  currency text collate "C" not null,
  method text not null,
  fee_paise bigint,                     -- the gateway's, with its tax
  tax_paise bigint,
  instrument text collate "C",          -- keyed digest of what was paid with
  country text collate "C",             -- of the card
  failure_code text,
  transaction_id text collate "C",
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (bucket, wallet_id, id),
  constraint payments_of_gateway unique (bucket, provider, gateway_payment_id),
  constraint payments_state check (state in
    ('created', 'authorized', 'captured', 'failed', 'refunded', 'quarantined'))
) with (fillfactor = 80);
create index payments_of_order on payments (bucket, wallet_id, order_id);
create unique index payments_one_grant_an_order on payments (bucket, wallet_id, order_id)
  where transaction_id is not null;

create table refunds (                  -- of money, to its source
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  order_id text collate "C" not null,
  payment_id text collate "C" not null,
  provider text collate "C" not null,
  gateway_refund_id text collate "C",
  status text collate "C" not null,
  amount_paise bigint not null,         -- of the price before tax
  gst_paise bigint not null,
  platform_fee_paise bigint not null,   -- with its tax; only on full cancellation without use
  round_off_paise bigint not null,
  total_paise bigint not null,          -- what the payer gets back
  tax text not null,                    -- JSON: the lines of the credit note
  credits_clawed_back bigint not null,
  reason text not null,
  transaction_id text collate "C",      -- by which the credits went
  restored_by text collate "C",         -- and came back, where the gateway could not refund
  credit_note_id text collate "C",
  failure_message text,
  answer text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (bucket, wallet_id, id),
  constraint refunds_status check (status in ('pending', 'processed', 'failed')),
  constraint refunds_total check (
    total_paise = amount_paise + gst_paise + platform_fee_paise + round_off_paise),
  constraint refunds_amounts check (amount_paise > 0 and total_paise > 0
    and credits_clawed_back >= 0)
) with (fillfactor = 80);
create index refunds_of_order on refunds (bucket, wallet_id, order_id);

create table disputes (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  order_id text collate "C" not null,
  payment_id text collate "C" not null,
  provider text collate "C" not null,
  gateway_dispute_id text collate "C" not null,
  state text collate "C" not null,      -- as the gateway tells it
  booked text collate "C" not null,     -- what of it the ledger has
  locks bigint not null default 0,      -- how often credits were locked for it
  amount_paise bigint not null,
  currency text collate "C" not null,
  reason text,
  respond_by timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (bucket, wallet_id, id),
  constraint disputes_of_gateway unique (bucket, provider, gateway_dispute_id),
  constraint disputes_state check (state in ('open', 'under_review', 'won', 'lost', 'closed')),
  constraint disputes_booked check (booked in ('nothing', 'locked', 'unlocked', 'clawed_back'))
) with (fillfactor = 80);
create index disputes_of_payment on disputes (bucket, wallet_id, payment_id);

create table billing_profiles (         -- who buys, where an order does not say
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  buyer text not null,                  -- JSON
  updated_at timestamptz not null,
  primary key (bucket, wallet_id)
);

create table payment_methods (          -- mandates by which a wallet recharges itself
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  provider text collate "C" not null,
  kind text collate "C" not null,
  label text not null,                  -- for people: a card's last four digits, a masked address
  state text collate "C" not null,
  is_instant boolean not null,          -- no notice a day ahead of each debit
  max_amount_paise bigint,
  customer_id text collate "C",         -- at the gateway, as all below
  mandate_id text collate "C",
  mandate_order_id text collate "C",
  checkout text,                        -- JSON: what the payer needs to consent
  created_at timestamptz not null,
  removed_at timestamptz,
  primary key (bucket, wallet_id, id),
  constraint payment_methods_kind check (kind in ('upi', 'card')),
  constraint payment_methods_state check (state in
    ('initiated', 'confirmed', 'rejected', 'paused', 'cancelled'))
) with (fillfactor = 80);

create table payout_accounts (          -- where money would go if payouts were on
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  holder_name text not null,
  bank_name text not null,
  ifsc text not null,
  sealed_number bytea not null,         -- encrypted; never returned whole
  last_digits text not null,
  verified_at timestamptz,
  updated_at timestamptz not null,
  primary key (bucket, wallet_id),
  constraint payout_accounts_ifsc check (ifsc ~ '^[A-Z]{4}0[A-Z0-9]{6}$'),
  constraint payout_accounts_last_digits check (last_digits ~ '^[0-9]{4}$')
);

create table alerts (                   -- raised once a crossing
  bucket smallint not null,
  wallet_id text collate "C" not null,
  id text collate "C" not null,
  organization_id text collate "C" not null,
  type text collate "C" not null,
  subject text collate "C" not null,    -- what crossed: one alert is raised for it
  state text collate "C" not null,
  facts text not null,                  -- JSON
  raised_at timestamptz not null,
  acknowledged_at timestamptz,
  primary key (bucket, wallet_id, id),
  constraint alerts_once unique (bucket, wallet_id, type, subject),
  constraint alerts_state check (state in ('open', 'acknowledged', 'resolved'))
);

-- What is to be done beside requests. A job is named by its kind and its subject, and to do it twice
-- is harmless; its worker leases it, and what becomes wanted meanwhile is done again.
create table jobs (
  bucket smallint not null,
  kind text collate "C" not null,
  subject text collate "C" not null,    -- an id
  wallet_id text collate "C" not null,
  run_at timestamptz not null,
  wanted bigint not null default 1,     -- counts the wishes
  leased_until timestamptz not null default '-infinity',
  attempts integer not null default 0,  -- since it last went well
  error text,
  created_at timestamptz not null,
  primary key (bucket, kind, subject)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index jobs_due on jobs (run_at);

-- Registries of money ------------------------------------------------------------------------------

create table gateway_names (            -- what of ours is meant by a gateway's id
  provider text collate "C" not null,
  gateway_id text collate "C" not null,
  wallet_id text collate "C" not null,
  own_id text collate "C" not null,
  primary key (provider, gateway_id)
);

create table inbox (                    -- verified events of gateways, each once
  provider text collate "C" not null,
  event_id text collate "C" not null,
  type text collate "C" not null,
  body bytea not null,                  -- the raw bytes that were signed
  event text not null,                  -- JSON: what was understood of them
  state text collate "C" not null,
  note text,                            -- why it is in quarantine
  attempts integer not null default 0,
  run_at timestamptz not null,
  received_at timestamptz not null,
  primary key (provider, event_id),
  constraint inbox_state check (state in ('received', 'done', 'ignored', 'quarantined'))
) with (fillfactor = 70);
create index inbox_waiting on inbox (run_at) where state = 'received';
create index inbox_quarantined on inbox (received_at) where state = 'quarantined';

create table rejected_events (          -- what could not be believed: no body is kept
  provider text collate "C" not null,
  id text collate "C" not null,
  address text,
  reason text not null,
  body_sha256 bytea not null,
  received_at timestamptz not null,
  primary key (provider, id)
);

create table invoice_series (           -- the row's lock gives numbers without gaps
  series text collate "C" not null,
  year text collate "C" not null,       -- financial, as 26-27
  last bigint not null,
  primary key (series, year),
  constraint invoice_series_last check (last > 0)
);

create table invoices (                 -- invoices and credit notes; never changed
  id text collate "C" primary key,
  organization_id text collate "C" not null references organizations (id),
  wallet_id text collate "C" not null,
  kind text collate "C" not null,
  series text collate "C" not null,
  year text collate "C" not null,
  serial bigint not null,
  number text collate "C" not null,
  subject text collate "C" not null,    -- the order it bills, or the refund it credits
  document text not null,               -- JSON: all that is printed
  issued_at timestamptz not null,
  constraint invoices_kind check (kind in ('invoice', 'credit_note')),
  constraint invoices_number unique (series, year, serial),
  constraint invoices_once unique (kind, subject)
);
create index invoices_of_wallet on invoices (wallet_id, id);
create trigger invoices_append_only before update or delete on invoices
  for each row execute function ledger_is_append_only();
alter table invoices enable always trigger invoices_append_only;

create table audit_log (                -- who changed what that is no ledger
  id text collate "C" primary key,
  organization_id text collate "C" not null references organizations (id),
  at timestamptz not null,
  actor text collate "C" not null,      -- the id of an API key, or worker
  address text,
  action text collate "C" not null,
  subject text collate "C" not null,
  before text,                          -- JSON, secrets masked
  after text
);
create index audit_log_of_organization on audit_log (organization_id, id);
create trigger audit_log_append_only before update or delete on audit_log
  for each row execute function ledger_is_append_only();
alter table audit_log enable always trigger audit_log_append_only;

grant select on all tables in schema khata to khata_app;
grant insert, update on orders, payments, refunds, disputes, billing_profiles, payment_methods,
  payout_accounts, alerts, inbox, invoice_series to khata_app;
grant insert, update, delete on jobs to khata_app;
grant insert on claims, gateway_names, rejected_events, invoices, audit_log to khata_app;
