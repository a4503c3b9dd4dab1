"""The door of each address: who asks, what for, what goes wrong on purpose, and the answer."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from typing import Any, Final, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from khata.payments.simulator.acting import acting
from khata.payments.simulator.asked import Ask, refuse_others
from khata.payments.simulator.callers import Admit
from khata.payments.simulator.checkout import Played
from khata.payments.simulator.cutting import cut
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, shown
from khata.payments.simulator.failures import GatewayError, invalid
from khata.payments.simulator.faults import BEFORE, Fault, faults_in
from khata.payments.simulator.refund_calls import KEY_HEADER
from khata.payments.simulator.routes import Route

FAULT_HEADER: Final = "x-emu-fault"
_PAGE_OF_A_PROXY: Final = "<html><head><title>502 Bad Gateway</title></head><body></body></html>"
_USUAL_SLOWNESS_MS: Final = 250


class Door:
    """One address, for those it admits."""

    def __init__(self, desk: Desk, route: Route, admit: Admit) -> None:
        self._desk = desk
        self._route = route
        self._admit = admit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except GatewayError as error:
            answer = json_answer(error.body(), error.status)
        if isinstance(answer, Response):
            await answer(scope, receive, send)
        else:
            await cut(scope, receive, reset=answer.fault == "conn_reset")

    async def _answer(self, request: Request) -> Response | Fault:
        self._admit(request)
        body = _body_in(await request.body())
        refuse_others(body, self._route.fields)
        ask = Ask(
            path=request.path_params, query=request.query_params, body=body, headers=request.headers
        )
        return await self._carry_out(ask)

    async def _carry_out(self, ask: Ask) -> Response | Fault:
        return _answered(self._run(ask, _once_in(ask)))

    def _run(self, ask: Ask, once: list[Fault], *, stale: bool = False) -> Doc | Played:
        with self._desk.faults.once(once), acting(self._desk):
            with self._desk.store.as_before() if stale else nullcontext():
                answer = self._route.run(self._desk, ask)
            if isinstance(answer, Played):
                return answer
            if answer.get("entity") == "collection":
                return {**answer, "items": [self._told(item) for item in answer["items"]]}
            return self._told(answer)

    def _told(self, doc: Doc) -> Doc:
        return shown(doc)


class FaultyDoor(Door):
    """A door of the provider, where faults strike."""

    def __init__(self, desk: Desk, route: Route, admit: Admit) -> None:
        super().__init__(desk, route, admit)
        self._refunding: set[str] = set()

    @override
    async def _carry_out(self, ask: Ask) -> Response | Fault:
        once = _once_in(ask)
        if before := self._first(BEFORE, once):
            return _http_failure(before)
        with self._refunding_once(ask.headers.get(KEY_HEADER)):
            if slow := self._first(("slow",), once):
                await asyncio.sleep(slow.size(_USUAL_SLOWNESS_MS) / 1000)
            is_read = self._route.method == "GET"
            stale = is_read and self._first(("stale_read",), once) is not None
            answer = self._run(ask, once, stale=stale)
        return self._first(("timeout_after",), once) or _answered(answer)

    @override
    def _told(self, doc: Doc) -> Doc:
        return self._desk.told(self._route.name, doc)

    def _first(self, names: tuple[str, ...], once: list[Fault]) -> Fault | None:
        with self._desk.faults.once(once):
            strikes = (self._desk.faults.strike(name, self._route.name) for name in names)
            return next((fault for fault in strikes if fault), None)

    @contextmanager
    def _refunding_once(self, key: str | None) -> Generator[None]:
        """Refuses a key whose first request is still being carried out."""
        if key in self._refunding:
            raise GatewayError("A request with this idempotency key is in progress.", status=409)
        if key:
            self._refunding.add(key)
        try:
            yield
        finally:
            self._refunding.discard(key or "")


def json_answer(doc: Doc, status: int = 200) -> Response:
    return Response(msgspec.json.encode(doc), status, media_type="application/json")


def _answered(answer: Doc | Played) -> Response:
    if isinstance(answer, Played):
        return json_answer(answer.answer, answer.error.status if answer.error else 200)
    return json_answer(answer)


def _body_in(raw: bytes) -> Doc:
    if not raw:
        return {}
    try:
        body: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise GatewayError("The request body is not valid JSON.") from None
    if body == []:  # how some write an empty object
        return {}
    if not isinstance(body, dict):
        raise GatewayError("The request body must be a JSON object.")
    return cast("Doc", body)


def _once_in(ask: Ask) -> list[Fault]:
    try:
        return faults_in(ask.headers.get(FAULT_HEADER, ""))
    except ValueError as error:
        raise invalid(FAULT_HEADER, str(error)) from None


def _http_failure(fault: Fault) -> Response | Fault:
    """What the fault answers instead; itself where there is no answer at all."""
    match fault.fault:
        case "http_500_json":
            error = GatewayError("We are facing some trouble completing your request.", status=500)
            body = error.body()
            body["error"]["code"] = "SERVER_ERROR"
            return json_answer(body, 500)
        case "http_502_html":
            return Response(_PAGE_OF_A_PROXY, 502, media_type="text/html")
        case "http_429":
            return json_answer(GatewayError("Too many requests").body(), 429)
        case _:
            return fault
