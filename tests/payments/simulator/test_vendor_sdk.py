"""The vendor's own SDK, which knows nothing of the simulator, drives it as the real thing."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import pytest
import razorpay  # pyright: ignore[reportMissingTypeStubs]
from anyio import to_thread
from razorpay import errors  # pyright: ignore[reportMissingTypeStubs]

from simulated import KEY, SIGNED_WITH, Stage

T = TypeVar("T")


async def calling(call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """The SDK waits, so it is called beside the loop that the simulator runs in."""
    return await to_thread.run_sync(partial(call, *args, **kwargs))


def client(stage: Stage) -> Any:
    return razorpay.Client(auth=KEY, base_url=stage.url)


async def test_from_order_to_refund(stage: Stage) -> None:
    sdk = client(stage)
    order = await calling(
        sdk.order.create,
        {"amount": 60_200, "currency": "INR", "receipt": "ord_1", "payment_capture": False},
    )
    told = await stage.play("POST /checkout", {"order_id": order["id"], "method": "card"})
    assert sdk.utility.verify_payment_signature(told)
    payment_id = told["razorpay_payment_id"]
    captured = await calling(sdk.payment.capture, payment_id, 60_200, {"currency": "INR"})
    assert captured["status"] == "captured"
    key = {"X-Refund-Idempotency": "refund-key-0001"}
    refund = await calling(
        sdk.payment.refund, payment_id, {"amount": 20_000}, headers=dict(key), timeout=10
    )
    again = await calling(
        sdk.payment.refund, payment_id, {"amount": 20_000}, headers=dict(key), timeout=10
    )
    assert (refund["status"], again["id"]) == ("processed", refund["id"])
    listed = await calling(sdk.payment.fetch_multiple_refund, payment_id)
    assert listed["count"] == 1
    with pytest.raises(errors.BadRequestError, match="greater than amount captured"):
        await calling(sdk.payment.refund, payment_id, {"amount": 50_000})


async def test_webhooks_verify(stage: Stage) -> None:
    sdk = client(stage)
    await stage.paid()
    await stage.simulator.deliver_due()
    for heard in stage.endpoint.heard:
        signature = heard.headers["x-razorpay-signature"]
        sdk.utility.verify_webhook_signature(heard.body.decode(), signature, SIGNED_WITH)
        with pytest.raises(errors.SignatureVerificationError):
            sdk.utility.verify_webhook_signature(heard.body.decode() + " ", signature, SIGNED_WITH)


async def test_recurring_payments(stage: Stage) -> None:
    sdk = client(stage)
    customer = await calling(
        sdk.customer.create,
        {"name": "Asha", "email": "asha@example.com", "contact": "+919000090000"},
    )
    order = await calling(
        sdk.order.create,
        {
            "amount": 100,
            "currency": "INR",
            "method": "upi",
            "customer_id": customer["id"],
            "token": {"max_amount": 1_500_000, "frequency": "as_presented"},
        },
    )
    told = await stage.play("POST /checkout", {"order_id": order["id"]})
    payment = await calling(sdk.payment.fetch, told["razorpay_payment_id"])
    tokens = await calling(sdk.token.all, customer["id"])
    assert [one["id"] for one in tokens["items"]] == [payment["token_id"]]
    token = await calling(sdk.token.fetch, customer["id"], payment["token_id"])
    assert token["recurring_details"]["status"] == "confirmed"
    order = await calling(
        sdk.order.create, {"amount": 120_400, "currency": "INR", "payment_capture": True}
    )
    begun = await calling(
        sdk.payment.createRecurring,
        {
            "email": "asha@example.com",
            "contact": "+919000090000",
            "amount": 120_400,
            "currency": "INR",
            "order_id": order["id"],
            "customer_id": customer["id"],
            "token": token["id"],
            "recurring": True,
            "description": "Recharge",
            "notes": {},
        },
    )
    debited = await calling(sdk.payment.fetch, begun["razorpay_payment_id"])
    assert (debited["status"], debited["token_id"]) == ("captured", token["id"])
    deleted = await calling(sdk.token.delete, customer["id"], token["id"])
    assert deleted == {"deleted": True}


async def test_wrong_keys(stage: Stage) -> None:
    sdk: Any = razorpay.Client(auth=("rzp_test_x", "wrong"), base_url=stage.url)
    with pytest.raises(errors.BadRequestError, match="Authentication failed"):
        await calling(sdk.order.all)


async def test_disputes_and_settlements(stage: Stage) -> None:
    sdk = client(stage)
    payment = await stage.paid()
    made = await stage.play("POST /disputes", {"payment_id": payment["id"]})
    lost = await calling(sdk.dispute.accept, made["id"])
    assert (lost["status"], lost["amount_deducted"]) == ("lost", 60_200)
    await stage.play("POST /settle")
    listed = await calling(sdk.settlement.all)
    assert listed["count"] == 1
    report = await calling(sdk.settlement.report, {"year": 2026, "month": 1})
    assert {item["type"] for item in report["items"]} == {"payment", "adjustment"}
