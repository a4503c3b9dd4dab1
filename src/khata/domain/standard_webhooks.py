"""Signatures of what we send, by the specification Standard Webhooks, as its receivers check them.

Signed are the event's id, the second of the attempt and the raw body, joined by dots, with
HMAC-SHA256. While a secret is being changed both sign, and either signature will do.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence

SECRET_PREFIX = "whsec_"  # noqa: S105 - how one begins
SECRET_BYTES = 32

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"


def secret_text(key: bytes) -> str:
    """The secret as its receiver is given it."""
    return SECRET_PREFIX + b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """The bytes that sign. Raises `ValueError` for what is no secret."""
    if not secret.startswith(SECRET_PREFIX):
        raise ValueError("a secret begins with whsec_")
    return b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)


def signatures(secrets: Sequence[str], event_id: str, at_seconds: int, body: bytes) -> str:
    """The signature header: one signature a secret, separated by spaces."""
    assert "." not in event_id, "dots part what is signed"
    signed = f"{event_id}.{at_seconds}.".encode() + body
    return " ".join(f"v1,{_signature(secret, signed)}" for secret in secrets)


def _signature(secret: str, signed: bytes) -> str:
    return b64encode(hmac.digest(key_of(secret), signed, "sha256")).decode()
