"""The key of an order's request stands for it, whatever changes afterwards."""

import pytest

from desk import Desk
from khata.app.runtime import Khata
from khata.app.topups.orders import Orders, OrderWish, Refused
from khata.app.topups.scoring import Payer, Scoring
from khata.app.topups.terms import SalesTerms
from khata.domain.commands import Consume
from khata.domain.packs import TopUpTerms
from khata.domain.quotes import UnknownPack
from khata.domain.refusals import KeyReused
from khata.postgres.claims import Wish
from khata.postgres.orders import Order

pytestmark = pytest.mark.anyio

# An order of a recharge: the gateway hears of it later.
PRO = OrderWish(asked="pro", payment_method="upi", recharge_number=1)
NO_PACKS = SalesTerms(topups=TopUpTerms(packs=()))


def orders_on(khata: Khata, terms: SalesTerms) -> Orders:
    scoring = Scoring(terms, khata.knowledge)
    return Orders(khata.registries, khata.topups.gateways, terms, scoring, khata.now_us)


async def placed(desk: Desk, terms: SalesTerms, body: bytes = b"pro") -> Order | Refused:
    key = Wish(desk.wallet.id, "order-000001", body)
    return await orders_on(desk.khata, terms).place(PRO, key, Payer())


async def test_the_same_request_has_its_order_though_the_pack_is_sold_no_more(desk: Desk) -> None:
    first = await placed(desk, SalesTerms())
    assert isinstance(first, Order)
    assert await placed(desk, NO_PACKS) == first
    assert await placed(desk, NO_PACKS, b"other") == KeyReused("order-000001")


async def test_what_is_not_sold_leaves_the_key_unused(desk: Desk) -> None:
    assert isinstance(await placed(desk, NO_PACKS), UnknownPack)
    assert isinstance(await placed(desk, SalesTerms()), Order)


async def test_an_orders_key_never_becomes_free_for_another_wish(desk: Desk) -> None:
    first = await placed(desk, SalesTerms())
    await desk.grant(100)
    desk.clock.turn(days=1_000)
    await desk.khata.sweeper.sweep_once()
    spend = Consume(wallet_id=desk.wallet.id, idempotency_key="order-000001", feature="AI_SUMMARY")
    assert (await desk.khata.engine.submit(spend)).outcome == KeyReused("order-000001")
    assert await placed(desk, SalesTerms()) == first
