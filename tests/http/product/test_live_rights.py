"""Who hears what of live streams: only what may be read, and only as long as it may."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from desk import Clock
from followed import Open, kinds, of, relay, told
from khata.app.events import tail
from khata.app.events.channels import QUEUE_BYTES
from khata.cli.opened import khata_of
from khata.cli.serving import http_of
from khata.config import SettingError, load_settings
from khata.http import live
from khata.http.edge import HttpSettings
from khata.http.event_scopes import SCOPES
from khata.http.live import SeatLimits, Seats
from khata.http.problems import Problem
from khata.postgres.server import Server
from listening import Stream
from sales import bought
from served import OWNER_KEY, Api, Product
from signed_in import Browser, person


@pytest.fixture
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams look again and again whether their readers are welcome."""
    monkeypatch.setattr(live, "RECHECK_SECONDS", 0.0)
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(tail, "TICK_SECONDS", 0.0)


@pytest.mark.parametrize(("kind", "scope"), SCOPES.items())
def test_what_needs_a_scope_on_its_own_routes_needs_it_here(
    api: Api, stream: Open, kind: str, scope: str
) -> None:
    wallet_id = api.new_wallet()
    without = api.new_api_key("wallets:read")
    refused = stream(of(wallet_id), without, types=kind).answer
    assert (refused.status_code, refused.json()["required_scope"]) == (403, scope)
    allowed = api.new_api_key("wallets:read", scope)
    assert stream(of(wallet_id), allowed, types=kind, follow="false").answer.status_code == 200


def test_who_may_not_read_orders_is_not_told_of_them(
    product: Product, api: Api, stream: Open
) -> None:
    wallet_id, secret = api.new_wallet(), api.new_api_key("wallets:read")
    start = stream(of(wallet_id), secret, follow="false")
    assert start.rest() == []
    bought(product, api, wallet_id)
    relay(product)
    without = stream(of(wallet_id), secret, last_id=start.last_id, follow="false").rest()
    everything = stream(of(wallet_id), last_id=start.last_id, follow="false").rest()
    assert "order.updated" in kinds(everything)
    assert without == [event for event in everything if event.type != "order.updated"]


def test_an_organization_hears_its_own_wallets_and_the_platform_all(
    product: Product, api: Api, stream: Open
) -> None:
    here, there = (product.new_organization(f"{name}{api.new_key()}") for name in ("here", "there"))
    secret = api.new_api_key("wallets:read", organization_id=here)
    relay(product)
    start = stream("/v1/events", follow="false")
    assert start.rest() == []
    mine = [api.new_wallet(10, organization_id=here) for _ in range(2)]
    other = api.new_wallet(10, organization_id=there)
    relay(product)
    asked = {"last_id": start.last_id, "types": "wallet.updated", "follow": "false"}

    def heard(secret: str = OWNER_KEY, **further: str) -> set[str]:
        found = stream("/v1/events", secret, **asked, **further).rest()
        return {event.data["wallet_id"] for event in found}

    assert heard(secret) == heard(secret, organization_id=here) == set(mine)
    assert heard(organization_id=there) == {other}
    assert heard() == {*mine, other}
    refused = stream("/v1/events", secret, organization_id=there).answer
    assert refused.status_code in {403, 404, 422}


def test_a_key_of_one_owner_follows_its_wallet_and_no_organization(api: Api, stream: Open) -> None:
    owner = {"owner_type": "user", "owner_id": api.new_key()}
    wallet_id = api.new_wallet(10, **owner)
    secret = api.new_api_key("wallets:read", **owner)
    assert stream(of(wallet_id), secret).answer.status_code == 200
    assert stream("/v1/events", secret).answer.status_code == 403


@pytest.mark.usefixtures("quick_looks")
def test_a_revoked_key_hears_no_more(product: Product, api: Api, stream: Open) -> None:
    wallet_id = api.new_wallet(10)
    relay(product)
    made = api.post("/v1/api-keys", {"name": "a test", "scopes": ["wallets:read"]})
    opened = stream(of(wallet_id), made["secret"]).begun()
    told(product, api, wallet_id, 1)
    assert kinds(opened.take(2)) == ["transaction.created", "wallet.updated"]
    assert api.ask("DELETE", f"/v1/api-keys/{made['id']}").is_success
    assert opened.rest() == []


@pytest.mark.usefixtures("quick_looks")
def test_who_is_signed_in_follows_until_signing_out(
    product: Product, api: Api, stream: Open
) -> None:
    wallet_id = api.new_wallet(10)
    relay(product)
    browser = person(product, api, "viewer")
    assert browser.cookie
    opened = stream("/v1/events", None, cookie=browser.cookie, types="wallet.updated").begun()
    told(product, api, wallet_id, 1)
    assert opened.next().data["wallet_id"] == wallet_id
    assert browser.ask("DELETE", "/v1/session").is_success
    assert opened.rest() == []


def seen_at(product: Product, browser: Browser) -> object:
    statement = "select seen_at, expires_at from sessions where id = $1"
    return product.asked(statement, browser.who_unattended()["id"])[0][0]


@pytest.mark.usefixtures("quick_looks")
@pytest.mark.parametrize("ends", ["unused", "old"])
def test_an_open_stream_is_no_use_of_its_session_and_ends_with_it(
    product: Product, api: Api, stream: Open, ends: str
) -> None:
    wallet_id = api.new_wallet(10)
    relay(product)
    browser = person(product, api, "viewer")
    began = seen_at(product, browser)
    product.clock.turn(days=0.5)
    opened = stream("/v1/events", None, cookie=browser.cookie, types="wallet.updated").begun()
    told(product, api, wallet_id, 1)
    assert opened.next().data["wallet_id"] == wallet_id
    product.clock.turn(days=0.5, seconds=-1)
    told(product, api, wallet_id, 1)
    assert opened.next().data["wallet_id"] == wallet_id
    assert seen_at(product, browser) == began
    if ends == "old":
        for _ in range(29):
            assert browser.ask("GET", "/v1/session").is_success
            product.clock.turn(days=1, seconds=-1)
        told(product, api, wallet_id, 1)
        assert opened.next().data["wallet_id"] == wallet_id
        product.clock.turn(seconds=31)
    else:
        product.clock.turn(seconds=1)
    assert opened.rest() == []
    assert browser.ask("GET", "/v1/session").status_code == 401


def demand_full(seats: Seats, caller: str, organization: str | None) -> None:
    with pytest.raises(Problem) as refused, seats.seat(caller, organization):
        pass
    assert (refused.value.code, refused.value.headers["Retry-After"]) == ("RATE_LIMITED", "10")


def test_a_caller_its_organization_and_all_together_have_so_many_streams() -> None:
    seats = Seats(SeatLimits(in_all=5, of_organization=3, of_caller=2))
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(seats.seat("key_1", "org_1"))
        demand_full(seats, "key_1", "org_1")
        stack.enter_context(seats.seat("usr_1", "org_1"))
        demand_full(seats, "key_2", "org_1")
        with seats.seat("key_3", "org_2"), seats.seat("key_platform", None):
            demand_full(seats, "key_3", "org_2")
            demand_full(seats, "key_platform", None)
            assert seats.taken == 5
        for _ in range(2):
            stack.enter_context(seats.seat("key_platform", None))
        assert seats.taken == 5
    assert seats.taken == 0
    with seats.seat("key_1", "org_1"):
        pass


def test_an_operator_sets_the_limits() -> None:
    assert http_of(load_settings({})).seats == SeatLimits()
    said = {
        "KHATA_LIVE_STREAMS": "70",
        "KHATA_LIVE_STREAMS_OF_ORGANIZATION": "50",
        "KHATA_LIVE_STREAMS_OF_CALLER": "9",
        "KHATA_LIVE_QUEUE_KIB": "64",
    }
    settings = load_settings(said)
    assert http_of(settings).seats == SeatLimits(in_all=70, of_organization=50, of_caller=9)
    assert khata_of(load_settings({})).queue_bytes == QUEUE_BYTES
    assert khata_of(settings).queue_bytes == 64 * 1024
    with pytest.raises(SettingError, match="KHATA_LIVE_STREAMS=0 will not do"):
        load_settings({"KHATA_LIVE_STREAMS": "0"})


def test_a_product_keeps_to_them(
    new_database: Callable[[], AbstractContextManager[Server]], tmp_path: Path
) -> None:
    http = HttpSettings(seats=SeatLimits(in_all=1))
    with (
        new_database() as database,
        Product(database, tmp_path, Clock(), http=http) as product,
        Stream(product.url, "/v1/events", OWNER_KEY).begun(),
        Stream(product.url, "/v1/events", OWNER_KEY) as second,
    ):
        assert second.answer.status_code == 429
