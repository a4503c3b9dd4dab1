"""Alerts: raised once a crossing, and acknowledged by people."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.engine.ids import UlidMint
from khata.postgres import news
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

AlertType = Literal[
    "LOW_BALANCE",
    "RAPID_BURN",
    "CREDITS_EXHAUSTED",
    "CAP_REACHED",
    "RECHARGE_FAILED",
    "CREDITS_EXPIRING",
    "PAYMENT_QUARANTINED",
    "DISPUTE_OPENED",
    "DISPUTE_LOST",
]
AlertState = Literal["open", "acknowledged", "resolved"]
Facts = Mapping[str, str | int | None]

_FIELDS = "id, type, subject, state, facts, raised_at, acknowledged_at"

RAISE_ALERT = f"""
with raised as (
  insert into alerts
    (bucket, wallet_id, id, organization_id, type, subject, state, facts, raised_at)
  values ($1, $2, $3, $4, $5, $6, 'open', $7, $8)
  on conflict (bucket, wallet_id, type, subject) do nothing
  returning bucket, organization_id, wallet_id, id, raised_at)
insert into news ({news.COLUMNS})
select bucket, $9, organization_id, wallet_id, 'alert.raised', id, raised_at from raised
returning 1"""

ALERTS = f"""
select {_FIELDS} from alerts
where bucket = $1 and wallet_id = $2 and id < $3 and ($4::text is null or state = $4)
order by id desc limit $5"""

ALERT = f"select {_FIELDS} from alerts where bucket = $1 and wallet_id = $2 and id = $3"

# Of two who acknowledge it at once one tells of it.
ACKNOWLEDGE = f"""
with seen as (
  update alerts set acknowledged_at = $4,
    state = case when state = 'open' then 'acknowledged' else state end
  where bucket = $1 and wallet_id = $2 and id = $3 and acknowledged_at is null
  returning *),
told as (
  insert into news ({news.COLUMNS})
  select bucket, $5, organization_id, wallet_id, 'alert.acknowledged', id, acknowledged_at
  from seen)
select {_FIELDS} from seen"""


class NewAlert(Struct, frozen=True, kw_only=True):
    """What is to be raised: of several for one subject, the first."""

    wallet_id: WalletId
    organization_id: OrganizationId
    type: AlertType
    subject: str
    facts: Facts


class Alert(Struct, frozen=True, kw_only=True):
    """A notice that a wallet crossed a line. `subject` names what crossed it, once."""

    id: str
    type: AlertType
    subject: str
    state: AlertState
    facts: Facts
    raised_at_us: int
    acknowledged_at_us: int | None


_mint = UlidMint()
_encode = msgspec.json.Encoder().encode
_facts = msgspec.json.Decoder(dict[str, str | int | None]).decode


async def raise_alert(connection: Connection, alert: NewAlert, at_us: int) -> bool:
    """Raises the alert unless it was raised for this subject before; whether it was new."""
    wallet_id = alert.wallet_id
    named = (bucket_of(wallet_id), wallet_id, "alt_" + _mint.for_wallet(wallet_id))
    told = (alert.organization_id, alert.type, alert.subject, _encode(alert.facts).decode())
    event_id = news.news_id(wallet_id)
    return bool(await ask(connection, RAISE_ALERT, *named, *told, Instant(at_us), event_id))


async def alert(connection: Connection, wallet_id: WalletId, alert_id: str) -> Alert | None:
    """One alert of that wallet."""
    found = await ask(connection, ALERT, bucket_of(wallet_id), wallet_id, alert_id)
    return _alert(found[0]) if found else None


async def alerts(
    connection: Connection,
    wallet_id: WalletId,
    state: AlertState | None,
    limit: int,
    before: str | None,
) -> list[Alert]:
    """Up to `limit` of the wallet's alerts with ids below `before`, newest first."""
    asked = (bucket_of(wallet_id), wallet_id, before or "b", state, limit)
    return [_alert(row) for row in await ask(connection, ALERTS, *asked)]


async def acknowledge(
    connection: Connection, wallet_id: WalletId, alert_id: str, at_us: int
) -> Alert | None:
    """The alert, seen by somebody; none where the wallet has no such alert."""
    named, event_id = (bucket_of(wallet_id), wallet_id, alert_id), news.news_id(wallet_id)
    found = await ask(connection, ACKNOWLEDGE, *named, Instant(at_us), event_id)
    return _alert(found[0]) if found else await alert(connection, wallet_id, alert_id)


def _alert(row: Row) -> Alert:
    return Alert(
        id=row[0],
        type=row[1],
        subject=row[2],
        state=row[3],
        facts=_facts(row[4]),
        raised_at_us=row[5],
        acknowledged_at_us=row[6],
    )
