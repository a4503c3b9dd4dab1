"""From what happens to what is put before endpoints: each event once to each that wants it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from desk import Clock, Desk
from khata.app.events.told import Message
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.app.webhooks.endpoints import EndpointWish
from khata.app.webhooks.fan_out import LONGEST_BODY, body_of
from khata.domain.delivery_plan import DAY_US, HOUR_US
from khata.domain.ids import WalletId
from khata.domain.times import rfc3339
from khata.domain.web_address import ReachRules
from khata.postgres.asking import ask_pool
from khata.postgres.server import Server
from khata.postgres.settings import DatabaseSettings
from khata.postgres.webhook_endpoints import Endpoint
from outbound import SOMEBODY
from receiver import Receiver, in_turn, status

Json = dict[str, Any]


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
async def khata(
    new_database: Callable[[], AbstractContextManager[Server]],
    tmp_path_factory: pytest.TempPathFactory,
    clock: Clock,
) -> AsyncIterator[Khata]:
    folder: Path = tmp_path_factory.mktemp("khata")
    with new_database() as database:
        settings = KhataSettings(
            database=DatabaseSettings(data_folder=folder, url=database.owner_dsn),
            sweeps=False,
            reach=ReachRules(allow_private=True),
        )
        async with open_khata(settings, clock) as opened:
            yield opened


@pytest.fixture
async def desk(khata: Khata, clock: Clock) -> AsyncIterator[Desk]:
    """A wallet of its own; endpoints are taken away afterwards, and old news is read before."""
    await told(khata)
    wallet, _, _ = await khata.wallets.create(None, "user", f"asha-{clock()}", "Asha")
    clock.turn(seconds=1)
    yield Desk(khata, wallet, clock)
    for endpoint in await khata.webhooks.endpoints.list(None, 100, None):
        await khata.webhooks.endpoints.delete(endpoint.id, SOMEBODY)


async def told(khata: Khata) -> None:
    """Lets all that happened come to the endpoints' lanes, and out of them."""
    while await khata.events.relay.relay_once() + await khata.webhooks.reader.read_once():
        pass
    while (await khata.webhooks.sender.due()).lanes:
        await khata.webhooks.sender.send_once()


async def listening(khata: Khata, receiver: Receiver, *event_types: str) -> Endpoint:
    wish = EndpointWish(url=receiver.url, event_types=event_types)
    endpoint, _ = await khata.webhooks.endpoints.create(None, wish, SOMEBODY)
    return endpoint


def bodies(receiver: Receiver) -> list[Json]:
    return [json.loads(request.body) for request in receiver.received]


async def test_what_a_charge_is_told_as(desk: Desk, receiver: Receiver) -> None:
    await listening(desk.khata, receiver)
    await desk.grant(100)
    charge = await desk.consume("EMAIL_SEND")
    await told(desk.khata)
    messages = bodies(receiver)
    types = [message["type"] for message in messages]
    assert types == ["transaction.created", "transaction.created", "wallet.updated"]
    created, updated = messages[1:]
    assert list(created) == ["id", "type", "timestamp", "wallet_id", "created_at", "data"]
    assert created["timestamp"] == created["created_at"]
    assert created["wallet_id"] == desk.wallet.id
    data = created["data"]
    assert (data["id"], data["credits"]) == (charge.id, -1)
    assert updated["data"]["available_credits"] == 99
    assert receiver.ids == [message["id"] for message in messages]
    assert not any("." in event_id for event_id in receiver.ids)


async def test_each_endpoint_gets_what_it_wants_and_nothing_else(
    desk: Desk, receiver: Receiver
) -> None:
    async with Receiver() as other, Receiver() as third:
        await listening(desk.khata, receiver, "wallet.updated")
        await listening(desk.khata, other, "transaction.created")
        await listening(desk.khata, third, "alert.raised")
        await desk.grant(100)
        for _ in range(3):
            await desk.consume("EMAIL_SEND")
        await told(desk.khata)
        assert [message["type"] for message in bodies(receiver)] == ["wallet.updated"]
        assert len(other.received) == 4
        assert third.received == []
        ids = {message["type"]: message["id"] for message in bodies(receiver)}
        assert ids["wallet.updated"] not in other.ids


async def test_events_of_a_wallet_come_in_its_order(desk: Desk, receiver: Receiver) -> None:
    await listening(desk.khata, receiver, "transaction.created")
    await desk.grant(100)
    for _ in range(5):
        await desk.consume("EMAIL_SEND")
        await desk.khata.events.relay.relay_once()
    await told(desk.khata)
    sequences = [message["data"]["sequence"] for message in bodies(receiver)]
    assert sequences == [1, 2, 3, 4, 5, 6]


async def test_what_is_read_again_is_put_in_once(desk: Desk, receiver: Receiver) -> None:
    """As by a reader that was killed: it had put in nothing, or all of it and moved on."""
    endpoint = await listening(desk.khata, receiver)
    await desk.grant(100)
    await desk.khata.events.relay.relay_once()
    await desk.khata.webhooks.reader.read_once()
    registries = desk.khata.registries
    await ask_pool(registries, "update event_readers set position = 0 where name = 'webhooks'")
    await told(desk.khata)
    rows = await ask_pool(
        registries,
        "select event_id from webhook_deliveries where endpoint_id = $1 and wallet_id = $2",
        endpoint.id,
        desk.wallet.id,
    )
    assert sorted(row[0] for row in rows) == sorted(
        event_id
        for event_id, message in zip(receiver.ids, bodies(receiver), strict=True)
        if message["wallet_id"] == desk.wallet.id
    )
    assert len(rows) == 2


async def test_an_endpoint_that_is_gone_is_disabled_and_the_others_are_told(
    desk: Desk, receiver: Receiver
) -> None:
    async with Receiver() as other:
        receiver.answer = status(410)
        gone = await listening(desk.khata, receiver, "wallet.updated")
        await listening(desk.khata, other, "webhook_endpoint.disabled")
        await desk.grant(100)
        await told(desk.khata)
        await told(desk.khata)
        assert len(receiver.received) == 1
        (message,) = bodies(other)
        assert message["type"] == "webhook_endpoint.disabled"
        assert message["wallet_id"] is None
        data = message["data"]
        assert (data["id"], data["state"]) == (gone.id, "disabled")
        assert data["why"] == "The receiver answered 410 Gone."
        assert not any("sealed" in name or name == "secret" for name in data)
    await desk.consume("EMAIL_SEND")
    await told(desk.khata)
    assert len(receiver.received) == 1
    entries = await ask_pool(
        desk.khata.registries,
        "select actor, action from audit_log where subject = $1 order by at, id",
        gone.id,
    )
    assert ("worker", "webhook_endpoint.disabled") in entries


async def test_an_endpoint_that_fails_for_five_days_is_disabled(
    desk: Desk, receiver: Receiver, clock: Clock
) -> None:
    """Not before, and not by failures that lie around a success."""
    receiver.answer = in_turn(status(500), status(200), status(500))
    endpoint = await listening(desk.khata, receiver, "transaction.created")
    await desk.grant(1_000)
    await told(desk.khata)
    began_us = 0
    states: list[tuple[int, str]] = []
    for _ in range(140):
        clock.turn(seconds=HOUR_US / 1_000_000)
        await told(desk.khata)
        if len(receiver.received) == 2 and not began_us:
            await desk.consume("EMAIL_SEND")
            await told(desk.khata)
            began_us = clock()
        elif began_us and (clock() - began_us) // HOUR_US % 24 == 0:
            await desk.consume("EMAIL_SEND")
        found = await desk.khata.webhooks.endpoints.find(endpoint.id)
        assert found is not None
        states.append((clock() - began_us, found.state))
    disabled = [since_us for since_us, state in states if state == "disabled"]
    assert 5 * DAY_US <= disabled[0] < 5 * DAY_US + 24 * HOUR_US
    found = await desk.khata.webhooks.endpoints.find(endpoint.id)
    assert found is not None
    assert found.why == "Nothing was accepted for five days."


async def test_people_are_alerted_once_of_what_fails_until_it_is_well_again(
    desk: Desk, receiver: Receiver, clock: Clock
) -> None:
    async with Receiver() as other:
        receiver.answer = status(500)
        endpoint = await listening(desk.khata, receiver, "wallet.updated")
        await listening(desk.khata, other, "alert.raised", "alert.resolved")
        for before in (0, 2):
            await desk.grant(100)
            await told(desk.khata)
            failing_us = clock()
            clock.turn(seconds=3_500)
            await told(desk.khata)
            assert len(other.received) == before
            clock.turn(seconds=3 * 3_600)
            for _ in range(3):
                await desk.grant(100)
                await told(desk.khata)
            raised = bodies(other)[-1]
            assert (raised["type"], raised["wallet_id"]) == ("alert.raised", None)
            assert raised["data"]["type"] == "WEBHOOK_FAILING"
            assert raised["data"]["facts"] == {
                "endpoint_id": endpoint.id,
                "url": receiver.url,
                "failing_since": rfc3339(failing_us),
            }
            receiver.answer = status(200)
            clock.turn(days=3)
            await told(desk.khata)
            await told(desk.khata)
            receiver.answer = status(500)
        types = [message["type"] for message in bodies(other)]
        assert types == ["alert.raised", "alert.resolved"] * 2


async def test_what_was_sent_is_kept_for_thirty_days(
    desk: Desk, receiver: Receiver, clock: Clock
) -> None:
    tables = ("deliveries", "attempts", "hourly")
    counted = " + ".join(f"(select count(*) from webhook_{table})" for table in tables)
    clock.turn(days=31)
    await desk.khata.sweeper.sweep_once()
    assert await ask_pool(desk.khata.registries, f"select {counted}") == [(0,)]
    await listening(desk.khata, receiver, "wallet.updated")
    await desk.grant(100)
    await told(desk.khata)
    clock.turn(days=30)
    assert (await desk.khata.sweeper.sweep_once()).deliveries == 0
    assert await ask_pool(desk.khata.registries, f"select {counted}") == [(3,)]
    clock.turn(seconds=3601)
    assert (await desk.khata.sweeper.sweep_once()).deliveries == 1
    assert await ask_pool(desk.khata.registries, f"select {counted}") == [(0,)]


def test_what_is_too_long_is_sent_thin() -> None:
    class Shown(Struct):
        id: str
        metadata: str

    def message(metadata: str) -> Message:
        shown = Shown("txn_1", metadata)
        return Message("evt_1", "transaction.created", WalletId("wal_1"), "2026", shown)

    whole, thin = body_of(message("x")), body_of(message("x" * LONGEST_BODY))
    assert json.loads(whole)["data"] == {"id": "txn_1", "metadata": "x"}
    assert json.loads(thin)["data"] == {"id": "txn_1", "is_thin": True}
    assert len(thin) < LONGEST_BODY


async def test_it_runs_by_itself(desk: Desk, receiver: Receiver) -> None:
    khata = desk.khata
    await listening(khata, receiver, "wallet.updated")
    running = [
        asyncio.create_task(step)
        for step in (khata.events.relay.run(), khata.webhooks.reader.run())
    ]
    running.append(asyncio.create_task(khata.webhooks.sender.run()))
    await desk.grant(100)
    await receiver.until(1)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
