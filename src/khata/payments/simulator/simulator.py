"""The simulator as one thing: its application, its webhooks, its passing time."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.routing import Route as Address

from khata.payments.simulator.acting import acting
from khata.payments.simulator.callers import anybody, controllers, key_holders
from khata.payments.simulator.clock import DAY, Clock, RealClock
from khata.payments.simulator.deliveries import deliver_next, webhook_client
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.door import Door, FaultyDoor, json_answer
from khata.payments.simulator.failures import GatewayError
from khata.payments.simulator.pages import PAY_ORDER, pages
from khata.payments.simulator.queue import put_endpoint
from khata.payments.simulator.routes import CONTROL, PROVIDER
from khata.payments.simulator.settings import SimulatorSettings

_log = structlog.stdlib.get_logger(__name__)

_MAIN: Final = "hook_main"
_REPLAYABLE: Final = 15 * DAY
_LONGEST_NAP: Final = 1.0


class Simulator:
    """One simulated gateway. `app` is its ASGI application; it belongs to one event loop.

    Nothing happens by itself but in `run`: without it each request, and `deliver_due`, first lets
    happen what is due by the clock.
    """

    def __init__(self, settings: SimulatorSettings, clock: Clock | None = None) -> None:
        self._desk = Desk(settings, clock or RealClock())
        self._delivering = asyncio.Lock()
        self.settings = settings
        self.app = _application(self._desk)

    def set_webhook(self, url: str, secret: str | None = None) -> None:
        """Has events sent there, signed with the settings' secret or this one.

        Events that were not accepted at the address before are sent there too.
        """
        with acting(self._desk):
            put_endpoint(self._desk, _MAIN, url, secret or self.settings.webhook_secret)

    async def deliver_due(self) -> int:
        """Lets happen what is due and sends all webhooks due by the clock; says how many."""
        async with self._delivering:
            with acting(self._desk):
                pass
            if not self._desk.store.next_delivery(self._desk.clock.now()):
                return 0
            attempts = 0
            async with webhook_client() as client:
                while await deliver_next(self._desk, client):
                    attempts += 1
            return attempts

    async def run(self) -> None:
        """Lets time pass and delivers, until it is cancelled."""
        while True:
            try:
                await self.deliver_due()
                self._forget_old()
            except Exception:  # noqa: BLE001 - whatever it was, the next round comes
                _log.exception("simulator_stumbled")
            # What woke it until here is sent, or is due and makes the nap short.
            self._desk.wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._nap()):
                    await self._desk.wake.wait()

    def close(self) -> None:
        """Closes its file."""
        self._desk.close()

    def _nap(self) -> float:
        soonest = self._desk.store.soonest()
        if soonest is None:
            return _LONGEST_NAP
        return min(max(soonest - self._desk.clock.now(), 0.05), _LONGEST_NAP)

    def _forget_old(self) -> None:
        """Events and deliveries nobody may ask for any more."""
        before = self._desk.clock.now() - _REPLAYABLE
        self._desk.store.purge("event", before)
        self._desk.store.purge("delivery", before)


def _application(desk: Desk) -> Starlette:
    holders, control = key_holders(desk.settings), controllers(desk.settings)
    addresses: list[BaseRoute] = [
        *(
            Address(route.path, FaultyDoor(desk, route, holders), methods=[route.method])
            for route in PROVIDER
        ),
        *(
            Address(route.path, Door(desk, route, control), methods=[route.method])
            for route in CONTROL
        ),
        Address(PAY_ORDER.path, Door(desk, PAY_ORDER, anybody), methods=[PAY_ORDER.method]),
        *pages(desk),
    ]
    app = Starlette(routes=addresses, exception_handlers={HTTPException: _not_found})
    app.router.redirect_slashes = False
    return app


async def _not_found(_: Request, __: Exception) -> Response:
    error = GatewayError("The requested URL was not found on the server.")
    return json_answer(error.body(), error.status)
