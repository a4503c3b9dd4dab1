"""A recharge that is cut off at any point, and taken up again: one debit, and its credits once."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from desk import Clock, Desk
from khata.app.recharge import lines, steps
from khata.app.topups import captures, orders
from khata.app.topups import steps as order_steps
from khata.app.topups.gateways import Gateways
from khata.payments.gateway import Gateway
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.recharges import subject_of
from khata.postgres.server import Server
from shop import Shop, opened_shop

# Where the recharge's step, and what it calls, meet the database.
MEETING = (steps, lines, orders, order_steps, captures)
FEWEST_POINTS = 20


class Killed(BaseException):
    """The process is no more."""


class Points:
    """Counts the points at which something outside was just done or is about to be, and kills at
    one of them."""

    def __init__(self) -> None:
        self.seen = 0
        self.last = 0

    def begin(self, last: int) -> None:
        self.seen, self.last = 0, last

    def here(self) -> None:
        self.seen += 1
        if self.seen == self.last:
            raise Killed


class WatchedGateway:
    """A gateway each of whose calls has a point before it and one after it."""

    def __init__(self, gateway: Gateway, points: Points) -> None:
        self._gateway = gateway
        self._points = points

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        call = getattr(self._gateway, name)

        async def watched(*words: object) -> object:
            self._points.here()
            answer = await call(*words)
            self._points.here()
            return answer

        return watched


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Points:
    points = Points()
    real_of = Gateways.of

    @asynccontextmanager
    async def watched(pool: Pool) -> AsyncGenerator[Connection]:
        points.here()
        async with borrowed(pool) as connection:
            yield connection
        points.here()

    def of(self: Gateways, name: Any) -> WatchedGateway:
        return WatchedGateway(real_of(self, name), points)

    for module in MEETING:
        monkeypatch.setattr(module, "borrowed", watched)
    monkeypatch.setattr(Gateways, "of", of)
    return points


@pytest.fixture
async def shop(database: Server, clock: Clock, tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened_shop(database, tmp_path / "data", clock) as opened:
        yield opened


async def of_another_wallet(shop: Shop, owner: str) -> Shop:
    """The same shop with a new wallet, which is about to recharge itself."""
    wallet, _, _ = await shop.khata.wallets.create(None, "user", owner, owner)
    other = shop.at(wallet)
    method = await other.method()
    await Desk(shop.khata, wallet, shop.clock).grant(100)
    await other.on(method)
    return other


async def test_wherever_it_is_cut_off_it_charges_once(shop: Shop, points: Points) -> None:
    last = 0
    for last in count(1):
        points.begin(0)
        one = await of_another_wallet(shop, f"owner {last}")
        points.begin(last)
        try:
            await shop.khata.recharging.steps.step(subject_of(one.wallet.id, 1), one.wallet.id)
        except Killed:
            points.begin(0)
        else:
            break
        await shop.work()
        assert (await one.recharge(1)).state == "succeeded", last
        assert len(await one.taken()) == 1, last
        assert [order.status for order in await one.orders()] == ["paid"], last
        assert await one.available() == 5_600, last
        assert await one.line() == (200, 1), last
    assert last > FEWEST_POINTS
