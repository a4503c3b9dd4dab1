"""Forecasts as they were made: one a wallet, the last one."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from khata.domain.forecast import Forecast
from khata.domain.ids import WalletId, bucket_of
from khata.domain.wallet import Wallet
from khata.postgres import rows
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant
from khata.postgres.rows import WALLET_COLUMNS

FORECAST_JOB = "forecast"

FORECAST = "select computed_at, forecast from forecasts where bucket = $1 and wallet_id = $2"

PUT_FORECAST = """
insert into forecasts (bucket, wallet_id, organization_id, computed_at, forecast)
values ($1, $2, $3, $4, $5)
on conflict (bucket, wallet_id) do update
set computed_at = excluded.computed_at, forecast = excluded.forecast"""

# The first row of the wallet in the order of its key.
FIRST_USED = """
select hour from usage_hourly where bucket = $1 and wallet_id = $2 order by hour limit 1"""

FORECAST_WALLET = f"select {WALLET_COLUMNS} from wallets where bucket = $1 and id = $2"

# Wallets that moved since $2 and are old enough, of which no forecast was ever wished for.
WISH_FOR_NEW = """
insert into jobs (bucket, kind, subject, wallet_id, run_at, created_at)
select a.bucket, 'forecast', a.wallet_id, a.wallet_id, $1::timestamptz, $1::timestamptz
from accounts a join wallets w on w.bucket = a.bucket and w.id = a.wallet_id
where a.at >= $2 and w.created_at <= $3
  and not exists (select from forecasts f where f.bucket = a.bucket and f.wallet_id = a.wallet_id)
  and not exists (
    select from jobs j
    where j.bucket = a.bucket and j.kind = 'forecast' and j.subject = a.wallet_id)
order by a.bucket, a.wallet_id limit $4
on conflict (bucket, kind, subject) do nothing
returning 1"""

_decoded = msgspec.json.Decoder(Forecast).decode
_encoded = msgspec.json.Encoder().encode


class MadeForecast(Struct, frozen=True):
    """A forecast, and when it was made."""

    computed_at_us: int
    forecast: Forecast


async def made_forecast(connection: Connection, wallet_id: WalletId) -> MadeForecast | None:
    """The wallet's last forecast."""
    found = await ask(connection, FORECAST, bucket_of(wallet_id), wallet_id)
    return MadeForecast(found[0][0], _decoded(found[0][1])) if found else None


async def put_forecast(
    connection: Connection, wallet: Wallet, forecast: Forecast, at_us: int
) -> None:
    """Keeps the forecast in the place of the one before."""
    place = (bucket_of(wallet.id), wallet.id, wallet.organization_id)
    await ask(connection, PUT_FORECAST, *place, Instant(at_us), _encoded(forecast).decode())


async def first_used_us(connection: Connection, wallet_id: WalletId) -> int | None:
    """When the first hour began in which the wallet used anything."""
    found = await ask(connection, FIRST_USED, bucket_of(wallet_id), wallet_id)
    return found[0][0] if found else None


async def forecast_wallet(connection: Connection, wallet_id: WalletId) -> Wallet | None:
    """Whose forecast it is to be, by whose calendar."""
    found: Sequence[rows.Row] = await ask(
        connection, FORECAST_WALLET, bucket_of(wallet_id), wallet_id
    )
    return rows.wallet(found[0]) if found else None


async def wish_for_new(
    connection: Connection, now_us: int, moved_since_us: int, made_by_us: int, limit: int
) -> int:
    """Wishes for the forecasts of wallets that never had one; of how many."""
    times = (Instant(now_us), Instant(moved_since_us), Instant(made_by_us))
    return len(await ask(connection, WISH_FOR_NEW, *times, limit))
