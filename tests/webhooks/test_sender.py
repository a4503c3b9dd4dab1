"""What is sent, when, in which order, and what comes of it; on real sockets, by a hand clock."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

import sender_process
from desk import SECOND_US, Clock
from khata.app.webhooks.sender import LEASE_SECONDS
from khata.app.webhooks.signing import MOST_FORMER
from khata.domain.delivery_plan import PAUSES
from khata.postgres import deliveries
from khata.postgres.asking import Connection
from khata.postgres.connect import registry_pool
from khata.postgres.deliveries import Due
from khata.postgres.server import Server
from outbound import SOMEBODY, Outbound
from receiver import Received, Receiver, in_turn, silence, status


async def test_a_delivery_is_sent_once_and_signed(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    clock.turn_to_the_worlds()  # the library has no other
    endpoint, secret = await outbound.endpoint(receiver)
    event_id = await outbound.put(endpoint, body='{"type":"wallet.updated"}')
    await outbound.emptied()
    (request,) = receiver.received
    assert Webhook(secret).verify(request.body, request.headers) == {"type": "wallet.updated"}
    assert request.headers["webhook-id"] == event_id
    assert request.headers["user-agent"].startswith("Khata-Webhooks/")
    assert request.headers["content-type"] == "application/json"
    assert await outbound.states() == {event_id: "delivered"}
    assert await outbound.lanes() == []
    assert await outbound.attempts() == [(1, 200, None, "ok")]
    assert outbound.sender.counts == {"accepted": 1}


async def test_what_fails_is_tried_by_the_published_schedule_and_then_dead(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer = status(500, b"no")
    endpoint, _ = await outbound.endpoint(receiver)
    event_id = await outbound.put(endpoint)
    for tries, pause in enumerate(PAUSES):
        if pause:
            clock.turn(seconds=pause - 1)
            await outbound.emptied()
            assert len(receiver.received) == tries
            clock.turn(seconds=1 + pause / 10)  # the longest that chance makes it
        await outbound.emptied()
        assert len(receiver.received) == tries + 1
    assert await outbound.states() == {event_id: "failed"}
    assert await outbound.lanes() == []
    assert len(await outbound.attempts()) == len(PAUSES)
    assert set(receiver.ids) == {event_id}
    stamps = [request.headers["webhook-timestamp"] for request in receiver.received]
    assert len(set(stamps)) == len(PAUSES)
    clock.turn(days=30)
    await outbound.emptied()
    assert len(receiver.received) == len(PAUSES)


async def test_a_wallets_events_wait_for_each_other_and_for_no_other_wallets(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer = in_turn(status(500), status(200))
    endpoint, _ = await outbound.endpoint(receiver)
    first = await outbound.put(endpoint, "acme")
    await outbound.emptied()
    second, third = [await outbound.put(endpoint, "acme") for _ in range(2)]
    other = await outbound.put(endpoint, "umbrella")
    await outbound.emptied()
    assert receiver.ids == [first, other]
    clock.turn(seconds=6)
    await outbound.emptied()
    assert receiver.ids == [first, other, first, second, third]
    assert set((await outbound.states()).values()) == {"delivered"}


async def test_behind_a_dead_letter_the_next_goes_on(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer = in_turn(*[status(500)] * len(PAUSES), status(200))
    endpoint, _ = await outbound.endpoint(receiver)
    dead, alive = [await outbound.put(endpoint) for _ in range(2)]
    for pause in PAUSES:
        clock.turn(seconds=pause * 1.1)
        await outbound.emptied()
    assert await outbound.states() == {dead: "failed", alive: "delivered"}


async def test_a_slow_receiver_holds_up_nobody_else(outbound: Outbound, receiver: Receiver) -> None:
    """Of its thirty lanes four are under way at once, and all others get theirs meanwhile."""
    async with Receiver() as slow:
        slow.answer = silence
        stuck, _ = await outbound.endpoint(slow)
        quick, _ = await outbound.endpoint(receiver)
        for number in range(30):
            await outbound.put(stuck, f"wallet {number}")
        for number in range(30):
            await outbound.put(quick, f"wallet {number}")
        running = asyncio.create_task(outbound.sender.run())
        await receiver.until(30)
        await slow.until(4)
        assert (len(slow.received), slow.open) == (4, 4)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_sender_that_stops_gives_back_what_it_was_at(
    outbound: Outbound, receiver: Receiver
) -> None:
    receiver.answer = silence
    endpoint, _ = await outbound.endpoint(receiver)
    event_id = await outbound.put(endpoint)
    running = asyncio.create_task(outbound.sender.run())
    await receiver.until(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    receiver.answer = status(200)
    await outbound.emptied()
    assert await outbound.states() == {event_id: "delivered"}
    assert receiver.ids == [event_id, event_id]


async def test_two_senders_at_once_keep_the_order(
    outbound: Outbound, receiver: Receiver, database: Server
) -> None:
    wallets = [f"wallet {number}" for number in range(8)]
    endpoint, _ = await outbound.endpoint(receiver)
    put = {wallet: [await outbound.put(endpoint, wallet) for _ in range(5)] for wallet in wallets}
    async with registry_pool(database.app_dsn) as other:
        senders = [outbound.new_sender(), outbound.new_sender(other)]
        await asyncio.gather(*map(outbound.emptied, senders))
    await outbound.emptied()
    for wallet in wallets:
        assert [event_id for event_id in receiver.ids if event_id in put[wallet]] == put[wallet]
    assert set((await outbound.states()).values()) == {"delivered"}
    assert receiver.most_open <= 4


async def test_what_was_sent_and_not_noted_is_sent_again_with_the_same_id(
    outbound: Outbound, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a process that was killed between the two: its lease ends, and another one sends."""
    endpoint, _ = await outbound.endpoint(receiver)
    first, second = [await outbound.put(endpoint) for _ in range(2)]

    async def die(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as dying:
        dying.setattr("khata.postgres.deliveries.note_attempt", die)
        dying.setattr("khata.postgres.delivery_lanes.leave_lane", die)
        await asyncio.gather(outbound.sender.send_once(), return_exceptions=True)
    assert receiver.ids == [first]
    assert await outbound.new_sender().send_once() == 0
    clock.turn(seconds=LEASE_SECONDS)
    await outbound.emptied()
    assert receiver.ids == [first, first, second]


async def test_what_a_killed_process_was_sending_is_sent_by_another(
    outbound: Outbound, receiver: Receiver, clock: Clock, database: Server
) -> None:
    """It is killed while the receiver has the event and has not answered."""
    receiver.answer = silence
    endpoint, _ = await outbound.endpoint(receiver)
    first, second = [await outbound.put(endpoint) for _ in range(2)]
    words = [sys.executable, sender_process.__file__, database.app_dsn, str(clock())]
    killed = await asyncio.create_subprocess_exec(
        *words, env={**os.environ, "PYTHONPATH": str(Path(sender_process.__file__).parent)}
    )
    try:
        await receiver.until(1)
    finally:
        killed.kill()
        await killed.wait()
    receiver.answer = status(200)
    await outbound.emptied()
    assert receiver.ids == [first]
    clock.turn(seconds=LEASE_SECONDS)
    await outbound.emptied()
    assert receiver.ids == [first, first, second]
    assert await outbound.states() == {first: "delivered", second: "delivered"}


async def test_a_long_lane_gives_way_after_a_while_and_loses_nothing(
    outbound: Outbound, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khata.app.webhooks.sender.IN_A_ROW", 2)
    endpoint, _ = await outbound.endpoint(receiver)
    put = [await outbound.put(endpoint) for _ in range(5)]
    assert await outbound.sender.send_once() == 1
    assert receiver.ids == put[:2]
    await outbound.emptied()
    assert receiver.ids == put
    assert await outbound.lanes() == []


async def test_what_is_put_in_when_the_end_of_a_lane_was_seen_is_not_left_behind(
    outbound: Outbound, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, _ = await outbound.endpoint(receiver)
    put = [await outbound.put(endpoint)]
    look = deliveries.first_of_lane

    async def look_and_be_late(connection: Connection, endpoint_id: str, lane: str) -> Due | None:
        found = await look(connection, endpoint_id, lane)
        if found is None and len(put) == 1:
            put.append(await outbound.put(endpoint))
        return found

    monkeypatch.setattr(deliveries, "first_of_lane", look_and_be_late)
    await outbound.emptied()
    assert len(put) == 2
    assert receiver.ids == put
    assert await outbound.lanes() == []


async def test_what_another_noted_meanwhile_stays_as_it_noted_it(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    """One stood still for longer than its lease, and comes back with a failure."""
    gate = asyncio.Event()

    async def wait(request: Received, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await status(500)(request, writer)

    receiver.answer = in_turn(wait, status(200))
    endpoint, _ = await outbound.endpoint(receiver)
    event_id = await outbound.put(endpoint)
    slept = asyncio.create_task(outbound.new_sender().send_once())
    await receiver.until(1)
    clock.turn(seconds=LEASE_SECONDS)
    await outbound.emptied()
    gate.set()
    await slept
    assert await outbound.states() == {event_id: "delivered"}
    assert await outbound.attempts() == [(1, 200, None, "ok")]
    assert (await outbound.found(endpoint)).failures == 0


async def test_while_a_secret_is_changed_both_sign(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    clock.at_us = round(datetime.now(tz=UTC).timestamp()) * SECOND_US
    endpoint, old = await outbound.endpoint(receiver)
    rotated = await outbound.endpoints.rotate(endpoint.id, 24, SOMEBODY)
    assert rotated is not None
    new = rotated[1]
    await outbound.put(endpoint, body='{"n":1}')
    await outbound.emptied()
    request = receiver.received[0]
    for secret in (old, new):
        assert Webhook(secret).verify(request.body, request.headers) == {"n": 1}
    clock.turn(days=1)
    await outbound.put(endpoint, body='{"n":2}')
    await outbound.emptied()
    assert [each.headers["webhook-signature"].count("v1,") for each in receiver.received] == [2, 1]


async def test_a_rotation_whose_answer_was_lost_is_made_again_and_nothing_is_missed(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    clock.at_us = round(datetime.now(tz=UTC).timestamp()) * SECOND_US
    endpoint, old = await outbound.endpoint(receiver)
    lost, known = [await outbound.endpoints.rotate(endpoint.id, 24, SOMEBODY) for _ in range(2)]
    assert lost is not None
    assert known is not None
    await outbound.put(endpoint, body='{"n":1}')
    await outbound.emptied()
    request = receiver.received[0]
    for secret in (old, lost[1], known[1]):
        assert Webhook(secret).verify(request.body, request.headers) == {"n": 1}
    clock.turn(days=23 / 24)
    later = await outbound.endpoints.rotate(endpoint.id, 24, SOMEBODY)
    assert later is not None
    assert later[0].old_secret_until_us == clock() + 24 * 3600 * SECOND_US
    clock.turn(days=1 / 24)  # the first two have had their time
    await outbound.put(endpoint, body='{"n":2}')
    await outbound.emptied()
    assert receiver.received[1].headers["webhook-signature"].count("v1,") == 2
    assert await outbound.endpoints.rotate(endpoint.id, 0, SOMEBODY) is not None
    await outbound.put(endpoint, body='{"n":3}')
    await outbound.emptied()
    assert receiver.received[2].headers["webhook-signature"].count("v1,") == 1


async def test_no_more_than_some_former_secrets_sign(
    outbound: Outbound, receiver: Receiver
) -> None:
    endpoint, _ = await outbound.endpoint(receiver)
    for _ in range(MOST_FORMER + 2):
        await outbound.endpoints.rotate(endpoint.id, 24, SOMEBODY)
    await outbound.put(endpoint)
    await outbound.emptied()
    signed = receiver.received[0].headers["webhook-signature"]
    assert signed.count("v1,") == 1 + MOST_FORMER


@pytest.mark.parametrize("code", [301, 302, 307, 308, 404])
async def test_a_redirect_is_a_failure_as_any_other(
    outbound: Outbound, receiver: Receiver, code: int
) -> None:
    async with Receiver() as other:
        receiver.answer = status(code, Location=other.url)
        endpoint, _ = await outbound.endpoint(receiver)
        event_id = await outbound.put(endpoint)
        await outbound.emptied()
        assert await outbound.states() == {event_id: "pending"}
        assert (other.connections, outbound.sender.counts) == (0, {"refused": 1})


async def test_no_answer_is_kept_in_our_words(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    endpoint, _ = await outbound.endpoint(receiver)
    await outbound.put(endpoint)
    await receiver.__aexit__()
    await outbound.emptied()
    assert await outbound.attempts() == [(1, None, "No connection came about.", None)]
    found = await outbound.found(endpoint)
    assert (found.failures, found.failing_since_us) == (1, clock())
    assert found.resting_until_us == clock() + 5 * SECOND_US


async def test_of_an_answer_the_beginning_is_kept_as_text(
    outbound: Outbound, receiver: Receiver
) -> None:
    receiver.answer = status(200, b"\x00\xff" + b"x" * 5_000)
    endpoint, _ = await outbound.endpoint(receiver)
    await outbound.put(endpoint)
    await outbound.emptied()
    ((_, _, _, response),) = await outbound.attempts()
    assert response == "\ufffd\ufffd" + "x" * 1_022


async def test_the_hours_are_summed_up(outbound: Outbound, receiver: Receiver) -> None:
    receiver.answer = in_turn(status(410), status(200))
    endpoint, _ = await outbound.endpoint(receiver)
    await outbound.put(endpoint)
    await outbound.emptied()
    await outbound.endpoints.enable(endpoint.id, SOMEBODY)
    await outbound.put(endpoint)
    await outbound.emptied()
    sums = await outbound.asked("select attempts, accepted, dead from webhook_hourly")
    assert sums == [(2, 1, 1)]
