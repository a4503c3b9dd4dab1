"""Streams of Server-Sent Events: an answer that goes on until its reader goes, loses its rights, or
the server stops.

sse-starlette was looked at for this. It puts each event into words for each stream, and runs a
task group of four tasks for each; here what a thousand streams are sent is put together once, by
the tail, and a stream is two tasks.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractContextManager, aclosing, contextmanager
from typing import Final

from msgspec import Struct
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send
from typing_extensions import override

from khata.app.events.live import Said
from khata.engine.books import Unavailable
from khata.http.problems import Problem

RETRY_MS: Final = 2_000
HEARTBEAT_SECONDS: Final = 15.0
RECHECK_SECONDS: Final = 5.0

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would wait for more
}


class SeatLimits(Struct, frozen=True, kw_only=True):
    """How many streams a process keeps open: in all, of one organization's callers together, and of
    one such caller. Callers of the platform are bound by the first alone."""

    in_all: int = 5_000
    of_organization: int = 1_000
    of_caller: int = 100


class Seats:
    """Room for streams."""

    def __init__(self, limits: SeatLimits) -> None:
        self._limits = limits
        self._of_caller: Counter[str] = Counter()
        self._of_organization: Counter[str] = Counter()
        self.taken = 0

    @contextmanager
    def seat(self, caller: str, organization_id: str | None) -> Generator[None]:
        """Room for one more stream of this caller, of an organization or of none; or 429."""
        if not self._has_room(caller, organization_id):
            detail = "Too many streams are open. Close some, or follow the whole organization."
            raise Problem("RATE_LIMITED", detail, {"Retry-After": "10"})
        self._count(caller, organization_id, 1)
        try:
            yield
        finally:
            self._count(caller, organization_id, -1)

    def _has_room(self, caller: str, organization_id: str | None) -> bool:
        limits = self._limits
        if self.taken >= limits.in_all:
            return False
        return organization_id is None or (
            self._of_caller[caller] < limits.of_caller
            and self._of_organization[organization_id] < limits.of_organization
        )

    def _count(self, caller: str, organization_id: str | None, change: int) -> None:
        self.taken += change
        for counter, name in (
            (self._of_caller, caller),
            (self._of_organization, organization_id or ""),
        ):
            counter[name] += change
            if not counter[name]:
                del counter[name]


class EventStream(Response):
    """Sends what is said, as long as its reader is there and welcome."""

    media_type = "text/event-stream"

    def __init__(
        self,
        said: AsyncGenerator[Said],
        is_welcome: Callable[[], Awaitable[bool]],
        seat: AbstractContextManager[None],
    ) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._said = said
        self._is_welcome = is_welcome
        self._seat = seat

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        if scope["method"] == "HEAD":
            await send(head)
            await send({"type": "http.response.body"})
            return
        with self._seat:
            await self._stream(receive, send, head)

    async def _stream(self, receive: Receive, send: Send, head: Message) -> None:
        async with aclosing(self._said) as said:
            first = await anext(said, Said(b""))  # what fails here can still be answered
            await send(head)
            sending = asyncio.create_task(self._send(first, said, send))
            leaving = asyncio.create_task(_gone(receive))
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sending.cancel()
                leaving.cancel()
                await asyncio.wait({sending, leaving})
        if not sending.cancelled():
            sending.result()

    async def _send(self, first: Said, said: AsyncGenerator[Said], send: Send) -> None:
        sent_at = checked_at = time.monotonic()
        await _piece(send, b"retry: %d\n%b" % (RETRY_MS, first.frames or b"\n"))
        try:
            async for frames, mark in said:
                now = time.monotonic()
                if now - checked_at >= RECHECK_SECONDS:
                    checked_at = now
                    if not await self._is_welcome():
                        break
                piece = frames or (mark if now - sent_at >= HEARTBEAT_SECONDS else b"")
                if piece:
                    await _piece(send, piece)
                    sent_at = time.monotonic()
        except Unavailable:
            pass  # its reader comes again, and resumes
        await send({"type": "http.response.body"})


async def _piece(send: Send, piece: bytes) -> None:
    await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _gone(receive: Receive) -> None:
    """Waits until the reader is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
