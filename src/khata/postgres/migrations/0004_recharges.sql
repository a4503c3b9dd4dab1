-- Wallets that recharge themselves: the line in their accounts, settings, and each recharge.

set local search_path = khata;

alter table accounts
  add recharge_below bigint,
  add recharges bigint not null default 0;

create table recharge_settings (        -- when and how a wallet recharges itself
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  enabled boolean not null,
  threshold_credits bigint not null,
  amount_paise bigint not null,         -- the price before tax
  currency text collate "C" not null,
  payment_method_id text collate "C",
  daily_limit_paise bigint,
  monthly_limit_paise bigint,
  declines smallint not null default 0, -- since the last recharge that went well
  backing_off_until timestamptz,
  disabled_reason text collate "C",     -- why it was turned off, unless by the customer
  updated_at timestamptz not null,
  primary key (bucket, wallet_id),
  constraint recharge_settings_amounts check (threshold_credits >= 0 and amount_paise > 0
    and daily_limit_paise > 0 and monthly_limit_paise > 0),
  constraint recharge_settings_method check (not enabled or payment_method_id is not null)
) with (fillfactor = 80);

create table recharges (                -- each time that a wallet began to recharge itself
  bucket smallint not null,
  wallet_id text collate "C" not null,
  number bigint not null,               -- counted by the wallet's accounts
  organization_id text collate "C" not null,
  state text collate "C" not null,
  amount_paise bigint,                  -- fixed with its order, as what follows
  payment_method_id text collate "C",
  order_id text collate "C",
  gateway_payment_id text collate "C",  -- of the debit under way
  attempt integer not null default 0,   -- which try in a row it is
  next_at timestamptz,                  -- before then there is nothing to be done
  notice_sent_at timestamptz,
  notice_delivered_at timestamptz,
  debited_at timestamptz,               -- when the last debit was asked for
  failure text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (bucket, wallet_id, number),
  constraint recharges_state check (state in ('triggered', 'notice_sent', 'notice_delivered',
    'debit_due', 'debiting', 'succeeded', 'failed', 'cancelled_by_customer',
    'needs_customer_action')),
  constraint recharges_amounts check (number > 0 and amount_paise > 0 and attempt >= 0)
) with (fillfactor = 80);
create unique index recharges_one_under_way on recharges (bucket, wallet_id)
  where state in ('triggered', 'notice_sent', 'notice_delivered', 'debit_due', 'debiting');

grant select on recharge_settings, recharges to khata_app;
grant insert, update on recharge_settings, recharges to khata_app;
