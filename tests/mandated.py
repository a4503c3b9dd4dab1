"""Customers of a simulated gateway who agree to be debited, and their debits."""

from typing import Any

from simulated import Doc, Stage


async def customer(stage: Stage, **more: Any) -> Doc:
    wish = {"name": "Asha", "email": "asha@example.com", "contact": "+919000090000"}
    return await stage.api("POST /customers", {**wish, "fail_existing": "0", **more})


async def mandate(stage: Stage, method: str = "upi", **terms: Any) -> Doc:
    """A token, as the merchant sees it after the customer has agreed."""
    payer = await customer(stage)
    order = await stage.order(
        100,
        method=method,
        customer_id=payer["id"],
        token={"max_amount": 1_500_000, "frequency": "as_presented", **terms},
    )
    payment = await stage.pay(order)
    return await stage.api(f"GET /customers/{payer['id']}/tokens/{payment['token_id']}")


async def debit(stage: Stage, token: Doc, amount: int = 120_400, **order: Any) -> Doc:
    """The payment of a debit, as it is right after it was asked for."""
    made = await stage.order(amount, payment_capture=True, **order)
    return await debit_for(stage, token, made)


async def debit_for(stage: Stage, token: Doc, order: Doc, **more: Any) -> Doc:
    wish = {
        "email": "asha@example.com",
        "contact": "+919000090000",
        "amount": order["amount"],
        "currency": "INR",
        "order_id": order["id"],
        "customer_id": token["customer_id"],
        "token": token["id"],
        "recurring": True,
        **more,
    }
    begun = await stage.api("POST /payments/create/recurring", wish)
    assert list(begun) == ["razorpay_payment_id"]
    return await stage.payment(begun["razorpay_payment_id"])


async def play_mandate(stage: Stage, token: Doc, step: str) -> None:
    await stage.play(f"POST /mandates/{token['id']}/{step}")
