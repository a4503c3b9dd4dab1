"""Sending of webhooks: signed, at least once, again and again until a day is over."""

import hashlib
import hmac
import ssl
from asyncio import timeout
from functools import cache
from typing import Final

import httpx2

from khata.payments.simulator.acting import acting
from khata.payments.simulator.clock import DAY, HOUR, MINUTE
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc

TIMEOUT_SECONDS: Final = 5.0
_LONGEST_WAIT: Final = 2 * HOUR
_FOREIGN: Final = "not the secret: "


async def deliver_next(desk: Desk, client: httpx2.AsyncClient) -> bool:
    """Attempts the first delivery that is due; false where none is."""
    delivery = desk.store.next_delivery(desk.clock.now())
    if not delivery:
        return False
    endpoint = desk.store.get("endpoint", delivery["endpoint_id"])
    event = desk.store.get("event", delivery["event_id"])
    if not endpoint or not event or endpoint["status"] != "active":
        answer: int | str = "The endpoint is gone or disabled."
        with acting(desk):
            _record(desk, delivery["id"], answer, is_final=True)
        return True
    answer = await _send(client, endpoint, event, delivery["spoils"])
    with acting(desk):
        _record(desk, delivery["id"], answer, is_final=False)
    return True


def webhook_client() -> httpx2.AsyncClient:
    """What webhooks are sent with."""
    return httpx2.AsyncClient(trust_env=False, follow_redirects=False, verify=_trust())


def signature(secret: str, body: bytes) -> str:
    """What `X-Razorpay-Signature` says of a body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


async def _send(
    client: httpx2.AsyncClient, endpoint: Doc, event: Doc, spoils: list[str]
) -> int | str:
    """The status that the endpoint answered with, or what came instead of one."""
    body = str(event["body"]).encode()
    secret = str(endpoint["secret"])
    if "old_secret" in spoils:
        secret = str(endpoint["old_secret"] or _FOREIGN + secret)
    if "wrong_signature" in spoils:
        secret = _FOREIGN + secret
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Razorpay-Webhook/v1",
        "X-Razorpay-Signature": signature(secret, body),
        "x-razorpay-event-id": str(event["id"]),
    }
    if "truncated_body" in spoils:
        body = body[: len(body) // 2]
    url = str(endpoint["url"])
    try:
        async with (
            timeout(TIMEOUT_SECONDS),
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            return response.status_code
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
        return type(error).__name__


def _record(desk: Desk, delivery_id: str, answer: int | str, *, is_final: bool) -> None:
    """Writes down how an attempt ended, and when the next one is.

    A day after the event there is none, and the endpoint gets no more.
    """
    delivery = desk.store.get("delivery", delivery_id)
    if not delivery:
        return
    delivery["attempts"].append({"at": desk.now(), "answer": answer})
    delivery["spoils"] = []
    wait = min(MINUTE * 2 ** (len(delivery["attempts"]) - 1), _LONGEST_WAIT)
    if isinstance(answer, int) and 200 <= answer < 300:
        delivery.update(status="delivered", _due=None)
    elif is_final:
        delivery.update(status="given_up", _due=None)
    elif desk.now() + wait > delivery["created_at"] + DAY:
        delivery.update(status="given_up", _due=None)
        _disable(desk, delivery["endpoint_id"])
    elif delivery["status"] == "queued":
        delivery["_due"] = desk.now() + wait
    desk.put(delivery)


def _disable(desk: Desk, endpoint_id: str) -> None:
    endpoint = desk.store.get("endpoint", endpoint_id)
    if endpoint:
        endpoint["status"] = "disabled"
        desk.put(endpoint)
