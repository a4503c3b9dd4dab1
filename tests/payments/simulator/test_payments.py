"""Payments: what the customer does, what the bank says, and what the merchant sees of it."""

import hashlib
import hmac
from typing import Any

import pytest

from simulated import KEY, Doc, Refused, Stage

MINUTE = 60
DAY = 86_400


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"method": "upi"}, {"method": "upi", "vpa": "success@razorpay"}),
        ({"method": "upi", "instrument": "asha@okaxis"}, {"vpa": "asha@okaxis"}),
        ({"method": "netbanking", "instrument": {"bank": "UTIB"}}, {"bank": "UTIB"}),
        ({"method": "wallet", "instrument": "mobikwik"}, {"wallet": "mobikwik"}),
    ],
)
async def test_a_payment_says_how_it_was_paid(stage: Stage, how: Doc, told: Doc) -> None:
    payment = await stage.paid(**how)
    assert {key: payment[key] for key in told} == told
    assert payment["status"] == "captured"


@pytest.mark.parametrize(
    ("number", "more", "told"),
    [
        ("4100 2800 0000 1007", {}, ("Visa", "credit", "1007", False)),
        ("5500 6700 0000 1002", {"type": "debit"}, ("MasterCard", "debit", "1002", False)),
        ("6527 6589 0000 1005", {"type": "prepaid"}, ("RuPay", "prepaid", "1005", False)),
        ("5555 5555 5555 4444", {}, ("MasterCard", "credit", "4444", True)),
        ("4012 8888 8888 1881", {}, ("Visa", "credit", "1881", True)),
    ],
)
async def test_a_card_is_told_without_its_number(
    stage: Stage, number: str, more: Doc, told: tuple[str, str, str, bool]
) -> None:
    payment = await stage.paid(method="card", instrument={"number": number, **more})
    card = payment["card"]
    assert (card["network"], card["type"], card["last4"], card["international"]) == told
    assert payment["international"] == told[3]
    assert number.replace(" ", "") not in str(await stage.play("GET /state"))


async def test_a_card_is_told_to_those_who_ask_for_it(stage: Stage) -> None:
    payment = await stage.paid(method="card")
    plain = await stage.api(f"GET /payments/{payment['id']}")
    assert "card" not in plain
    assert plain["card_id"] == payment["card"]["id"]


@pytest.mark.parametrize(
    ("instrument", "reason"),
    [
        ({"vpa": "failure@razorpay"}, "payment_failed"),
        ({"number": "4100280000090000"}, "payment_timed_out"),
        ({"number": "4100280000080001"}, "insufficient_funds"),
        ({"number": "4100280000070002"}, "payment_cancelled"),
        ({"number": "4100280000060003"}, "card_declined"),
        ({"number": "4100280000030006"}, "card_disabled_for_online_payments"),
        ({"number": "4100280000020007"}, "gateway_technical_error"),
        ({"number": "4100280000000009"}, "authentication_failed"),
    ],
)
async def test_the_values_of_the_test_mode_choose_the_outcome(
    stage: Stage, instrument: Doc, reason: str
) -> None:
    method = "upi" if "vpa" in instrument else "card"
    order = await stage.order()
    with pytest.raises(Refused) as refusal:
        await stage.pay(order, method=method, instrument=instrument)
    error = refusal.value.error
    assert error["reason"] == reason
    assert error["metadata"]["order_id"] == order["id"]
    payment = await stage.payment(error["metadata"]["payment_id"])
    assert (payment["status"], payment["error_reason"]) == ("failed", reason)
    assert payment["error_description"] == error["description"]
    assert payment["error_code"] == error["code"]


@pytest.mark.parametrize(
    ("method", "amount", "fee", "tax"),
    [
        ("upi", 60_200, 0, 0),
        ("card", 60_200, 1_421, 217),
        ("netbanking", 18_100, 427, 65),
        ("wallet", 100, 2, 0),
        ("wallet", 602_000, 14_207, 2_167),
    ],
)
async def test_the_fee_is_known_after_capture_only(
    stage: Stage, method: str, amount: int, fee: int, tax: int
) -> None:
    order = await stage.order(amount, payment_capture=False)
    payment = await stage.pay(order, method=method)
    assert (payment["fee"], payment["tax"], payment["captured"]) == (None, None, False)
    captured = await stage.api(
        f"POST /payments/{payment['id']}/capture", {"amount": amount, "currency": "INR"}
    )
    assert (captured["fee"], captured["tax"], captured["captured"]) == (fee, tax, True)


async def test_the_browser_is_given_a_signature(stage: Stage) -> None:
    order = await stage.order()
    told = await stage.play("POST /checkout", {"order_id": order["id"]})
    message = f"{order['id']}|{told['razorpay_payment_id']}".encode()
    assert told == {
        "razorpay_payment_id": told["razorpay_payment_id"],
        "razorpay_order_id": order["id"],
        "razorpay_signature": hmac.new(KEY[1].encode(), message, hashlib.sha256).hexdigest(),
    }


async def test_capture_takes_all_and_once(stage: Stage) -> None:
    payment = await stage.pay(await stage.order(payment_capture=False))
    call = f"POST /payments/{payment['id']}/capture"
    with pytest.raises(Refused, match="must be equal to the amount authorized"):
        await stage.api(call, {"amount": 60_100, "currency": "INR"})
    assert (await stage.api(call, {"amount": 60_200, "currency": "INR"}))["status"] == "captured"
    with pytest.raises(Refused, match="already been captured"):
        await stage.api(call, {"amount": 60_200, "currency": "INR"})


async def test_a_failed_payment_can_not_be_captured(stage: Stage) -> None:
    order = await stage.order()
    with pytest.raises(Refused) as refusal:
        await stage.pay(order, outcome="fail")
    payment_id = refusal.value.error["metadata"]["payment_id"]
    with pytest.raises(Refused, match="authorized and not yet captured"):
        await stage.api(
            f"POST /payments/{payment_id}/capture", {"amount": 60_200, "currency": "INR"}
        )


async def test_no_answer_of_the_bank_is_a_failure_after_ten_minutes(stage: Stage) -> None:
    payment = await stage.pay(await stage.order(), outcome="pending")
    assert payment["status"] == "created"
    stage.clock.advance(10 * MINUTE - 1)
    assert (await stage.payment(payment["id"]))["status"] == "created"
    stage.clock.advance(1)
    failed = await stage.payment(payment["id"])
    assert (failed["status"], failed["error_reason"]) == ("failed", "payment_timed_out")


async def test_a_failed_payment_may_succeed_late(stage: Stage) -> None:
    order = await stage.order()
    with pytest.raises(Refused) as refusal:
        await stage.pay(order, outcome="late", delay_seconds=300)
    payment_id = refusal.value.error["metadata"]["payment_id"]
    assert (await stage.payment(payment_id))["status"] == "failed"
    stage.clock.advance(300)
    payment = await stage.payment(payment_id)
    assert (payment["status"], payment["error_reason"]) == ("captured", None)
    assert await stage.events() == [
        "payment.failed",
        "payment.authorized",
        "payment.captured",
        "order.paid",
    ]


async def test_what_comes_late_for_a_paid_order_goes_back(stage: Stage) -> None:
    order = await stage.order()
    late = await stage.pay(order, outcome="pending")
    await stage.pay(order)
    await stage.events()
    await stage.play(f"POST /payments/{late['id']}/late_authorize")
    payment = await stage.payment(late["id"])
    assert (payment["status"], payment["captured"]) == ("refunded", False)
    assert (payment["amount_refunded"], payment["refund_status"]) == (60_200, "full")
    await stage.simulator.deliver_due()
    processed = stage.endpoint.one("refund.processed")
    assert processed.entity("payment")["captured"] is False
    assert "payment.captured" not in stage.endpoint.names


async def test_who_pays_twice_gets_the_second_back(stage: Stage) -> None:
    order = await stage.order()
    first = await stage.pay(order, outcome="duplicate")
    assert first["status"] == "captured"
    listed = await stage.api(f"GET /orders/{order['id']}/payments")
    assert [one["status"] for one in listed["items"]] == ["refunded", "captured"]
    told = await stage.api(f"GET /orders/{order['id']}")
    assert told["amount_paid"] == 60_200


@pytest.mark.parametrize(
    ("terms", "after"),
    [
        ({"capture": "manual"}, 7_200 * MINUTE),
        ({"capture": "manual", "capture_options": {"manual_expiry_period": 60}}, 60 * MINUTE),
    ],
)
async def test_what_nobody_captures_goes_back(stage: Stage, terms: Doc, after: int) -> None:
    payment = await stage.pay(await stage.order(payment=terms))
    stage.clock.advance(after - 1)
    assert (await stage.payment(payment["id"]))["status"] == "authorized"
    stage.clock.advance(1)
    payment = await stage.payment(payment["id"])
    assert (payment["status"], payment["captured"]) == ("refunded", False)


async def test_what_comes_too_late_is_not_captured_by_itself(stage: Stage) -> None:
    terms = {"capture": "automatic", "capture_options": {"automatic_expiry_period": 12}}
    order = await stage.order(payment=terms)
    with pytest.raises(Refused) as refusal:
        await stage.pay(order, outcome="late", delay_seconds=13 * MINUTE)
    stage.clock.advance(13 * MINUTE)
    payment_id = refusal.value.error["metadata"]["payment_id"]
    assert (await stage.payment(payment_id))["status"] == "authorized"


async def test_the_bank_can_be_played(stage: Stage) -> None:
    order = await stage.order()
    payment = await stage.pay(order, outcome="pending")
    await stage.play(f"POST /payments/{payment['id']}/fail", {"reason": "card_declined"})
    assert (await stage.payment(payment["id"]))["error_reason"] == "card_declined"
    payment = await stage.pay(order, outcome="pending")
    assert (await stage.play(f"POST /payments/{payment['id']}/authorize"))["status"] == "captured"
    with pytest.raises(Refused, match="captured and can not become failed"):
        await stage.play(f"POST /payments/{payment['id']}/fail")


async def test_the_bank_says_yes_once(stage: Stage) -> None:
    order = await stage.order()
    await stage.pay(order, outcome="duplicate")
    for payment in (await stage.api(f"GET /orders/{order['id']}/payments"))["items"]:
        for step in ("authorize", "late_authorize", "fail"):
            with pytest.raises(Refused, match="can not become"):
                await stage.play(f"POST /payments/{payment['id']}/{step}")


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"method": "cash"}, "method"),
        ({"outcome": "maybe"}, "outcome"),
        ({"method": "upi", "instrument": "nobody"}, "vpa"),
        ({"method": "card", "instrument": "4111"}, "card.number"),
        ({"method": "card", "instrument": 4}, "instrument"),
        ({"method": "wallet", "instrument": "purse"}, "wallet"),
        ({"method": "netbanking", "instrument": "XXXX"}, "bank"),
    ],
)
async def test_what_a_customer_can_not_do(stage: Stage, how: dict[str, Any], field: str) -> None:
    order = await stage.order()
    with pytest.raises(Refused) as refusal:
        await stage.pay(order, **how)
    assert refusal.value.error["field"] == field
    assert (await stage.api(f"GET /orders/{order['id']}"))["attempts"] == 0


async def test_notes_of_a_payment_are_those_of_its_order_until_set(stage: Stage) -> None:
    payment = await stage.pay(await stage.order(notes={"a": "b"}))
    assert payment["notes"] == {"a": "b"}
    edited = await stage.api(f"PATCH /payments/{payment['id']}", {"notes": {"c": "d"}})
    assert edited["notes"] == {"c": "d"}


async def test_methods_are_told(stage: Stage) -> None:
    methods = await stage.api("GET /methods")
    assert methods["upi"]
    assert methods["netbanking"]["HDFC"] == "HDFC Bank"
