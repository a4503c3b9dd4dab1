"""Orders: what they are told to be, how often they are made, and what they refuse."""

from typing import Any

import pytest

from simulated import Doc, Refused, Stage


async def test_a_new_order_is_told_whole(stage: Stage) -> None:
    order = await stage.order(60_200, receipt="ord_1", notes={"wallet": "w1"})
    assert order["id"].startswith("order_")
    assert len(order["id"]) == len("order_") + 14
    assert {key: order[key] for key in order if key not in {"id", "created_at"}} == {
        "entity": "order",
        "amount": 60_200,
        "amount_paid": 0,
        "amount_due": 60_200,
        "currency": "INR",
        "receipt": "ord_1",
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": {"wallet": "w1"},
    }
    assert order["created_at"] == stage.clock.now()


async def test_empty_notes_are_a_list(stage: Stage) -> None:
    order = await stage.order()
    assert order["notes"] == []
    edited = await stage.api(f"PATCH /orders/{order['id']}", {"notes": {"a": "b"}})
    assert edited["notes"] == {"a": "b"}


async def test_a_unique_receipt_makes_one_order(stage: Stage) -> None:
    first = await stage.order(receipt="ord_1", unique_receipt=True)
    again = await stage.order(receipt="ord_1", unique_receipt=True)
    assert again == first
    with pytest.raises(Refused, match="Order receipt should be unique") as refusal:
        await stage.order(70_000, receipt="ord_1", unique_receipt=True)
    assert refusal.value.error["field"] == "receipt"


async def test_orders_are_found_by_receipt(stage: Stage) -> None:
    await stage.order(receipt="ord_1")
    wanted = await stage.order(receipt="ord_2")
    assert await stage.api("GET /orders?receipt=ord_2") == {
        "entity": "collection",
        "count": 1,
        "items": [wanted],
    }


async def test_lists_are_newest_first_and_in_parts(stage: Stage) -> None:
    ids = [(await stage.order())["id"] for _ in range(12)]
    first = await stage.api("GET /orders")
    assert [order["id"] for order in first["items"]] == ids[:1:-1]
    rest = await stage.api("GET /orders?skip=10&count=5")
    assert [order["id"] for order in rest["items"]] == ids[1::-1]


async def test_lists_are_limited_by_time(stage: Stage) -> None:
    await stage.order()
    stage.clock.advance(60)
    later = await stage.order()
    found = await stage.api(f"GET /orders?from={stage.clock.now()}")
    assert [order["id"] for order in found["items"]] == [later["id"]]


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"amount": 99, "currency": "INR"}, "amount", "input_validation_failed"),
        ({"amount": 100.5, "currency": "INR"}, "amount", "input_validation_failed"),
        ({"amount": "100", "currency": "INR"}, "amount", "input_validation_failed"),
        ({"amount": True, "currency": "INR"}, "amount", "input_validation_failed"),
        ({"currency": "INR"}, "amount", "input_validation_failed"),
        ({"amount": 100}, "currency", "input_validation_failed"),
        ({"amount": 100, "currency": "XYZ"}, "currency", "input_validation_failed"),
        ({"amount": 100, "currency": "INR", "receipt": "r" * 41}, "receipt", None),
        ({"amount": 100, "currency": "INR", "notes": {"a": "b" * 257}}, "notes", None),
        (
            {"amount": 100, "currency": "INR", "notes": {str(n): "b" for n in range(16)}},
            "notes",
            None,
        ),
        ({"amount": 100, "currency": "INR", "reciept": "r"}, "reciept", "extra_field_sent"),
        (
            {"amount": 100, "currency": "INR", "payment": {"captured": True}},
            "captured",
            "extra_field_sent",
        ),
        ({"amount": 100, "currency": "INR", "partial_payment": True}, "partial_payment", None),
    ],
)
async def test_what_an_order_may_not_be(
    stage: Stage, body: Doc, field: str, reason: str | None
) -> None:
    with pytest.raises(Refused) as refusal:
        await stage.api("POST /orders", body)
    error = refusal.value.error
    assert refusal.value.status == 400
    assert (error["code"], error["field"]) == ("BAD_REQUEST_ERROR", field)
    assert error["reason"] == (reason or "input_validation_failed")


async def test_an_unknown_field_is_named(stage: Stage) -> None:
    with pytest.raises(Refused) as refusal:
        await stage.order(colour="red")
    description = "colour is/are not required and should not be sent"
    assert refusal.value.error["description"] == description


async def test_an_order_counts_its_attempts(stage: Stage) -> None:
    order = await stage.order()
    for attempts in (1, 2):
        with pytest.raises(Refused):
            await stage.pay(order, outcome="fail")
        told = await stage.api(f"GET /orders/{order['id']}")
        assert (told["status"], told["attempts"]) == ("attempted", attempts)
    payment = await stage.pay(order)
    told = await stage.api(f"GET /orders/{order['id']}")
    assert (told["status"], told["attempts"]) == ("paid", 3)
    assert (told["amount_paid"], told["amount_due"]) == (60_200, 0)
    listed = await stage.api(f"GET /orders/{order['id']}/payments")
    assert [one["status"] for one in listed["items"]] == ["captured", "failed", "failed"]
    assert listed["items"][0]["id"] == payment["id"]


async def test_a_paid_order_takes_no_further_payment(stage: Stage) -> None:
    order = await stage.order()
    await stage.pay(order)
    with pytest.raises(Refused) as refusal:
        await stage.pay(order)
    assert refusal.value.error["reason"] == "order_already_paid"


async def test_an_order_with_money_on_the_way_takes_no_further_payment(stage: Stage) -> None:
    order = await stage.order(payment_capture=False)
    await stage.pay(order)
    with pytest.raises(Refused) as refusal:
        await stage.pay(order)
    assert refusal.value.error["reason"] == "payment_already_authorized"
    listed = await stage.api("GET /orders?authorized=1")
    assert [one["id"] for one in listed["items"]] == [order["id"]]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, "captured"),
        ({"payment_capture": True}, "captured"),
        ({"payment_capture": 1}, "captured"),
        ({"payment_capture": 0}, "authorized"),
        ({"payment": {"capture": "manual"}}, "authorized"),
        ({"payment": {"capture": "automatic"}}, "captured"),
    ],
)
async def test_an_order_says_who_captures(stage: Stage, more: dict[str, Any], status: str) -> None:
    payment = await stage.pay(await stage.order(**more))
    assert payment["status"] == status
