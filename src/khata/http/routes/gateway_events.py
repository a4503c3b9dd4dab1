"""Where payment gateways send their events."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from starlette.types import Receive, Scope, Send

from khata.app.runtime import Khata
from khata.http.bodies import read_body
from khata.http.call import Call, Nobody
from khata.http.problems import Problem
from khata.http.routes import ANYONE, Routes
from khata.payments.gateway import NotGenuine

_LARGEST: Final = 256 * 1024
_RECEIVED: Final = b'{"received":true}'


class Received(Struct, frozen=True):
    """The event is kept, and is worked on soon."""

    received: bool


class GatewayEventRoutes:
    """For gateways alone: their signature is their key."""

    routes = Routes("Gateways")

    def __init__(self, khata: Khata) -> None:
        self._inbox = khata.topups.inbox

    @routes.hot(
        "POST /v1/payments/webhooks/{provider}",
        answer=Received,
        scope=ANYONE,
        unaudited="The inbox keeps each event of a gateway with its body.",
        problems=("NOT_GENUINE", "NOT_FOUND"),
        max_body=_LARGEST,
    )
    async def receive_event(self, scope: Scope, receive: Receive, _: Send) -> None:
        """Take a gateway's event, signed over its raw bytes.

        An event that comes again, or late, or in another order changes nothing twice.
        """
        call: Call[Nobody] = Call.of(scope)
        body = await read_body(call, receive)
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in call.headers.items()
        }
        provider: str = scope["path_params"]["provider"]
        try:
            known = await self._inbox.receive(provider, headers, body, call.client.shown)
        except NotGenuine as error:
            raise Problem("NOT_GENUINE", f"The event was not believed: {error}.") from None
        if not known:
            raise Problem("NOT_FOUND", "There is no such gateway here.")
        await call.answer(200, _RECEIVED)
