"""Slow receivers of one organization, be they ever so many, hold up no other organization's."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from desk import Clock
from khata.app.webhooks.sender import AT_ONCE, OF_ONE_ENDPOINT, OF_ONE_ORGANIZATION
from khata.domain.ids import OrganizationId
from khata.postgres.asking import borrowed
from khata.postgres.delivery_lanes import LanesWanted, claim_lanes
from outbound import ORGANIZATION, Outbound
from receiver import Received, Receiver, in_turn, silence, status

OTHER = OrganizationId("org_01K9Z3NDEKTSV4RRFFQ69G5FB0")


@asynccontextmanager
async def sending(outbound: Outbound) -> AsyncGenerator[None]:
    """Sends meanwhile."""
    running = asyncio.create_task(outbound.sender.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def put_much(outbound: Outbound, receiver: Receiver, endpoints: int, wallets: int) -> None:
    """Each endpoint is to be told of so many wallets."""
    for _ in range(endpoints):
        endpoint, _ = await outbound.endpoint(receiver)
        for number in range(wallets):
            await outbound.put(endpoint, f"wallet {number}")


async def add_other(outbound: Outbound) -> None:
    """Once for all tests, which share the database."""
    await outbound.asked(
        "insert into organizations (id, name, is_default, created_at)"
        " values ($1, 'Other', false, 'epoch') on conflict do nothing",
        OTHER,
    )


async def test_an_organization_with_many_slow_receivers_holds_up_no_other(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    """They could take each place there is, and have waited for longer."""
    async with Receiver() as slow:
        slow.answer = silence
        await put_much(outbound, slow, AT_ONCE // OF_ONE_ENDPOINT, OF_ONE_ENDPOINT)
        await add_other(outbound)
        async with sending(outbound):
            await slow.until(OF_ONE_ORGANIZATION)
            clock.turn(seconds=1)
            quick, _ = await outbound.endpoint(receiver, of=OTHER)
            for number in range(30):
                await outbound.put(quick, f"wallet {number}")
            await receiver.until(30)
            assert (len(slow.received), slow.open) == (OF_ONE_ORGANIZATION, OF_ONE_ORGANIZATION)


async def test_of_one_organization_who_has_least_under_way_goes_first(
    outbound: Outbound, receiver: Receiver, clock: Clock
) -> None:
    """Much has waited for longer at its slow ones, and one answer of theirs makes way."""
    answered = asyncio.Event()

    async def late(request: Received, writer: asyncio.StreamWriter) -> None:
        await answered.wait()
        await status(200)(request, writer)

    async with Receiver() as slow:
        slow.answer = in_turn(late, silence)
        await put_much(outbound, slow, OF_ONE_ORGANIZATION // OF_ONE_ENDPOINT, 8)
        async with sending(outbound):
            await slow.until(OF_ONE_ORGANIZATION)
            clock.turn(seconds=1)
            await put_much(outbound, receiver, 1, 10)
            answered.set()
            await receiver.until(10)


async def test_what_is_under_way_and_what_is_claimed_count_together(
    outbound: Outbound, receiver: Receiver
) -> None:
    await add_other(outbound)
    for of in (None, OTHER):
        for _ in range(3):
            endpoint, _ = await outbound.endpoint(receiver, of=of)
            for number in range(5):
                await outbound.put(endpoint, f"wallet {number}")
    wanted = LanesWanted(
        lanes=20, of_one_endpoint=4, of_one_organization=8, under_way={OTHER: 6, ORGANIZATION: 0}
    )
    now_us = outbound.clock()
    async with borrowed(outbound.pool) as connection:
        found = await claim_lanes(connection, now_us, now_us + 1, wanted)
    claimed = Counter(lane.organization_id for lane in found)
    assert claimed == {ORGANIZATION: 8, OTHER: 2}
