"""The log of what was sent: to be looked at, sent once more, and counted."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from khata.app.events.told import Message
from khata.app.people.audited import Change, note_change
from khata.app.shown.endpoints import endpoint_shown
from khata.app.webhooks.fan_out import body_of
from khata.app.webhooks.sender import TEST_EVENT
from khata.domain.actor import Actor
from khata.domain.delivery_plan import HOUR_US
from khata.domain.ids import is_id
from khata.domain.times import rfc3339
from khata.engine.ids import UlidMint
from khata.postgres import delivery_log as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.deliveries import Attempt, NewDelivery, add_deliveries
from khata.postgres.delivery_lanes import add_to_lanes, bring_lanes_forward
from khata.postgres.delivery_log import Delivery, DeliveryFilter, Figures, LastAttempt
from khata.postgres.webhook_endpoints import Endpoint

MOST_AT_ONCE: Final = 10_000
_PORTION: Final = 1_000
FIGURE_HOURS: Final = 24


class LoggedDelivery(Struct, frozen=True):
    """A delivery with its last attempt, if it had one."""

    delivery: Delivery
    last: LastAttempt | None


class WholeDelivery(Struct, frozen=True):
    """A delivery with all that was sent and answered."""

    delivery: Delivery
    body: str
    attempts: Sequence[Attempt]


class Standing(Struct, frozen=True):
    """How an endpoint stands: what it did within the last day, and how much waits for it."""

    figures: Figures
    waiting: int


class SentAgain(Struct, frozen=True):
    """How many were put in once more, and behind which one others may follow."""

    count: int
    behind: Delivery | None


class DeliveryLog:
    """The deliveries of endpoints. `put_in` is called when something waits to be sent."""

    def __init__(self, pool: Pool, now_us: Callable[[], int], put_in: Callable[[], None]) -> None:
        self._pool = pool
        self._now_us = now_us
        self._put_in = put_in
        self._mint = UlidMint()

    async def list(
        self, endpoint: Endpoint, chosen: DeliveryFilter, limit: int, behind: str | None
    ) -> Sequence[LoggedDelivery]:
        """Up to `limit` deliveries, newest first, behind the one of that id."""
        async with borrowed(self._pool) as connection:
            after = await self._place(connection, endpoint, behind)
            found = await store.deliveries(connection, endpoint.id, chosen, limit, after)
            last = await store.last_attempts(connection, [each.id for each in found])
        return [LoggedDelivery(each, last.get(each.id)) for each in found]

    async def find(self, endpoint: Endpoint, delivery_id: str) -> WholeDelivery | None:
        """The endpoint's delivery of that id, whole; none where there is none."""
        if not is_id(delivery_id, "dlv_"):
            return None
        async with borrowed(self._pool) as connection:
            found = await store.delivery(connection, endpoint.id, delivery_id)
            if found is None:
                return None
            body = await store.body_of(connection, delivery_id)
            return WholeDelivery(found, body, await store.attempts_of(connection, delivery_id))

    async def send_test(self, endpoint: Endpoint, by: Actor) -> Delivery:
        """Puts in an event that tells of nothing, to be sent at once and tried no second time."""
        now_us, delivery_id = self._now_us(), "dlv_" + self._mint.anywhere()
        message = Message(
            "evt_" + self._mint.anywhere(),
            TEST_EVENT,
            None,
            rfc3339(now_us),
            endpoint_shown(endpoint),
        )
        new = NewDelivery(
            id=delivery_id,
            endpoint_id=endpoint.id,
            organization_id=endpoint.organization_id,
            wallet_id=None,
            lane=delivery_id,  # it waits for nobody
            position=0,
            part=0,
            event_id=message.id,
            event_type=TEST_EVENT,
            body=body_of(message),
        )
        lane = (endpoint.id, new.lane, endpoint.organization_id)
        async with borrowed(self._pool) as connection, connection.transaction():
            await add_deliveries(connection, [new], now_us)
            await add_to_lanes(connection, [lane], now_us)
            await self._note(connection, endpoint, by, "webhook_endpoint.tested", 1)
            made = await store.delivery(connection, endpoint.id, delivery_id)
        assert made is not None, "it was put in just now"
        self._put_in()
        return made

    async def send_again(self, endpoint: Endpoint, delivery_id: str, by: Actor) -> Delivery | None:
        """Puts the delivery in once more, at its old place; none where there is none.

        What waits already is tried at once. The event's id stays the same.
        """
        if not is_id(delivery_id, "dlv_"):
            return None
        async with borrowed(self._pool) as connection, connection.transaction():
            found = await store.delivery(connection, endpoint.id, delivery_id)
            if found is None:
                return None
            await self._again(connection, [found])
            await self._note(connection, endpoint, by, "webhook_delivery.sent_again", 1)
            after = await store.delivery(connection, endpoint.id, delivery_id)
        self._put_in()
        return after

    async def send_all_again(
        self, endpoint: Endpoint, chosen: DeliveryFilter, behind: str | None, by: Actor
    ) -> SentAgain:
        """Puts in once more what was chosen, oldest first, up to ten thousand at once."""
        count, last = 0, None
        async with borrowed(self._pool) as connection:
            after = await self._place(connection, endpoint, behind)
            while count < MOST_AT_ONCE:
                async with connection.transaction():
                    found = await store.oldest_deliveries(
                        connection, endpoint.id, chosen, _PORTION, after
                    )
                    if found:
                        await self._again(connection, found)
                        action = "webhook_delivery.sent_again"
                        await self._note(connection, endpoint, by, action, len(found))
                count += len(found)
                if len(found) < _PORTION:
                    self._put_in()
                    return SentAgain(count, None)
                last = found[-1]
                after = (last.created_at_us, last.id)
        self._put_in()
        return SentAgain(count, last)

    async def standings(self, endpoints: Sequence[Endpoint]) -> dict[str, Standing]:
        """How each of these endpoints stands, by its id."""
        ids = [endpoint.id for endpoint in endpoints]
        since_us = self._now_us() // HOUR_US * HOUR_US - (FIGURE_HOURS - 1) * HOUR_US
        async with borrowed(self._pool) as connection:
            sums = await store.sums(connection, ids, since_us)
            waiting = await store.waiting(connection, ids)
        return {each: Standing(sums.get(each, Figures()), waiting.get(each, 0)) for each in ids}

    async def hours(self, endpoint: Endpoint, from_us: int, to_us: int) -> dict[int, Figures]:
        """The figures of each hour of that time, by its begin; also of those without any."""
        first, last = from_us // HOUR_US * HOUR_US, -(-to_us // HOUR_US) * HOUR_US
        async with borrowed(self._pool) as connection:
            found = await store.hours(connection, endpoint.id, first, last)
        return {hour: found.get(hour, Figures()) for hour in range(first, last, HOUR_US)}

    async def _place(
        self, connection: Connection, endpoint: Endpoint, behind: str | None
    ) -> tuple[int, str] | None:
        if behind is None:
            return None
        found = await store.delivery(connection, endpoint.id, behind)
        # Whatever is that old is cleared away by now.
        return (0, behind) if found is None else (found.created_at_us, found.id)

    async def _again(self, connection: Connection, found: Sequence[Delivery]) -> None:
        now_us = self._now_us()
        await store.send_again(connection, [each.id for each in found], now_us)
        lanes = [(each.endpoint_id, each.lane, each.organization_id) for each in found]
        await bring_lanes_forward(connection, lanes, now_us)

    async def _note(
        self, connection: Connection, endpoint: Endpoint, by: Actor, action: str, count: int
    ) -> None:
        change = Change(
            organization_id=endpoint.organization_id,
            action=action,
            subject=endpoint.id,
            after={"deliveries": count},
        )
        await note_change(connection, by, change, self._now_us())
