"""Who signed: the three signatures that gateways put under their words.

All are HMAC-SHA256 in hexadecimal. Any of several secrets will do, for while a secret is changed
both are in use. Whatever arrives, the answer is yes or `NotGenuine`, and comparing takes the same
time however much of a signature is right.
"""

import hmac
import re
from collections.abc import Sequence

from khata.payments.gateway import NotGenuine

TOLERANCE_SECONDS = 300

_SECOND_US = 1_000_000
_LONGEST_HEADER = 4_096
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


def signed(message: bytes, secret: str) -> str:
    """The signature of the message under that secret, as Razorpay and Stripe write it."""
    return hmac.digest(secret.encode(), message, "sha256").hex()


def checkout_signature(order_id: str, payment_id: str, secret: str) -> str:
    """What Razorpay's checkout hands to the browser, signed with the secret of the API key."""
    return signed(f"{order_id}|{payment_id}".encode("utf-8", "replace"), secret)


def stripe_signature(body: bytes, secret: str, at_seconds: int) -> str:
    """The header `Stripe-Signature` for a body sent at that time."""
    return f"t={at_seconds},v1={_stripe_signed(body, secret, str(at_seconds))}"


def verify_checkout(order_id: str, payment_id: str, signature: str, secrets: Sequence[str]) -> None:
    """Passes where the browser's signature joins this payment to this order.

    `order_id` is the one that we stored, never the one that the browser sent. It proves the pair
    and nothing more: whether money came is for the gateway to say. Raises `NotGenuine`.
    """
    expected = (checkout_signature(order_id, payment_id, secret) for secret in secrets if secret)
    _verify(expected_signatures=list(expected), given=[signature])


def verify_razorpay(body: bytes, signature: str | None, secrets: Sequence[str]) -> None:
    """Passes where Razorpay signed these raw bytes with the webhook's secret.

    The scheme has no time in it: only the event's id tells a replay. Raises `NotGenuine`.
    """
    _verify(
        expected_signatures=[signed(body, secret) for secret in secrets if secret],
        given=[signature or ""],
    )


def verify_stripe(body: bytes, header: str | None, secrets: Sequence[str], now_us: int) -> None:
    """Passes where Stripe signed these raw bytes within five minutes of now, before or after.

    Of the header's schemes only `v1` counts. Raises `NotGenuine`.
    """
    stamps, given = _stripe_parts(header or "")
    if len(stamps) != 1 or not _SECONDS.fullmatch(stamps[0]):
        raise NotGenuine("the signature has no time")
    _verify(
        expected_signatures=[
            _stripe_signed(body, secret, stamps[0]) for secret in secrets if secret
        ],
        given=given,
    )
    if abs(now_us - int(stamps[0]) * _SECOND_US) > TOLERANCE_SECONDS * _SECOND_US:
        raise NotGenuine("the signature is of another time")


def _stripe_parts(header: str) -> tuple[list[str], list[str]]:
    """The values of `t` and of `v1` in the header."""
    if len(header) > _LONGEST_HEADER:
        return [], []
    pairs = [part.strip().partition("=") for part in header.split(",")]
    return (
        [value for name, _, value in pairs if name == "t"],
        [value for name, _, value in pairs if name == "v1"],
    )


def _stripe_signed(body: bytes, secret: str, stamp: str) -> str:
    return signed(stamp.encode() + b"." + body, secret)


def _verify(expected_signatures: Sequence[str], given: Sequence[str]) -> None:
    matches = [
        hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
        for expected in expected_signatures
        for signature in given
    ]
    if not any(matches):
        raise NotGenuine("the signature does not match")
