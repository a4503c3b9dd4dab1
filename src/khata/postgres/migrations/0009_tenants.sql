-- Row-level security: a tenant's work sees the tenant's rows.

set local search_path = khata;

-- Whose rows are whose ------------------------------------------------------------------------------
-- The second line behind the door: what runs for a caller that is bound to an organization runs as
-- khata_tenant, and row-level security shows and takes the rows of the organization alone that its
-- session names. The service itself is khata_app and sees all of them; its policy is the constant
-- true, which the planner takes away. A table without policies is closed to both.

create function keep_apart(rows regclass, within text
  default 'organization_id = (select current_setting(''khata.organization'', true))')
returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', rows);
  execute format('create policy of_all on %s to khata_app using (true)', rows);
  if within is not null then
    execute format('create policy of_tenant on %s to khata_tenant using (%s)', rows, within);
  end if;
end $$;

do $$ begin
  perform keep_apart(name) from unnest(array['wallet_owners', 'wallets', 'accounts', 'transactions',
    'money_journal', 'answers', 'grants', 'holds', 'meters', 'cap_counters', 'usage_hourly', 'outbox',
    'claims', 'orders', 'payments', 'refunds', 'disputes', 'billing_profiles', 'payment_methods',
    'recharge_settings', 'recharges', 'payout_accounts', 'alerts', 'api_keys', 'invoices',
    'audit_log', 'teams', 'members', 'invitations', 'news', 'events']::regclass[]) as name;
  perform keep_apart('organizations', 'id = (select current_setting(''khata.organization'', true))');
  perform keep_apart(name,            -- whose wallet it is, the policy of that table says
    format('exists (select from wallet_owners o where o.wallet_id = %s.wallet_id)', name))
    from unnest(array['jobs', 'gateway_names', 'attempts']::regclass[]) as name;
  perform keep_apart('price_lists', 'true');          -- for everybody to know
  perform keep_apart(name, null)                      -- for no tenant at all
    from unnest(array['signing_keys', 'inbox', 'rejected_events', 'invoice_series', 'users', 'sessions',
      'sign_in_links', 'sign_in_attempts', 'event_head', 'event_readers']::regclass[]) as name;
end $$;
alter view entries set (security_invoker = true);
alter view money_entries set (security_invoker = true);

grant usage on schema khata to khata_tenant;
grant select on organizations, wallet_owners, price_lists, api_keys, wallets, accounts, transactions,
  money_journal, answers, grants, holds, meters, cap_counters, usage_hourly, outbox, claims, orders,
  payments, refunds, disputes, billing_profiles, payment_methods, recharge_settings, recharges,
  payout_accounts, alerts, jobs, gateway_names, invoices, attempts, audit_log, entries, money_entries,
  teams, members, invitations, events, news to khata_tenant;
grant insert on wallet_owners, answers, claims, gateway_names, audit_log, news to khata_tenant;
grant insert, update on wallets, accounts, api_keys, orders, refunds, billing_profiles,
  payment_methods, recharge_settings, recharges, payout_accounts, jobs, attempts to khata_tenant;
grant update on alerts, organizations to khata_tenant;
grant insert, update on members, invitations to khata_tenant;
grant insert, update, delete on teams to khata_tenant;
