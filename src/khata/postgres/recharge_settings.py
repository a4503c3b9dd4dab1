"""When and how wallets recharge themselves."""

from collections.abc import Iterable

from khata.domain.ids import WalletId, bucket_of
from khata.domain.recharge import RechargeSettings
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant, int2s, texts

_FIELDS = (
    "wallet_id, organization_id, enabled, threshold_credits, amount_paise, currency,"
    " payment_method_id, daily_limit_paise, monthly_limit_paise, declines, backing_off_until,"
    " disabled_reason, updated_at"
)

RECHARGE_SETTINGS = f"""
select {_FIELDS} from recharge_settings where bucket = $1 and wallet_id = $2"""

SETTINGS_OF_WALLETS = f"""
select s.*, exists (
    select from recharges r where r.bucket = s.bucket and r.wallet_id = s.wallet_id
      and r.state in ('triggered', 'notice_sent', 'notice_delivered')),
  exists (
    select from recharges r where r.bucket = s.bucket and r.wallet_id = s.wallet_id
      and r.state in ('debit_due', 'debiting'))
from unnest($1::smallint[], $2::text[]) as asked (bucket_, wallet_)
cross join lateral (
  select bucket, {_FIELDS} from recharge_settings
  where bucket = asked.bucket_ and wallet_id = asked.wallet_) s"""

SAVE_SETTINGS = f"""
insert into recharge_settings (bucket, {_FIELDS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (bucket, wallet_id) do update
set enabled = excluded.enabled, threshold_credits = excluded.threshold_credits,
  amount_paise = excluded.amount_paise, currency = excluded.currency,
  payment_method_id = excluded.payment_method_id,
  daily_limit_paise = excluded.daily_limit_paise,
  monthly_limit_paise = excluded.monthly_limit_paise, declines = excluded.declines,
  backing_off_until = excluded.backing_off_until, disabled_reason = excluded.disabled_reason,
  updated_at = excluded.updated_at"""


async def settings(connection: Connection, wallet_id: WalletId) -> RechargeSettings | None:
    """The wallet's settings, if it ever had any."""
    found = await ask(connection, RECHARGE_SETTINGS, bucket_of(wallet_id), wallet_id)
    return _settings(found[0]) if found else None


async def standings(
    connection: Connection, wallet_ids: Iterable[WalletId]
) -> dict[WalletId, tuple[RechargeSettings, bool, bool]]:
    """The settings of those wallets that have any, and whether a recharge is waiting, or being
    charged."""
    ids = list(wallet_ids)
    named = int2s([bucket_of(wallet_id) for wallet_id in ids]), texts(ids)
    rows = await ask(connection, SETTINGS_OF_WALLETS, *named)
    return {row[1]: (_settings(row[1:-2]), row[-2], row[-1]) for row in rows}


async def save_settings(connection: Connection, settings: RechargeSettings) -> None:
    """Keeps the settings."""
    s, until_us = settings, settings.backing_off_until_us
    await ask(
        connection,
        SAVE_SETTINGS,
        *(bucket_of(s.wallet_id), s.wallet_id, s.organization_id, s.enabled),
        *(s.threshold_credits, s.amount_paise, s.currency, s.payment_method_id),
        *(s.daily_limit_paise, s.monthly_limit_paise, s.declines),
        *(None if until_us is None else Instant(until_us), s.disabled_reason),
        Instant(s.updated_at_us),
    )


def _settings(row: Row) -> RechargeSettings:
    return RechargeSettings(
        wallet_id=row[0],
        organization_id=row[1],
        enabled=row[2],
        threshold_credits=row[3],
        amount_paise=row[4],
        currency=row[5],
        payment_method_id=row[6],
        daily_limit_paise=row[7],
        monthly_limit_paise=row[8],
        declines=row[9],
        backing_off_until_us=row[10],
        disabled_reason=row[11],
        updated_at_us=row[12],
    )
