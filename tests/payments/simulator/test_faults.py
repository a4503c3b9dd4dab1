"""Faults: each goes wrong as its name says, where and as often as it was told to."""

import httpx2
import msgspec
import pytest

from simulated import SIGNED_WITH, Doc, Refused, Stage

ORDER = {"amount": 60_200, "currency": "INR"}
PAID = ["payment.authorized", "payment.captured", "order.paid"]


async def orders(stage: Stage) -> int:
    return (await stage.api("GET /orders?count=100"))["count"]


@pytest.mark.parametrize(
    ("fault", "status", "media", "code"),
    [
        ("http_500_json", 500, "application/json", "SERVER_ERROR"),
        ("http_502_html", 502, "text/html; charset=utf-8", None),
        ("http_429", 429, "application/json", "BAD_REQUEST_ERROR"),
    ],
)
async def test_an_answer_that_is_none(
    stage: Stage, fault: str, status: int, media: str, code: str | None
) -> None:
    response = await stage.raw_api("POST /orders", ORDER, X_Emu_Fault=fault)
    assert (response.status_code, response.headers["content-type"]) == (status, media)
    assert not code or response.json()["error"]["code"] == code
    assert await orders(stage) == 0


@pytest.mark.parametrize(
    ("fault", "error", "happened"),
    [
        ("timeout_before", httpx2.RemoteProtocolError, 0),
        ("timeout_after", httpx2.RemoteProtocolError, 1),
        ("conn_reset", httpx2.ReadError, 0),
    ],
)
async def test_no_answer_at_all(
    stage: Stage, fault: str, error: type[Exception], happened: int
) -> None:
    with pytest.raises(error):
        await stage.raw_api("POST /orders", ORDER, X_Emu_Fault=fault)
    assert await orders(stage) == happened


async def test_a_lost_answer_is_asked_for_again(stage: Stage) -> None:
    payment = await stage.paid()
    call, key = f"POST /payments/{payment['id']}/refund", "refund-key-0001"
    with pytest.raises(httpx2.RemoteProtocolError):
        await stage.raw_api(call, {}, X_Refund_Idempotency=key, X_Emu_Fault="timeout_after")
    refund = await stage.api(call, {}, X_Refund_Idempotency=key)
    listed = await stage.api(f"GET /payments/{payment['id']}/refunds")
    assert listed["items"] == [refund]


async def test_a_refusal_is_no_lost_answer(stage: Stage) -> None:
    wish = {"amount": 1, "currency": "INR"}
    response = await stage.raw_api("POST /orders", wish, X_Emu_Fault="timeout_after")
    assert response.status_code == 400


async def test_a_fault_strikes_where_and_as_often_as_it_is_set(stage: Stage) -> None:
    await stage.play(
        "POST /faults", {"fault": "http_500_json", "on": "POST /v1/orders", "count": 2}
    )
    statuses = [(await stage.raw_api("POST /orders", ORDER)).status_code for _ in range(3)]
    assert statuses == [500, 500, 200]
    assert (await stage.play("GET /faults"))["count"] == 0


async def test_a_fault_strikes_by_a_pattern_until_it_is_cleared(stage: Stage) -> None:
    await stage.play("POST /faults", {"fault": "http_429", "on": "GET /v1/orders*"})
    for call in ("GET /orders", "GET /orders/order_x"):
        assert (await stage.raw_api(call)).status_code == 429
    await stage.order()
    await stage.play("DELETE /faults")
    assert (await stage.raw_api("GET /orders")).status_code == 200


async def test_a_fault_strikes_by_chance_and_the_same_each_time(stage: Stage) -> None:
    await stage.play("POST /faults", {"fault": "http_429", "probability": 0.5})
    statuses = [(await stage.raw_api("GET /methods")).status_code for _ in range(40)]
    assert 10 < statuses.count(429) < 30
    await stage.play("POST /reset")
    await stage.play("POST /faults", {"fault": "http_429", "probability": 0.5})
    assert statuses == [(await stage.raw_api("GET /methods")).status_code for _ in range(40)]


@pytest.mark.parametrize(
    "wish",
    [
        {"fault": "nothing"},
        {"fault": "slow", "count": "many"},
        {"on": "*"},
        {"fault": "slow", "x": 1},
    ],
)
async def test_what_is_no_fault(stage: Stage, wish: Doc) -> None:
    with pytest.raises(Refused):
        await stage.play("POST /faults", wish)


@pytest.mark.parametrize("header", ["nothing", "slow=much", "slow,,nothing=1"])
async def test_a_header_that_names_no_fault(stage: Stage, header: str) -> None:
    response = await stage.raw_api("POST /orders", ORDER, X_Emu_Fault=header)
    assert response.status_code == 400
    assert await orders(stage) == 0


async def test_a_slow_answer_is_the_right_one(stage: Stage) -> None:
    response = await stage.raw_api("POST /orders", ORDER, X_Emu_Fault="slow=20")
    assert response.elapsed.total_seconds() >= 0.02
    assert response.status_code == 200


async def test_a_stale_read(stage: Stage) -> None:
    payment = await stage.paid()
    call = f"/orders/{payment['order_id']}"
    await stage.play("POST /faults", {"fault": "stale_read", "on": "GET /v1/orders*", "count": 2})
    assert (await stage.api(f"GET {call}"))["status"] == "attempted"
    (stale,) = (await stage.api(f"GET {call}/payments"))["items"]
    assert (stale["id"], stale["status"]) == (payment["id"], "authorized")
    assert (await stage.api(f"GET {call}"))["status"] == "paid"


async def test_what_happens_by_itself_is_never_done_on_old_facts(stage: Stage) -> None:
    payment = await stage.pay(await stage.order(), outcome="pending", delay_seconds=60)
    stage.clock.advance(60)
    call = f"GET /payments/{payment['id']}"
    assert (await stage.api(call, X_Emu_Fault="stale_read"))["status"] == "authorized"
    assert (await stage.api(call))["status"] == "captured"


async def heard_with(stage: Stage, fault: str, **more: object) -> Doc:
    """A paid payment whose webhooks went wrong in this way."""
    await stage.play("POST /faults", {"fault": fault, **more})
    payment = await stage.paid()
    await stage.simulator.deliver_due()
    return payment


async def test_a_webhook_twice(stage: Stage) -> None:
    await heard_with(stage, "duplicate_webhook", on="payment.captured", value=2)
    captured = [heard for heard in stage.endpoint.heard if heard.name == "payment.captured"]
    assert len(captured) == 3
    assert len({(heard.id, heard.body) for heard in captured}) == 1
    assert len(stage.endpoint.heard) == 5


async def test_webhooks_in_another_order(stage: Stage) -> None:
    await heard_with(stage, "reorder", count=1)
    assert stage.endpoint.names == PAID[::-1]


async def test_a_lost_webhook(stage: Stage) -> None:
    await heard_with(stage, "drop_webhook", on="payment.*")
    assert stage.endpoint.names == ["order.paid"]
    await stage.pass_time(100_000)
    assert stage.endpoint.names == ["order.paid"]
    log = (await stage.play("GET /webhooks/log"))["items"]
    assert [one["status"] for one in log] == ["dropped", "dropped", "delivered"]


async def test_a_late_webhook(stage: Stage) -> None:
    await heard_with(stage, "delay_webhook", on="payment.captured", value=90)
    assert stage.endpoint.names == ["payment.authorized", "order.paid"]
    await stage.pass_time(89)
    assert len(stage.endpoint.heard) == 2
    await stage.pass_time(1)
    assert stage.endpoint.names[2:] == ["payment.captured"]


@pytest.mark.parametrize("fault", ["wrong_signature", "old_secret"])
async def test_a_webhook_signed_by_another_secret(stage: Stage, fault: str) -> None:
    stage.endpoint.answers = [401]
    await heard_with(stage, fault, on="payment.authorized", count=1)
    assert [heard.is_signed_with(SIGNED_WITH) for heard in stage.endpoint.heard] == [
        False,
        True,
        True,
    ]
    await stage.pass_time(60)
    again = stage.endpoint.heard[3]
    assert again.id == stage.endpoint.heard[0].id
    assert again.is_signed_with(SIGNED_WITH)


async def test_half_a_webhook(stage: Stage) -> None:
    await heard_with(stage, "truncated_body", on="order.paid")
    half = stage.endpoint.heard[2]
    assert not half.is_signed_with(SIGNED_WITH)
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(half.body)


async def test_an_event_nobody_documented(stage: Stage) -> None:
    await heard_with(stage, "unknown_event", on="payment.captured")
    assert stage.endpoint.names == [PAID[0], "payment.weather_changed", *PAID[1:]]
    assert stage.endpoint.heard[1].is_signed_with(SIGNED_WITH)
    assert len({heard.id for heard in stage.endpoint.heard}) == 4


@pytest.mark.parametrize(
    ("fault", "field", "told"),
    [
        ("amount_mismatch", "amount", 60_100),
        ("currency_mismatch", "currency", "USD"),
        ("notes_as_list", "notes", []),
        ("extra_fields", "reward", None),
    ],
)
async def test_an_event_that_says_something_else(
    stage: Stage, fault: str, field: str, told: object
) -> None:
    await stage.play("POST /faults", {"fault": fault, "on": "payment.captured"})
    payment = await stage.pay(await stage.order(notes={"a": "b"}))
    await stage.simulator.deliver_due()
    heard = stage.endpoint.one("payment.captured")
    assert heard.is_signed_with(SIGNED_WITH)
    assert heard.entity("payment")[field] == told
    assert stage.endpoint.one("payment.authorized").entity("payment").get(field) != told or (
        field not in payment
    )
    assert payment.get(field) != told or field not in payment


async def test_an_event_of_an_order_of_somebody_else(stage: Stage) -> None:
    other = await stage.order()
    payment = await heard_with(stage, "foreign_order", on="payment.captured")
    heard = stage.endpoint.one("payment.captured")
    assert heard.is_signed_with(SIGNED_WITH)
    assert heard.entity("payment")["order_id"] == other["id"] != payment["order_id"]


async def test_an_answer_that_says_something_else(stage: Stage) -> None:
    payment = await stage.paid()
    wish = {"fault": "amount_mismatch", "on": "GET /v1/payments/{id}", "value": 50}
    await stage.play("POST /faults", wish)
    assert (await stage.payment(payment["id"]))["amount"] == payment["amount"] - 50


async def test_a_dispute_after_the_credits_are_spent(stage: Stage) -> None:
    payment = await heard_with(stage, "dispute_after_spend", value=3_600)
    assert stage.endpoint.names == PAID
    await stage.pass_time(3_600)
    told = stage.endpoint.one("payment.dispute.created")
    assert told.entity("dispute")["payment_id"] == payment["id"]


async def test_a_header_makes_the_request_s_own_events_go_wrong(stage: Stage) -> None:
    payment = await stage.pay(await stage.order(payment_capture=False))
    await stage.events()
    wish = {"amount": 60_200, "currency": "INR"}
    fault = "drop_webhook, duplicate_webhook"
    await stage.api(f"POST /payments/{payment['id']}/capture", wish, X_Emu_Fault=fault)
    await stage.api(f"POST /payments/{payment['id']}/refund", {})
    assert await stage.events() == ["order.paid", "refund.created", "refund.processed"]
