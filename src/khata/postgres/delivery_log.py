"""The log of deliveries: lists of them, each with its attempts, sent once more, and summed up."""

from collections.abc import Sequence

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant, texts
from khata.postgres.deliveries import Attempt, DeliveryState

_FIELDS = """id, endpoint_id, organization_id, wallet_id, event_id, event_type, state, attempts,
  next_at, last_status, created_at, ended_at, lane"""

_DELIVERIES = f"select {_FIELDS} from webhook_deliveries where endpoint_id = $1"

DELIVERY = f"{_DELIVERIES} and id = $2"

DELIVERY_BODY = "select body from webhook_deliveries where id = $1"

ATTEMPTS = """
select number, at, latency_ms, status, error, response, signature from webhook_attempts
where delivery_id = $1 order by number"""

LAST_ATTEMPTS = """
select distinct on (delivery_id) delivery_id, latency_ms, error from webhook_attempts
where delivery_id = any($1::text[]) order by delivery_id, number desc"""

# What has ended begins its schedule anew; what waits need not wait any longer.
SEND_AGAIN = """
update webhook_deliveries set state = 'pending', ended_at = null,
  next_at = case when state = 'pending' then least(next_at, $2) else $2 end,
  tries = case when state = 'pending' then tries else 0 end
where id = any($1::text[])"""

HASTEN = """
update webhook_deliveries set next_at = $2
where endpoint_id = $1 and state = 'pending' and next_at > $2"""

HOURS = """
select hour, attempts, accepted, dead, latency_ms from webhook_hourly
where endpoint_id = $1 and hour >= $2 and hour < $3 order by hour"""

SUMS = """
select endpoint_id, sum(attempts)::bigint, sum(accepted)::bigint, sum(dead)::bigint,
  sum(latency_ms)::bigint
from webhook_hourly where endpoint_id = any($1::text[]) and hour >= $2 group by endpoint_id"""

WAITING = """
select endpoint_id, count(*) from (
  select e.endpoint_id from unnest($1::text[]) as e (endpoint_id)
  cross join lateral (
    select 1 from webhook_deliveries d
    where d.endpoint_id = e.endpoint_id and d.state = 'pending' limit 10000) as found) as waiting
group by endpoint_id"""


class Delivery(Struct, frozen=True, kw_only=True):
    """One event for one endpoint, and what has become of it."""

    id: str
    endpoint_id: str
    organization_id: OrganizationId
    wallet_id: WalletId | None
    event_id: str
    event_type: str
    state: DeliveryState
    attempts: int
    next_at_us: int | None
    last_status: int | None
    created_at_us: int
    ended_at_us: int | None
    lane: str


class DeliveryFilter(Struct, frozen=True):
    """Which deliveries of an endpoint, by when their events came about."""

    state: DeliveryState | None = None
    event_type: str | None = None
    wallet_id: str | None = None
    from_us: int | None = None
    to_us: int | None = None


class Figures(Struct, frozen=True):
    """Attempts summed up over an hour or longer; `dead` are deliveries that were given up."""

    attempts: int = 0
    accepted: int = 0
    dead: int = 0
    latency_ms: int = 0


class LastAttempt(Struct, frozen=True):
    """How long the last attempt took, and why it had no answer, if it had none."""

    latency_ms: int
    error: str | None


def deliveries_page(
    endpoint_id: str,
    chosen: DeliveryFilter,
    limit: int,
    behind: tuple[int, str] | None,
    *,
    oldest_first: bool = False,
) -> tuple[str, tuple[object, ...]]:
    """The statement and parameters of a page, behind a delivery of that time and id."""
    c = chosen
    than, order = (">", "") if oldest_first else ("<", " desc")
    conditions: list[tuple[str, tuple[object, ...]]] = [
        ("state = {0}", () if c.state is None else (c.state,)),
        ("event_type = {0}", () if c.event_type is None else (c.event_type,)),
        ("wallet_id = {0}", () if c.wallet_id is None else (c.wallet_id,)),
        ("created_at >= {0}", () if c.from_us is None else (Instant(c.from_us),)),
        ("created_at < {0}", () if c.to_us is None else (Instant(c.to_us),)),
        (
            f"(created_at, id) {than} ({{0}}, {{1}})",
            () if behind is None else (Instant(behind[0]), behind[1]),
        ),
    ]
    statement, parameters = _DELIVERIES, (endpoint_id,)
    for text, values in conditions:
        if values:
            numbers = [f"${len(parameters) + place}" for place in range(1, len(values) + 1)]
            statement = f"{statement} and {text.format(*numbers)}"
            parameters = (*parameters, *values)
    ending = f"order by created_at{order}, id{order} limit ${len(parameters) + 1}"
    return f"{statement} {ending}", (*parameters, limit)


async def deliveries(
    connection: Connection,
    endpoint_id: str,
    chosen: DeliveryFilter,
    limit: int,
    behind: tuple[int, str] | None,
) -> list[Delivery]:
    """Up to `limit` deliveries, newest first."""
    statement, parameters = deliveries_page(endpoint_id, chosen, limit, behind)
    return [_delivery(row) for row in await ask(connection, statement, *parameters)]


async def delivery(connection: Connection, endpoint_id: str, delivery_id: str) -> Delivery | None:
    """The endpoint's delivery of that id, if there is one."""
    found = await ask(connection, DELIVERY, endpoint_id, delivery_id)
    return _delivery(found[0]) if found else None


async def body_of(connection: Connection, delivery_id: str) -> str:
    """What is sent, as it is sent."""
    return (await ask(connection, DELIVERY_BODY, delivery_id))[0][0]


async def attempts_of(connection: Connection, delivery_id: str) -> list[Attempt]:
    """All attempts, in their order."""
    names = Attempt.__struct_fields__
    rows = await ask(connection, ATTEMPTS, delivery_id)
    return [Attempt(**dict(zip(names, row, strict=True))) for row in rows]


async def last_attempts(
    connection: Connection, delivery_ids: Sequence[str]
) -> dict[str, LastAttempt]:
    """The last attempt of each of these that had one."""
    rows = await ask(connection, LAST_ATTEMPTS, texts(delivery_ids))
    return {row[0]: LastAttempt(row[1], row[2]) for row in rows}


async def send_again(connection: Connection, delivery_ids: Sequence[str], at_us: int) -> None:
    """Has these sent once more, or at once if they wait."""
    await ask(connection, SEND_AGAIN, texts(delivery_ids), Instant(at_us))


async def oldest_deliveries(
    connection: Connection,
    endpoint_id: str,
    chosen: DeliveryFilter,
    limit: int,
    behind: tuple[int, str] | None,
) -> list[Delivery]:
    """Up to `limit` deliveries, oldest first."""
    statement, parameters = deliveries_page(endpoint_id, chosen, limit, behind, oldest_first=True)
    return [_delivery(row) for row in await ask(connection, statement, *parameters)]


async def hasten(connection: Connection, endpoint_id: str, at_us: int) -> None:
    """Has nothing of the endpoint wait for its next try."""
    await ask(connection, HASTEN, endpoint_id, Instant(at_us))


async def hours(
    connection: Connection, endpoint_id: str, from_us: int, to_us: int
) -> dict[int, Figures]:
    """The figures of each hour that has any, by its begin."""
    rows = await ask(connection, HOURS, endpoint_id, Instant(from_us), Instant(to_us))
    return {row[0]: Figures(*row[1:]) for row in rows}


async def sums(
    connection: Connection, endpoint_ids: Sequence[str], from_us: int
) -> dict[str, Figures]:
    """The figures of each of these endpoints since then, if it has any."""
    rows = await ask(connection, SUMS, texts(endpoint_ids), Instant(from_us))
    return {row[0]: Figures(*row[1:]) for row in rows}


async def waiting(connection: Connection, endpoint_ids: Sequence[str]) -> dict[str, int]:
    """How many deliveries wait at each of these endpoints; 10,000 stands for more."""
    return {row[0]: row[1] for row in await ask(connection, WAITING, texts(endpoint_ids))}


def _delivery(row: Row) -> Delivery:
    names = Delivery.__struct_fields__
    return Delivery(**dict(zip(names, row, strict=True)))
