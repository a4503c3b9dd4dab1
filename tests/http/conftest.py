"""A small application over the layer, with one route of each kind, on a real socket."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Annotated, Literal, Self

import httpx2
import msgspec
import pytest
import uvloop
from msgspec import Meta, Struct, field
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from khata.http.bodies import Metadata, decode_body, json_decoder, read_json
from khata.http.call import Call, Limits
from khata.http.docs_page import documentation
from khata.http.edge import HttpSettings
from khata.http.layer import application
from khata.http.probes import probes
from khata.http.problems import Problem
from khata.http.routes import ANY_KEY, ANYONE, Reply, Routes
from khata.http.server import Server, listen
from khata.http.watch import LogPolicy

Count = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Name = Annotated[str, Meta(min_length=1, max_length=40)]


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    feature: Name
    quantity: Count = 1
    metadata: Metadata | None = None


class Orders(Struct, frozen=True, forbid_unknown_fields=True):
    items: list[Order]


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Taken(Struct, frozen=True):
    wallet_id: str
    feature: str
    quantity: int
    key: str


class Filter(Struct, frozen=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    kind: Literal["paid", "free"] | None = None
    since: Annotated[datetime, Meta(tz=True)] | None = field(default=None, name="from")
    count: bool = False


class Page(Struct, frozen=True):
    limit: int
    kind: str | None
    count: bool
    since: datetime | None


class Counted(Struct, frozen=True):
    count: int


class Key(Struct, frozen=True):
    owner: str
    scopes: frozenset[str]


KEYS = {
    b"Bearer khk_all": Key("all", frozenset({"toy:write", "toy:read"})),
    b"Bearer khk_reader": Key("reader", frozenset({"toy:read"})),
}


async def authenticate(_: str, headers: Mapping[bytes, bytes], __: bool) -> Key:
    key = KEYS.get(headers.get(b"authorization", b""))
    if key is None:
        raise Problem("UNAUTHENTICATED", "No valid key.")
    return key


toy = Routes("Toy")
_ORDER = json_decoder(Order)


@toy.hot(
    "POST /hot/{wallet_id}/take", body=Order, answer=Taken, scope="toy:write", key=True,
    example={"feature": "AI_SUMMARY"},
)  # fmt: skip
async def hot_take(scope: Scope, receive: Receive, _: Send) -> None:
    """Take, the hot way."""
    call: Call[Key] = Call.of(scope)
    order = decode_body(_ORDER, await read_json(call, receive))
    wallet_id = scope["path_params"]["wallet_id"]
    taken = Taken(wallet_id, order.feature, order.quantity, call.idempotency_key)
    await call.answer(200, msgspec.json.encode(taken))


@toy.on(
    "POST /wallets/{wallet_id}/take", scope="toy:write", key=True, statuses=(201, 200),
    problems=("INSUFFICIENT_CREDITS",), example={"feature": "AI_SUMMARY"},
)  # fmt: skip
async def take(call: Call[Key], wallet_id: str, body: Order) -> Reply[Taken] | Taken:
    """Take.

    At most 1,000 at once.
    """
    if body.quantity > 1000:
        shortfall = body.quantity - 1000
        raise Problem("INSUFFICIENT_CREDITS", "Too few credits.", shortfall=shortfall)
    taken = Taken(wallet_id, body.feature, body.quantity, call.idempotency_key)
    again = {"Idempotent-Replayed": "true"}
    return Reply(taken, 200, again) if body.feature == "again" else taken


@toy.on("POST /batch", scope="toy:write")
async def batch(body: Orders) -> Counted:
    """Count a batch."""
    return Counted(len(body.items))


@toy.on("POST /wallets/{wallet_id}/release", scope="toy:write", key=True)
async def release(wallet_id: str, body: Nothing | None) -> Reply[Counted]:
    """Release; the body may be left out."""
    assert wallet_id
    return Reply(b'{"count":%d}' % (0 if body is None else 1))


@toy.on("GET /wallets/{wallet_id}/rows", scope="toy:read")
async def rows(wallet_id: str, query: Filter) -> Page:
    """List rows."""
    assert wallet_id
    return Page(query.limit, query.kind, query.count, query.since)


@toy.on("GET /numbers/{number}", scope=ANY_KEY)
async def number(number: Annotated[int, Meta(ge=0, le=9)]) -> Counted:
    """One number."""
    return Counted(number)


@toy.on("GET /table.csv", scope="toy:read", media=("text/csv",))
async def table() -> Response:
    """A file."""
    return PlainTextResponse("a,b\n", media_type="text/csv")


@toy.on("GET /papers/{name}", scope=ANY_KEY)
async def paper(name: str) -> Page:
    """A paper."""
    return Page(0, name, count=False, since=None)


@toy.on("GET /papers/{name}.txt", scope=ANY_KEY, media=("text/plain",), statuses=(200, 304))
async def paper_text(name: str) -> Response:
    """The same as a file, unless the caller has it."""
    return PlainTextResponse(f"text of {name}") if name != "known" else Response(None, 304)


hidden = Routes("Hidden")


@hidden.on("GET /bug", scope=ANYONE)
async def bug() -> Counted:
    """A bug."""
    raise ZeroDivisionError


@hidden.on("POST /small", scope=ANYONE, max_body=4096)
async def small(body: list[str]) -> Counted:
    """Take a small body."""
    return Counted(len(body))


@hidden.on("GET /slow", scope=ANYONE, limits=Limits(request_seconds=0.05))
async def slow() -> Counted:
    """Never answers."""
    await asyncio.Event().wait()
    return Counted(0)


async def _ready() -> str | None:
    return READY["fault"]


READY: dict[str, str | None] = {"fault": None}


def toy_app(limits: Limits | None = None) -> ASGIApp:
    registry = CollectorRegistry()
    routes = [*toy, *probes({"store": _ready}, registry)]
    pages = documentation(routes, title="Toy", version="1", intro="A toy.")
    settings = HttpSettings(limits or Limits(), LogPolicy(per_second=0))
    beside = [Route("/beside/{what}", _beside)]
    routes = [*routes, *hidden, *pages]
    return application(routes, authenticate, registry, settings, further=beside)


async def _beside(request: Request) -> Response:
    """A route of Starlette's own."""
    if request.path_params["what"] == "bug":
        raise ZeroDivisionError
    return PlainTextResponse("beside")


class Running:
    """A server on its own loop in a thread."""

    def __init__(self, app: ASGIApp) -> None:
        self._ready = threading.Event()
        self._listener = listen("127.0.0.1", 0)
        self.port: int = self._listener.getsockname()[1]
        self._server = Server(app, self._ready.set)
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        uvloop.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.run_on(self._listener)

    def stop(self, then: Callable[[], object]) -> None:
        """Ask it to stop, then do something more on its loop."""
        self._server.stop()
        self._loop.call_soon_threadsafe(then)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, key: str) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, headers={"Authorization": f"Bearer {key}"})

    def raw(self, request: bytes) -> bytes:
        """Everything the server says until it closes, to exactly these bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    with Running(toy_app()) as server:
        yield server


@pytest.fixture(scope="session")
def url(running: Running) -> str:
    return running.url


@pytest.fixture(scope="session")
def api(running: Running) -> Iterator[httpx2.Client]:
    """A client that may do everything."""
    with running.client("khk_all") as client:
        yield client


@pytest.fixture(scope="session")
def reader(running: Running) -> Iterator[httpx2.Client]:
    """A client that may read only."""
    with running.client("khk_reader") as client:
        yield client


@pytest.fixture(scope="session")
def raw(running: Running) -> Callable[[bytes], bytes]:
    return running.raw


@pytest.fixture
def raw_in_haste() -> Iterator[Callable[[bytes], bytes]]:
    """Asks a server that waits for bodies a moment only."""
    with Running(toy_app(Limits(read_seconds=0.01))) as server:
        yield server.raw


@pytest.fixture
def store() -> Iterator[dict[str, str | None]]:
    """What the toy's readiness check finds at fault."""
    yield READY
    READY["fault"] = None


Stop = Callable[[Callable[[], object]], None]


@pytest.fixture
def serve() -> Callable[[ASGIApp], AbstractContextManager[tuple[str, Stop]]]:
    """Another application, as its address and the way to stop it."""

    @contextmanager
    def run(app: ASGIApp) -> Generator[tuple[str, Stop]]:
        with Running(app) as server:
            yield server.url, server.stop

    return run
