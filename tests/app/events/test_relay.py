"""The relay moves the outbox and other news among the events: all of it, once, without gaps."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace
from psycopg import Rollback

from desk import Clock, Desk
from khata.app.events.bell import Bell, heard
from khata.app.events.relay import (
    LONGEST_REST_SECONDS,
    SHORTEST_REST_SECONDS,
    Relay,
    rest_seconds,
)
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.postgres import events as store
from khata.postgres.alerts import NewAlert, acknowledge, alerts, raise_alert
from khata.postgres.asking import Connection, ask, borrowed
from khata.postgres.binary import Instant
from khata.postgres.events import LONGEST_STRETCH, Event

Planted = tuple[str | None, int | None, int | None, int]


async def all_events(khata: Khata) -> list[Event]:
    async with borrowed(khata.events.pool) as connection:
        return await store.events(connection, 0, 10_000)


def an_alert(desk: Desk, subject: str) -> NewAlert:
    wallet = desk.wallet
    return NewAlert(
        wallet_id=wallet.id,
        organization_id=wallet.organization_id,
        type="LOW_BALANCE",
        subject=subject,
        facts={"available": 5},
    )


async def test_what_is_committed_becomes_an_event(desk: Desk) -> None:
    granted = await desk.grant(100)
    spent = await desk.consume()
    assert await desk.khata.events.relay.relay_once() == 2
    (event,) = await all_events(desk.khata)
    assert event == Event(
        position=1,
        organization_id=desk.wallet.organization_id,
        wallet_id=desk.wallet.id,
        kind="ledger",
        at_us=spent.at_us,
        first_sequence=granted.sequence,
        sequence=spent.sequence,
    )
    assert await desk.khata.events.relay.relay_once() == 0
    assert len(await all_events(desk.khata)) == 1


async def test_an_alert_is_told_once_raised_and_once_acknowledged(desk: Desk) -> None:
    async with borrowed(desk.khata.registries) as connection:
        assert await raise_alert(connection, an_alert(desk, "200"), 10)
        assert not await raise_alert(connection, an_alert(desk, "200"), 11)
        (alert,) = await alerts(connection, desk.wallet.id, None, 5, None)
        await asyncio.gather(*(desk.khata.alerts.acknowledge(desk.wallet.id, alert.id),) * 2)
        seen = await acknowledge(connection, desk.wallet.id, alert.id, 12)
    assert seen
    assert seen.acknowledged_at_us == desk.clock()
    await desk.khata.events.relay.relay_once()
    told = await all_events(desk.khata)
    assert [(event.kind, event.subject, event.at_us) for event in told] == [
        ("alert.raised", alert.id, 10),
        ("alert.acknowledged", alert.id, desk.clock()),
    ]
    assert len({event.id for event in told}) == 2


async def test_what_is_rolled_back_was_no_news(desk: Desk) -> None:
    async def undone(connection: Connection) -> None:
        async with connection.transaction():
            await raise_alert(connection, an_alert(desk, "200"), 10)
            raise Rollback

    async with borrowed(desk.khata.registries) as connection:
        await undone(connection)
    assert await desk.khata.events.relay.relay_once() == 0


async def test_a_relay_that_dies_amid_a_round_leaves_it_to_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.grant(100)

    with monkeypatch.context() as patched:
        patched.setattr(store, "ask", _dying_at(store.MOVE_HEAD))
        with pytest.raises(asyncio.CancelledError):
            await desk.khata.events.relay.relay_once()
    assert await all_events(desk.khata) == []
    assert await desk.khata.events.relay.relay_once() == 1
    assert [event.position for event in await all_events(desk.khata)] == [1]


def _dying_at(statement: str) -> object:
    async def asked(connection: Connection, asked: str, *parameters: object) -> object:
        if asked == statement:
            raise asyncio.CancelledError
        return await ask(connection, asked, *parameters)

    return asked


async def test_relays_at_once_number_without_gaps_and_move_everything_once(
    settings: KhataSettings, clock: Clock
) -> None:
    async with opened(settings, clock, 2) as (one, other):
        made = [await one.wallets.create(None, "user", str(n), str(n)) for n in range(10)]
        desks = [
            Desk(khata, wallet, clock)
            for (wallet, _, _), khata in zip(made, (one, other) * 5, strict=True)
        ]
        relays = [Relay(khata.events.pool, Bell(), rows_at_once=3) for khata in (one, other)]

        async def busy(desk: Desk) -> None:
            for _ in range(5):
                await desk.grant(10)

        work = asyncio.gather(*map(busy, desks))
        moved = 0
        while not work.done() or moved < 50:
            moved += sum(await asyncio.gather(*(relay.relay_once() for relay in relays)))
        await work
        found = await all_events(one)
    assert moved == 50
    assert [event.position for event in found] == list(range(1, len(found) + 1))
    for wallet, _, _ in made:
        own = [(e.first_sequence, e.sequence) for e in found if e.wallet_id == wallet.id]
        assert unbroken(own) == (1, 5)


def unbroken(stretches: Sequence[tuple[int | None, int | None]]) -> tuple[int, int]:
    """From where to where the stretches go, each where the one before ended."""
    sequences = [n for first, last in stretches for n in range(first or 0, (last or 0) + 1)]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    return sequences[0], sequences[-1]


@asynccontextmanager
async def opened(settings: KhataSettings, clock: Clock, count: int) -> AsyncGenerator[list[Khata]]:
    if count == 0:
        yield []
        return
    async with open_khata(settings, clock) as khata, opened(settings, clock, count - 1) as more:
        yield [khata, *more]


async def moved(khata: Khata, *planted: tuple[str, int, int, int]) -> list[Planted]:
    """The events that become of these stretches: wallet, first and last sequence, time."""
    async with borrowed(khata.registries) as connection:
        for wallet, first, last, at_us in planted:
            row = (wallet, last, first, "org_1", Instant(at_us))
            await ask(connection, "insert into outbox values (7, $1, $2, $3, $4, $5)", *row)
    assert await khata.events.relay.relay_once() == len(planted)
    found = await all_events(khata)
    assert [event.position for event in found] == list(range(1, len(found) + 1))
    return [(e.wallet_id, e.first_sequence, e.sequence, e.at_us) for e in found]


async def test_stretches_of_a_wallet_that_adjoin_are_one_event(khata: Khata) -> None:
    assert await moved(
        khata,
        ("wal_b", 1, 4, 9),
        ("wal_a", 3, 5, 8),
        ("wal_a", 1, 2, 1),
        ("wal_a", 7, 7, 10),
        ("wal_c", 6, 6, 9),
    ) == [
        ("wal_a", 1, 5, 8),
        ("wal_b", 1, 4, 9),
        ("wal_c", 6, 6, 9),
        ("wal_a", 7, 7, 10),
    ]


async def test_an_event_is_hardly_longer_than_what_is_read_at_once(khata: Khata) -> None:
    planted = [("wal_a", n * 200 + 1, n * 200 + 200, 1) for n in range(6)]
    found = [(first, last) for _, first, last, _ in await moved(khata, *planted)]
    assert found == [(1, 400), (401, 800), (801, 1200)]
    assert LONGEST_STRETCH == 500


@pytest.mark.parametrize(
    ("took", "rests"),
    [(0.0, SHORTEST_REST_SECONDS), (0.05, 0.15), (3.0, LONGEST_REST_SECONDS)],
)
def test_a_relay_rests_longer_than_it_works(took: float, rests: float) -> None:
    assert rest_seconds(took) == pytest.approx(rests)


async def test_a_commit_wakes_the_relay_and_the_relay_its_readers(
    settings: KhataSettings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khata.app.events.relay.POLL_SECONDS", 3600)
    async with open_khata(replace(settings, relays=True), clock) as khata:
        wallet, _, _ = await khata.wallets.create(None, "user", "asha", "Asha")
        desk = Desk(khata, wallet, clock)
        for count in range(1, 4):
            await desk.grant(count)
            while True:  # for it is told of each twice, by its own relay and by notification
                ear = khata.events.bell.ear()
                if len(await all_events(khata)) == count:
                    break
                await heard(ear, 60)
