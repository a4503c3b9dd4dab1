"""Deliveries under way: each event once for each endpoint that wants it, until it ended."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId
from khata.domain.standard_webhooks import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant, int8s, texts

ADD_DELIVERIES = """
insert into webhook_deliveries (id, endpoint_id, organization_id, wallet_id, lane, position, part,
  event_id, event_type, body, next_at, created_at)
select id_, endpoint_, organization_, wallet_, lane_, position_, part_, event_, type_, body_,
  $11::timestamptz, $11::timestamptz
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
    $8::text[], $9::text[], $10::text[])
  as new (id_, endpoint_, organization_, wallet_, lane_, position_, part_, event_, type_, body_)
on conflict (endpoint_id, event_id) do nothing"""

FIRST_OF_LANE = """
select d.id, d.endpoint_id, d.organization_id, d.wallet_id, d.event_id, d.event_type, d.body,
  d.attempts, d.tries, d.next_at, e.url, e.sealed_secret, e.sealed_old_secret, e.old_secret_until,
  e.failures, e.state = 'enabled'
from webhook_deliveries d
join webhook_endpoints e on e.id = d.endpoint_id
where d.endpoint_id = $1 and d.lane = $2 and d.state = 'pending'
order by d.position, d.part limit 1"""

ADD_ATTEMPT = """
insert into webhook_attempts (delivery_id, number, organization_id, at, latency_ms, status, error,
  response, signature)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing"""

END_DELIVERY = """
update webhook_deliveries set state = $4, attempts = attempts + 1, tries = tries + 1,
  last_status = $3, next_at = $5, ended_at = $6
where id = $1 and attempts = $2 and state = 'pending'
returning 1"""

ADD_UP = """
insert into webhook_hourly
  (endpoint_id, hour, organization_id, attempts, accepted, dead, latency_ms)
values ($1, $2, $3, 1, $4, $5, $6)
on conflict (endpoint_id, hour) do update set attempts = webhook_hourly.attempts + 1,
  accepted = webhook_hourly.accepted + excluded.accepted,
  dead = webhook_hourly.dead + excluded.dead,
  latency_ms = webhook_hourly.latency_ms + excluded.latency_ms"""

PURGE_DELIVERIES = """
with gone as (
  delete from webhook_deliveries where id in (
    select id from webhook_deliveries where created_at < $1 limit $2)
  returning id),
attempts as (delete from webhook_attempts where delivery_id in (select id from gone))
select 1 from gone"""

PURGE_FIGURES = """
delete from webhook_hourly where (endpoint_id, hour) in (
  select endpoint_id, hour from webhook_hourly where hour < $1 limit $2)
returning 1"""

DeliveryState = Literal["pending", "delivered", "failed"]

_HOUR_US = 3_600_000_000


class NewDelivery(Struct, frozen=True, kw_only=True):
    """An event for an endpoint that wants it. `position` and `part` are its place in the lane."""

    id: str
    endpoint_id: str
    organization_id: OrganizationId
    wallet_id: WalletId | None
    lane: str
    position: int
    part: int
    event_id: str
    event_type: str
    body: str


class Due(Struct, frozen=True, kw_only=True):
    """The first that waits in a lane, with all that is needed to send it."""

    id: str
    endpoint_id: str
    organization_id: OrganizationId
    wallet_id: WalletId | None
    event_id: str
    event_type: str
    body: str
    attempts: int
    tries: int
    next_at_us: int
    url: str
    sealed_secret: bytes
    sealed_old_secret: bytes | None
    old_secret_until_us: int | None
    failures: int
    is_enabled: bool


class Attempt(Struct, frozen=True, kw_only=True):
    """One try: what it was signed with, and what was answered, or why there was no answer."""

    number: int
    at_us: int
    latency_ms: int
    status: int | None
    error: str | None
    response: str | None
    signature: str

    def headers(self, event_id: str) -> dict[str, str]:
        """What it was signed with, and the signature."""
        at_seconds = str(self.at_us // 1_000_000)
        return {ID_HEADER: event_id, TIMESTAMP_HEADER: at_seconds, SIGNATURE_HEADER: self.signature}


class Ending(Struct, frozen=True):
    """What an attempt leads to: the next one at that time, or an end."""

    state: DeliveryState
    next_at_us: int | None


async def add_deliveries(connection: Connection, new: Sequence[NewDelivery], at_us: int) -> None:
    """Adds these deliveries, due now; one that is there already stays as it is."""
    await ask(
        connection,
        ADD_DELIVERIES,
        texts([each.id for each in new]),
        texts([each.endpoint_id for each in new]),
        texts([each.organization_id for each in new]),
        texts([each.wallet_id for each in new]),
        texts([each.lane for each in new]),
        int8s([each.position for each in new]),
        int8s([each.part for each in new]),
        texts([each.event_id for each in new]),
        texts([each.event_type for each in new]),
        texts([each.body for each in new]),
        Instant(at_us),
    )


async def first_of_lane(connection: Connection, endpoint_id: str, lane: str) -> Due | None:
    """What goes out next in the lane; none where nothing waits."""
    found = await ask(connection, FIRST_OF_LANE, endpoint_id, lane)
    if not found:
        return None
    names = Due.__struct_fields__
    return Due(**dict(zip(names, found[0], strict=True)))


async def note_attempt(connection: Connection, due: Due, attempt: Attempt, ending: Ending) -> bool:
    """Notes the attempt and what it leads to; whether nobody else did. In a transaction."""
    at, next_us = Instant(attempt.at_us), ending.next_at_us
    ended = at if next_us is None else None
    next_at = None if next_us is None else Instant(next_us)
    seen = (due.id, due.attempts, attempt.status)
    if not await ask(connection, END_DELIVERY, *seen, ending.state, next_at, ended):
        return False
    told = (attempt.status, attempt.error, attempt.response, attempt.signature)
    what = (due.id, attempt.number, due.organization_id, at, attempt.latency_ms)
    await ask(connection, ADD_ATTEMPT, *what, *told)
    hour = Instant(attempt.at_us // _HOUR_US * _HOUR_US)
    accepted, dead = int(ending.state == "delivered"), int(ending.state == "failed")
    sums = (accepted, dead, attempt.latency_ms)
    await ask(connection, ADD_UP, due.endpoint_id, hour, due.organization_id, *sums)
    return True


async def purge_deliveries(connection: Connection, before_us: int, limit: int) -> int:
    """Clears away some deliveries that are older than that, with their attempts; how many."""
    return len(await ask(connection, PURGE_DELIVERIES, Instant(before_us), limit))


async def purge_figures(connection: Connection, before_us: int, limit: int) -> int:
    """Clears away some hours that are older than that; how many."""
    return len(await ask(connection, PURGE_FIGURES, Instant(before_us), limit))
