"""A town with a real gateway on a socket and a real Khata over a real database, for random stories.

Everything in it happens by hand: the clock is turned, webhooks are delivered, jobs are worked on.
Khata may die at any point, and is opened again over the same database, as a new process would be.
"""

from collections.abc import AsyncGenerator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import httpx2
import psycopg
import pytest
from msgspec import Struct

from desk import BankClock, Clock
from khata.app import runtime
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.app.topups import opening
from khata.app.topups.opening import GatewaySettings
from khata.app.topups.orders import OrderWish
from khata.app.topups.refunds import RefundWish
from khata.app.topups.simulator_place import Access, open_access
from khata.app.topups.simulator_run import SimulatorWish
from khata.app.worker import Worker
from khata.domain.wallet import Wallet
from khata.engine.books import Unavailable
from khata.engine.engine import fingerprint_of
from khata.payments.gateway import GatewayRefused, GatewayUnavailable, NotGenuine
from khata.payments.razorpay.wire import WireSettings
from khata.payments.simulator import Simulator, SimulatorSettings, start_simulator
from khata.postgres.claims import Wish
from khata.postgres.connect import session_of
from khata.postgres.server import Server
from khata.postgres.settings import DatabaseSettings
from mortal import Died, Fuse, make_mortal
from simulated import NO_TLS, Endpoint, Heard

Doc: TypeAlias = dict[str, Any]
_T = TypeVar("_T")

FOREVER_SECONDS = 1e9
MOST_ROUNDS = 300


class Placed(Struct):
    """An order somebody asked for, under its key; and what Khata made of it, as far as it told."""

    who: str
    wish: OrderWish
    key: Wish
    order_id: str | None = None
    gateway_order_id: str | None = None


class Refunding(Struct):
    """A refund somebody asked for, under its key."""

    placed: Placed
    wish: RefundWish
    key: Wish


class Door(Endpoint):
    """Khata's door for events, on a socket: it answers what Khata makes of each."""

    def __init__(self, town: "Town") -> None:
        super().__init__()
        self._town = town

    async def answer(self, heard: Heard) -> int:
        """The status for one event, as the route answers it. No two come at the same instant."""
        self._town.clock.at_us += 1
        try:
            await self._town.khata.topups.inbox.receive(
                "simulator", heard.headers, heard.body, None
            )
        except NotGenuine:
            return 400
        except (Unavailable, Died):
            return 503
        return 200


class Town:
    """One gateway, one Khata, and two customers with a new wallet for each story."""

    def __init__(
        self, database: Server, folder: Path, clock: Clock, fuse: Fuse, simulator: Simulator
    ) -> None:
        self.clock = clock
        self.database = database
        self.fuse = fuse
        self.simulator = simulator
        self.access: Access = open_access(folder)
        self.door = Door(self)
        self.khata: Khata
        self.wallets: dict[str, Wallet] = {}
        self.placed: list[Placed] = []
        self.refunding: list[Refunding] = []
        self.told: list[str] = []
        """The story so far, in words."""
        self.lies = 0
        """How often the gateway was made to say what is not so."""
        self.bought = 0
        """How many purchases the story led to."""
        self._folder = folder
        self.checker = psycopg.connect(session_of(database.owner_dsn, "checker"), autocommit=True)
        """Reads the books for the checks, past Khata."""
        self._open: AbstractAsyncContextManager[Khata] | None = None
        self._keys = 0
        self._stories = 0
        self._http = httpx2.AsyncClient(
            base_url=self.access.url,
            auth=(self.access.key_id, self.access.key_secret),
            headers={"X-Emu-Token": self.access.control_token},
            trust_env=False,
            verify=NO_TLS,
        )

    async def open(self) -> None:
        """A new process of Khata."""
        where = DatabaseSettings(data_folder=self._folder, url=self.database.owner_dsn)
        settings = KhataSettings(
            database=where,
            gateways=GatewaySettings(simulator=SimulatorWish(runs=False)),
            sweeps=False,
        )
        self._open = open_khata(settings, self.clock)
        self.khata = await self._open.__aenter__()

    async def close(self) -> None:
        """The process ends."""
        if self._open is not None:
            closing, self._open = self._open, None
            await closing.__aexit__(None, None, None)

    async def leave(self) -> None:
        """The town's end."""
        await self.close()
        await self._http.aclose()
        self.checker.close()

    async def bury(self) -> None:
        """What died is replaced by a new process, which knows what stands in the database."""
        if self.fuse.is_dead:
            self.tell(f"    Khata dies {self.fuse.where}, and is started again")
            self.fuse.put_out()
            await self.close()
            await self.open()

    async def begin(self) -> None:
        """A new story: the gateway forgets all others, and the customers have new wallets."""
        self._stories += 1
        self.placed, self.refunding, self.told, self.lies = [], [], [], 0
        await self.play("POST /reset")
        self.simulator.set_webhook(self.door.url)
        for who in ("asha", "ravi"):
            owner = f"{who} {self._stories}"
            self.wallets[who], _, _ = await self.khata.wallets.create(None, "user", owner, who)

    def tell(self, words: str) -> None:
        self.told.append(words)

    def new_key(self, who: str, body: object) -> Wish:
        """A new wish of that customer."""
        self._keys += 1
        return Wish(self.wallets[who].id, f"key-{self._keys}", fingerprint_of("order", body))

    async def play(self, call: str, body: Doc | None = None) -> Doc:
        """What the gateway's control answers to the banks, the customers and the weather."""
        method, path = call.split(" ", 1)
        answer = await self._http.request(method, f"/_emu{path}", json=body)
        assert answer.status_code in {200, 400}, answer.text
        return answer.json()

    async def dashboard(self, call: str, body: Doc | None = None) -> Doc:
        """What the gateway's own dashboard shows and does; nothing where the weather is against it,
        which the person in front of it sees and leaves at that."""
        method, path = call.split(" ", 1)
        try:
            answer = await self._http.request(method, f"/v1{path}", json=body)
        except httpx2.TransportError:
            return {}
        return answer.json() if answer.status_code == 200 else {}

    async def bank(self) -> Doc:
        """Everything that the gateway knows."""
        return (await self.play("GET /state"))["all"]

    async def deliver(self) -> int:
        """The gateway sends what is due; how much that was."""
        sent = await self.simulator.deliver_due()
        await self.bury()
        return sent

    async def read_events(self) -> int:
        """The inbox is worked on once."""
        return await self.living(self.khata.topups.inbox.work_once()) or 0

    async def work(self) -> int:
        """One job that is due is done."""
        return await self.living(self.khata.worker.work_once()) or 0

    async def living(self, doing: Awaitable[_T]) -> _T | None:
        """What Khata does, unless it dies of it: then nothing."""
        try:
            return await doing
        except Died:
            await self.bury()
            return None

    async def asked(self, doing: Awaitable[_T]) -> _T | None:
        """The answer of what somebody asks of Khata; none where it dies, or can't say."""
        try:
            return await self.living(doing)
        except (GatewayUnavailable, GatewayRefused, Unavailable) as error:
            self.tell(f"    no answer: {type(error).__name__}: {error}")
            return None

    async def settle(self) -> None:
        """Does all there is to do by now, whatever follows from it."""
        for _ in range(MOST_ROUNDS):
            if not await self.deliver() + await self.read_events() + await self.work():
                return
        raise AssertionError("there is no end of work")

    async def look_at_settlements(self) -> None:
        """Khata asks what was paid to our bank."""
        await self.asked(self.khata.topups.settlements.look())


@asynccontextmanager
async def opened_town(
    database: Server, folder: Path, patch: pytest.MonkeyPatch
) -> AsyncGenerator[Town]:
    """A town, until its end. Its Khata asks a gateway again at once, and does one job at a time, so
    that the same story always goes the same way."""
    fuse = Fuse()
    make_mortal(patch, fuse)
    patch.setattr(opening, "WireSettings", partial(WireSettings, pauses=(0.0, 0.0)))
    patch.setattr(runtime, "Worker", partial(Worker, at_once=1))
    patch.setattr(runtime, "PRICES_SECONDS", FOREVER_SECONDS)
    access = open_access(folder)
    settings = SimulatorSettings(
        path=None,
        key_id=access.key_id,
        key_secret=access.key_secret,
        webhook_secret=access.webhook_secret,
        control_token=access.control_token,
    )
    clock = Clock()
    simulator = Simulator(settings, BankClock(clock))
    running = await start_simulator(simulator, port=access.port)
    town = Town(database, folder, clock, fuse, simulator)
    try:
        async with town.door.listening():
            await town.open()
            yield town
    finally:
        await town.leave()
        await running.stop()
        simulator.close()
