"""A wallet that recharges itself at the real simulator, with one clock for all, turned by hand."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from desk import SECOND_US, Clock, Desk
from khata.app.recharge.methods import NewMethod
from khata.app.recharge.settings import AutoRecharge, RechargeChange
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.app.topups.opening import GatewaySettings
from khata.app.topups.orders import OrderWish
from khata.app.topups.scoring import Payer
from khata.app.topups.simulator_place import Access, open_access
from khata.app.topups.simulator_run import SimulatorWish
from khata.domain.actor import Actor
from khata.domain.ids import OrganizationId
from khata.domain.parties import Buyer
from khata.domain.recharge import Recharge
from khata.domain.wallet import Wallet
from khata.payments.gateway import GatewayPayment
from khata.payments.simulator import VirtualClock
from khata.postgres import orders as order_store
from khata.postgres import recharges as recharge_store
from khata.postgres.asking import ask_pool, borrowed
from khata.postgres.claims import Wish
from khata.postgres.orders import Order, OrderFilter
from khata.postgres.payment_methods import PaymentMethod
from khata.postgres.server import Server
from khata.postgres.settings import DatabaseSettings
from simulated import Endpoint

LINE = "select recharge_below, recharges from accounts where wallet_id = $1"
MOST_ROUNDS = 200
CUSTOMER = Actor("key_customer")


class Shop(Desk):
    """A desk with a simulator beside it, whose events are heard and brought to the inbox."""

    def __init__(
        self, khata: Khata, wallet: Wallet, clock: Clock, simulated: VirtualClock, access: Access
    ) -> None:
        super().__init__(khata, wallet, clock)
        self.simulated = simulated
        self.endpoint = Endpoint()
        self._access = access

    @property
    def organization_id(self) -> OrganizationId:
        return OrganizationId(self.wallet.organization_id)

    def at(self, wallet: Wallet) -> "Shop":
        """The same shop with another wallet."""
        return Shop(self.khata, wallet, self.clock, self.simulated, self._access)

    def turn(self, *, seconds: int = 0, hours: int = 0) -> None:
        """Lets time pass everywhere."""
        self.clock.turn(seconds=seconds + hours * 3600)
        self.simulated.advance(seconds + hours * 3600)

    async def method(self, instrument: str = "success@razorpay") -> PaymentMethod:
        """A mandate that the customer has agreed to."""
        kind = "upi" if "@" in instrument else "card"
        wish = NewMethod(kind=kind, instrument=instrument)
        return await self.khata.recharging.methods.add(self.wallet, wish, CUSTOMER)

    async def on(self, method: PaymentMethod, **more: Any) -> AutoRecharge:
        """Auto-recharge by this method, from now on."""
        change = RechargeChange(
            enabled=True, payment_method_id=method.id, **{"amount_paise": 50_000, **more}
        )
        settings = self.khata.recharging.settings
        changed = await settings.change(self.wallet.id, self.organization_id, change, CUSTOMER)
        assert isinstance(changed, AutoRecharge), changed
        return changed

    async def buy(self, buyer: Buyer) -> Order:
        """The pack of 500 rupees, paid at once by this buyer."""
        wish = OrderWish(asked="pro", payment_method="upi", buyer=buyer)
        topups, key = self.khata.topups, self.key
        placed = await topups.orders.place(wish, Wish(self.wallet.id, key, key.encode()), Payer())
        assert isinstance(placed, Order), placed
        return await topups.play(placed, "success", 0)

    async def off(self) -> None:
        """No auto-recharge from now on, as the customer wants it."""
        settings = self.khata.recharging.settings
        change = RechargeChange(enabled=False)
        await settings.change(self.wallet.id, self.organization_id, change, CUSTOMER)

    async def work(self) -> None:
        """Does all that is due by now, and what follows from it at once."""
        for _ in range(MOST_ROUNDS):
            if not await self.khata.worker.work_once():
                return
        raise AssertionError("there is no end of work")

    async def hear(self) -> list[str]:
        """Has the simulator deliver what is due, and the inbox read it; the events' types."""
        assert self.khata.simulator is not None
        await self.khata.simulator.deliver_due()
        heard = list(self.endpoint.heard)
        self.endpoint.heard.clear()
        inbox = self.khata.topups.inbox
        for one in heard:
            await inbox.receive("simulator", one.headers, one.body, None)
        while await inbox.work_once():
            pass
        return [one.name for one in heard]

    async def play(self, call: str, body: Mapping[str, object] | None = None) -> None:
        """Plays the bank or the customer, by the simulator's control."""
        method, path = call.split(" ", 1)
        async with httpx2.AsyncClient(base_url=self._access.url, trust_env=False) as http:
            answer = await http.request(
                method,
                f"/_emu{path}",
                json=body,
                headers={"X-Emu-Token": self._access.control_token},
            )
        assert answer.status_code == 200, answer.text

    async def expect(self, method: PaymentMethod, *debits: str) -> None:
        """How the next debits of the mandate end."""
        await self.play(f"POST /mandates/{method.mandate_id}/expect", {"debits": list(debits)})

    async def line(self) -> tuple[int | None, int]:
        """The wallet's line, and how many recharges have begun."""
        (row,) = await ask_pool(self.khata.registries, LINE, self.wallet.id)
        return row[0], row[1]

    async def recharge(self, number: int) -> Recharge:
        async with borrowed(self.khata.registries) as connection:
            found = await recharge_store.recharge(connection, self.wallet.id, number)
        assert found is not None
        return found

    async def standing(self) -> AutoRecharge:
        found = await self.khata.recharging.settings.of_wallets([self.wallet.id])
        return found[self.wallet.id]

    async def available(self) -> int:
        seen = await self.khata.views.wallet_view(self.wallet.id)
        assert seen is not None
        return seen.accounts.available

    async def orders(self) -> list[Order]:
        """The wallet's orders, oldest first."""
        async with borrowed(self.khata.registries) as connection:
            found = await order_store.orders(connection, self.wallet.id, OrderFilter(), 100, None)
        return found[::-1]

    async def taken(self) -> list[GatewayPayment]:
        """Payments whose money the gateway took, on any order of the wallet."""
        gateway = self.khata.topups.gateways.of("simulator")
        named = [order.gateway_order_id for order in await self.orders() if order.gateway_order_id]
        told = [payment for order in named for payment in await gateway.order_payments(order)]
        return [payment for payment in told if payment.state == "captured"]

    async def alerts(self) -> list[Mapping[str, str | int | None]]:
        found = await self.khata.alerts.list(self.wallet.id, None, 10, None)
        return [alert.facts for alert in found]


@asynccontextmanager
async def opened_shop(
    database: Server, folder: Path, clock: Clock, *, rbi_delay: bool = False
) -> AsyncGenerator[Shop]:
    """A shop, until its end."""
    simulated = VirtualClock(clock() // SECOND_US)
    wish = SimulatorWish(runs=True, rbi_delay=rbi_delay, clock=simulated)
    where = DatabaseSettings(data_folder=folder, url=database.owner_dsn)
    settings = KhataSettings(database=where, sweeps=False, gateways=GatewaySettings(simulator=wish))
    async with open_khata(settings, clock) as khata:
        wallet, _, _ = await khata.wallets.create(None, "user", "asha", "Asha")
        shop = Shop(khata, wallet, clock, simulated, open_access(folder))
        async with shop.endpoint.listening():
            assert khata.simulator is not None
            khata.simulator.set_webhook(shop.endpoint.url)
            yield shop
