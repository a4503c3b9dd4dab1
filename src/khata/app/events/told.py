"""What is told of events: to live streams, to webhooks, in the same shape and under the same ids.

A stretch of the ledger is told as each of its transactions and then the wallet's credits after the
last; all else is told as what it is about, as that stands when it is told. The ids depend on what
happened alone, so who is told again (a resumed stream, a webhook sent anew) knows it by its id.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from math import inf
from typing import Final, get_args

import msgspec
from msgspec import Struct

from khata.app.shown.alerts import alert_shown
from khata.app.shown.endpoints import endpoint_shown
from khata.app.shown.orders import order_shown
from khata.app.shown.transactions import balances_shown, transaction_shown
from khata.domain.ids import OrganizationId, Ulid, WalletId, derived
from khata.domain.ledger import Transaction
from khata.domain.times import rfc3339
from khata.postgres import history
from khata.postgres.alerts import alert, place_of
from khata.postgres.asking import Connection
from khata.postgres.events import LEDGER, Event
from khata.postgres.history import Stretch
from khata.postgres.news import NewsKind
from khata.postgres.orders import order
from khata.postgres.webhook_endpoints import endpoint

TRANSACTION: Final = "transaction.created"
WALLET: Final = "wallet.updated"
TYPES: Final = (WALLET, TRANSACTION, *get_args(NewsKind))
"""All types of what is told."""

TRANSACTIONS_AT_ONCE: Final = 300

# Apart from all numbers that ids of one decision are derived by.
_OF_WALLET: Final = 1 << 19


class Message(Struct, frozen=True):
    """What is told, as it is shown."""

    id: str
    type: str
    wallet_id: WalletId | None
    created_at: str
    data: object


class Place(Struct, frozen=True):
    """A place in all that is told: behind an event, or amid its ledger behind a sequence."""

    position: int
    sequence: int | None = None

    @property
    def text(self) -> str:
        """As a stream's reader is told it: `17` or `17.204`."""
        return str(self.position) if self.sequence is None else f"{self.position}.{self.sequence}"

    @property
    def is_amid(self) -> bool:
        """Whether more is to be told of the event there."""
        return self.sequence is not None

    @property
    def order(self) -> tuple[int, float]:
        """Sorts as what is told does."""
        return self.position, inf if self.sequence is None else self.sequence


class Told(Struct, frozen=True):
    """A message, whom it concerns, and up to where one has been told all with it."""

    place: Place
    organization_id: OrganizationId
    message: Message

    @property
    def body(self) -> bytes:
        """The message as JSON."""
        return _encode(self.message)


Subject = Callable[[Connection, Event], Awaitable[object | None]]
"""What the event is about, as it is shown; none where it is gone."""

_encode = msgspec.json.Encoder().encode


async def told(connection: Connection, events: Sequence[Event]) -> AsyncIterator[list[Told]]:
    """What is told of these events, in their order, some at a time: a few hundred."""
    for some in portions(events):
        yield await told_at_once(connection, some)


async def told_at_once(connection: Connection, events: Sequence[Event]) -> list[Told]:
    """What is told of one portion of events."""
    ledger = await _transactions(connection, events)
    return [
        each
        for event in events
        for each in (
            _of_ledger(event, ledger[event.position])
            if event.kind == LEDGER
            else await _of_news(connection, event)
        )
    ]


def _of_ledger(event: Event, transactions: Sequence[Transaction]) -> Iterator[Told]:
    for t in transactions:
        shown, place = transaction_shown(t), Place(event.position, t.sequence)
        message = Message(
            "evt_" + t.id.removeprefix("txn_"), TRANSACTION, t.wallet_id, shown.created_at, shown
        )
        yield Told(place, event.organization_id, message)
    if transactions:
        last = transactions[-1]
        data, own = balances_shown(last), derived(Ulid(last.id.removeprefix("txn_")), _OF_WALLET)
        message = Message("evt_" + own, WALLET, last.wallet_id, rfc3339(last.at_us), data)
        yield Told(Place(event.position), event.organization_id, message)


async def _of_news(connection: Connection, event: Event) -> Sequence[Told]:
    assert event.id is not None
    data = await SUBJECTS[event.kind](connection, event) if event.kind in SUBJECTS else None
    if data is None:
        return ()
    message = Message(event.id, event.kind, event.wallet_id, rfc3339(event.at_us), data)
    return (Told(Place(event.position), event.organization_id, message),)


async def _alert(connection: Connection, event: Event) -> object | None:
    assert event.subject is not None
    place = place_of(event.wallet_id, event.organization_id)
    found = await alert(connection, place, event.subject)
    return None if found is None else alert_shown(found)


async def _order(connection: Connection, event: Event) -> object | None:
    wallet_id, subject = _named(event)
    found = await order(connection, wallet_id, subject)
    return None if found is None else order_shown(found)


async def _endpoint(connection: Connection, event: Event) -> object | None:
    assert event.subject is not None
    found = await endpoint(connection, event.subject)
    return None if found is None else endpoint_shown(found)


def _named(event: Event) -> tuple[WalletId, str]:
    assert event.wallet_id is not None
    assert event.subject is not None
    return event.wallet_id, event.subject


SUBJECTS: Final[Mapping[str, Subject]] = {
    "alert.raised": _alert,
    "alert.acknowledged": _alert,
    "alert.resolved": _alert,
    "order.updated": _order,
    "webhook_endpoint.disabled": _endpoint,
}


async def _transactions(
    connection: Connection, events: Sequence[Event]
) -> Mapping[int, list[Transaction]]:
    """The transactions of each stretch, by the position of its event."""
    asked = [_stretch(event) for event in events if event.kind == LEDGER]
    places = [event.position for event in events if event.kind == LEDGER]
    found = await history.stretches(connection, asked) if asked else []
    return dict(zip(places, found, strict=True))


def _stretch(event: Event) -> Stretch:
    assert event.wallet_id is not None
    assert event.first_sequence is not None
    assert event.sequence is not None
    return Stretch(event.wallet_id, event.first_sequence, event.sequence)


def portions(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    """The events in portions that may be told at once: of some hundred transactions each."""
    begin = weight = 0
    for place, event in enumerate(events):
        if event.sequence is not None and event.first_sequence is not None:
            more = event.sequence - event.first_sequence + 1
        else:
            more = 1
        if place > begin and weight + more > TRANSACTIONS_AT_ONCE:
            yield events[begin:place]
            begin, weight = place, 0
        weight += more
    if begin < len(events):
        yield events[begin:]
