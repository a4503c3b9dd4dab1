"""What happens below the layer: broken HTTP, slow and huge heads, and stopping in order."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager
from math import inf
from typing import cast

import httpx2
import pytest
from msgspec import Struct
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from typing_extensions import override

from khata.http import server
from khata.http.call import Caller, Limits, Nobody
from khata.http.layer import application
from khata.http.routes import ANYONE, Routes

Raw = Callable[[bytes], bytes]
Stop = Callable[[Callable[[], object]], None]
GET = b"GET /numbers/7 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer khk_all\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /numbers/7 HTTP/9.9\r\nHost: x\r\n\r\n",
        b"POST /batch HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /batch HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
    ],
)
def test_broken_http_is_a_problem_too(raw: Raw, request_bytes: bytes) -> None:
    answer = raw(request_bytes)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"MALFORMED_REQUEST"' in answer


def test_a_huge_head_is_refused(raw: Raw) -> None:
    answer = raw(GET + b"X-Long: " + b"x" * 300_000)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"HEADERS_TOO_LARGE"' in answer


def test_a_head_that_does_not_come_closes_the_connection(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.02)
    assert raw(b"") == b""
    assert raw(b"GET /num") == b""
    after_one = raw(GET + b"\r\n" + b"GET /numb")
    assert after_one.count(b"HTTP/1.1 200 ") == 1


def test_pipelined_requests_are_answered_in_order(raw: Raw) -> None:
    last = GET.replace(b"/7", b"/8") + b"Connection: close\r\n\r\n"
    answer = raw(GET + b"\r\n" + last)
    assert answer.index(b'{"count":7}') < answer.index(b'{"count":8}')


class Done(Struct, frozen=True):
    events: list[str]


def test_stopping_answers_what_is_under_way_and_ends_the_lifespan(
    serve: Callable[[ASGIApp], AbstractContextManager[tuple[str, Stop]]],
) -> None:
    events: list[str] = []
    entered = threading.Event()
    routes = Routes("Gate")

    @routes.on("GET /gate", scope=ANYONE)
    async def gate() -> Done:
        entered.set()
        await stopping.wait()
        events.append("answered")
        return Done(events)

    stopping = asyncio.Event()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        events.append("started")
        yield
        events.append("ended")

    app = application(routes, _nobody, CollectorRegistry(), lifespan=lifespan)
    with ThreadPoolExecutor(1) as pool:
        with serve(app) as (url, stop):
            answer = pool.submit(httpx2.get, f"{url}/gate")
            assert entered.wait(60)
            stop(stopping.set)
        assert answer.result().json() == {"events": ["started", "answered"]}
    assert events == ["started", "answered", "ended"]


class Flood(Response):
    """An answer that goes on as long as somebody is there, and says when nobody is."""

    def __init__(self, flowing: threading.Event, gone: threading.Event) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._flowing = flowing
        self._gone = gone

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        flow = asyncio.create_task(self._flow(send))
        while (await receive())["type"] != "http.disconnect":
            pass
        flow.cancel()
        self._gone.set()

    async def _flow(self, send: Send) -> None:
        while True:
            body = {"type": "http.response.body", "body": b"x" * 65_536, "more_body": True}
            sending = asyncio.create_task(cast("Coroutine[None, None, None]", send(body)))
            await asyncio.sleep(0)
            if not sending.done():
                self._flowing.set()  # up to the brim
            await sending


@pytest.mark.parametrize("ends_by", ["stalling", "stopping"])
def test_who_takes_nothing_of_an_answer_is_cut_off(
    serve: Callable[[ASGIApp], AbstractContextManager[tuple[str, Stop]]],
    monkeypatch: pytest.MonkeyPatch,
    ends_by: str,
) -> None:
    monkeypatch.setattr(server, "STALL_SECONDS", 0.05 if ends_by == "stalling" else 3600)
    monkeypatch.setattr(server, "LINGER_SECONDS", 0.05)
    flowing, gone, routes = threading.Event(), threading.Event(), Routes("Flood")

    @routes.on("GET /flood", scope=ANYONE, limits=Limits(request_seconds=inf), media=("a/b",))
    async def flood() -> Response:
        return Flood(flowing, gone)

    with serve(application(routes, _nobody, CollectorRegistry())) as (url, stop):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(b"GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
            assert flowing.wait(60)
            if ends_by == "stopping":
                stop(lambda: None)
            assert gone.wait(60)


def test_a_stopping_server_asks_its_streams_to_end(
    serve: Callable[[ASGIApp], AbstractContextManager[tuple[str, Stop]]],
) -> None:
    routes, entered = Routes("Endless"), threading.Event()
    ended = asyncio.Event()

    @routes.on("GET /endless", scope=ANYONE)
    async def endless() -> Done:
        entered.set()
        await ended.wait()
        return Done(["ended"])

    app = application(routes, _nobody, CollectorRegistry())
    app.end_streams = ended.set
    with ThreadPoolExecutor(1) as pool, serve(app) as (url, _):
        answer = pool.submit(httpx2.get, f"{url}/endless")
        assert entered.wait(60)
    assert answer.result().json() == {"events": ["ended"]}


async def _nobody(_: str, headers: Mapping[bytes, bytes], __: bool) -> Caller:
    assert headers is not None
    return Nobody()
