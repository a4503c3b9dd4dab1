"""The line to Stripe: its own SDK, loaded only where it is used, and what its errors mean here."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from typing import Any, Final, Literal, TypeVar

import msgspec
from msgspec import Struct

from khata.payments.calls import CallWatch, OnCall, nobody_watches
from khata.payments.gateway import (
    ErrorPlace,
    GatewayNotInstalled,
    GatewayRefused,
    GatewayUnavailable,
)
from khata.payments.stripe_gateway.entities import Page

_WHOLE_SECONDS: Final = 40.0
_PAGE: Final = 100
_MOST_PAGES: Final = 500
_CARD_SAID_NO: Final = 402

# What the SDK makes of the API. It is typed, but not as strictly as we are.
Services = Any
Params = dict[str, object]
T = TypeVar("T")


class StripeOptions(Struct, frozen=True, kw_only=True):
    """What may be left as it is.

    `base_url` is for what only speaks like Stripe, and `profile` leaves out what localstripe does
    not know. `retries` are the SDK's own, under the same idempotency key.
    """

    base_url: str | None = None
    publishable_key: str | None = None
    display_name: str = "Khata"
    profile: Literal["stripe", "localstripe"] = "stripe"
    connect_seconds: float = 5.0
    read_seconds: float = 15.0
    retries: int = 2
    on_call: OnCall = nobody_watches


class Replayed(GatewayUnavailable):
    """Stripe gave an old failure again, as it does for a day. Another key is needed to get on."""


class StripeLine:
    """Stripe's API, asked by the SDK; answers are read leniently into our own values."""

    def __init__(self, api_key: str, options: StripeOptions) -> None:
        self._sdk, httpx = _installed()
        timeout = httpx.Timeout(options.read_seconds, connect=options.connect_seconds)
        self._http = self._sdk.HTTPXClient(timeout=timeout)
        addresses = {} if options.base_url is None else {"api": options.base_url}
        self._services = self._sdk.StripeClient(
            api_key,
            base_addresses=addresses,
            max_network_retries=options.retries,
            http_client=self._http,
        ).v1
        self._watch = CallWatch("stripe", options.on_call)

    async def ask(self, name: str, call: Callable[[Services], Awaitable[Any]], type: type[T]) -> T:
        """What Stripe answers to the call.

        Raises `GatewayRefused` where it said no, `GatewayUnavailable` where nobody knows.
        """
        with self._watch.watched(name):
            try:
                async with asyncio.timeout(_WHOLE_SECONDS):
                    answer = await call(self._services)
            except self._sdk.StripeError as error:
                raise _meaning(error) from error
            except TimeoutError as error:
                raise GatewayUnavailable("no answer in time") from error
            return _read(answer, type)

    async def make(
        self,
        name: str,
        call: Callable[[Services, Params], Awaitable[Any]],
        type: type[T],
        key: str,
    ) -> T:
        """The same for what makes something, once for the key.

        An old failure that is given again tells nothing of now, so it is followed by one request
        under the next key. Only for what is looked up before, or harmless to make twice.
        """
        once: Params = {"idempotency_key": key}
        again: Params = {"idempotency_key": f"{key}.again"}
        try:
            return await self.ask(name, lambda v1: call(v1, once), type)
        except Replayed:
            return await self.ask(name, lambda v1: call(v1, again), type)

    async def all(
        self, name: str, call: Callable[[Services, Params], Awaitable[Any]], type: type[Page[T]]
    ) -> Sequence[T]:
        """All items of a list, page by page, up to more than there can be.

        The call is given where to begin.
        """
        items: list[T] = []
        begin: Params = {"limit": _PAGE}
        for _ in range(_MOST_PAGES):
            page = await self.ask(name, lambda v1, begin=begin: call(v1, begin), type)
            items += page.data
            if not page.has_more or not page.data:
                return items
            begin = {"limit": _PAGE, "starting_after": _id_of(page.data[-1])}
        raise GatewayUnavailable("a list without an end")

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close_async()


def _installed() -> tuple[Any, Any]:
    """The SDK, and the HTTP client that its asynchronous side wants."""
    try:
        return import_module("stripe"), import_module("httpx")
    except ImportError as error:
        raise GatewayNotInstalled(
            "Stripe needs its own library. Install it with: pip install 'khata[stripe]'"
        ) from error


def _read(answer: Any, type: type[T]) -> T:
    try:
        return msgspec.convert(answer.to_dict(), type)
    except (msgspec.ValidationError, AttributeError) as error:
        raise GatewayUnavailable("an answer that can't be read") from error


def _meaning(error: Any) -> GatewayRefused | GatewayUnavailable:
    """What the SDK's exception says. Its texts may name cards, so only codes are kept of some."""
    status: int = error.http_status or 0
    if status >= 500 and error.headers.get("idempotent-replayed") == "true":
        return Replayed(f"it answers {status}, as it did before")
    if not 400 <= status < 500 or status in {409, 429}:
        return GatewayUnavailable(f"{error.__class__.__name__}, {status or 'no answer'}")
    told = error.error
    kind: str = _part(told, "type")
    code = "RECEIPT_REUSED" if kind == "idempotency_error" else error.code or kind
    return GatewayRefused(
        error.user_message or "",
        code=code,
        reason=_part(told, "decline_code") or error.code or "",
        field=getattr(error, "param", None),
        retryable=status in {401, 403},
        place=ErrorPlace("issuer" if status == _CARD_SAID_NO else "", "", status),
    )


def _part(told: Any, name: str) -> str:
    return str(told[name]) if told is not None and name in told and told[name] else ""


def _id_of(item: object) -> str:
    return str(getattr(item, "id", ""))
