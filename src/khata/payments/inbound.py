"""What is asked of an event's bytes before anything of it is used."""

import hashlib
import re
from typing import TypeVar

import msgspec

from khata.payments.gateway import NotGenuine

LARGEST_EVENT_BYTES = 256 * 1024

_PLAIN_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}", re.ASCII)

T = TypeVar("T")


def check_size(body: bytes) -> None:
    """Raises `NotGenuine` where the body is larger than any gateway's event."""
    if len(body) > LARGEST_EVENT_BYTES:
        raise NotGenuine("the event is too large")


def event_of(body: bytes, type: type[T]) -> T:
    """The event in a body whose signature was verified. Raises `NotGenuine`."""
    try:
        return msgspec.json.decode(body, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotGenuine("the event is no JSON of the agreed form") from error


def event_id(told: str | None, body: bytes) -> str:
    """The event's id as told beside the body, or else one made of the body itself.

    A header is not covered by the signature, so only a plain id is taken from it.
    """
    if told and _PLAIN_ID.fullmatch(told):
        return told
    return f"sha256-{hashlib.sha256(body).hexdigest()}"
