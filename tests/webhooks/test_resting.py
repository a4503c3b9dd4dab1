"""To an endpoint that rests, is disabled, deleted or without its secret, nothing is sent."""

import asyncio

from desk import Clock
from outbound import SOMEBODY, Outbound
from receiver import Received, Receiver, in_turn, status


async def test_an_overloaded_receiver_is_left_alone_as_long_as_it_says(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer = in_turn(status(429, Retry_After="100"), status(200))
    endpoint, _ = await outbound.endpoint(receiver)
    await outbound.put(endpoint, "acme")
    await outbound.emptied()
    await outbound.put(endpoint, "umbrella")
    clock.turn(seconds=99)
    await outbound.sender.send_once()
    assert len(receiver.received) == 1
    clock.turn(seconds=1)
    await outbound.emptied()
    assert len(receiver.received) == 3
    assert set((await outbound.states()).values()) == {"delivered"}


async def test_nothing_is_due_of_an_endpoint_that_rests(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    endpoint, _ = await outbound.endpoint(receiver)
    await outbound.put(endpoint)
    await receiver.__aexit__()
    await outbound.emptied()
    await outbound.put(endpoint, wallet="wal_other")
    assert (await outbound.sender.due()).lanes == 0
    clock.turn(seconds=5)
    assert (await outbound.sender.due()).lanes > 0


async def test_nothing_is_sent_to_a_disabled_endpoint_until_it_is_enabled(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    receiver.answer = in_turn(status(500), status(200))
    endpoint, _ = await outbound.endpoint(receiver)
    first = await outbound.put(endpoint)
    await outbound.emptied()
    await outbound.endpoints.disable(endpoint.id, SOMEBODY)
    second = await outbound.put(endpoint)
    clock.turn(seconds=3)
    await outbound.emptied()
    assert receiver.ids == [first]
    await outbound.endpoints.enable(endpoint.id, SOMEBODY)
    await outbound.emptied()
    assert receiver.ids == [first, first, second]


async def test_an_endpoint_that_is_disabled_while_much_is_sent_keeps_the_rest(
    outbound: Outbound, receiver: Receiver
) -> None:
    endpoint, _ = await outbound.endpoint(receiver)
    put = [await outbound.put(endpoint) for _ in range(3)]

    async def disable(request: Received, writer: asyncio.StreamWriter) -> None:
        await outbound.endpoints.disable(endpoint.id, SOMEBODY)
        await status(200)(request, writer)

    receiver.answer = disable
    await outbound.emptied()
    assert receiver.ids == put[:1]
    receiver.answer = status(200)
    await outbound.endpoints.enable(endpoint.id, SOMEBODY)
    await outbound.emptied()
    assert receiver.ids == put


async def test_nothing_more_is_sent_to_a_deleted_endpoint(
    outbound: Outbound, receiver: Receiver
) -> None:
    endpoint, _ = await outbound.endpoint(receiver)
    await outbound.put(endpoint)
    assert await outbound.endpoints.delete(endpoint.id, SOMEBODY)
    assert not await outbound.endpoints.delete(endpoint.id, SOMEBODY)
    await outbound.put(endpoint)
    await outbound.emptied()
    assert receiver.received == []
    ((secret,),) = await outbound.asked("select sealed_secret from webhook_endpoints")
    assert secret == b""


async def test_an_endpoint_whose_secret_can_not_be_opened_gets_nothing(
    outbound: Outbound, receiver: Receiver
) -> None:
    endpoint, _ = await outbound.endpoint(receiver)
    await outbound.put(endpoint)
    await outbound.asked("update webhook_endpoints set sealed_secret = '\\x00'")
    await outbound.emptied()
    ((_, code, error, _),) = await outbound.attempts()
    assert (code, receiver.received) == (None, [])
    assert error == f"No key here opens the secret of {endpoint.id}."
