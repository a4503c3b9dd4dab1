"""The fan-out: each event once to each endpoint that wants it, in the very transaction in which its
reader moves on.

So nothing is lost and nothing is put in twice, though it may be killed at any point. What is to be
sent is put in as it will be sent each time, and waits in its wallet's lane.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from khata.app.events.told import TRANSACTION, WALLET, Message, Told, told
from khata.domain.ids import OrganizationId
from khata.engine.ids import UlidMint
from khata.postgres.asking import Connection
from khata.postgres.deliveries import NewDelivery, add_deliveries
from khata.postgres.delivery_lanes import Lane, add_to_lanes
from khata.postgres.events import LEDGER, Event
from khata.postgres.webhook_endpoints import Listener, listening

LONGEST_BODY: Final = 20_000
_ROWS_AT_ONCE: Final = 1_000
_BEHIND_ALL_PARTS: Final = 2**63 - 1

_encode = msgspec.json.Encoder().encode

Listeners = Mapping[OrganizationId, Sequence[Listener]]


class FanOut:
    """The step of the reader of events. `put_in` is called when something waits to be sent."""

    def __init__(self, now_us: Callable[[], int], put_in: Callable[[], None]) -> None:
        self._now_us = now_us
        self._put_in = put_in
        self._mint = UlidMint()

    async def __call__(self, connection: Connection, events: Sequence[Event]) -> None:
        """Puts these events into the lanes of all who want them."""
        listeners = await _listeners(connection, events)
        wanted = [told for event in events if (told := _as_wanted(event, listeners)) is not None]
        if not wanted:
            return
        now_us, lanes = self._now_us(), set[Lane]()
        async for portion in self._portions(connection, wanted, listeners):
            await add_deliveries(connection, portion, now_us)
            lanes |= {(new.endpoint_id, new.lane, new.organization_id) for new in portion}
        await add_to_lanes(connection, lanes, now_us)
        self._put_in()

    async def _portions(
        self, connection: Connection, events: Sequence[Event], listeners: Listeners
    ) -> AsyncIterator[list[NewDelivery]]:
        """What is to be put in, at most so many rows at a time."""
        rows: list[NewDelivery] = []
        async for some in told(connection, events):
            for each in some:
                rows += self._deliveries(each, listeners[each.organization_id])
                if len(rows) >= _ROWS_AT_ONCE:
                    yield rows
                    rows = []
        if rows:
            yield rows

    def _deliveries(self, each: Told, listeners: Iterable[Listener]) -> Iterator[NewDelivery]:
        message, place = each.message, each.place
        wanting = [listener for listener in listeners if listener.wants(message.type)]
        body = body_of(message) if wanting else ""
        for listener in wanting:
            yield NewDelivery(
                id="dlv_" + self._mint.anywhere(),
                endpoint_id=listener.endpoint_id,
                organization_id=each.organization_id,
                wallet_id=message.wallet_id,
                lane=message.wallet_id or each.organization_id,
                position=place.position,
                part=_BEHIND_ALL_PARTS if place.sequence is None else place.sequence,
                event_id=message.id,
                event_type=message.type,
                body=body,
            )


def body_of(message: Message) -> str:
    """What is sent: the message, its time also under the name that receivers look for.

    Where it is too long for a webhook it is sent thin: what it is about is to be asked for.
    """
    body = _encode({**_fields(message), "data": message.data})
    if len(body) >= LONGEST_BODY:
        about = {"id": getattr(message.data, "id", None), "is_thin": True}
        body = _encode({**_fields(message), "data": about})
    return body.decode()


def _fields(message: Message) -> dict[str, str | None]:
    return {
        "id": message.id,
        "type": message.type,
        "timestamp": message.created_at,
        "wallet_id": message.wallet_id,
        "created_at": message.created_at,
    }


async def _listeners(connection: Connection, events: Sequence[Event]) -> Listeners:
    """Who wants to be told anything, by organization."""
    by_organization: dict[OrganizationId, list[Listener]] = {}
    for found in await listening(connection, sorted({event.organization_id for event in events})):
        by_organization.setdefault(found.organization_id, []).append(found)
    return by_organization


def _as_wanted(event: Event, listeners: Listeners) -> Event | None:
    """The event, as far as anybody wants to be told of it.

    Where nobody wants each transaction, only the last one of a stretch is read, for the credits
    after it.
    """
    own = listeners.get(event.organization_id, ())
    if event.kind != LEDGER:
        return event if any(listener.wants(event.kind) for listener in own) else None
    if any(listener.wants(TRANSACTION) for listener in own):
        return event
    if any(listener.wants(WALLET) for listener in own):
        return replace(event, first_sequence=event.sequence)
    return None
