"""Events set apart: what a reader's step failed at again and again, until it goes well after all.

They are kept whole and without end, for the log forgets its events after a week.
"""

from typing import Final

import msgspec

from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant
from khata.postgres.events import Event
from khata.postgres.rows import encoded

# There already where somebody has set the reader back.
SET_APART = """
insert into events_apart (reader, position, event, error, tries, since, tried_at)
values ($1, $2, $3, $4, $5, $6, $6)
on conflict (reader, position) do update
set error = excluded.error, tries = events_apart.tries + excluded.tries,
  tried_at = excluded.tried_at"""

OF_WALLET = """
select exists (select from events_apart where reader = $1 and event ->> 'wallet_id' = $2)"""

PLACES: Final = """
select position, event ->> 'wallet_id' from events_apart where reader = $1 order by position"""

# Whoever has its row tries it; others leave it alone.
LOCK_APART = """
select event::text from events_apart where reader = $1 and position = $2 for update skip locked"""

DONE_WITH = "delete from events_apart where reader = $1 and position = $2"

FAILED_AGAIN = """
update events_apart set error = $3, tries = tries + 1, tried_at = $4
where reader = $1 and position = $2"""

COUNTS: Final = "select reader, count(*) from events_apart group by reader"

_event = msgspec.json.Decoder(Event).decode


async def set_apart(
    connection: Connection, reader: str, event: Event, error: str, tries: int, at_us: int
) -> None:
    """Keeps the event for the reader, which failed at it so often, the last time by that error."""
    whole = encoded(event).decode()
    await ask(connection, SET_APART, reader, event.position, whole, error, tries, Instant(at_us))


async def is_wallet_apart(connection: Connection, reader: str, event: Event) -> bool:
    """Whether the reader has an event of the same wallet set apart."""
    return (await ask(connection, OF_WALLET, reader, event.wallet_id))[0][0]


async def places_apart(connection: Connection, reader: str) -> list[tuple[int, str | None]]:
    """The positions of what is set apart for that reader, and of which wallets it is."""
    return [(place, wallet_id) for place, wallet_id in await ask(connection, PLACES, reader)]


async def lock_apart(connection: Connection, reader: str, position: int) -> Event | None:
    """The event, which nobody else tries until the transaction ends; none where another does."""
    found = await ask(connection, LOCK_APART, reader, position)
    return _event(found[0][0]) if found else None


async def done_with(connection: Connection, reader: str, position: int) -> None:
    """It went well after all."""
    await ask(connection, DONE_WITH, reader, position)


async def failed_again(
    connection: Connection, reader: str, position: int, error: str, at_us: int
) -> None:
    """It did not, for that reason."""
    await ask(connection, FAILED_AGAIN, reader, position, error, Instant(at_us))


async def counts_apart(connection: Connection) -> dict[str, int]:
    """How many events are set apart, for each reader that has any."""
    return dict(await ask(connection, COUNTS))
