"""A simulated gateway on a real socket, a merchant that calls it, and an endpoint that listens."""

import asyncio
import hashlib
import hmac
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import httpx2
import msgspec
from msgspec import Struct

from khata.payments.simulator import (
    RunningSimulator,
    Simulator,
    SimulatorSettings,
    VirtualClock,
    start_simulator,
)

Doc: TypeAlias = dict[str, Any]

KEY = ("rzp_test_merchant", "merchant-secret")
SIGNED_WITH = "webhook-secret"
CONTROL = "control-token"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody, and costs nothing to make: all sockets here are plain."""


def settings(path: Path | None = None, *, rbi_delay: bool = False) -> SimulatorSettings:
    return SimulatorSettings(
        path=path,
        key_id=KEY[0],
        key_secret=KEY[1],
        webhook_secret=SIGNED_WITH,
        control_token=CONTROL,
        seed=7,
        rbi_delay=rbi_delay,
    )


class Refused(Exception):
    """The gateway said no: its status, and its error."""

    def __init__(self, status: int, error: Doc) -> None:
        super().__init__(f"{status} {error}")
        self.status = status
        self.error = error


class Heard(Struct):
    """One webhook as it arrived."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Doc:
        return msgspec.json.decode(self.body)

    @property
    def name(self) -> str:
        return self.event["event"]

    @property
    def id(self) -> str:
        return self.headers["x-razorpay-event-id"]

    def is_signed_with(self, secret: str) -> bool:
        wanted = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(self.headers["x-razorpay-signature"], wanted)

    def entity(self, key: str) -> Doc:
        return self.event["payload"][key]["entity"]


class Endpoint:
    """Listens on a socket of its own, keeps what it hears, and answers as told."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.answers: list[int] = []
        """The statuses of the next answers; 204 when there are none."""
        self.came = asyncio.Event()
        """Set by each webhook."""
        self.ends_patience: Callable[[], None] | None = None
        """Called instead of an answer: there will be none."""
        self.url = ""
        self._came = asyncio.Condition()

    async def hears(self, count: int) -> None:
        """Waits until so many webhooks have come."""
        async with asyncio.timeout(60), self._came:
            await self._came.wait_for(lambda: len(self.heard) >= count)

    @property
    def names(self) -> list[str]:
        return [heard.name for heard in self.heard]

    def one(self, name: str) -> Heard:
        """The one webhook of that name."""
        (found,) = [heard for heard in self.heard if heard.name == name]
        return found

    async def answer(self, heard: Heard) -> int:  # noqa: ARG002 - for those who look at it
        """The status that one webhook is answered with."""
        return self.answers.pop(0) if self.answers else 204

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[None]:
        server = await asyncio.start_server(self._hear, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
        async with server:
            yield

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.heard.append(Heard(headers, body))
        self.came.set()
        if self.ends_patience:
            self.ends_patience()
            await reader.read()
            writer.close()
            return
        status = await self.answer(self.heard[-1])
        writer.write(
            f"HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()
        async with self._came:
            self._came.notify_all()


class Stage:
    """A running simulator with everything around it."""

    def __init__(
        self, running: RunningSimulator, simulator: Simulator, clock: VirtualClock
    ) -> None:
        self.url = running.url
        self.simulator = simulator
        self.clock = clock
        self.endpoint = Endpoint()
        self.http = httpx2.AsyncClient(base_url=running.url, trust_env=False, verify=NO_TLS)

    async def api(self, call: str, body: Doc | None = None, **headers: str) -> Doc:
        """What the provider answers the merchant, as `await api("POST /orders", {...})`."""
        return answered(await self.raw_api(call, body, **headers))

    async def raw_api(self, call: str, body: Doc | None = None, **headers: str) -> httpx2.Response:
        method, path = call.split(" ", 1)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(method, f"/v1{path}", json=body, headers=named, auth=KEY)

    async def play(self, call: str, body: Doc | None = None) -> Doc:
        """What the control API answers, as `await play("POST /settle")`."""
        method, path = call.split(" ", 1)
        response = await self.http.request(
            method, f"/_emu{path}", json=body, headers={"X-Emu-Token": CONTROL}
        )
        return answered(response)

    async def order(self, amount: int = 60_200, **more: Any) -> Doc:
        return await self.api("POST /orders", {"amount": amount, "currency": "INR", **more})

    async def pay(self, order: Doc, **how: Any) -> Doc:
        """The customer pays; the payment as the merchant sees it then."""
        told = await self.play("POST /checkout", {"order_id": order["id"], **how})
        return await self.payment(told["razorpay_payment_id"])

    async def paid(self, amount: int = 60_200, **how: Any) -> Doc:
        """A captured payment."""
        return await self.pay(await self.order(amount), **how)

    async def payment(self, payment_id: str) -> Doc:
        return await self.api(f"GET /payments/{payment_id}?expand[]=card")

    async def pass_time(self, seconds: int) -> None:
        """Turns the clock and delivers what is due."""
        self.clock.advance(seconds)
        await self.simulator.deliver_due()

    async def events(self) -> list[str]:
        """Delivers what is due; the names of what the endpoint heard since it was last asked."""
        await self.simulator.deliver_due()
        names = self.endpoint.names
        self.endpoint.heard.clear()
        return names


def answered(response: httpx2.Response) -> Doc:
    body: Doc = response.json()
    if response.status_code != 200:
        raise Refused(response.status_code, body["error"])
    return body


@asynccontextmanager
async def opened(simulator: Simulator) -> AsyncGenerator[RunningSimulator]:
    """The simulator answers until the end, and is closed then."""
    running = await start_simulator(simulator)
    try:
        yield running
    finally:
        await running.stop()
        simulator.close()


@asynccontextmanager
async def staged(
    path: Path | None = None, *, rbi_delay: bool = False, clock: VirtualClock | None = None
) -> AsyncGenerator[Stage]:
    """A stage, until its end. With a path another can take up what it left."""
    clock = clock or VirtualClock()
    simulator = Simulator(settings(path, rbi_delay=rbi_delay), clock)
    async with opened(simulator) as running:
        stage = Stage(running, simulator, clock)
        async with stage.http, stage.endpoint.listening():
            simulator.set_webhook(stage.endpoint.url)
            yield stage
