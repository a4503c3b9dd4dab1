"""A reader gets every event, in order, and of what it writes nothing is lost or doubled."""

import asyncio
from collections.abc import Sequence

import pytest

from desk import Desk
from khata.app.events.bell import Bell
from khata.app.events.reader import Reader, Step, StepFailed, pause_seconds
from khata.postgres import events as store
from khata.postgres.asking import Connection, ask, borrowed
from khata.postgres.events import Event, Waiting
from khata.postgres.news import News, tell

WRITTEN = "select subject from news where kind = 'alert.acknowledged' order by at"


class Notes:
    """A step that writes a row of news for each event, and dies when it is told to."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.dies = False
        self.seen: list[int] = []

    async def __call__(self, connection: Connection, events: Sequence[Event]) -> None:
        for event in events:
            self.seen.append(event.position)
            wallet = self.desk.wallet
            note = News(
                organization_id=wallet.organization_id,
                wallet_id=wallet.id,
                kind="alert.acknowledged",
                subject=f"{event.position:04}{wallet.id}",
                at_us=event.position,
            )
            await tell(connection, note)
        if self.dies:
            raise RuntimeError("the power went")

    async def written(self) -> list[int]:
        async with borrowed(self.desk.khata.events.pool) as connection:
            return [int(subject[:4]) for (subject,) in await ask(connection, WRITTEN)]


def reader_of(
    desk: Desk, step: Step, name: str = "notes", bell: Bell | None = None, at_once: int = 500
) -> Reader:
    return Reader(desk.khata.events.pool, name, step, desk.clock, bell, at_once)


async def happen(desk: Desk, count: int) -> None:
    """So many events."""
    for _ in range(count):
        await desk.grant(1)
        async with borrowed(desk.khata.events.pool) as connection, connection.transaction():
            await store.move_news(connection, Waiting(stretches=True, news=False), 1)


async def test_a_reader_begins_with_what_is_kept_and_reads_on(desk: Desk) -> None:
    await happen(desk, 3)
    notes = Notes(desk)
    reader = reader_of(desk, notes, at_once=2)
    assert [await reader.read_once() for _ in range(3)] == [2, 1, 0]
    assert await notes.written() == [1, 2, 3]


async def test_a_reader_that_dies_in_its_step_reads_the_same_again(desk: Desk) -> None:
    await happen(desk, 2)
    notes = Notes(desk)
    notes.dies = True
    with pytest.raises(StepFailed, match="at 2 events from 1: RuntimeError"):
        await reader_of(desk, notes).read_once()
    assert await notes.written() == []
    notes.dies = False
    assert await reader_of(desk, notes).read_once() == 2
    assert (notes.seen, await notes.written()) == ([1, 2, 1, 2], [1, 2])


async def test_one_at_a_time_is_at_a_reader(desk: Desk) -> None:
    await happen(desk, 4)
    entered, leave = asyncio.Event(), asyncio.Event()
    notes = Notes(desk)

    async def slow(connection: Connection, events: Sequence[Event]) -> None:
        await notes(connection, events)
        entered.set()
        await leave.wait()

    at_it = asyncio.create_task(reader_of(desk, slow).read_once())
    await entered.wait()
    second = reader_of(desk, notes)
    assert await second.read_once() == 0
    leave.set()
    assert await at_it == 4
    assert await second.read_once() == 0
    assert await notes.written() == [1, 2, 3, 4]


async def test_readers_are_apart(desk: Desk) -> None:
    await happen(desk, 1)
    notes = Notes(desk)
    assert await reader_of(desk, notes, "one").read_once() == 1
    assert await reader_of(desk, notes, "other").read_once() == 1
    async with borrowed(desk.khata.events.pool) as connection:
        assert await store.readers(connection) == {"one": 1, "other": 1}


async def test_a_reader_runs_when_the_bell_rings(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khata.app.events.reader.POLL_SECONDS", 3600)
    bell, came = Bell(), asyncio.Queue[int]()

    async def step(_: Connection, events: Sequence[Event]) -> None:
        for event in events:
            came.put_nowait(event.position)

    running = asyncio.create_task(reader_of(desk, step, bell=bell).run())
    for position in range(1, 4):
        await happen(desk, 1)
        bell.ring()
        async with asyncio.timeout(60):
            assert await came.get() == position
    running.cancel()


def test_pauses_double_to_a_minute() -> None:
    assert [pause_seconds(n) for n in (1, 2, 3, 6, 7, 1000)] == [1, 2, 4, 32, 60, 60]
