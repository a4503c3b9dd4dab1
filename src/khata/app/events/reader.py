"""Readers who must miss nothing: each event is brought before their step once, in order.

A reader is a row that says how far it is. Whoever locks the row reads on, in whatever process; the
row moves in the very transaction in which the step wrote what it makes of the events. So of what
the step writes nothing is lost and nothing comes twice, though it may be killed at any point. What
it does beside the database may be done twice, and belongs in a job.

A step that fails takes fewer events, until the one that it fails at stands alone. At that it is
tried again for a while, and then the event is set apart and the reader goes on: one event does not
hold all others back. Nor does one wallet: what follows of it may well fail for the same reason, and
is then set apart when it fails twice. What is set apart is tried again beside the reading, each
hour and when a process begins, which may be a mended one; of each wallet in order and only until
one fails. It comes late then, and is not lost. While the database is away nothing is counted
against any event; a statement that takes too long is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal, get_args

import structlog

from khata.app.beat import repeat
from khata.app.events.bell import Bell, heard
from khata.app.events.stride import Stride
from khata.app.worker import words_of
from khata.engine.books import Unavailable
from khata.postgres import events as store
from khata.postgres import events_apart as apart
from khata.postgres.asking import Connection, borrowed, is_passing
from khata.postgres.connect import Pool
from khata.postgres.events import Event

Step = Callable[[Connection, Sequence[Event]], Awaitable[None]]
"""Writes, in the transaction that it is given, what it makes of these events."""

ReaderName = Literal["alerts", "webhooks"]
READERS: Final[frozenset[str]] = frozenset(get_args(ReaderName))
"""All readers of this version: events are kept until they have done with them."""

AT_ONCE: Final = 500
TRIES: Final = 5
TRIES_OF_THE_SAME: Final = 2
POLL_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 60.0
APART_SECONDS: Final = 3600.0

_log = structlog.get_logger()


class StepFailed(Exception):
    """A step failed at these events, and not because the database was away."""

    def __init__(self, events: Sequence[Event], error: Exception) -> None:
        super().__init__(f"at {len(events)} events from {events[0].position}: {words_of(error)}")
        self.events = events
        self.error = error


class Reader:
    """Brings all events before a step. One process at a time is at a reader of that name."""

    def __init__(
        self,
        pool: Pool,
        name: str,
        step: Step,
        now_us: Callable[[], int],
        bell: Bell | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        self._pool = pool
        self._name = name
        self._step = step
        self._now_us = now_us
        self._bell = bell or Bell()
        self._stride = Stride(at_once)
        self._is_known = False

    async def read_once(self) -> int:
        """Takes the step with the next events, if there are any and no other process is at them;
        how many it were. Raises `Unavailable` and `StepFailed`."""
        async with borrowed(self._pool) as connection:
            if not self._is_known:
                await store.add_reader(connection, self._name, self._now_us())
                self._is_known = True
            async with connection.transaction():
                position = await store.lock_reader(connection, self._name)
                if position is None:
                    return 0
                found = await store.events(connection, position, self._stride.length)
                if found:
                    self._note_gap(position, found[0].position)
                    await self._take(connection, found)
                    await self._move(connection, found[-1].position)
        if found:
            self._stride.went_well()
        return len(found)

    async def read_on(self) -> bool:
        """The same, and sets apart what the step fails at for good; whether there may be more to
        read at once. Raises `Unavailable`."""
        asked = self._stride.length
        try:
            return await self.read_once() == asked
        except StepFailed as failed:
            await self._put_off(failed)
            return True
        except Unavailable:
            self._stride.shorten()  # it may have taken too long
            raise

    async def try_apart(self) -> int:
        """Takes the step with each event that is set apart, of a wallet until the first that fails;
        how many went well. Raises `Unavailable`."""
        async with borrowed(self._pool) as connection:
            places = await apart.places_apart(connection, self._name)
        went_well, stuck = 0, set[str]()
        for place, wallet_id in places:
            if wallet_id in stuck:
                continue
            if await self._tried_apart(place):
                went_well += 1
            elif wallet_id is not None:
                stuck.add(wallet_id)
        return went_well

    async def run(self) -> None:
        """Reads until it is cancelled, and beside that tries what is set apart."""
        looking_back = repeat(APART_SECONDS, self.try_apart, at_once=True)
        await asyncio.gather(self._read_for_good(), looking_back)

    async def _read_for_good(self) -> None:
        failures = 0
        while True:
            ear = self._bell.ear()
            try:
                is_more, failures = await self.read_on(), 0
            except Unavailable as error:
                _log.warning("step_put_off", step="Reader.run", reason=str(error))
                is_more, failures = False, failures + 1
            except Exception:  # noqa: BLE001 - whatever it was, the events are read again
                _log.exception("step_failed", step="Reader.run", reader=self._name)
                is_more, failures = False, failures + 1
            if failures:
                await asyncio.sleep(pause_seconds(failures))
            elif not is_more:
                await heard(ear, POLL_SECONDS)

    async def _take(self, connection: Connection, events: Sequence[Event]) -> None:
        try:
            await self._step(connection, events)
        except Exception as error:
            if is_passing(error):
                raise
            raise StepFailed(events, error) from error

    async def _move(self, connection: Connection, position: int) -> None:
        await store.move_reader(connection, self._name, position, self._now_us())

    async def _put_off(self, failed: StepFailed) -> None:
        """Has fewer events taken; of one alone, tries it again later or sets it apart."""
        first = failed.events[0]
        tries = self._stride.failed(first.position, len(failed.events))
        _log.error(
            "step_failed",
            step="Reader.run",
            reader=self._name,
            position=first.position,
            events=len(failed.events),
            tries=tries,
            exc_info=failed.error,
        )
        if not tries:
            return
        is_of_the_same = await self._is_of_the_same(first)
        if tries >= (TRIES_OF_THE_SAME if is_of_the_same else TRIES):
            await self._set_apart(first, words_of(failed.error), tries)
        elif not is_of_the_same:
            await asyncio.sleep(pause_seconds(tries))

    async def _is_of_the_same(self, event: Event) -> bool:
        async with borrowed(self._pool) as connection:
            return await apart.is_wallet_apart(connection, self._name, event)

    async def _set_apart(self, event: Event, error: str, tries: int) -> None:
        """Sets the event apart, unless another process was quicker to read on or to do the same."""
        async with borrowed(self._pool) as connection, connection.transaction():
            position = await store.lock_reader(connection, self._name)
            following = [] if position is None else await store.events(connection, position, 1)
            if following != [event]:
                return
            now_us = self._now_us()
            await apart.set_apart(connection, self._name, event, error, tries, now_us)
            await self._move(connection, event.position)
        _log.error(
            "event_set_apart",
            reader=self._name,
            position=event.position,
            kind=event.kind,
            subject=event.subject or event.wallet_id,
            error=error,
        )

    async def _tried_apart(self, place: int) -> bool:
        try:
            async with borrowed(self._pool) as connection, connection.transaction():
                event = await apart.lock_apart(connection, self._name, place)
                if event is None:
                    return False
                await self._take(connection, [event])
                await apart.done_with(connection, self._name, place)
        except Exception as error:  # noqa: BLE001 - whatever it was, the others wait for none of it
            words = words_of(error.error if isinstance(error, StepFailed) else error)
            async with borrowed(self._pool) as connection:
                now_us = self._now_us()
                await apart.failed_again(connection, self._name, place, words, now_us)
            return False
        _log.info("event_done_with", reader=self._name, position=place)
        return True

    def _note_gap(self, position: int, following: int) -> None:
        """Events are numbered without gaps: who is away for longer than they are kept is told."""
        if position and following != position + 1:
            missed = following - position - 1
            _log.error("events_missed", reader=self._name, behind=position, events=missed)


def pause_seconds(failures: int) -> float:
    """How long a reader rests that failed so many times in a row: 1 s, 2, 4 … a minute."""
    return min(2.0 ** min(failures - 1, 16), LONGEST_PAUSE_SECONDS)
