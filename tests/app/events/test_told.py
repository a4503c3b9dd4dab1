"""What is told of events: in the API's own shapes, under ids that are the same when told again."""

import msgspec
import pytest
from msgspec.structs import replace

from desk import Desk
from khata.app.events import told as telling
from khata.app.events.told import TYPES, Place, Told, told
from khata.app.runtime import Khata
from khata.app.shown.orders import order_shown
from khata.app.shown.transactions import balances_shown, transaction_shown
from khata.domain.ids import is_id
from khata.engine.ids import UlidMint
from khata.postgres import events as store
from khata.postgres.alerts import NewAlert, raise_alert
from khata.postgres.asking import borrowed
from khata.postgres.news import News, tell
from khata.postgres.orders import insert_order
from sold import till


async def all_told(desk: Desk) -> list[Told]:
    await desk.khata.events.relay.relay_once()
    async with borrowed(desk.khata.events.pool) as connection:
        events = await store.events(connection, 0, 1_000)
        return [each async for some in told(connection, events) for each in some]


async def test_a_stretch_is_told_as_its_transactions_and_the_credits_after_the_last(
    desk: Desk,
) -> None:
    await desk.grant(100)
    await desk.consume()
    hold = await desk.hold(10)
    assert hold
    found = await all_told(desk)
    ledger = list(reversed(await desk.khata.views.transactions(desk.wallet.id)))
    assert [each.message.type for each in found] == ["transaction.created"] * 3 + ["wallet.updated"]
    assert [each.message.data for each in found[:3]] == [transaction_shown(t) for t in ledger]
    assert found[3].message.data == balances_shown(ledger[-1])
    assert [each.place.text for each in found] == ["1.1", "1.2", "1.3", "1"]
    assert {each.organization_id for each in found} == {desk.wallet.organization_id}
    assert {each.message.wallet_id for each in found} == {desk.wallet.id}


async def test_ids_are_ids_and_the_same_when_told_again(desk: Desk) -> None:
    await desk.grant(100)
    await desk.consume()
    first, again = await all_told(desk), await all_told(desk)
    ids = [each.message.id for each in first]
    assert all(is_id(one, "evt_") for one in ids)
    assert len(set(ids)) == len(ids)
    assert first == again


async def test_an_alert_is_told_as_it_is_shown(desk: Desk) -> None:
    wallet = desk.wallet
    alert = NewAlert(
        wallet_id=wallet.id,
        organization_id=wallet.organization_id,
        type="LOW_BALANCE",
        subject="200",
        facts={"available": 5},
    )
    async with borrowed(desk.khata.registries) as connection:
        await raise_alert(connection, alert, desk.clock())
    (one,) = await all_told(desk)
    body = msgspec.json.decode(one.body)
    assert sorted(body) == ["created_at", "data", "id", "type", "wallet_id"]
    assert (body["type"], body["wallet_id"]) == ("alert.raised", wallet.id)
    assert body["created_at"] == "2026-11-22T06:00:00.000000Z"
    assert body["data"]["type"] == "LOW_BALANCE"
    assert body["data"]["facts"] == {"available": 5}


async def test_each_change_of_an_order_is_told_as_it_is_shown(khata: Khata, desk: Desk) -> None:
    shop = await till(khata, "ravi")
    paid = await shop.sell()
    await shop.invoices.step(paid.id, paid.wallet_id)
    found = [each for each in await all_told(desk) if each.message.type == "order.updated"]
    order = await khata.topups.orders.by_id(paid.id)
    assert order
    assert order.invoice_id
    assert [each.message.data for each in found] == [order_shown(order)] * 3
    assert {each.message.wallet_id for each in found} == {shop.wallet.id}
    assert len({each.message.id for each in found}) == 3


async def test_a_credit_note_is_told_as_its_orders_once_it_is_there(
    khata: Khata, desk: Desk
) -> None:
    shop = await till(khata, "ravi")
    paid = await shop.sell()
    await shop.invoices.step(paid.id, paid.wallet_id)
    refund_id = await shop.refund(paid, 10_000)
    before = await all_told(desk)
    for _ in range(2):
        await shop.invoices.step(refund_id, paid.wallet_id)
    (told_last,) = (await all_told(desk))[len(before) :]
    order = await khata.topups.orders.by_id(paid.id)
    assert order
    assert (told_last.message.type, told_last.message.data) == ("order.updated", order_shown(order))


async def test_an_order_is_told_of_as_soon_as_it_is_placed_and_only_if_it_is(
    khata: Khata, desk: Desk
) -> None:
    shop = await till(khata, "ravi")
    placed = await shop.order()
    (told_first,) = await all_told(desk)
    assert (told_first.message.type, told_first.message.data) == (
        "order.updated",
        order_shown(placed),
    )
    other = replace(placed, id="ord_" + UlidMint().for_wallet(placed.wallet_id))
    async with (
        borrowed(khata.registries) as connection,
        connection.transaction(force_rollback=True),
    ):
        await insert_order(connection, other)
    assert await all_told(desk) == [told_first]


async def test_what_a_gateway_made_for_an_order_is_told(khata: Khata, desk: Desk) -> None:
    shop = await till(khata, "ravi")
    placed = await shop.order()
    made = await khata.topups.orders.note_gateway_order(placed, "order_made", {"key": "rzp"})
    assert made.checkout == {"key": "rzp"}
    told_of = [each.message.data for each in await all_told(desk)]
    assert told_of == [order_shown(made)] * 2


async def test_of_what_is_gone_nothing_is_told(desk: Desk) -> None:
    wallet = desk.wallet
    gone = News(
        organization_id=wallet.organization_id,
        wallet_id=wallet.id,
        kind="order.updated",
        subject="ord" + wallet.id[3:],
        at_us=desk.clock(),
    )
    async with borrowed(desk.khata.registries) as connection:
        await tell(connection, gone)
    assert await all_told(desk) == []


async def test_much_is_told_in_portions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "TRANSACTIONS_AT_ONCE", 3)
    for _ in range(4):
        await desk.grant(1)
        await desk.grant(1)
        await desk.khata.events.relay.relay_once()
    async with borrowed(desk.khata.events.pool) as connection:
        events = await store.events(connection, 0, 1_000)
        sizes = [len(some) async for some in told(connection, events)]
    assert len(events) == 4
    assert sizes == [3, 3, 3, 3]


def test_places_are_in_the_order_in_which_they_are_told() -> None:
    assert TYPES[:2] == ("wallet.updated", "transaction.created")
    assert Place(7, 3).text == "7.3"
    assert Place(7).text == "7"
