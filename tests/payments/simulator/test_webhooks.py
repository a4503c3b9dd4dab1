"""Webhooks: what is told, signed, and sent again until it is accepted."""

import asyncio
from pathlib import Path

import pytest

from khata.payments.simulator import deliveries
from simulated import SIGNED_WITH, Endpoint, Refused, Stage, staged

HOUR = 3_600
DAY = 24 * HOUR
PAID = ["payment.authorized", "payment.captured", "order.paid"]


async def test_a_paid_order_is_told_in_three_events(stage: Stage) -> None:
    payment = await stage.paid(method="card")
    assert stage.endpoint.heard == []
    assert await stage.simulator.deliver_due() == 3
    assert stage.endpoint.names == PAID
    authorized, captured, paid = stage.endpoint.heard
    assert authorized.entity("payment")["status"] == "authorized"
    assert captured.entity("payment") == payment
    assert (captured.event["contains"], paid.event["contains"]) == (
        ["payment"],
        ["payment", "order"],
    )
    assert paid.entity("order")["amount_paid"] == 60_200
    assert captured.event["created_at"] == stage.clock.now()
    assert captured.event["account_id"].startswith("acc_")


async def test_each_event_is_signed_and_named(stage: Stage) -> None:
    await stage.paid()
    await stage.simulator.deliver_due()
    assert all(heard.is_signed_with(SIGNED_WITH) for heard in stage.endpoint.heard)
    assert len({heard.id for heard in stage.endpoint.heard}) == 3


async def test_nothing_is_sent_twice(stage: Stage) -> None:
    await stage.paid()
    assert await stage.simulator.deliver_due() == 3
    assert await stage.simulator.deliver_due() == 0
    await stage.pass_time(DAY)
    assert stage.endpoint.names == PAID


async def test_what_is_not_accepted_is_sent_again(stage: Stage) -> None:
    order = await stage.order()
    with pytest.raises(Refused):
        await stage.pay(order, outcome="fail")
    stage.endpoint.answers = [500, 302, 404]
    await stage.simulator.deliver_due()
    waits: list[int] = []
    for _ in range(3):
        waited = 0
        while not await stage.simulator.deliver_due():
            stage.clock.advance(30)
            waited += 30
        waits.append(waited)
    assert waits == [60, 120, 240]
    assert len({heard.id for heard in stage.endpoint.heard}) == 1
    assert len({heard.body for heard in stage.endpoint.heard}) == 1
    log = (await stage.play("GET /webhooks/log"))["items"]
    assert [attempt["answer"] for attempt in log[0]["attempts"]] == [500, 302, 404, 204]
    assert log[0]["status"] == "delivered"


async def test_after_a_day_of_refusals_the_endpoint_is_disabled(stage: Stage) -> None:
    order = await stage.order()
    with pytest.raises(Refused):
        await stage.pay(order, outcome="fail")
    stage.endpoint.answers = [503] * 100
    waited, last = 0, 0
    gaps: list[int] = []
    while waited <= DAY + HOUR:
        if await stage.simulator.deliver_due():
            gaps.append((waited - last) // 60)
            last = waited
        stage.clock.advance(60)
        waited += 60
    assert gaps == [0, 1, 2, 4, 8, 16, 32, 64, *[120] * 10]
    (endpoint,) = (await stage.play("GET /webhooks"))["items"]
    assert endpoint["status"] == "disabled"
    stage.endpoint.heard.clear()
    stage.endpoint.answers.clear()
    await stage.paid()
    assert await stage.events() == []
    stage.simulator.set_webhook(stage.endpoint.url)
    await stage.paid()
    assert await stage.events() == PAID


async def test_an_endpoint_that_is_not_there_is_tried_again(stage: Stage) -> None:
    stage.simulator.set_webhook("http://127.0.0.1:9/hooks")
    await stage.paid()
    assert await stage.simulator.deliver_due() == 3
    log = (await stage.play("GET /webhooks/log"))["items"]
    assert log[0]["attempts"][0]["answer"] == "ConnectError"
    stage.simulator.set_webhook(stage.endpoint.url)
    await stage.pass_time(60)
    assert stage.endpoint.names == PAID


async def test_who_does_not_answer_in_time_has_not_accepted(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience: list[asyncio.Timeout] = []

    def timeout(seconds: float) -> asyncio.Timeout:
        assert seconds == 5
        patience.append(asyncio.timeout(None))
        return patience[-1]

    monkeypatch.setattr(deliveries, "timeout", timeout)
    stage.endpoint.ends_patience = lambda: patience[-1].reschedule(0)
    await stage.paid()
    await stage.simulator.deliver_due()
    assert stage.endpoint.names == PAID
    log = (await stage.play("GET /webhooks/log"))["items"]
    assert [one["attempts"][0]["answer"] for one in log] == ["TimeoutError"] * 3
    stage.endpoint.ends_patience = None
    await stage.pass_time(60)
    assert stage.endpoint.names == PAID * 2


async def test_what_waits_survives_a_stop(tmp_path: Path) -> None:
    path = tmp_path / "simulator.sqlite"
    async with staged(path) as first:
        payment = await first.paid()
    async with staged(path, clock=first.clock) as second:
        assert await second.payment(payment["id"]) == payment
        assert await second.events() == PAID
        assert (await second.order())["id"] != payment["order_id"]


async def test_two_secrets_during_a_rotation(stage: Stage) -> None:
    stage.simulator.set_webhook(stage.endpoint.url, "the new secret")
    await stage.play("POST /faults", {"fault": "old_secret", "on": "order.paid", "count": 1})
    await stage.paid()
    await stage.simulator.deliver_due()
    signed = [heard.is_signed_with("the new secret") for heard in stage.endpoint.heard]
    assert signed == [True, True, False]
    assert stage.endpoint.one("order.paid").is_signed_with(SIGNED_WITH)


async def test_an_endpoint_may_listen_to_some_events(stage: Stage) -> None:
    other = Endpoint()
    async with other.listening():
        wish = {"url": other.url, "secret": "other", "events": ["order.paid"]}
        made = await stage.play("POST /webhooks", wish)
        assert "secret" not in made
        await stage.paid()
        await stage.simulator.deliver_due()
        assert other.names == ["order.paid"]
        assert other.heard[0].is_signed_with("other")
        assert stage.endpoint.names == PAID
        assert other.heard[0].id == stage.endpoint.one("order.paid").id
        await stage.play(f"DELETE /webhooks/{made['id']}")
        await stage.paid()
        await stage.simulator.deliver_due()
        assert other.names == ["order.paid"]


async def test_webhooks_can_be_held_back_reordered_and_released(stage: Stage) -> None:
    await stage.play("POST /webhooks/hold")
    await stage.paid()
    assert await stage.events() == []
    waiting = (await stage.play("GET /webhooks/queue"))["items"]
    assert [one["event"] for one in waiting] == PAID
    one = await stage.play("POST /webhooks/release", {"deliveries": [waiting[2]["id"]]})
    assert one == {"released": 1}
    assert await stage.events() == ["order.paid"]
    await stage.play("POST /webhooks/reorder")
    assert await stage.play("POST /webhooks/release") == {"released": 2}
    assert await stage.events() == ["payment.captured", "payment.authorized"]
    await stage.paid()
    assert await stage.events() == PAID


async def test_an_order_of_sending_can_be_given(stage: Stage) -> None:
    await stage.paid()
    waiting = (await stage.play("GET /webhooks/queue"))["items"]
    wish = [waiting[2]["id"], waiting[0]["id"]]
    await stage.play("POST /webhooks/reorder", {"deliveries": wish})
    assert await stage.events() == ["order.paid", "payment.authorized", "payment.captured"]


async def test_an_event_can_be_sent_again(stage: Stage) -> None:
    await stage.paid()
    await stage.simulator.deliver_due()
    captured = stage.endpoint.one("payment.captured")
    stage.endpoint.heard.clear()
    await stage.play("POST /webhooks/replay", {"event_id": captured.id})
    await stage.simulator.deliver_due()
    (again,) = stage.endpoint.heard
    assert (again.id, again.body) == (captured.id, captured.body)
