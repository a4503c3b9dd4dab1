"""Webhooks on their way: which event goes to which endpoint, when, and how spoilt."""

from typing import Final

import msgspec

from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc
from khata.payments.simulator.failures import unknown_id

HELD: Final = "held"
_SPOILS: Final = ("wrong_signature", "old_secret", "truncated_body")
_UNHEARD: Final = "payment.weather_changed"


def put_endpoint(
    desk: Desk,
    endpoint_id: str,
    url: str,
    secret: str,
    *,
    old_secret: str | None = None,
    events: list[str] | None = None,
) -> Doc:
    """Has events sent there from now on, and those that wait for this endpoint too.

    The secret it had before is remembered: what was under way may still be signed with it.
    """
    earlier: Doc = desk.store.get("endpoint", endpoint_id) or {}
    if not old_secret and earlier:
        changed = earlier["secret"] != secret
        old_secret = earlier["secret"] if changed else earlier["old_secret"]
    endpoint = {
        "id": endpoint_id,
        "entity": "endpoint",
        "url": url,
        "secret": secret,
        "old_secret": old_secret,
        "events": events,
        "status": "active",
        "created_at": earlier.get("created_at", desk.now()),
    }
    desk.put(endpoint)
    return endpoint


def queue_events(desk: Desk) -> None:
    """Puts what was emitted into the queue of each endpoint that listens."""
    events = [event for emitted in desk.emitted() for event in _with_unheard(desk, emitted)]
    if len(events) > 1 and desk.faults.strike("reorder", events[0]["event"]):
        events.reverse()
    for event in events:
        desk.put(event)
        queue(desk, event)


def queue(desk: Desk, event: Doc) -> None:
    """Puts one event into the queue of each endpoint that listens to it."""
    for endpoint in desk.store.all("endpoint"):
        wanted = endpoint["events"]
        if endpoint["status"] == "active" and (not wanted or event["event"] in wanted):
            _queue_for(desk, endpoint, event)


def replay(desk: Desk, event_id: str) -> None:
    """Sends an event again, under its own id; raises `GatewayError`."""
    event = desk.store.get("event", event_id)
    if not event:
        raise unknown_id()
    queue(desk, event)


def hold(desk: Desk) -> None:
    """Keeps all webhooks back: those that wait, and those to come."""
    desk.store.set_fact(HELD, fact=True)
    for delivery in queued(desk):
        delivery.update(status="held", _due=None)
        desk.put(delivery)


def release(desk: Desk, ids: list[str] | None) -> int:
    """Lets go what was held back, all of it or these only; says how much that was.

    All of it ends the holding back too.
    """
    if ids is None:
        desk.store.set_fact(HELD, fact=False)
    chosen = [one for one in held(desk) if ids is None or one["id"] in ids]
    for delivery in chosen:
        delivery.update(status="queued", _due=desk.now())
        desk.put(delivery)
    desk.wake.set()
    return len(chosen)


def reorder(desk: Desk, ids: list[str] | None) -> None:
    """Sets in which order what waits is sent: as listed, the rest behind; unlisted, reversed."""
    waiting = [*held(desk), *queued(desk)]
    places = {name: place for place, name in enumerate(ids or [])}
    if ids is None:
        waiting.reverse()
    else:
        waiting.sort(key=lambda delivery: places.get(delivery["id"], len(places)))
    for delivery in waiting:
        desk.store.delete("delivery", delivery["id"])
        if delivery["_due"] is not None:
            delivery["_due"] = desk.now()
        desk.put(delivery)


def queued(desk: Desk) -> list[Doc]:
    return desk.store.marked("delivery", "queued")


def held(desk: Desk) -> list[Doc]:
    return desk.store.marked("delivery", "held")


def _queue_for(desk: Desk, endpoint: Doc, event: Doc) -> None:
    name, strike = event["event"], desk.faults.strike
    dropped = strike("drop_webhook", name) is not None
    delay = strike("delay_webhook", name)
    again = strike("duplicate_webhook", name)
    spoils = [spoil for spoil in _SPOILS if strike(spoil, name)]
    is_held = bool(desk.store.fact(HELD, default=False))
    status = "dropped" if dropped else "held" if is_held else "queued"
    due = desk.now() + (delay.size(60) if delay else 0)
    for _ in range(1 + (again.size(1) if again else 0)):
        desk.put(
            {
                "id": desk.new_id("dlv"),
                "entity": "delivery",
                "endpoint_id": endpoint["id"],
                "event_id": event["id"],
                "event": name,
                "status": status,
                "spoils": spoils,
                "attempts": [],
                "created_at": event["created_at"],
                "queued_at": desk.now(),
                "_due": due if status == "queued" else None,
            }
        )
    desk.wake.set()


def _with_unheard(desk: Desk, event: Doc) -> list[Doc]:
    """The event, and before it one of a type that nobody documented, where that is wished."""
    if not desk.faults.strike("unknown_event", event["event"]):
        return [event]
    body: Doc = {**msgspec.json.decode(event["body"]), "event": _UNHEARD}
    unheard = {
        **event,
        "id": desk.new_id("evt").removeprefix("evt_"),
        "event": _UNHEARD,
        "body": msgspec.json.encode(body).decode(),
    }
    return [unheard, event]
