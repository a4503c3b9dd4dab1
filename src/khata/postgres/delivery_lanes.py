"""Lanes: what waits for one endpoint of one wallet goes out in its order, one after another.

A lane's row is there while something waits in it, and is leased by whoever sends from it. It counts
how often something was put in, so that a sender that found nothing more takes away the row only if
nothing came meanwhile. A lane in which one waits for its next try is left alone until then,
whatever comes behind it.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from khata.domain.ids import OrganizationId
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant, int8s, texts

_PUT_IN = """
insert into webhook_lanes (endpoint_id, lane, organization_id, next_at)
select endpoint_, lane_, organization_, $4::timestamptz
from unnest($1::text[], $2::text[], $3::text[]) as wish (endpoint_, lane_, organization_)
on conflict (endpoint_id, lane) do update set wanted = webhook_lanes.wanted + 1"""

# What comes behind others waits with them.
ADD_TO_LANES = _PUT_IN

# What is sent once more goes before all that is younger.
BRING_LANES_FORWARD = f"{_PUT_IN}, next_at = least(webhook_lanes.next_at, excluded.next_at)"

_AWAKE = "e.state = 'enabled' and (e.resting_until is null or e.resting_until <= $1)"

# Of each endpoint no more lanes at once than it is to bear, whoever sends from them, and of each
# organization no more than it may have in this process, where $5 and $6 are under way. Within it,
# what has fewer lanes under way goes first, so that slow ones don't take each place that is free.
# Only endpoints for which something waits are looked at, each by a step in the key; what is leased
# is found among what is due within the length of a lease, for a lease moves its lane there.
CLAIM_LANES = f"""
with recursive waiting (endpoint_id) as (
  (select endpoint_id from webhook_lanes order by endpoint_id limit 1)
  union all
  select (select l.endpoint_id from webhook_lanes l where l.endpoint_id > waiting.endpoint_id
    order by l.endpoint_id limit 1)
  from waiting where waiting.endpoint_id is not null),
found as (
  select due.endpoint_id, due.lane, due.next_at, $7 - coalesce(busy.lanes, 0) as places,
    row_number() over (partition by e.organization_id order by leased.lanes, due.next_at) as place
  from waiting
  join webhook_endpoints e on e.id = waiting.endpoint_id
  left join unnest($5::text[], $6::bigint[]) as busy (organization_id, lanes)
    on busy.organization_id = e.organization_id
  cross join lateral (
    select count(*) as lanes from webhook_lanes
    where endpoint_id = e.id and next_at > $1 and next_at <= $2::timestamptz + interval '1 minute'
      and leased_until > $1) as leased
  cross join lateral (
    select endpoint_id, lane, next_at from webhook_lanes
    where endpoint_id = e.id and next_at <= $1 and leased_until <= $1
    order by next_at limit greatest(0, $3 - leased.lanes)) as due
  where {_AWAKE} and coalesce(busy.lanes, 0) < $7),
chosen (endpoint_, lane_) as (
  select endpoint_id, lane from found where place <= places order by next_at limit $4)
update webhook_lanes set leased_until = $2, next_at = $2
from chosen
where endpoint_id = endpoint_ and lane = lane_ and next_at <= $1 and leased_until <= $1
returning endpoint_id, lane, organization_id, wanted"""

_LEASED = "endpoint_id = $1 and lane = $2 and leased_until = $3"

FORGET_LANE = f"delete from webhook_lanes where {_LEASED} and wanted = $4 returning 1"

# What was put in meanwhile may go before what we saw.
LEAVE_LANE = f"""
update webhook_lanes set leased_until = '-infinity',
  next_at = case when wanted = $4 then $5::timestamptz else least($5, $6) end
where {_LEASED}"""

FORGET_LANES = "delete from webhook_lanes where endpoint_id = $1"

WAKE_LANES = """
update webhook_lanes set next_at = least(next_at, $2), wanted = wanted + 1 where endpoint_id = $1"""

LANES_DUE = f"""
select count(*), min(next_at) from (
  select l.next_at from webhook_lanes l join webhook_endpoints e on e.id = l.endpoint_id
  where {_AWAKE} and l.next_at <= $1 limit 10000) as due"""


class LeasedLane(Struct, frozen=True):
    """A lane that is ours until then."""

    endpoint_id: str
    lane: str
    organization_id: OrganizationId
    wanted: int
    leased_until_us: int


class LanesWanted(Struct, frozen=True, kw_only=True):
    """How many lanes somebody takes on at most, and so many of one endpoint and organization.

    `under_way` are those that it is at already, of which the bound of an organization is told.
    """

    lanes: int
    of_one_endpoint: int
    of_one_organization: int
    under_way: Mapping[OrganizationId, int]


class LanesDue(Struct, frozen=True):
    """In how many lanes something is due (10,000 stands for more), and since when the oldest is."""

    lanes: int
    oldest_us: int | None


Lane = tuple[str, str, OrganizationId]
"""An endpoint, the lane's name, and whose it is."""


async def add_to_lanes(connection: Connection, lanes: Iterable[Lane], at_us: int) -> None:
    """Something was put into these lanes, behind all that is there."""
    await _put_in(connection, ADD_TO_LANES, lanes, at_us)


async def bring_lanes_forward(connection: Connection, lanes: Iterable[Lane], at_us: int) -> None:
    """Something was put into these lanes that may go before what is there."""
    await _put_in(connection, BRING_LANES_FORWARD, lanes, at_us)


async def claim_lanes(
    connection: Connection, now_us: int, until_us: int, wanted: LanesWanted
) -> list[LeasedLane]:
    """Leases lanes that are due, as many as are wanted."""
    under_way = sorted(wanted.under_way.items())
    found = await ask(
        connection,
        CLAIM_LANES,
        Instant(now_us),
        Instant(until_us),
        wanted.of_one_endpoint,
        wanted.lanes,
        texts([organization for organization, _ in under_way]),
        int8s([lanes for _, lanes in under_way]),
        wanted.of_one_organization,
    )
    return [LeasedLane(row[0], row[1], row[2], row[3], until_us) for row in found]


async def leave_lane(
    connection: Connection, lane: LeasedLane, next_at_us: int | None, now_us: int
) -> None:
    """The lane is left until then, or for good where nothing waits in it.

    What was put in meanwhile makes it due at once. Once its lease has run out it is not ours.
    """
    ours = (lane.endpoint_id, lane.lane, Instant(lane.leased_until_us), lane.wanted)
    if next_at_us is None and await ask(connection, FORGET_LANE, *ours):
        return
    next_at = Instant(now_us if next_at_us is None else next_at_us)
    await ask(connection, LEAVE_LANE, *ours, next_at, Instant(now_us))


async def forget_lanes(connection: Connection, endpoint_id: str) -> None:
    """Nothing is to be sent to the endpoint any more."""
    await ask(connection, FORGET_LANES, endpoint_id)


async def wake_lanes(connection: Connection, endpoint_id: str, at_us: int) -> None:
    """All that waits for the endpoint is due."""
    await ask(connection, WAKE_LANES, endpoint_id, Instant(at_us))


async def lanes_due(connection: Connection, now_us: int) -> LanesDue:
    """What is due by now at enabled endpoints that don't rest."""
    return LanesDue(*(await ask(connection, LANES_DUE, Instant(now_us)))[0])


async def _put_in(
    connection: Connection, statement: str, lanes: Iterable[Lane], at_us: int
) -> None:
    # In one order for all, so that no two wait for each other.
    chosen = sorted(set(lanes))
    if chosen:
        columns = (texts([lane[place] for lane in chosen]) for place in range(3))
        await ask(connection, statement, *columns, Instant(at_us))
