"""An answer that comes after its endpoint was changed says nothing of what the endpoint is now."""

import asyncio
from typing import Literal

import pytest

from desk import Clock
from khata.app.webhooks.endpoints import WHY_BY_HAND, EndpointWish
from khata.domain.delivery_plan import PAUSES
from khata.postgres.asking import Row
from khata.postgres.webhook_endpoints import Endpoint
from outbound import SOMEBODY, Outbound
from receiver import Answer, Received, Receiver, in_turn, status

Change = Literal["move", "disable", "delete"]


def after(
    outbound: Outbound, endpoint: Endpoint, change: Change, url: str, answer: Answer
) -> Answer:
    """Answers so once somebody has changed the endpoint."""

    async def late(request: Received, writer: asyncio.StreamWriter) -> None:
        if change == "move":
            await outbound.endpoints.change(endpoint.id, EndpointWish(url=url), SOMEBODY)
        elif change == "disable":
            await outbound.endpoints.disable(endpoint.id, SOMEBODY)
        else:
            await outbound.endpoints.delete(endpoint.id, SOMEBODY)
        await answer(request, writer)

    return late


async def told_of(outbound: Outbound, endpoint: Endpoint) -> list[Row]:
    """The alerts of the endpoint, and when it was disabled by ourselves."""
    return await outbound.asked(
        "select type from alerts where subject like $1 || ' %' union all"
        " select action from audit_log where subject = $1 and actor = 'worker'",
        endpoint.id,
    )


@pytest.mark.parametrize("code", [410, 500, 503])
async def test_a_moved_endpoint_is_sent_what_its_old_url_did_not_accept(
    outbound: Outbound, receiver: Receiver, code: int
) -> None:
    async with Receiver() as new:
        endpoint, _ = await outbound.endpoint(receiver)
        receiver.answer = after(outbound, endpoint, "move", new.url, status(code))
        put = [await outbound.put(endpoint) for _ in range(2)]
        await outbound.emptied()
        assert (receiver.ids, new.ids) == (put[:1], put)
    found = await outbound.found(endpoint)
    assert (found.state, found.url, found.failures) == ("enabled", new.url, 0)
    assert found.resting_until_us is None
    assert await outbound.states() == dict.fromkeys(put, "delivered")
    attempts = [code for _, code, _, _ in await outbound.attempts()]
    assert attempts == [code, 200, 200]
    assert await told_of(outbound, endpoint) == []


async def test_what_its_old_url_refused_at_the_last_try_is_no_dead_letter_of_a_moved_endpoint(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    async with Receiver() as new:
        endpoint, _ = await outbound.endpoint(receiver)
        moves = after(outbound, endpoint, "move", new.url, status(500))
        receiver.answer = in_turn(*[status(500)] * (len(PAUSES) - 1), moves)
        event_id = await outbound.put(endpoint)
        for pause in PAUSES:
            clock.turn(seconds=pause * 1.1)
            await outbound.emptied()
        assert (len(receiver.received), new.ids) == (len(PAUSES), [event_id])
    assert await outbound.states() == {event_id: "delivered"}
    assert await outbound.asked("select sum(dead)::bigint from webhook_hourly") == [(0,)]


async def test_what_the_old_url_accepts_late_does_not_end_the_failures_of_the_new_one(
    outbound: Outbound, receiver: Receiver
) -> None:
    async with Receiver() as new:
        new.answer = status(500)
        endpoint, _ = await outbound.endpoint(receiver)

        async def fail_at_the_new_one(request: Received, writer: asyncio.StreamWriter) -> None:
            await outbound.endpoints.change(endpoint.id, EndpointWish(url=new.url), SOMEBODY)
            await outbound.put(endpoint, "umbrella")
            assert await outbound.new_sender().send_once() == 1
            await status(200)(request, writer)

        receiver.answer = fail_at_the_new_one
        event_id = await outbound.put(endpoint, "acme")
        await outbound.sender.send_once()
    assert (await outbound.states())[event_id] == "delivered"
    assert (await outbound.found(endpoint)).failures == 1


@pytest.mark.parametrize("change", ["disable", "delete"])
async def test_of_an_endpoint_that_was_disabled_or_deleted_meanwhile_nobody_is_alerted(
    outbound: Outbound, receiver: Receiver, change: Change
) -> None:
    endpoint, _ = await outbound.endpoint(receiver)
    receiver.answer = after(outbound, endpoint, change, "", status(410))
    event_id = await outbound.put(endpoint)
    await outbound.sender.send_once()
    assert receiver.ids == [event_id]
    ((why, failures),) = await outbound.asked("select why, failures from webhook_endpoints")
    assert (why, failures) == (WHY_BY_HAND if change == "disable" else None, 0)
    assert await told_of(outbound, endpoint) == []
    assert await outbound.attempts() == [(1, 410, None, "ok")]
