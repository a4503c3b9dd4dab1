"""What a reader's step fails at again and again is set apart; nothing else waits for it."""

import asyncio
from collections.abc import Sequence

import pytest
from psycopg import OperationalError
from psycopg.errors import ProgramLimitExceeded, QueryCanceled
from structlog.testing import capture_logs

from desk import Desk
from khata.app.events import reader as reading
from khata.app.events.reader import TRIES, TRIES_OF_THE_SAME, Reader
from khata.app.events.stride import Stride
from khata.engine.books import Unavailable
from khata.postgres import events as store
from khata.postgres.asking import Connection, ask, ask_pool, borrowed
from khata.postgres.events import Event, Waiting
from khata.postgres.events_apart import set_apart

# Waits for who is at one of them.
APART = """
select position, error, tries from events_apart where reader = 'notes'
order by position for share"""

pytestmark = pytest.mark.usefixtures("restless")


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers try again at once."""
    monkeypatch.setattr(reading, "LONGEST_PAUSE_SECONDS", 0.0)


class Notebook:
    """A step that writes down each event, and fails at some of them."""

    def __init__(self, *poison: int, error: type[Exception] = KeyError) -> None:
        self.poison = set(poison)
        self.error = error
        self.asked: list[list[int]] = []
        self.noted: list[int] = []
        self.came = asyncio.Queue[list[int]]()

    async def __call__(self, _: Connection, events: Sequence[Event]) -> None:
        places = [event.position for event in events]
        self.asked.append(places)
        for place in places:
            if place in self.poison:
                raise self.error(f"a secret of {place}")
        self.noted += places
        self.came.put_nowait(places)


async def happen(desk: Desk, count: int) -> None:
    """So many events."""
    for _ in range(count):
        await desk.grant(1)
        async with borrowed(desk.khata.events.pool) as connection, connection.transaction():
            await store.move_news(connection, Waiting(stretches=True, news=False), 1)


def reader_of(desk: Desk, step: Notebook, at_once: int = 500) -> Reader:
    return Reader(desk.khata.events.pool, "notes", step, desk.clock, at_once=at_once)


async def read_all(reader: Reader) -> None:
    while await reader.read_on():
        pass


async def behind(desk: Desk) -> int:
    return (await desk.khata.events.readers_behind())["notes"]


async def is_apart(desk: Desk) -> list[tuple[int, str, int]]:
    return [(*row,) for row in await ask_pool(desk.khata.events.pool, APART)]


async def test_poison_is_set_apart_and_all_others_are_read_once_in_order(desk: Desk) -> None:
    await happen(desk, 23)
    notebook = Notebook(5, 6, 17)
    with capture_logs() as said:
        await read_all(reader_of(desk, notebook))
    assert notebook.noted == [place for place in range(1, 24) if place not in notebook.poison]
    assert await is_apart(desk) == [
        (5, "KeyError", TRIES),
        (6, "KeyError", TRIES_OF_THE_SAME),
        (17, "KeyError", TRIES_OF_THE_SAME),
    ]
    assert await behind(desk) == 0
    set_apart = [line for line in said if line["event"] == "event_set_apart"]
    assert [(line["reader"], line["position"], line["error"]) for line in set_apart] == [
        ("notes", place, "KeyError") for place in (5, 6, 17)
    ]
    assert "secret" not in str(set_apart)
    # What follows of a wallet fails for the same reason, as far as can be told, and costs little.
    alone = [places[0] for places in notebook.asked if len(places) == 1]
    assert [place for place in alone if place in notebook.poison] == [*[5] * TRIES, 6, 6, 17, 17]
    # Halving finds it in few steps, and what is good comes in large portions again.
    assert len(notebook.asked) < 45
    await happen(desk, 4)
    await read_all(reader_of(desk, notebook))
    assert notebook.asked[-1] == [24, 25, 26, 27]


async def test_an_event_of_another_wallet_is_tried_for_as_long_as_the_first(desk: Desk) -> None:
    wallet, _, _ = await desk.khata.wallets.create(None, "user", "ravi", "Ravi")
    await happen(desk, 2)
    await happen(Desk(desk.khata, wallet, desk.clock), 2)
    await read_all(reader_of(desk, Notebook(1, 2, 3, 4)))
    assert [tries for _, _, tries in await is_apart(desk)] == [TRIES, 2, TRIES, 2]


async def test_what_fails_less_often_is_read_and_not_set_apart(desk: Desk) -> None:
    await happen(desk, 2)
    notebook = Notebook(1)
    reader = reader_of(desk, notebook)
    for _ in range(TRIES):  # once together, and the others alone
        assert await reader.read_on()
    notebook.poison.clear()
    await read_all(reader)
    assert (notebook.noted, await is_apart(desk)) == ([1, 2], [])


@pytest.mark.parametrize("error", [OperationalError, Unavailable])
async def test_a_database_that_is_away_counts_against_no_event(
    desk: Desk, error: type[Exception]
) -> None:
    await happen(desk, 3)
    notebook = Notebook(1, 2, 3, error=error)
    reader = reader_of(desk, notebook)
    for _ in range(4 * TRIES):
        with pytest.raises(Unavailable):
            await reader.read_on()
    assert (await is_apart(desk), await behind(desk)) == ([], 3)
    notebook.poison.clear()
    await read_all(reader)
    assert (notebook.noted, await behind(desk)) == ([1, 2, 3], 0)


@pytest.mark.parametrize("error", [ProgramLimitExceeded, QueryCanceled])
async def test_what_is_beyond_the_databases_limits_stays_so(
    desk: Desk, error: type[Exception]
) -> None:
    await happen(desk, 3)
    notebook = Notebook(2, error=error)
    await read_all(reader_of(desk, notebook))
    assert (notebook.noted, await is_apart(desk)) == ([1, 3], [(2, error.__name__, TRIES)])


async def test_an_event_that_takes_too_long_holds_back_neither_reading_nor_what_is_apart(
    desk: Desk,
) -> None:
    wallet, _, _ = await desk.khata.wallets.create(None, "user", "ravi", "Ravi")
    await happen(desk, 1)
    await happen(Desk(desk.khata, wallet, desk.clock), 1)
    await read_all(reader_of(desk, Notebook(1, 2)))
    await happen(desk, 1)
    came = asyncio.Queue[int]()

    async def step(connection: Connection, events: Sequence[Event]) -> None:
        for event in events:
            if event.position == 1:
                await ask(connection, "set local statement_timeout = '1ms'")
                await ask(connection, "select pg_sleep(60)")
            came.put_nowait(event.position)

    running = asyncio.create_task(Reader(desk.khata.events.pool, "notes", step, desk.clock).run())
    async with asyncio.timeout(60):
        assert sorted([await came.get() for _ in range(2)]) == [2, 3]
    assert await is_apart(desk) == [(1, "QueryCanceled", TRIES + 1)]
    running.cancel()


async def test_what_is_apart_waits_for_the_first_of_its_wallet_and_for_no_other(
    desk: Desk,
) -> None:
    wallet, _, _ = await desk.khata.wallets.create(None, "user", "ravi", "Ravi")
    await happen(desk, 3)
    await happen(Desk(desk.khata, wallet, desk.clock), 1)
    await read_all(reader_of(desk, Notebook(1, 2, 3, 4)))
    half_mended = Notebook(2, error=OperationalError)
    assert await reader_of(desk, half_mended).try_apart() == 2
    assert half_mended.asked == [[1], [2], [4]]
    assert [place for place, _, _ in await is_apart(desk)] == [2, 3]


async def test_one_failure_sets_nothing_apart_of_a_wallet_that_is_apart(desk: Desk) -> None:
    await happen(desk, 1)
    await read_all(reader_of(desk, Notebook(1)))
    await happen(desk, 1)
    notebook = Notebook(2)
    reader = reader_of(desk, notebook)
    assert await reader.read_on()
    notebook.poison.clear()
    await read_all(reader)
    assert (notebook.noted, len(await is_apart(desk))) == ([2], 1)


async def test_what_a_failed_step_wrote_is_gone_and_what_was_set_apart_comes_once(
    desk: Desk,
) -> None:
    await happen(desk, 3)
    is_broken = True

    async def step(connection: Connection, events: Sequence[Event]) -> None:
        for event in events:
            await set_apart(connection, "noted", event, "written", 1, desk.clock())
            if is_broken and event.position == 2:
                raise ValueError(event.position)

    async def written() -> list[int]:
        statement = "select position from events_apart where reader = 'noted' order by tried_at"
        return [place for (place,) in await ask_pool(desk.khata.events.pool, statement)]

    reader = Reader(desk.khata.events.pool, "notes", step, desk.clock)
    await read_all(reader)
    assert sorted(await written()) == [1, 3]
    assert await reader.try_apart() == 0
    assert await is_apart(desk) == [(2, "ValueError", TRIES + 1)]
    is_broken = False
    desk.clock.turn(days=30)  # it outlives the log
    await desk.khata.sweeper.sweep_once()
    assert await reader.try_apart() == 1
    assert sorted(await written()) == [1, 2, 3]
    assert (await is_apart(desk), await reader.try_apart()) == ([], 0)


async def test_a_reader_that_begins_tries_what_was_set_apart(desk: Desk) -> None:
    await happen(desk, 2)
    notebook = Notebook(1)
    await read_all(reader_of(desk, notebook))
    await happen(desk, 1)
    mended = Notebook()
    running = asyncio.create_task(reader_of(desk, mended).run())
    async with asyncio.timeout(60):
        assert sorted([await mended.came.get() for _ in range(2)]) == [[1], [3]]
    assert await is_apart(desk) == []
    running.cancel()


async def test_what_cannot_even_be_read_any_more_holds_back_nothing_else(desk: Desk) -> None:
    await happen(desk, 3)
    await read_all(reader_of(desk, Notebook(1, 2)))
    spoil = "update events_apart set event = '{}' where position = 1"
    await ask_pool(desk.khata.events.pool, spoil)
    mended = Notebook()
    assert await reader_of(desk, mended).try_apart() == 1
    assert mended.noted == [2]
    assert await is_apart(desk) == [(1, "ValidationError", TRIES + 1)]


async def test_two_processes_set_an_event_apart_once(desk: Desk) -> None:
    await happen(desk, 2)
    first, second = (reader_of(desk, Notebook(1)) for _ in range(2))
    for _ in range(3 * TRIES):
        await first.read_on()
        await second.read_on()
    assert (await is_apart(desk), await behind(desk)) == ([(1, "KeyError", TRIES)], 0)


def test_a_stride_halves_down_to_one_and_doubles_again() -> None:
    stride = Stride(500)
    lengths: list[int] = []
    while not stride.failed(7, stride.length):
        lengths.append(stride.length)
    assert lengths == [250, 125, 62, 31, 15, 7, 3, 1]
    assert [stride.failed(7, 1), stride.failed(7, 1), stride.failed(8, 1)] == [2, 3, 1]
    for _ in range(9):
        stride.went_well()
    assert stride.length == 500
