"""Who may call: holders of the key, and, from this machine only, of the control token."""

import binascii
from base64 import b64decode
from collections.abc import Callable
from hmac import compare_digest
from ipaddress import ip_address

from starlette.requests import Request

from khata.payments.simulator.failures import Failure, GatewayError
from khata.payments.simulator.settings import SimulatorSettings

Admit = Callable[[Request], None]
"""Raises `GatewayError` for whoever may not call."""


def key_holders(settings: SimulatorSettings) -> Admit:
    """Callers with HTTP Basic; the word must be spelt exactly so."""
    wanted = f"{settings.key_id}:{settings.key_secret}".encode()

    def admit(request: Request) -> None:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            given = b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            given = b""
        if scheme != "Basic" or not compare_digest(given, wanted):
            raise _unknown("Authentication failed")

    return admit


def controllers(settings: SimulatorSettings) -> Admit:
    """Callers on this machine who know the control token."""

    def admit(request: Request) -> None:
        given = request.headers.get("x-emu-token", "").encode()
        if not _is_loopback(request) or not compare_digest(given, settings.control_token.encode()):
            raise _unknown("The control token is invalid")

    return admit


def anybody(_: Request) -> None:
    """Everybody, as a customer's browser has no key."""


def _unknown(description: str) -> GatewayError:
    failure = Failure("NA", description, source="NA", step="NA")
    return GatewayError(description, failure=failure, status=401)


def _is_loopback(request: Request) -> bool:
    try:
        return bool(request.client) and ip_address(request.client.host).is_loopback
    except ValueError:
        return False
