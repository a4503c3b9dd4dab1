"""The outermost ring around every request: its id, its time limit, its record, its problems."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Callable
from itertools import count
from typing import Any, Final

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from khata.http.call import Call, Deadlines, Limits
from khata.http.client_address import Network
from khata.http.live import SeatLimits
from khata.http.problems import MEDIA_TYPE, Problem
from khata.http.refused import bug, problem_of
from khata.http.routing import RouteTable
from khata.http.watch import LogPolicy, Watch

CLIENT_GONE: Final = 499
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9_.:-]{1,128}")
_PROBLEM: Final = (b"content-type", MEDIA_TYPE.encode())


class HttpSettings(msgspec.Struct, frozen=True):
    """What an operator may turn. `trusted_proxies` are believed who their clients are;
    `public_url` is where people reach Khata; `seats` are of live streams."""

    limits: Limits = Limits()
    log: LogPolicy = LogPolicy()
    trusted_proxies: tuple[Network, ...] = ()
    public_url: str | None = None
    seats: SeatLimits = SeatLimits()


class Edge:
    """What the table knows is answered by it, the rest (and the lifespan) by Starlette.

    It stands around Starlette, not inside as one of its middlewares: each of those would wrap
    the sending of every answer once more. Whatever escapes from within is answered as a problem.
    """

    def __init__(
        self, app: ASGIApp, table: RouteTable, watch: Watch, settings: HttpSettings
    ) -> None:
        self.end_streams: Callable[[], None] = _nothing
        """Called when the server is asked to stop: answers without an end find one."""
        self._app = app
        self._table = table
        self._watch = watch
        self._limits = settings.limits
        self._trusted = settings.trusted_proxies
        self._deadlines = Deadlines()
        self._prefix = f"req_{secrets.token_hex(5)}".encode()
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = self._open(scope, send)
        try:
            endpoint = self._table.find(scope) or self._app
            await endpoint(scope, receive, call.send)
        except ClientDisconnect:
            call.status = CLIENT_GONE
        except asyncio.CancelledError:
            if not call.expired:
                raise
            await _out_of_time(call)
        except Exception as error:  # noqa: BLE001  whatever it is, the caller gets a problem
            await _refuse(call, problem_of(error) or self._bug(call))
        finally:
            self._close(scope, call)

    def _open(self, scope: Scope, send: Send) -> Call[Any]:
        headers = dict[bytes, bytes](scope["headers"])
        request_id = headers.get(b"x-request-id")
        if request_id is None or not _REQUEST_ID.fullmatch(request_id):
            request_id = b"%s%08x" % (self._prefix, next(self._numbers))
        call: Call[Any] = Call(send, headers, request_id)
        call.open(scope, self._limits, self._trusted)
        self._deadlines.add(call)
        return call

    def _bug(self, call: Call[Any]) -> Problem:
        self._watch.bug(call)
        return bug()

    def _close(self, scope: Scope, call: Call[Any]) -> None:
        self._deadlines.remove(call)
        call.close(scope)
        self._watch.note(scope["method"], call, time.perf_counter() - call.started)


def _nothing() -> None:
    """No answer is without an end."""


async def _out_of_time(call: Call[Any]) -> None:
    if call.task:
        call.task.uncancel()
    if call.reading:
        close = {"Connection": "close"}
        detail = "The body did not arrive in time."
        await _refuse(call, Problem("REQUEST_TIMEOUT", detail, close))
    else:
        detail = "No answer in time; whether it was done is not known yet."
        await _refuse(call, Problem("UNAVAILABLE", detail))


async def _refuse(call: Call[Any], problem: Problem) -> None:
    if call.answered:
        return
    if call.status:  # an answer is on its way: all that is left is to break it off
        raise problem from None
    headers = [(name.lower().encode(), value.encode()) for name, value in problem.headers.items()]
    await call.answer(problem.status, problem.body(), headers, _PROBLEM)
