"""Alerts: raised once a crossing, and acknowledged by people."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec
from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.engine.ids import UlidMint
from khata.postgres import news
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant
from khata.postgres.jobs import WantedJob, want

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
    "PAYMENT_FAILED",
    "BUDGET_REACHED",
    "WEBHOOK_FAILING",
]
AlertState = Literal["open", "acknowledged", "resolved"]
Facts = Mapping[str, str | int | None]

_FIELDS = (
    "id, organization_id, nullif(wallet_id, organization_id), type, subject, state, facts,"
    " raised_at, acknowledged_at, resolved_at"
)

# What nobody wants to hear of is not raised.
RAISE_ALERT = f"""
with raised as (
  insert into alerts
    (bucket, wallet_id, id, organization_id, type, subject, state, facts, raised_at)
  select $1::smallint, $2, $3, $4, $5, $6, 'open', $7, $8::timestamptz
  where not exists (
    select from alert_rules where bucket = $1 and wallet_id = $2 and type = $5 and not enabled)
  on conflict (bucket, wallet_id, type, subject) do nothing
  returning bucket, organization_id, wallet_id, id, raised_at)
insert into news ({news.COLUMNS})
select bucket, $9, organization_id, nullif(wallet_id, organization_id), 'alert.raised', id,
  raised_at from raised
returning 1"""

ALERTS = f"""
select {_FIELDS} from alerts
where bucket = $1 and wallet_id = $2 and id < $3 and ($4::text is null or state = $4)
order by id desc limit $5"""

# What is over stays for ever and what is not is little: each has an index of its own.
_OF_ORGANIZATION = f"""
select {_FIELDS} from alerts
where organization_id = $1 and id < $2 and ($3::text is null or state = $3)
  and ($4::text is null or type = $4) and ($5::text is null or wallet_id = $5)"""

ALERTS_OF_ORGANIZATION = f"{_OF_ORGANIZATION} order by id desc limit $6"

UNRESOLVED_OF_ORGANIZATION = f"""
{_OF_ORGANIZATION} and state <> 'resolved' order by id desc limit $6"""

COUNT_ALERTS = f"select count(*) from ({ALERTS_OF_ORGANIZATION}) as found"

COUNT_UNRESOLVED = f"select count(*) from ({UNRESOLVED_OF_ORGANIZATION}) as found"

IS_UNRESOLVED = """
select exists (
  select from alerts
  where bucket = $1 and wallet_id = $2 and type = $3 and state <> 'resolved')"""

ALERT_OF_ORGANIZATION = f"select {_FIELDS} from alerts where organization_id = $1 and id = $2"

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
  select bucket, $5, organization_id, nullif(wallet_id, organization_id), 'alert.acknowledged',
    id, acknowledged_at from seen)
select {_FIELDS} from seen"""


class NewAlert(Struct, frozen=True, kw_only=True):
    """What is to be raised: of several for one subject, the first. Without a wallet it concerns the
    whole organization. Where it is known when it will be over, it ends by itself then."""

    wallet_id: WalletId | None
    organization_id: OrganizationId
    type: AlertType
    subject: str
    facts: Facts
    ends_at_us: int | None = None


class Alert(Struct, frozen=True, kw_only=True):
    """A notice that a wallet crossed a line. `subject` names what crossed it, once."""

    id: str
    organization_id: OrganizationId
    wallet_id: WalletId | None
    type: AlertType
    subject: str
    state: AlertState
    facts: Facts
    raised_at_us: int
    acknowledged_at_us: int | None
    resolved_at_us: int | None


class AlertFilter(Struct, frozen=True, kw_only=True):
    """Which alerts are asked for; what is None does not narrow."""

    state: AlertState | None = None
    type: AlertType | None = None
    wallet_id: WalletId | None = None


ALERT_MAIL_JOB: Final = "alert-mail"
ALERT_END_JOB: Final = "alert-end"

# What is often over by itself is written about a little later, if it is not: a wallet that
# recharges itself is low for seconds, and a payer whose payment failed tries again.
GRACE_US: Final[Mapping[AlertType, int]] = {
    "LOW_BALANCE": 120_000_000,
    "PAYMENT_FAILED": 600_000_000,
}

# Behind every alert's id.
_LAST: Final = "b"

_mint = UlidMint()
_encode = msgspec.json.Encoder().encode
_facts = msgspec.json.Decoder(dict[str, str | int | None]).decode


def place_of(wallet_id: WalletId | None, organization_id: OrganizationId) -> WalletId:
    """By which alerts stand in their table: their wallet's id, or the organization's own where they
    concern all of it."""
    return WalletId(organization_id) if wallet_id is None else wallet_id


async def raise_alert(connection: Connection, alert: NewAlert, at_us: int) -> bool:
    """Raises the alert, and wishes that people be written to, unless it was raised for this subject
    before or nobody wants to hear of it; whether it was raised."""
    place = place_of(alert.wallet_id, alert.organization_id)
    alert_id = "alt_" + _mint.for_wallet(place)
    named = (bucket_of(place), place, alert_id)
    told = (alert.organization_id, alert.type, alert.subject, _encode(alert.facts).decode())
    raised = (*named, *told, Instant(at_us), news.news_id(place))
    async with connection.transaction():
        if not await ask(connection, RAISE_ALERT, *raised):
            return False
        soon_us = at_us + GRACE_US.get(alert.type, 0)
        times = {ALERT_MAIL_JOB: soon_us, ALERT_END_JOB: alert.ends_at_us}
        jobs = [
            WantedJob(kind=kind, subject=alert_id, wallet_id=place, run_at_us=run_at_us)
            for kind, run_at_us in times.items()
            if run_at_us is not None
        ]
        await want(connection, jobs, at_us)
    return True


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
    asked = (bucket_of(wallet_id), wallet_id, before or _LAST, state, limit)
    return [_alert(row) for row in await ask(connection, ALERTS, *asked)]


async def alerts_of_organization(
    connection: Connection,
    organization_id: OrganizationId,
    wanted: AlertFilter,
    limit: int,
    before: str | None,
) -> list[Alert]:
    """Up to `limit` of the organization's alerts with ids below `before`, newest first."""
    is_over = wanted.state in {None, "resolved"}
    statement = ALERTS_OF_ORGANIZATION if is_over else UNRESOLVED_OF_ORGANIZATION
    narrowed = (wanted.state, wanted.type, wanted.wallet_id)
    found = await ask(connection, statement, organization_id, before or _LAST, *narrowed, limit)
    return [_alert(row) for row in found]


async def count_alerts(
    connection: Connection, organization_id: OrganizationId, wanted: AlertFilter, most: int
) -> int:
    """How many such alerts the organization has, counted up to `most`."""
    is_over = wanted.state in {None, "resolved"}
    statement = COUNT_ALERTS if is_over else COUNT_UNRESOLVED
    narrowed = (wanted.state, wanted.type, wanted.wallet_id)
    found = await ask(connection, statement, organization_id, _LAST, *narrowed, most)
    return found[0][0]


async def alert_of_organization(
    connection: Connection, organization_id: OrganizationId, alert_id: str
) -> Alert | None:
    """One alert of the organization, whatever it concerns there."""
    found = await ask(connection, ALERT_OF_ORGANIZATION, organization_id, alert_id)
    return _alert(found[0]) if found else None


async def is_unresolved(connection: Connection, place: WalletId, type: AlertType) -> bool:
    """Whether an alert of that type stands there and is not over."""
    return (await ask(connection, IS_UNRESOLVED, bucket_of(place), place, type))[0][0]


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
        organization_id=row[1],
        wallet_id=row[2],
        type=row[3],
        subject=row[4],
        state=row[5],
        facts=_facts(row[6]),
        raised_at_us=row[7],
        acknowledged_at_us=row[8],
        resolved_at_us=row[9],
    )
