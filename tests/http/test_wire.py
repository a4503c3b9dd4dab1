"""What happens below the layer: broken HTTP, slow and huge heads, and stopping in order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager

import httpx2
import pytest
from msgspec import Struct
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.types import ASGIApp

from khata.http import server
from khata.http.call import Caller, Nobody
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
            assert entered.wait(10)
            stop(stopping.set)
        assert answer.result().json() == {"events": ["started", "answered"]}
    assert events == ["started", "answered", "ended"]


async def _nobody(_: str, headers: Mapping[bytes, bytes]) -> Caller:
    assert headers is not None
    return Nobody()
