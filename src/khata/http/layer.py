"""Makes an ASGI application of declared routes: who asks, what is asked, what is answered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, cast

import msgspec
from msgspec import inspect as types
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from khata.http.bodies import decode_body, json_decoder, read_json
from khata.http.call import Call, Caller
from khata.http.edge import Edge, HttpSettings
from khata.http.parameters import Texts, idempotency_key, query_texts, refuse_query
from khata.http.problems import MEDIA_TYPE, Problem, no_scope
from khata.http.routes import ANY_KEY, Reply, Route, Run
from khata.http.routing import RouteTable
from khata.http.watch import Watch

_ENCODER: Final = msgspec.json.Encoder()
_DEFAULTS: Final = HttpSettings()

Authenticate = Callable[[str, Mapping[bytes, bytes], bool], Awaitable[Caller]]
"""(method, headers by lower-case name, whether nobody is at it) -> who asks; raises
`Problem("UNAUTHENTICATED", ...)`."""


class _Door:
    """What both kinds of endpoints are: a route, and how its callers are known."""

    def __init__(self, route: Route, authenticate: Authenticate) -> None:
        self.method = route.method
        self.template = route.template
        self._route = route
        self._authenticate = authenticate

    async def _admit(self, scope: Scope) -> Call[Any]:
        """401, 403, then the key's form; in this order."""
        call, route = Call.of(scope), self._route
        call.template = route.template
        call.max_body = route.max_body
        if route.limits:
            call.limit_time(route.limits)
        if route.scope:
            alone = route.unattended
            call.caller = await self._authenticate(scope["method"], call.headers, alone)
            if route.scope not in call.caller.scopes and route.scope != ANY_KEY:
                raise no_scope(route.scope)
        if route.key:
            call.idempotency_key = idempotency_key(call.headers)
        return call


class _HotDoor(_Door):
    def __init__(self, route: Route, authenticate: Authenticate) -> None:
        super().__init__(route, authenticate)
        self._app = cast("ASGIApp", route.declared)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._admit(scope)
        if scope["query_string"] and self._route.query is None:
            refuse_query(scope["query_string"])
        await self._app(scope, receive, send)


class _TypedDoor(_Door):
    def __init__(self, route: Route, authenticate: Authenticate) -> None:
        super().__init__(route, authenticate)
        self._run = cast("Run", route.declared)
        self._wants_call = "call" in self._run.__annotations__
        self._path = _path_texts(route)
        self._query = Texts(route.query) if route.query else None
        self._decoder = json_decoder(route.body) if route.body else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = await self._admit(scope)
        given = self._from_head(scope)
        if self._wants_call:
            given["call"] = call
        if self._decoder:
            raw = await read_json(call, receive)
            absent = self._route.body_optional and not raw
            given["body"] = None if absent else decode_body(self._decoder, raw)
        answer = await self._run(**given)
        if isinstance(answer, Response):
            await answer(scope, receive, send)
        else:
            await _answer(call, answer, self._route.statuses[0])

    def _from_head(self, scope: Scope) -> dict[str, object]:
        given: dict[str, object] = scope["path_params"]
        if self._path:
            given = msgspec.structs.asdict(self._path.read(scope["path_params"]))
        if self._query:
            given["query"] = self._query.read(query_texts(scope["query_string"]))
        elif scope["query_string"]:
            refuse_query(scope["query_string"])
        return given


async def _answer(call: Call[Any], answer: object, status: int) -> None:
    headers: Sequence[tuple[bytes, bytes]] = ()
    if isinstance(answer, Reply):
        reply = cast("Reply[object]", answer)
        status = reply.status or status
        headers = [(name.lower().encode(), text.encode()) for name, text in reply.headers.items()]
        answer = reply.body
    body = answer if isinstance(answer, bytes) else _ENCODER.encode(answer)
    await call.answer(status, body, headers)


def _path_texts(route: Route) -> Texts[msgspec.Struct] | None:
    """Nothing where every path parameter may be any text."""
    if all(types.type_info(wanted) == types.StrType() for wanted in route.path.values()):
        return None
    return Texts(msgspec.defstruct("Path", list(route.path.items())))


def application(
    routes: Iterable[Route],
    authenticate: Authenticate,
    registry: CollectorRegistry,
    settings: HttpSettings = _DEFAULTS,
    *,
    lifespan: Lifespan[Starlette] | None = None,
    further: Sequence[BaseRoute] = (),
) -> Edge:
    """The whole of HTTP; `further` are Starlette routes beside the table, such as static files."""
    doors = [_HotDoor if route.hot else _TypedDoor for route in routes]
    table = RouteTable(door(route, authenticate) for door, route in zip(doors, routes, strict=True))
    watch = Watch(registry, settings.log)
    app = Starlette(
        routes=further,
        exception_handlers=dict.fromkeys((HTTPException, Problem, Exception), _problem),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Edge(app, table, watch, settings)


async def _problem(_: Request, error: Exception) -> Response:
    """What goes wrong beside the table, as a problem too."""
    match error:
        case Problem():
            problem = error
        case HTTPException(status_code=404):
            problem = Problem("NOT_FOUND", "There is nothing at this address.")
        case HTTPException(status_code=405):
            detail = "This address answers to other methods."
            problem = Problem("METHOD_NOT_ALLOWED", detail, error.headers)
        case _:
            problem = Problem("INTERNAL", "Our mistake, not yours.")
    return Response(problem.body(), problem.status, problem.headers, MEDIA_TYPE)
