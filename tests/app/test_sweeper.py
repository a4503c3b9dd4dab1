"""Sweeps book what has expired and clear away what is old, and nothing else."""

import asyncio
from collections.abc import Sequence

import psycopg
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from desk import SECOND_US, Clock, Desk
from khata.app import sweeper
from khata.app.events.reader import Reader
from khata.app.invalid import Invalid
from khata.app.runtime import KhataSettings, open_khata
from khata.app.sweeper import Keeping, Swept
from khata.domain.commands import Consume
from khata.domain.refusals import InsufficientCredits
from khata.postgres.asking import Connection
from khata.postgres.events import Event
from khata.postgres.server import Server

HOUR_US = 3600 * SECOND_US
NOTHING = Swept(wallets=0, answers=0, events=0, attempts=0)


async def test_what_is_due_is_booked_once(desk: Desk) -> None:
    await desk.grant(100, expires_at_us=desk.clock() + 60 * SECOND_US)
    await desk.grant(30)
    await desk.hold(5, ttl_seconds=10)
    assert await desk.khata.sweeper.sweep_once() == NOTHING
    desk.clock.turn(seconds=60)
    assert (await desk.khata.sweeper.sweep_once()).wallets == 1
    assert await desk.khata.sweeper.sweep_once() == NOTHING
    booked = await desk.khata.views.transactions(desk.wallet.id, limit=2)
    assert [t.type for t in booked] == ["EXPIRY", "HOLD_RELEASE"]
    assert [t.facts.occurred_at_us for t in booked] == [
        desk.clock(),
        desk.clock() - 50 * SECOND_US,
    ]


async def test_many_wallets_are_settled_in_batches(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "_WALLETS_AT_ONCE", 3)
    owners = [str(n) for n in range(8)]
    made = [await desk.khata.wallets.create(None, "user", owner, owner) for owner in owners]
    desks = [Desk(desk.khata, wallet, desk.clock) for wallet, _, _ in made]
    for each in desks:
        await each.grant(5, expires_at_us=desk.clock() + SECOND_US)
    desk.clock.turn(seconds=1)
    first, second = await asyncio.gather(
        desk.khata.sweeper.sweep_once(), desk.khata.sweeper.sweep_once()
    )
    assert first.wallets + second.wallets >= 8
    for each in desks:
        assert len(await desk.khata.views.transactions(each.wallet.id)) == 2


async def test_a_lot_in_an_open_hold_is_not_due(desk: Desk) -> None:
    await desk.grant(10, expires_at_us=desk.clock() + SECOND_US)
    await desk.hold(10, ttl_seconds=60)
    desk.clock.turn(seconds=30)
    assert await desk.khata.sweeper.sweep_once() == NOTHING
    desk.clock.turn(seconds=30)
    assert (await desk.khata.sweeper.sweep_once()).wallets == 1


async def test_old_answers_and_events_are_cleared_away(
    desk: Desk, database: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "_ROWS_AT_ONCE", 2)
    spend = [
        Consume(wallet_id=desk.wallet.id, idempotency_key=desk.key, feature="AI_SUMMARY")
        for _ in range(5)
    ]
    for each in spend:
        assert isinstance((await desk.khata.engine.submit(each)).outcome, InsufficientCredits)
    await desk.grant(100)
    assert await desk.khata.events.relay.relay_once() == 1
    desk.clock.turn(days=7, seconds=-1)
    assert await desk.khata.sweeper.sweep_once() == NOTHING
    desk.clock.turn(seconds=2)
    assert await desk.khata.sweeper.sweep_once() == Swept(
        wallets=0, answers=0, events=1, attempts=0
    )
    assert (await desk.khata.engine.submit(spend[0])).replayed
    desk.clock.turn(days=83)
    assert await desk.khata.sweeper.sweep_once() == Swept(
        wallets=0, answers=5, events=0, attempts=0, sessions=1
    )
    with psycopg.connect(database.owner_dsn) as owner:
        assert owner.execute("table khata.transactions").rowcount == 1


async def nothing(_: Connection, __: Sequence[Event]) -> None:
    """Reads on."""


async def an_old_event(desk: Desk) -> None:
    await desk.grant(100)
    await desk.khata.events.relay.relay_once()
    desk.clock.turn(days=8)


async def test_events_wait_for_the_last_of_their_readers_however_long(desk: Desk) -> None:
    reader = desk.khata.events.reader("alerts", nothing)
    assert await reader.read_once() == 0
    await an_old_event(desk)
    assert await desk.khata.sweeper.sweep_once() == NOTHING
    assert await reader.read_once() == 1
    assert (await desk.khata.sweeper.sweep_once()).events == 1


async def test_events_wait_for_a_reader_unknown_here_as_long_as_somebody_reads_so(
    desk: Desk,
) -> None:
    """Such as one of a later version, or one that an upgrade has taken away."""
    events = desk.khata.events
    unknown = Reader(events.pool, "later", nothing, desk.clock, at_once=1)
    for _ in range(2):
        await desk.grant(100)
        await events.relay.relay_once()
    desk.clock.turn(days=8)
    assert await unknown.read_once() == 1
    assert (await desk.khata.sweeper.sweep_once()).events == 1
    desk.clock.turn(days=7, seconds=-1)
    assert await desk.khata.sweeper.sweep_once() == NOTHING
    desk.clock.turn(seconds=2)
    assert (await desk.khata.sweeper.sweep_once()).events == 1
    await an_old_event(desk)
    with capture_logs() as said:
        assert await unknown.read_once() == 1
    missed = {"event": "events_missed", "reader": "later", "behind": 1, "events": 1}
    assert said == [{**missed, "log_level": "error"}]


def test_answers_are_kept_as_long_as_promised() -> None:
    assert Keeping(answer_hours=48).answer_hours == 48
    with pytest.raises(Invalid, match="answer_hours"):
        Keeping(answer_hours=47)


async def test_a_server_sweeps_by_itself(settings: KhataSettings, clock: Clock) -> None:
    async with open_khata(replace(settings, sweeps=True, sweep_seconds=0.01), clock) as khata:
        wallet, _, _ = await khata.wallets.create(None, "user", "asha", "Asha")
        await Desk(khata, wallet, clock).grant(5, expires_at_us=clock() + SECOND_US)
        clock.turn(seconds=1)
        async with asyncio.timeout(30):
            while (await khata.views.count(wallet.id)).count < 2:
                pass
