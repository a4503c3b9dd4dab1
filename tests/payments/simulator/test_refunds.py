"""Refunds: as much as was paid, once for each key, and what becomes of them."""

import asyncio

import pytest

from simulated import Refused, Stage

KEY = "refund-key-0001"


async def test_a_full_refund(stage: Stage) -> None:
    payment = await stage.paid()
    refund = await stage.api(f"POST /payments/{payment['id']}/refund", {"receipt": "rf_1"})
    assert refund["id"].startswith("rfnd_")
    assert (refund["amount"], refund["status"]) == (60_200, "processed")
    assert (refund["receipt"], refund["payment_id"]) == ("rf_1", payment["id"])
    assert refund["acquirer_data"]["arn"]
    after = await stage.payment(payment["id"])
    assert (after["status"], after["refund_status"]) == ("refunded", "full")
    order = await stage.api(f"GET /orders/{payment['order_id']}")
    assert order["status"] == "paid"


async def test_partial_refunds_up_to_the_whole(stage: Stage) -> None:
    payment = await stage.paid()
    call = f"POST /payments/{payment['id']}/refund"
    await stage.api(call, {"amount": 20_000})
    after = await stage.payment(payment["id"])
    assert (after["status"], after["refund_status"]) == ("captured", "partial")
    with pytest.raises(Refused, match="greater than amount captured"):
        await stage.api(call, {"amount": 40_201})
    await stage.api(call, {"amount": 40_200})
    after = await stage.payment(payment["id"])
    assert (after["status"], after["amount_refunded"]) == ("refunded", 60_200)
    with pytest.raises(Refused, match="fully refunded already"):
        await stage.api(call, {"amount": 100})
    listed = await stage.api(f"GET /payments/{payment['id']}/refunds")
    assert [one["amount"] for one in listed["items"]] == [40_200, 20_000]


async def test_without_an_amount_the_rest_goes_back(stage: Stage) -> None:
    payment = await stage.paid()
    await stage.api("POST /refunds", {"payment_id": payment["id"], "amount": 200})
    rest = await stage.api("POST /refunds", {"payment_id": payment["id"]})
    assert rest["amount"] == 60_000


async def test_only_what_was_captured_goes_back(stage: Stage) -> None:
    payment = await stage.pay(await stage.order(payment_capture=False))
    with pytest.raises(Refused, match="should be captured"):
        await stage.api(f"POST /payments/{payment['id']}/refund", {})


async def test_the_same_key_is_the_same_refund(stage: Stage) -> None:
    payment = await stage.paid()
    call = f"POST /payments/{payment['id']}/refund"
    first = await stage.api(call, {"amount": 200}, X_Refund_Idempotency=KEY)
    again = await stage.api(call, {"amount": 200}, X_Refund_Idempotency=KEY)
    assert again == first
    with pytest.raises(Refused, match="Different request with the same idempotency key"):
        await stage.api(call, {"amount": 300}, X_Refund_Idempotency=KEY)
    assert (await stage.payment(payment["id"]))["amount_refunded"] == 200


async def test_a_refused_refund_leaves_its_key_free(stage: Stage) -> None:
    payment = await stage.paid()
    call = f"POST /payments/{payment['id']}/refund"
    with pytest.raises(Refused):
        await stage.api(call, {"amount": 90_000}, X_Refund_Idempotency=KEY)
    assert (await stage.api(call, {"amount": 200}, X_Refund_Idempotency=KEY))["amount"] == 200


@pytest.mark.parametrize("key", ["", "short", "with blanks in it", "with/slashes/in"])
async def test_a_key_has_its_form(stage: Stage, key: str) -> None:
    payment = await stage.paid()
    with pytest.raises(Refused) as refusal:
        await stage.api(f"POST /payments/{payment['id']}/refund", {}, X_Refund_Idempotency=key)
    assert refusal.value.error["reason"] == "invalid_idempotency_key"


async def test_a_key_in_use_is_a_conflict(stage: Stage) -> None:
    payment = await stage.paid()
    call = f"POST /payments/{payment['id']}/refund"
    first, second = await asyncio.gather(
        stage.raw_api(call, {}, X_Refund_Idempotency=KEY, X_Emu_Fault="slow=300"),
        stage.raw_api(call, {}, X_Refund_Idempotency=KEY, X_Emu_Fault="slow=300"),
    )
    assert sorted([first.status_code, second.status_code]) == [200, 409]
    assert (await stage.raw_api(call, {}, X_Refund_Idempotency=KEY)).status_code == 200


async def test_a_refund_takes_as_long_as_is_set(stage: Stage) -> None:
    await stage.play("POST /dials", {"refund_delay_seconds": 3_600})
    payment = await stage.paid()
    refund = await stage.api(f"POST /payments/{payment['id']}/refund", {"speed": "normal"})
    assert refund["status"] == "pending"
    assert "refund.processed" not in await stage.events()
    await stage.pass_time(3_600)
    told = await stage.api(f"GET /refunds/{refund['id']}")
    assert (told["status"], told["speed_processed"]) == ("processed", "normal")
    assert stage.endpoint.names == ["refund.processed"]


async def test_an_instant_refund_does_not_wait(stage: Stage) -> None:
    await stage.play("POST /dials", {"refund_delay_seconds": 3_600})
    payment = await stage.paid()
    refund = await stage.api(f"POST /payments/{payment['id']}/refund", {"speed": "optimum"})
    assert (refund["status"], refund["speed_processed"]) == ("processed", "instant")


async def test_a_failed_refund_leaves_the_money_with_the_payment(stage: Stage) -> None:
    payment = await stage.paid()
    refund = await stage.api(
        f"POST /payments/{payment['id']}/refund", {}, X_Emu_Fault="refund_fails_later=600"
    )
    assert refund["status"] == "pending"
    assert (await stage.payment(payment["id"]))["status"] == "refunded"
    await stage.pass_time(600)
    after = await stage.payment(payment["id"])
    assert (after["status"], after["amount_refunded"]) == ("captured", 0)
    assert after["refund_status"] is None
    assert stage.endpoint.one("refund.failed").entity("refund")["status"] == "failed"
    assert (await stage.api(f"POST /payments/{payment['id']}/refund", {}))["amount"] == 60_200


async def test_what_nobody_wanted_is_given_back_until_it_is_back(stage: Stage) -> None:
    await stage.play("POST /faults", {"fault": "refund_fails_later", "count": 1, "value": 600})
    order = await stage.order()
    await stage.pay(order, outcome="duplicate")
    await stage.pass_time(600)
    listed = (await stage.api(f"GET /orders/{order['id']}/payments"))["items"]
    assert [one["status"] for one in listed] == ["authorized", "captured"]
    await stage.pass_time(86_400)
    listed = (await stage.api(f"GET /orders/{order['id']}/payments"))["items"]
    assert [one["status"] for one in listed] == ["refunded", "captured"]
    refunds = (await stage.api(f"GET /payments/{listed[0]['id']}/refunds"))["items"]
    assert [one["status"] for one in refunds] == ["processed", "failed"]


async def test_a_refund_is_found_with_its_payment_only(stage: Stage) -> None:
    one, other = await stage.paid(), await stage.paid()
    refund = await stage.api(f"POST /payments/{one['id']}/refund", {})
    found = await stage.api(f"GET /payments/{one['id']}/refunds/{refund['id']}")
    assert found == refund
    with pytest.raises(Refused, match="does not exist"):
        await stage.api(f"GET /payments/{other['id']}/refunds/{refund['id']}")


async def test_notes_of_a_refund_can_be_set(stage: Stage) -> None:
    payment = await stage.paid()
    refund = await stage.api(f"POST /payments/{payment['id']}/refund", {})
    assert refund["notes"] == []
    edited = await stage.api(f"PATCH /refunds/{refund['id']}", {"notes": {"why": "asked"}})
    assert edited["notes"] == {"why": "asked"}
    assert (await stage.api("GET /refunds"))["items"] == [edited]
