-- What the rules of risk count: who tried to buy, from where, with what, and how it ended.

set local search_path = khata;

create table attempts (                 -- to buy; kept for half a year
  id text collate "C" primary key,      -- of the order, or of the payment
  kind text collate "C" not null,
  at timestamptz not null,
  wallet_id text collate "C" not null,
  amount_paise bigint not null,         -- the price before tax
  address text collate "C",             -- an IPv4 address, or the /64 of an IPv6 one
  country text collate "C",             -- of the address
  instrument text collate "C",          -- keyed digest of the card or VPA
  is_card boolean not null,
  constraint attempts_kind check (kind in ('tried', 'captured', 'failed'))
) with (fillfactor = 90);
create index attempts_of_wallet on attempts (wallet_id, at);
create index attempts_of_address on attempts (address, at) where address is not null;
create index attempts_of_instrument on attempts (instrument, at) where instrument is not null;
create index attempts_old on attempts using brin (at);

grant select, insert, update, delete on attempts to khata_app;
