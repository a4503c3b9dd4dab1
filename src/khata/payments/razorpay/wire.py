"""Razorpay's API over HTTP: one request, and an answer or one of two exceptions.

Only what changes nothing is asked again by itself. Whatever makes something is sent once; what its
lost answer means is decided above, by receipt or key.
"""

import asyncio
import re
import secrets
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, TypeVar

import httpx2
import msgspec
from msgspec import Struct

from khata.payments.calls import CallWatch
from khata.payments.gateway import ErrorPlace, GatewayRefused, GatewayUnavailable

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 15.0
_WHOLE_SECONDS: Final = 30.0  # a server that drips its answer never lets the reading time out
PAUSES: Final = (0.2, 0.8)

_PLAIN_ID = re.compile(r"[A-Za-z0-9_]{1,64}", re.ASCII)
_TRY_AGAIN: Final = frozenset({409, 429})
_WRONG_KEYS: Final = frozenset({401, 403})
_GRANTED_LATER: Final = frozenset({"mandate_debit_in_progress", "payment_before_payment_after"})

T = TypeVar("T")


class _Metadata(Struct):
    payment_id: str | None = None


class _Error(Struct):
    code: str | None = None
    description: str | None = None
    reason: str | None = None
    field: str | None = None
    source: str | None = None
    step: str | None = None
    metadata: _Metadata | list[object] | None = None


class _Failure(Struct):
    error: _Error


class WireSettings(Struct, frozen=True, kw_only=True):
    """Times in seconds: to connect, between two parts of an answer, and the pauses before an asked
    question is asked again. `through_proxy` where the environment's proxies are to be used."""

    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    pauses: tuple[float, ...] = PAUSES
    through_proxy: bool = True


class Wire:
    """A Razorpay, or what speaks like one, at a base URL."""

    def __init__(
        self, base_url: str, keys: tuple[str, str] | None, watch: CallWatch, settings: WireSettings
    ) -> None:
        self._watch = watch
        self._pauses = settings.pauses
        self._http = httpx2.AsyncClient(
            base_url=base_url,
            auth=keys,
            timeout=httpx2.Timeout(settings.read_seconds, connect=settings.connect_seconds),
            headers={"Accept": "application/json"},
            trust_env=settings.through_proxy,
            verify=_trust(of_environment=settings.through_proxy),
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def get(
        self, name: str, path: str, type: type[T], params: Mapping[str, str] | None = None
    ) -> T:
        """Asks, and again after a short pause where no answer came."""
        for pause in self._pauses:
            try:
                return await self.send(name, "GET", path, type, params=params)
            except GatewayUnavailable:
                await asyncio.sleep(pause * secrets.choice((0.5, 0.75, 1.0)))
        return await self.send(name, "GET", path, type, params=params)

    async def send(self, name: str, method: str, path: str, type: type[T], **options: Any) -> T:
        """Sends once. `options` are those of the HTTP client: json, params, headers.

        Raises `GatewayRefused` where the gateway said no, `GatewayUnavailable` where nobody knows.
        """
        with self._watch.watched(name):
            return _read(await self._answer(method, path, **options), type)

    async def _answer(self, method: str, path: str, **options: Any) -> httpx2.Response:
        try:
            async with asyncio.timeout(_WHOLE_SECONDS):
                return await self._http.request(method, path, **options)
        except (httpx2.RequestError, TimeoutError) as error:
            raise GatewayUnavailable(f"no answer: {error.__class__.__name__}") from error


@cache
def _trust(*, of_environment: bool) -> ssl.SSLContext:
    """Whom to believe, for all wires of the process: to read it takes longer than all else here."""
    return httpx2.create_ssl_context(trust_env=of_environment)


def plain(told_id: str) -> str:
    """The id, where it is fit for a path. Raises `GatewayRefused` as the gateway itself would."""
    if not _PLAIN_ID.fullmatch(told_id):
        raise GatewayRefused("The id provided does not exist", code="BAD_REQUEST_ERROR")
    return told_id


def _read(answer: httpx2.Response, type: type[T]) -> T:
    if not answer.is_success:
        raise _failure(answer)
    try:
        return msgspec.json.decode(answer.content, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GatewayUnavailable(f"an answer that can't be read, {answer.status_code}") from error


def _failure(answer: httpx2.Response) -> GatewayRefused | GatewayUnavailable:
    status = answer.status_code
    if status < 400 or status >= 500 or status in _TRY_AGAIN:
        return GatewayUnavailable(f"it answers {status}")
    try:
        told = msgspec.json.decode(answer.content, type=_Failure).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return GatewayUnavailable(f"it answers {status} and not why")
    if told.code == "SERVER_ERROR":
        return GatewayUnavailable(f"it answers {status} {told.code}")
    return GatewayRefused(
        told.description or "",
        code=told.code or "",
        reason=told.reason or "",
        field=told.field,
        retryable=_may_be_granted(told, status),
        place=ErrorPlace(told.source or "", told.step or "", status, _payment_in(told)),
    )


def _payment_in(told: _Error) -> str | None:
    return told.metadata.payment_id if isinstance(told.metadata, _Metadata) else None


def _may_be_granted(told: _Error, status: int) -> bool:
    """Whether the request may be granted another time: with other keys, when a bank is better, when
    what it waits for is over, or when the account has money again."""
    return (
        status in _WRONG_KEYS
        or told.code == "GATEWAY_ERROR"
        or told.reason in _GRANTED_LATER
        or "enough balance" in (told.description or "")
    )
