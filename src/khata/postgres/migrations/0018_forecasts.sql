-- Forecasts of usage, each wallet's last one.

set local search_path = khata;

create table forecasts (
  bucket smallint not null,
  wallet_id text collate "C" not null,
  organization_id text collate "C" not null,
  computed_at timestamptz not null,
  forecast text not null,               -- JSON
  primary key (bucket, wallet_id)
);

grant select, insert, update on forecasts to khata_app;

do $$ begin
  perform keep_apart('forecasts');
end $$;
grant select on forecasts to khata_tenant;
