"""Events of the gateway, as they come in the worst weather: what is believed, what is set apart."""

from collections.abc import Callable, Iterator

import httpx2
import psycopg
import pytest

from desk import Clock
from khata.app.topups.simulator_place import open_access
from served import Api, Json, Product

Spoil = Callable[..., None]
ALL_EVENTS = "*"


@pytest.fixture
def spoil(product: Product) -> Iterator[Spoil]:
    """Sets faults of the simulator, by its control API, and clears them in the end."""
    access = open_access(product.folder)
    token = {"X-Emu-Token": access.control_token}
    with httpx2.Client(base_url=access.url, headers=token) as control:

        def wish(fault: str, on: str = ALL_EVENTS, **more: object) -> None:
            control.post("/_emu/faults", json={"fault": fault, "on": on, **more}).raise_for_status()

        yield wish
        control.delete("/_emu/faults").raise_for_status()


@pytest.fixture
def inbox(product: Product) -> Callable[[], dict[str, int]]:
    """How many events are in which state, since the test began."""

    def counted() -> dict[str, int]:
        with psycopg.connect(product.database.owner_dsn) as owner:
            rows = owner.execute("select state, count(*) from khata.inbox group by state")
            return dict(rows.fetchall())

    before = counted()

    def since() -> dict[str, int]:
        now = {state: count - before.get(state, 0) for state, count in counted().items()}
        return {state: count for state, count in now.items() if count}

    return since


def ordered(api: Api, wallet_id: str, outcome: str = "success") -> Json:
    body = {"pack_id": "pro", "payment_method": "upi"}
    placed = api.post(f"/v1/wallets/{wallet_id}/orders", body)
    api.post(f"/v1/simulator/orders/{placed['id']}/pay", {"outcome": outcome, "delay_ms": 1_000})
    return placed


def status(api: Api, placed: Json) -> str:
    return api.get(f"/v1/wallets/{placed['wallet_id']}/orders/{placed['id']}")["status"]


def arrive(product: Product, clock: Clock, seconds: float = 2) -> None:
    clock.turn(seconds=seconds)
    product.settle()


@pytest.mark.parametrize(
    ("fault", "value"), [("duplicate_webhook", 3), ("reorder", None), ("unknown_event", None)]
)
def test_what_comes_often_or_out_of_order_is_booked_once(
    product: Product, api: Api, clock: Clock, spoil: Spoil, fault: str, value: int | None
) -> None:
    wallet_id = api.new_wallet()
    spoil(fault, **({} if value is None else {"value": value}))
    placed = ordered(api, wallet_id)
    arrive(product, clock)
    assert status(api, placed) == "paid"
    assert api.available(wallet_id) == 5_500


@pytest.mark.parametrize("fault", ["wrong_signature", "truncated_body"])
def test_what_is_not_genuine_moves_nothing_and_is_noted(
    product: Product, api: Api, clock: Clock, spoil: Spoil, fault: str
) -> None:
    wallet_id = api.new_wallet()
    spoil(fault)
    counts = product.khata.topups.inbox.counts
    before = counts["simulator", "rejected"]
    placed = ordered(api, wallet_id)
    arrive(product, clock)
    assert counts["simulator", "rejected"] > before
    # The order's own step asks the gateway, and needs no event.
    arrive(product, clock, seconds=120)
    assert status(api, placed) == "paid"
    assert api.available(wallet_id) == 5_500


def test_an_order_is_paid_though_every_event_was_lost(
    product: Product, api: Api, clock: Clock, spoil: Spoil
) -> None:
    wallet_id = api.new_wallet()
    spoil("drop_webhook")
    placed = ordered(api, wallet_id)
    arrive(product, clock, seconds=16 * 60)
    assert status(api, placed) == "paid"
    assert api.available(wallet_id) == 5_500


@pytest.mark.parametrize("fault", ["amount_mismatch", "currency_mismatch", "foreign_order"])
def test_a_genuine_event_that_matches_nothing_is_set_apart(
    product: Product,
    api: Api,
    clock: Clock,
    spoil: Spoil,
    inbox: Callable[[], dict[str, int]],
    fault: str,
) -> None:
    wallet_id = api.new_wallet()
    placed = ordered(api, wallet_id)
    spoil(fault, "payment.captured")
    spoil("drop_webhook", "order.paid")
    clock.turn(seconds=2)
    product.hear()
    for _ in range(4):
        clock.turn(seconds=20)
        product.hear()
    assert inbox().get("quarantined") == 1
    raised = [alert["type"] for alert in api.get(f"/v1/wallets/{wallet_id}/alerts")["data"]]
    # A payment for an unknown order is nobody's: `khata doctor` and the metrics tell of it.
    assert raised == ([] if fault == "foreign_order" else ["PAYMENT_QUARANTINED"])
    assert api.available(wallet_id) == 0
    assert status(api, placed) != "paid"


@pytest.mark.parametrize(
    ("fault", "on"),
    [("timeout_after", "POST /v1/orders"), ("conn_reset", "POST /v1/orders")],
)
def test_a_lost_answer_leaves_the_request_to_be_sent_again(
    api: Api, spoil: Spoil, fault: str, on: str
) -> None:
    wallet_id, key = api.new_wallet(), api.new_key()
    path, body = f"/v1/wallets/{wallet_id}/orders", {"pack_id": "pro", "payment_method": "upi"}
    spoil(fault, on, count=1)
    spoil("http_500_json", "GET /v1/orders*", count=4)
    first = api.ask("POST", path, body, key=key)
    again = api.ask("POST", path, body, key=key)
    assert first.status_code in {201, 503}
    assert again.status_code == 201
    (placed,) = api.get(path)["data"]
    assert (placed["id"], placed["status"]) == (again.json()["id"], "created")
