"""Streams miss nothing and repeat nothing, whenever they begin and however slow they are read."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import pytest
from msgspec.structs import replace

from desk import Clock, Desk
from khata.app.events.channels import Channel, Listener
from khata.app.events.live import Said
from khata.app.events.told import TYPES, Place
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.postgres.events import Whose
from listening import Event, Parsed

ALL_TYPES = frozenset(TYPES)
EVERYBODYS = Channel(Whose(), ALL_TYPES)


def of(desk: Desk) -> Channel:
    return Channel(Whose(wallet_id=desk.wallet.id), frozenset({"transaction.created"}))


def events_in(frames: bytes) -> list[Event]:
    return list(Parsed(frames.decode().splitlines()))


def sequences(frames: bytes) -> list[int]:
    return [event.data["data"]["sequence"] for event in events_in(frames)]


async def taken(said: AsyncGenerator[Said], upto: int) -> list[int]:
    """The sequences that the stream tells, until one is that one."""
    found: list[int] = []
    async with asyncio.timeout(60):
        async for frames, _ in said:
            found += sequences(frames)
            if upto in found:
                return found
    raise AssertionError("the stream ended")


@pytest.fixture
async def beating(settings: KhataSettings, clock: Clock) -> AsyncIterator[Khata]:
    """A Khata that relays by itself."""
    async with open_khata(replace(settings, relays=True), clock) as khata:
        yield khata


@pytest.fixture
async def busy(beating: Khata, clock: Clock) -> Desk:
    wallet, _, _ = await beating.wallets.create(None, "user", "busy", "Busy")
    return Desk(beating, wallet, clock)


async def test_streams_that_begin_at_any_moment_hear_all_from_there(busy: Desk) -> None:
    """Each begins somewhere in the midst, some with a place behind them; none has a gap."""
    count = 200

    async def read(place: Place | None) -> list[int]:
        async with aclosing(await busy.khata.events.live.follow(of(busy), place)) as said:
            return await taken(said, count)

    reading: list[asyncio.Task[list[int]]] = []
    for number in range(1, count + 1):
        await busy.grant(1)
        if number % 7 == 0:
            reading.append(asyncio.create_task(read(Place(0) if number % 2 else None)))
    found = await asyncio.gather(*reading)
    for number, heard in zip(range(7, count, 7), found, strict=True):
        assert heard == list(range(heard[0], count + 1))
        assert heard[0] == 1 or number % 2 == 0


@pytest.mark.parametrize("settings", [{"queue_bytes": 3_000}], indirect=True)
async def test_a_slow_reader_has_all_in_the_end_and_slows_nobody(busy: Desk) -> None:
    live, tail = busy.khata.events.live, busy.khata.events.tail
    async with (
        aclosing(await live.follow(of(busy), None)) as slow,
        aclosing(await live.follow(of(busy), None)) as quick,
    ):
        beginning = [await anext(slow), await anext(quick)]
        while not all(said.mark or said.frames for said in beginning):
            beginning = [await anext(slow), await anext(quick)]
        for number in range(1, 41):
            await busy.grant(1)
            assert (await taken(quick, number))[-1] == number
        assert tail.dropped == 0
        assert await taken(slow, 40) == list(range(1, 41))
        assert tail.dropped == 1
        await busy.grant(1)
        assert await taken(slow, 41) == await taken(quick, 41) == [41]
    assert tail.listeners == 0


def test_what_waits_for_a_listener_is_bounded() -> None:
    listener = Listener(EVERYBODYS, queue_bytes=10)
    listener.begin(0)
    for position in range(1, 4):
        listener.hear(position, b"123456")
    assert listener.is_behind
    assert listener.taken() is None
    listener.hear(4, b"123456")
    assert listener.taken() is None


async def test_a_closed_tail_ends_all_streams_also_those_to_come(busy: Desk) -> None:
    live, tail = busy.khata.events.live, busy.khata.events.tail
    async with aclosing(await live.follow(EVERYBODYS, None)) as said:
        await anext(said)
        tail.close()
        assert [event async for frames, _ in said for event in events_in(frames)] == []
    assert [each async for each in await live.follow(EVERYBODYS, None)] == []
    assert tail.listeners == 0


async def test_a_process_hears_what_another_one_commits(
    settings: KhataSettings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By notification alone: nobody looks by himself."""
    for module in ("tail", "relay", "reader"):
        monkeypatch.setattr(f"khata.app.events.{module}.POLL_SECONDS", 3600)
    async with (
        open_khata(replace(settings, relays=True), clock) as one,
        open_khata(settings, clock) as other,
    ):
        wallet, _, _ = await one.wallets.create(None, "user", "asha", "Asha")
        desk = Desk(one, wallet, clock)
        async with aclosing(await other.events.live.follow(of(desk), None)) as said:
            await anext(said)
            for number in range(1, 4):
                await desk.grant(1)
                assert (await taken(said, number))[-1] == number


async def test_the_tail_goes_on_when_its_listening_is_cut_off(
    busy: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notification that is lost is made up for by looking."""
    monkeypatch.setattr(busy.khata.events.bell, "ring", lambda: None)
    monkeypatch.setattr("khata.app.events.tail.POLL_SECONDS", 0.01)
    async with aclosing(await busy.khata.events.live.follow(of(busy), None)) as said:
        await anext(said)
        await busy.grant(1)
        assert await taken(said, 1) == [1]
