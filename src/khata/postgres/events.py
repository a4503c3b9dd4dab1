"""Events: all that happened, in one order that everybody reads, and how far each has read.

An event's position is given under the lock of the head's one row, which is kept until the commit.
So positions become visible in their order and without gaps, and who reads on from the last one it
saw misses nothing.
"""

from collections.abc import AsyncGenerator, Collection, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from msgspec import Struct
from psycopg import AsyncConnection, OperationalError

from khata.domain.ids import OrganizationId, WalletId
from khata.engine.books import Unavailable
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Array, Instant, RowsOfTable, int8s, texts, times
from khata.postgres.connect import session_of

LEDGER: Final = "ledger"
LONGEST_STRETCH: Final = 500

_FIELDS = "position, organization_id, wallet_id, kind, at, id, subject, first_sequence, sequence"

WAITING = "select exists (select from outbox), exists (select from news)"

LOCK_HEAD = "select position from event_head for no key update"

# In the order of the key, so that what is left over is of a wallet's ledger always the later part.
# Thousands of rows pass through us as they are: to read and write each would cost the machine that
# the charges need.
TAKE_OUTBOX = """
with taken as (
  delete from outbox o where (bucket, wallet_id, sequence) in (
    select bucket, wallet_id, sequence from outbox order by bucket, wallet_id, sequence limit $1)
  returning o)
select array_send(array_agg(o)), count(*) from taken having count(*) > 0"""

# In the order of time, which is each wallet's own; its stretches are joined where they adjoin, but
# to no more than is read at once.
ADD_STRETCHES = f"""
with marked as (
  select *, sequence / {LONGEST_STRETCH} as part, first_sequence - 1 is distinct from
    lag(sequence) over (partition by wallet_id order by sequence) as begins
  from unnest($1::outbox[])),
counted as (
  select *, count(*) filter (where begins) over (partition by wallet_id order by sequence) as run
  from marked),
joined as (
  select organization_id, wallet_id, max(at) as at, min(first_sequence) as first_sequence,
    max(sequence) as sequence
  from counted group by organization_id, wallet_id, run, part),
added as (
  insert into events (position, organization_id, wallet_id, kind, at, first_sequence, sequence)
  select $2 + row_number() over (order by at, wallet_id, first_sequence), organization_id,
    wallet_id, 'ledger', at, first_sequence, sequence
  from joined
  returning 1)
select count(*) from added"""

TAKE_NEWS = """
delete from news where (bucket, id) in (
  select bucket, id from news order by bucket, id limit $1)
returning organization_id, wallet_id, kind, at, id, subject"""

ADD_NEWS = """
insert into events (position, organization_id, wallet_id, kind, at, id, subject)
select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
  $6::text[], $7::text[])"""

MOVE_HEAD = "update event_head set position = $1"

# Whoever listens is told once the events can be read.
NOTIFY: Final = "notify khata_events"
LISTEN: Final = "listen khata_events"

HEAD = "select position from event_head"

OLDEST = "select min(position) from events"

EVENTS = f"select {_FIELDS} from events where position > $1 order by position limit $2"

BETWEEN = f"""
select {_FIELDS} from events where position > $1 and position <= $2
order by position limit $3"""

BETWEEN_OF_ORGANIZATION = f"""
select {_FIELDS} from events where position > $1 and position <= $2 and organization_id = $4
order by position limit $3"""

BETWEEN_OF_WALLET = f"""
select {_FIELDS} from events where position > $1 and position <= $2 and wallet_id = $4
order by position limit $3"""

BETWEEN_OF_THESE = f"""
select {_FIELDS} from events where position > $1 and position <= $2
  and (organization_id = any($4::text[]) or wallet_id = any($5::text[]))
order by position limit $3"""

ADD_READER = """
insert into event_readers (name, position, moved_at) values ($1, 0, $2) on conflict do nothing"""

LOCK_READER = "select position from event_readers where name = $1 for update skip locked"

MOVE_READER = "update event_readers set position = $2, moved_at = $3 where name = $1"

READERS = "select name, position from event_readers order by name"

# Events are as old as their positions, so the oldest are the first ones. They wait for the readers
# of this version, and for whoever reads by another name: while two versions run, and not for ever.
PURGE_EVENTS = """
delete from events where position in (
  select position from (
    select position, at from events
    where position <= coalesce((
      select min(position) from event_readers where name = any($3) or moved_at >= $1),
      9223372036854775807)
    order by position limit $2) as oldest
  where at < $1)
returning 1"""


class Event(Struct, frozen=True):
    """What happened: of the ledger a stretch of a wallet's transactions, of news its subject.

    `position` is where it stands among all events; `id` is of news alone.
    """

    position: int
    organization_id: OrganizationId
    wallet_id: WalletId | None
    kind: str
    at_us: int
    id: str | None = None
    subject: str | None = None
    first_sequence: int | None = None
    sequence: int | None = None


class Waiting(NamedTuple):
    """Whether anything waits in the outbox, and among the news."""

    stretches: bool
    news: bool


class Whose(Struct, frozen=True):
    """Whose events: a wallet's, an organization's, or everybody's."""

    wallet_id: WalletId | None = None
    organization_id: OrganizationId | None = None


_EVERYBODYS: Final = Whose()


async def move_news(connection: Connection, waiting: Waiting, limit: int) -> int:
    """Moves up to `limit` rows of the outbox and as many of news among the events, of what waits;
    how many rows it were. In a transaction, which keeps all others waiting until its end."""
    head = last = (await ask(connection, LOCK_HEAD))[0][0]
    stretches = await ask(connection, TAKE_OUTBOX, limit) if waiting.stretches else []
    for rows, _ in stretches:
        last += (await ask(connection, ADD_STRETCHES, RowsOfTable(rows), last))[0][0]
    news = await ask(connection, TAKE_NEWS, limit) if waiting.news else []
    if news:
        await ask(connection, ADD_NEWS, *_columns(sorted(news, key=itemgetter(3)), last))
        last += len(news)
    if last != head:
        await ask(connection, MOVE_HEAD, last)
        await ask(connection, NOTIFY)
    return sum(count for _, count in stretches) + len(news)


async def waiting(connection: Connection) -> Waiting:
    """What is there to be moved."""
    return Waiting(*(await ask(connection, WAITING))[0])


async def head(connection: Connection) -> int:
    """The position of the last event."""
    return (await ask(connection, HEAD))[0][0]


async def events(connection: Connection, after: int, limit: int) -> list[Event]:
    """Up to `limit` events behind that position."""
    return [Event(*row) for row in await ask(connection, EVENTS, after, limit)]


async def oldest(connection: Connection) -> int | None:
    """The position of the oldest event that is kept; none where none is."""
    return (await ask(connection, OLDEST))[0][0]


async def between(
    connection: Connection, after: int, upto: int, limit: int, whose: Whose = _EVERYBODYS
) -> list[Event]:
    """Up to `limit` events behind one position and up to another."""
    bounds = (after, upto, limit)
    if whose.wallet_id is not None:
        found = await ask(connection, BETWEEN_OF_WALLET, *bounds, whose.wallet_id)
    elif whose.organization_id is not None:
        found = await ask(connection, BETWEEN_OF_ORGANIZATION, *bounds, whose.organization_id)
    else:
        found = await ask(connection, BETWEEN, *bounds)
    return [Event(*row) for row in found]


async def between_of(
    connection: Connection, after: int, upto: int, limit: int, whose: Collection[Whose]
) -> list[Event]:
    """The same, of all these together."""
    if _EVERYBODYS in whose:
        return await between(connection, after, upto, limit)
    wallets = texts([each.wallet_id for each in whose if each.wallet_id])
    organizations = texts([each.organization_id for each in whose if not each.wallet_id])
    found = await ask(connection, BETWEEN_OF_THESE, after, upto, limit, organizations, wallets)
    return [Event(*row) for row in found]


async def notifications(dsn: str) -> AsyncGenerator[None]:
    """Yields when it begins to listen and whenever there are new events. Raises `Unavailable`."""
    session = session_of(dsn, "khata listener")
    try:
        async with await AsyncConnection.connect(session, autocommit=True) as connection:
            await connection.execute(LISTEN)
            yield
            async for _ in connection.notifies():
                yield
    except OperationalError as error:
        raise Unavailable("the database cannot be listened to") from error


async def add_reader(connection: Connection, name: str, at_us: int) -> None:
    """Makes the reader known, who begins with the oldest event that is kept."""
    await ask(connection, ADD_READER, name, Instant(at_us))


async def lock_reader(connection: Connection, name: str) -> int | None:
    """How far the reader is, who is ours until the transaction ends; none if another has it."""
    found = await ask(connection, LOCK_READER, name)
    return found[0][0] if found else None


async def move_reader(connection: Connection, name: str, position: int, at_us: int) -> None:
    """The reader has done with all up to that position."""
    await ask(connection, MOVE_READER, name, position, Instant(at_us))


async def readers(connection: Connection) -> dict[str, int]:
    """How far each reader is."""
    return dict(await ask(connection, READERS))


async def purge_events(
    connection: Connection, before_us: int, limit: int, readers: Collection[str]
) -> int:
    """Clears away some of the `limit` oldest events that are older than that, and that readers have
    done with: those named here, and others that have moved since; how many it were."""
    waited_for = texts(sorted(readers))
    return len(await ask(connection, PURGE_EVENTS, Instant(before_us), limit, waited_for))


def _columns(news: Sequence[Row], last: int) -> tuple[Array, ...]:
    organizations, wallets, kinds, at, ids, subjects = zip(*news, strict=True)
    return (
        int8s(range(last + 1, last + 1 + len(news))),
        texts(organizations),
        texts(wallets),
        texts(kinds),
        times(at),
        texts(ids),
        texts(subjects),
    )
