"""The part of the control API that is about webhooks: where they go, and when."""

from typing import Any, Final

import msgspec

from khata.payments.simulator.asked import Ask, fields, optional_text_in, text_in
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, collection
from khata.payments.simulator.failures import invalid
from khata.payments.simulator.queue import (
    held,
    hold,
    put_endpoint,
    queued,
    release,
    reorder,
    replay,
)

ENDPOINT: Final = fields("id", "url", "secret", "old_secret", "events")
DELIVERIES: Final = fields("deliveries")
REPLAY: Final = fields("event_id")
_SECRETS: Final = frozenset({"secret", "old_secret"})


def list_endpoints(desk: Desk, _: Ask) -> Doc:
    """The endpoints, without their secrets."""
    return collection(_without_secrets(endpoint) for endpoint in desk.store.all("endpoint"))


def set_endpoint(desk: Desk, ask: Ask) -> Doc:
    """A new endpoint, or, with its `id`, one that is changed and enabled again."""
    endpoint = put_endpoint(
        desk,
        optional_text_in(ask.body, "id") or desk.new_id("hook"),
        text_in(ask.body, "url", 2_000),
        text_in(ask.body, "secret"),
        old_secret=optional_text_in(ask.body, "old_secret"),
        events=_texts_in(ask.body, "events"),
    )
    return _without_secrets(endpoint)


def remove_endpoint(desk: Desk, ask: Ask) -> Doc:
    desk.store.delete("endpoint", ask.path["id"])
    return {"deleted": True}


def list_queue(desk: Desk, _: Ask) -> Doc:
    """What waits to be sent, and what is held back, in the order in which it will be sent."""
    return collection([*held(desk), *queued(desk)])


def list_log(desk: Desk, _: Ask) -> Doc:
    """All deliveries with their attempts, and what each event said."""
    bodies = {event["id"]: event["body"] for event in desk.store.all("event")}
    deliveries = desk.store.all("delivery")
    return collection({**one, "body": bodies.get(one["event_id"])} for one in deliveries)


def hold_webhooks(desk: Desk, _: Ask) -> Doc:
    hold(desk)
    return {"held": len(held(desk))}


def release_webhooks(desk: Desk, ask: Ask) -> Doc:
    return {"released": release(desk, _texts_in(ask.body, "deliveries"))}


def reorder_webhooks(desk: Desk, ask: Ask) -> Doc:
    reorder(desk, _texts_in(ask.body, "deliveries"))
    return list_queue(desk, ask)


def replay_webhook(desk: Desk, ask: Ask) -> Doc:
    replay(desk, text_in(ask.body, "event_id"))
    return {"replayed": True}


def _without_secrets(endpoint: Doc) -> Doc:
    return {key: value for key, value in endpoint.items() if key not in _SECRETS}


def _texts_in(body: Doc, field: str) -> list[str] | None:
    value: Any = body.get(field)
    try:
        return msgspec.convert(value, list[str] | None)
    except msgspec.ValidationError:
        raise invalid(field, f"The {field} must be a list of strings.") from None
