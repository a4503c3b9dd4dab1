"""One request and its answer, and the clock that ends those which take too long."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Any, Final, Generic, Protocol, TypeVar, cast

import msgspec
from starlette.types import Message, Scope, Send

from khata.http.client_address import FORWARDED_FOR, Client, Network, client_address

_SCOPE_KEY: Final = "khata.call"
_SWEEP_SECONDS: Final = 0.25
_NO_SNIFF: Final = (b"x-content-type-options", b"nosniff")
_NO_STORE: Final = (b"cache-control", b"no-store")
_JSON: Final = (b"content-type", b"application/json")
_LONG: Final = 4096
"""From so many bytes on it is worth packing them: a page of transactions goes from 170 KB to 20,
for a millisecond. Answers to charges are far shorter."""
_GZIP: Final = b"gzip"
_GZIP_BITS: Final = 31
_FAST: Final = 1
_PLAIN: Final = ()
_PACKED: Final = ((b"content-encoding", _GZIP), (b"vary", b"accept-encoding"))


class Limits(msgspec.Struct, frozen=True):
    """How long a request may take: to arrive whole, and to be answered; both from its start."""

    read_seconds: float = 10.0
    request_seconds: float = 30.0


class Caller(Protocol):
    """Who asks, as the authentication found out."""

    @property
    def scopes(self) -> frozenset[str]: ...


class Nobody:
    """The caller of a route that needs no key."""

    scopes: frozenset[str] = frozenset()


C = TypeVar("C", bound=Caller)


class Call(Generic[C]):
    """A request under way: who asks, with which key, since when, and how it was answered."""

    __slots__ = (
        "_limits", "_scope", "_send", "_trusted", "answered", "caller", "deadline", "expired",
        "headers", "idempotency_key", "max_body", "reading", "request_id", "started", "status",
        "task", "template",
    )  # fmt: skip

    def __init__(self, send: Send, headers: Mapping[bytes, bytes], request_id: bytes) -> None:
        self.headers = headers
        """By lower-case name."""
        self.request_id = request_id
        self.caller = cast("C", _NOBODY)
        self.idempotency_key = ""
        self.max_body = 0
        self.template = "other"
        self.started = time.perf_counter()
        self.task: asyncio.Task[Any] | None = None
        self.status = 0
        self.answered = False
        self.reading = False
        self.expired = False
        self._send = send

    @staticmethod
    def of(scope: Scope) -> Call[Any]:
        """The call that the edge opened for this request."""
        return cast("Call[Any]", scope[_SCOPE_KEY])

    def open(self, scope: Scope, limits: Limits, trusted: Sequence[Network] = ()) -> None:
        """`trusted` are the networks of the proxies that are believed who the client is."""
        scope[_SCOPE_KEY] = self
        self._scope = scope
        self._trusted = trusted
        self.task = asyncio.current_task()
        self.limit_time(limits)

    def close(self, scope: Scope) -> None:
        """Let go of the request, so that no circle is left to the garbage collector."""
        del scope[_SCOPE_KEY]
        del self._send, self._scope
        self.task = None

    @property
    def client(self) -> Client:
        """Whose address the request comes from. Found out anew whenever it is asked for."""
        peer = self._scope.get("client")
        pairs: Iterable[tuple[bytes, bytes]] = self._scope["headers"]
        lines = [text.decode("latin-1") for name, text in pairs if name == FORWARDED_FOR]
        return client_address(peer[0] if peer else None, lines, self._trusted)

    def limit_time(self, limits: Limits) -> None:
        self._limits = limits
        self.deadline = self.started + limits.request_seconds

    @property
    def is_endless(self) -> bool:
        """Whether it may take as long as it likes."""
        return self.deadline == inf

    def begin_reading(self) -> None:
        self.reading = True
        self.deadline = self.started + self._limits.read_seconds

    def end_reading(self) -> None:
        self.reading = False
        self.deadline = self.started + self._limits.request_seconds

    def expire(self) -> None:
        """Interrupt the request; the edge answers in its stead."""
        if self.task is not None and not self.expired:
            self.expired = True
            self.task.cancel()

    async def send(self, message: Message) -> None:
        """ASGI's send, for Starlette's responses: notes the status, adds the common headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            common = (_NO_SNIFF, (b"x-request-id", self.request_id))
            message["headers"] = [*message.get("headers", ()), *common]
        elif not message.get("more_body", False):
            self.answered = True
        await self._send(message)

    async def answer(
        self,
        status: int,
        body: bytes,
        headers: Iterable[tuple[bytes, bytes]] = (),
        media: tuple[bytes, bytes] = _JSON,
    ) -> None:
        """Answer with bytes that are JSON already; packed, where they are many."""
        self.status = status
        coding = _PLAIN
        if len(body) > _LONG and _GZIP in self.headers.get(b"accept-encoding", b""):
            body, coding = _packed(body), _PACKED
        length = (b"content-length", b"%d" % len(body))
        common = (media, length, _NO_STORE, _NO_SNIFF, (b"x-request-id", self.request_id))
        head = [*common, *coding, *headers]
        await self._send({"type": "http.response.start", "status": status, "headers": head})
        await self._send({"type": "http.response.body", "body": body})


def _packed(body: bytes) -> bytes:
    packing = zlib.compressobj(_FAST, wbits=_GZIP_BITS)
    return packing.compress(body) + packing.flush()


_NOBODY: Final = Nobody()


class Deadlines:
    """Ends the calls whose time is up, looking at all of them four times a second.

    A timer for each request would do the same exactly, for eight times the price.
    """

    def __init__(self) -> None:
        self._open: set[Call[Any]] = set()
        self._armed = False

    def add(self, call: Call[Any]) -> None:
        self._open.add(call)
        if not self._armed:
            self._arm()

    def remove(self, call: Call[Any]) -> None:
        self._open.discard(call)

    def _arm(self) -> None:
        self._armed = True
        asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        now = time.perf_counter()
        for call in self._open:
            if call.deadline < now:
                call.expire()
        self._armed = False
        if self._open:
            self._arm()
