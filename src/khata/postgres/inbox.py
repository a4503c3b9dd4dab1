"""The inbox: verified events of gateways, each kept once, worked on until it is done."""

from collections.abc import Sequence

from msgspec import Struct

from khata.domain.providers import ProviderName
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

INSERT_EVENT = """
insert into inbox (provider, event_id, type, body, event, state, run_at, received_at)
values ($1, $2, $3, $4, $5, 'received', $6, $6)
on conflict do nothing
returning 1"""

# Two who ask at once wait for each other on the rows, and the second finds them leased.
LEASE_EVENTS = """
update inbox set run_at = $2, attempts = attempts + 1
where (provider, event_id) in (
    select provider, event_id from inbox where state = 'received' and run_at <= $1
    order by run_at limit $3)
  and state = 'received' and run_at <= $1
returning provider, event_id, event, attempts, received_at"""

END_EVENT = """
update inbox set state = $3, note = $4 where provider = $1 and event_id = $2"""

PUT_OFF_EVENT = """
update inbox set run_at = $3, note = $4 where provider = $1 and event_id = $2"""

INSERT_REJECTED = """
insert into rejected_events (provider, id, address, reason, body_sha256, received_at)
values ($1, $2, $3, $4, $5, $6)"""

WAITING_EVENTS = """
select count(*) filter (where state = 'received'),
  min(received_at) filter (where state = 'received'),
  count(*) filter (where state = 'quarantined')
from inbox where state in ('received', 'quarantined')"""


class KeptEvent(Struct, frozen=True):
    """An event that waits, as JSON, and how often it was tried with this time."""

    provider: ProviderName
    event_id: str
    event: str
    attempts: int


class NewEvent(Struct, frozen=True, kw_only=True):
    """A genuine event: its raw body, and as JSON what was understood of it."""

    provider: ProviderName
    event_id: str
    type: str
    body: bytes
    event: str


class Rejected(Struct, frozen=True, kw_only=True):
    """That something came which could not be believed. Its body is not kept, only its digest."""

    provider: ProviderName
    id: str
    address: str | None
    reason: str
    body_sha256: bytes
    received_at_us: int


class Waiting(Struct, frozen=True):
    """How many events wait, since when the oldest does, and how many are in quarantine."""

    events: int
    oldest_us: int | None
    quarantined: int


async def insert_event(connection: Connection, new: NewEvent, at_us: int) -> bool:
    """Keeps the event; whether it is new."""
    kept = (new.provider, new.event_id, new.type, new.body, new.event, Instant(at_us))
    return bool(await ask(connection, INSERT_EVENT, *kept))


async def lease_events(
    connection: Connection, now_us: int, until_us: int, limit: int
) -> Sequence[KeptEvent]:
    """Events that wait, for this caller alone until then, in the order in which they came."""
    leased = await ask(connection, LEASE_EVENTS, Instant(now_us), Instant(until_us), limit)
    return [KeptEvent(*row[:-1]) for row in sorted(leased, key=lambda row: row[-1])]


async def end_event(
    connection: Connection, event: KeptEvent, state: str, note: str | None = None
) -> None:
    """The event is done, ignored or in quarantine."""
    await ask(connection, END_EVENT, event.provider, event.event_id, state, note)


async def put_off_event(connection: Connection, event: KeptEvent, until_us: int, note: str) -> None:
    """The event is to be tried again then."""
    await ask(connection, PUT_OFF_EVENT, event.provider, event.event_id, Instant(until_us), note)


async def insert_rejected(connection: Connection, rejected: Rejected) -> None:
    """Notes that something came which could not be believed."""
    r = rejected
    noted = (r.provider, r.id, r.address, r.reason, r.body_sha256, Instant(r.received_at_us))
    await ask(connection, INSERT_REJECTED, *noted)


async def waiting_events(connection: Connection) -> Waiting:
    """How many events wait, and how many are set apart."""
    return Waiting(*(await ask(connection, WAITING_EVENTS))[0])
