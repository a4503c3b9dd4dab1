"""A small application over the layer, with one route of each kind."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from khata.http.bodies import Metadata, decode_body, json_decoder, read_json
from khata.http.call import Call, Limits
from khata.http.docs_page import documentation
from khata.http.edge import HttpSettings
from khata.http.layer import application
from khata.http.probes import probes
from khata.http.problems import Problem
from khata.http.routes import ANY_KEY, ANYONE, Reply, Routes

Count = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Name = Annotated[str, Meta(min_length=1, max_length=40)]


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    feature: Name
    quantity: Count = 1
    metadata: Metadata | None = None


class Orders(Struct, frozen=True, forbid_unknown_fields=True):
    items: Annotated[list[Order], Meta(max_length=100)]


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


async def authenticate(_: str, headers: Mapping[bytes, bytes]) -> Key:
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


@toy.on("POST /batch", scope="toy:write", max_body=4096)
async def batch(body: Orders) -> Counted:
    """Count a batch."""
    return Counted(len(body.items))


@toy.on("POST /wallets/{wallet_id}/release", scope="toy:write", key=True)
async def release(wallet_id: str, body: Nothing | None) -> Reply[Counted]:
    """Release; the body may be left out."""
    return Reply(b'{"count":%d}' % (0 if body is None else 1), 200, {"X-Wallet": wallet_id[:1]})


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


@toy.on("GET /bug", scope=ANYONE)
async def bug() -> Counted:
    """A bug."""
    raise ZeroDivisionError


@toy.on("GET /slow", scope=ANYONE, limits=Limits(request_seconds=0.05))
async def slow() -> Counted:
    """Never answers."""
    await asyncio.Event().wait()
    return Counted(0)


@toy.on("GET /cpu", scope=ANYONE)
async def cpu() -> Response:
    """Microseconds of processor time used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return PlainTextResponse(str(int((used.ru_utime + used.ru_stime) * 1e6)))


def toy_app(limits: Limits | None = None) -> Starlette:
    registry = CollectorRegistry()
    routes = [*toy, *probes({"store": _ready}, registry)]
    pages = documentation(routes, title="Toy", version="1", intro="A toy.")
    settings = HttpSettings(limits or Limits())
    return application([*routes, *pages], authenticate, registry, settings)


async def _ready() -> str | None:
    return READY["fault"]


READY: dict[str, str | None] = {"fault": None}
