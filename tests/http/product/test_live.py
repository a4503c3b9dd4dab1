"""Live streams over real sockets: what happens arrives, once, in order, and only where it may."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from desk import Clock
from followed import Open, kinds, of, relay, told
from khata.app.events import tail
from khata.http import live
from khata.postgres import events as store
from khata.postgres.alerts import NewAlert, raise_alert
from khata.postgres.asking import Connection, ask, borrowed
from khata.postgres.events_apart import set_apart
from khata.postgres.server import Server
from listening import Stream
from sales import bought
from served import OWNER_KEY, Api, Product


async def raised(product: Product, wallet_id: str, organization_id: str) -> None:
    alert = NewAlert(
        wallet_id=wallet_id,  # pyright: ignore[reportArgumentType]
        organization_id=organization_id,  # pyright: ignore[reportArgumentType]
        type="LOW_BALANCE",
        subject=uuid4().hex,
        facts={"available": 5},
    )
    async with borrowed(product.khata.registries) as connection:
        await raise_alert(connection, alert, product.clock())


def test_a_charge_arrives_as_the_api_shows_it(product: Product, api: Api, stream: Open) -> None:
    wallet_id = api.new_wallet(100)
    relay(product)
    opened = stream(of(wallet_id)).begun()
    charged = api.consume(wallet_id, "AI_SUMMARY", metadata={"a": 1})
    relay(product)
    created, updated = opened.take(2)
    assert (created.type, created.data["type"]) == ("transaction.created",) * 2
    assert created.data["data"] == charged["transaction"]
    assert created.data["wallet_id"] == wallet_id
    assert created.data["created_at"] == charged["transaction"]["created_at"]
    assert (updated.type, updated.data["data"]) == ("wallet.updated", charged["wallet"])
    assert created.data["id"] != updated.data["id"]
    assert opened.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert opened.answer.headers["cache-control"] == "no-store"


def test_alerts_and_orders_arrive(product: Product, api: Api, stream: Open) -> None:
    wallet_id = api.new_wallet()
    organization_id = api.get(f"/v1/wallets/{wallet_id}")["organization_id"]
    relay(product)
    wanted = "alert.raised,alert.acknowledged,order.updated"
    opened = stream(of(wallet_id), types=wanted).begun()
    product.run(raised(product, wallet_id, organization_id))
    relay(product)
    first = opened.next()
    (alert,) = api.get(f"/v1/wallets/{wallet_id}/alerts")["data"]
    assert (first.type, first.data["data"]) == ("alert.raised", alert)
    api.post(f"/v1/wallets/{wallet_id}/alerts/{alert['id']}/acknowledge")
    relay(product)
    seen = opened.next()
    assert (seen.type, seen.data["data"]["state"]) == ("alert.acknowledged", "acknowledged")
    paid = bought(product, api, wallet_id)
    relay(product)
    updated = opened.next()
    assert (updated.type, updated.data["data"]) == ("order.updated", paid)


def test_a_new_order_arrives_before_anybody_pays(product: Product, api: Api, stream: Open) -> None:
    wallet_id = api.new_wallet()
    relay(product)
    opened = stream(of(wallet_id), types="order.updated").begun()
    wanted = {"pack_id": "pro", "payment_method": "upi"}
    placed = api.post(f"/v1/wallets/{wallet_id}/orders", wanted)
    relay(product)
    told_of = opened.take(2)
    kept = api.get(f"/v1/wallets/{wallet_id}/orders/{placed['id']}")
    assert kinds(told_of) == ["order.updated"] * 2
    assert [event.data["data"] for event in told_of] == [kept] * 2
    assert (kept["status"], kept["checkout"]) == ("created", placed["checkout"])
    assert kept["checkout"]


def test_a_stream_is_resumed_amid_a_stretch_without_loss_or_repetition(
    product: Product, api: Api, stream: Open
) -> None:
    wallet_id = api.new_wallet(100)
    relay(product)
    with Stream(product.url, of(wallet_id), OWNER_KEY).begun() as before:
        told(product, api, wallet_id, 5)
        seen = before.take(2)
        last_id = before.last_id
    told(product, api, wallet_id, 3)
    again = stream(of(wallet_id), last_id=last_id)
    seen += again.take(4 + 4)
    told(product, api, wallet_id, 1)
    seen += again.take(2)
    sequences = [e.data["data"]["sequence"] for e in seen if e.type == "transaction.created"]
    assert sequences == list(range(2, 11))
    assert [e.data["data"]["sequence"] for e in seen if e.type == "wallet.updated"] == [6, 9, 10]
    assert len({event.id for event in seen}) == len({e.data["id"] for e in seen}) == len(seen)


@pytest.mark.parametrize("place", range(6))
def test_from_each_id_what_follows_is_the_same(
    product: Product, api: Api, stream: Open, place: int
) -> None:
    wallet_id = api.new_wallet(10)
    start = stream(of(wallet_id), follow="false")
    assert start.rest() == []
    told(product, api, wallet_id, 2)
    told(product, api, wallet_id, 1)
    everything = stream(of(wallet_id), last_id=start.last_id, follow="false").rest()
    assert kinds(everything[-2:]) == ["transaction.created", "wallet.updated"]
    place = min(place, len(everything) - 1)
    rest = stream(of(wallet_id), last_id=everything[place].id, follow="false").rest()
    assert rest == everything[place + 1 :]


def test_who_cannot_send_the_header_asks_by_query_and_the_header_goes_before(
    product: Product, api: Api, stream: Open
) -> None:
    wallet_id = api.new_wallet(10)
    relay(product)
    told(product, api, wallet_id, 2)
    ended = stream(of(wallet_id), follow="false")
    assert ended.rest() == []
    behind = str(int(ended.last_id) - 1)
    by_query = stream(of(wallet_id), last_event_id=behind, follow="false").rest()
    assert len(by_query) == 3
    both = stream(of(wallet_id), last_id=ended.last_id, last_event_id=behind, follow="false")
    assert both.rest() == []


def test_only_the_types_that_are_asked_for_arrive(product: Product, api: Api, stream: Open) -> None:
    wallet_id = api.new_wallet(10)
    relay(product)
    opened = stream(of(wallet_id), types="wallet.updated").begun()
    told(product, api, wallet_id, 3)
    told(product, api, wallet_id, 1)
    assert kinds(opened.take(2)) == ["wallet.updated"] * 2


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"types": "wallet.updated,wallet.deleted"}, "types"),
        ({"types": "%%"}, "types"),
        ({"last_event_id": "x"}, "last_event_id"),
        ({"last_id": "17.x"}, "Last-Event-ID"),
        ({"follow": "perhaps"}, "follow"),
        ({"kinds": "all"}, "kinds"),
    ],
)
def test_what_is_asked_wrong_is_named(
    api: Api, stream: Open, asked: dict[str, str], field: str
) -> None:
    refused = stream(of(api.new_wallet()), **asked).answer
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("unknown", ["999999999", "999999999.4"])
def test_an_id_that_is_not_known_is_told_by_a_reset(
    product: Product, api: Api, stream: Open, unknown: str
) -> None:
    wallet_id = api.new_wallet(10)
    relay(product)
    opened = stream(of(wallet_id), last_id=unknown)
    first = opened.next()
    assert (first.type, first.data) == (
        "reset",
        {"type": "reset", "data": {"last_event_id": unknown}},
    )
    told(product, api, wallet_id, 1)
    assert kinds(opened.take(2)) == ["transaction.created", "wallet.updated"]
    assert len(stream(of(wallet_id), last_id=first.id, follow="false").rest()) == 2


def test_an_id_that_is_kept_no_more_is_told_by_a_reset(
    new_database: Callable[[], AbstractContextManager[Server]], tmp_path: Path
) -> None:
    with (
        new_database() as database,
        Product(database, tmp_path, Clock()) as product,
        product.api() as api,
    ):
        wallet_id = api.new_wallet(10)
        told(product, api, wallet_id, 2)
        told(product, api, wallet_id, 2)
        product.clock.turn(days=7.1)
        told(product, api, wallet_id, 1)
        product.run(product.khata.sweeper.sweep_once())

        def heard(last_id: str) -> list[str]:
            with Stream(product.url, of(wallet_id), OWNER_KEY, last_id, follow="false") as one:
                return kinds(one.rest())

        assert heard("0") == heard("1") == heard("1.2") == heard("2.4") == ["reset"]
        assert heard("2") == ["transaction.created", "wallet.updated"]
        product.clock.turn(days=7.1)
        product.run(product.khata.sweeper.sweep_once())
        assert heard("2") == ["reset"]
        assert heard("3") == []


def test_a_quiet_stream_is_kept_alive_by_comments(
    product: Product, api: Api, stream: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(tail, "TICK_SECONDS", 0.0)
    quiet, busy = api.new_wallet(10), api.new_wallet(10)
    relay(product)
    opened = stream(of(quiet)).begun()
    told(product, api, busy, 1)
    told(product, api, quiet, 1)
    assert kinds(opened.take(2)) == ["transaction.created", "wallet.updated"]
    assert "nothing new" in opened.comments


def test_only_the_head_is_answered_to_a_head(api: Api) -> None:
    answer = api.raw("HEAD", of(api.new_wallet()), {})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_a_stopping_server_ends_its_streams_in_order(
    new_database: Callable[[], AbstractContextManager[Server]], tmp_path: Path
) -> None:
    with ExitStack() as stack, new_database() as database:
        with Product(database, tmp_path, Clock()) as product, product.api() as api:
            wallet_id = api.new_wallet(10)
            relay(product)
            opened = stack.enter_context(Stream(product.url, of(wallet_id), OWNER_KEY)).begun()
            told(product, api, wallet_id, 1)
        assert kinds(opened.rest()) == ["transaction.created", "wallet.updated"]


def test_figures_tell_of_streams_and_readers(product: Product, api: Api, stream: Open) -> None:
    async def known(connection: Connection) -> None:
        await ask(connection, "insert into event_readers values ('figures', 0)")
        of_them = await store.events(connection, 0, 1)
        await set_apart(connection, "figures", of_them[0], "KeyError", 5, product.clock())

    async def make_known() -> None:
        async with borrowed(product.khata.registries) as connection:
            await known(connection)

    wallet_id = api.new_wallet(10)
    told(product, api, wallet_id, 1)
    product.run(make_known())
    stream(of(wallet_id)).begun()
    figures = api.ask("GET", "/metrics").text.splitlines()
    values = dict(line.rsplit(" ", 1) for line in figures if line.startswith("khata_"))
    assert float(values["khata_live_streams"]) >= 1
    assert float(values["khata_live_behind"]) == 0
    assert float(values['khata_event_reader_behind{reader="figures"}']) >= 1
    assert float(values['khata_event_reader_apart{reader="figures"}']) == 1
    assert "khata_live_dropped_total" in values
