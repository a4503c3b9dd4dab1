"""Mandates where they are instant: registered, debited, limited, and ended."""

import pytest

from mandated import customer, debit, debit_for, mandate, play_mandate
from simulated import Doc, Refused, Stage

DAY = 86_400


@pytest.mark.parametrize("method", ["upi", "card"])
async def test_a_mandate_is_confirmed_and_debited_at_once(stage: Stage, method: str) -> None:
    token = await mandate(stage, method)
    assert (token["method"], token["recurring_details"]["status"]) == (method, "confirmed")
    await stage.events()
    payment = await debit(stage, token)
    assert (payment["status"], payment["token_id"]) == ("captured", token["id"])
    assert payment["customer_id"] == token["customer_id"]
    assert await stage.events() == ["payment.authorized", "payment.captured", "order.paid"]


async def test_a_registration_is_told(stage: Stage) -> None:
    token = await mandate(stage)
    await stage.simulator.deliver_due()
    confirmed = stage.endpoint.one("token.confirmed").entity("token")
    assert confirmed == token
    assert token["vpa"] == {"username": "success", "handle": "razorpay", "name": None}
    assert token["max_amount"] == 1_500_000


@pytest.mark.parametrize(
    ("method", "terms", "field"),
    [
        ("upi", {"max_amount": 10_000_000}, "max_amount"),
        ("upi", {"max_amount": 99}, "max_amount"),
        ("card", {"max_amount": 1_500_001}, "max_amount"),
        ("upi", {"frequency": "hourly"}, "frequency"),
        ("upi", {"expire_at": 1}, "expire_at"),
        ("netbanking", {}, "method"),
        ("card", {"type": "single_block_multiple_debit", "max_amount": 1_000}, "token.type"),
        ("upi", {"type": "single_block_multiple_debit"}, "max_amount"),
        ("upi", {"colour": "red"}, "colour"),
    ],
)
async def test_terms_that_will_not_do(stage: Stage, method: str, terms: Doc, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        await mandate(stage, method, **terms)
    assert refusal.value.error["field"] == field


async def test_a_mandate_is_paid_by_its_own_method(stage: Stage) -> None:
    payer = await customer(stage)
    order = await stage.order(
        100, method="upi", customer_id=payer["id"], token={"max_amount": 1_000}
    )
    with pytest.raises(Refused, match="paid by upi only"):
        await stage.pay(order, method="card")


async def test_no_mandate_comes_of_a_failed_payment(stage: Stage) -> None:
    payer = await customer(stage)
    order = await stage.order(
        100, method="upi", customer_id=payer["id"], token={"max_amount": 1_000}
    )
    with pytest.raises(Refused):
        await stage.pay(order, instrument="failure@razorpay")
    assert (await stage.api(f"GET /customers/{payer['id']}/tokens"))["count"] == 0


async def test_a_debit_above_the_maximum_is_refused(stage: Stage) -> None:
    token = await mandate(stage, max_amount=100_000)
    with pytest.raises(Refused) as refusal:
        await debit(stage, token, 100_001)
    assert refusal.value.error["reason"] == "amount_does_not_match_mandate_amount"
    assert (await debit(stage, token, 100_000))["status"] == "captured"


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        (["pause"], "mandate_paused"),
        (["cancel"], "mandate_cancelled"),
        (["pause", "cancel"], "mandate_cancelled"),
    ],
)
async def test_a_mandate_that_is_off_is_not_debited(
    stage: Stage, steps: list[str], reason: str
) -> None:
    token = await mandate(stage)
    await stage.events()
    for step in steps:
        await play_mandate(stage, token, step)
    assert await stage.events() == [
        {"pause": "token.paused", "cancel": "token.cancelled"}[step] for step in steps
    ]
    with pytest.raises(Refused) as refusal:
        await debit(stage, token)
    assert refusal.value.error["reason"] == reason


async def test_a_pause_ends(stage: Stage) -> None:
    token = await mandate(stage)
    await play_mandate(stage, token, "pause")
    await play_mandate(stage, token, "resume")
    assert (await debit(stage, token))["status"] == "captured"


async def test_what_was_cancelled_stays_so(stage: Stage) -> None:
    token = await mandate(stage)
    told = await stage.api(f"PUT /customers/{token['customer_id']}/tokens/{token['id']}/cancel")
    assert told == {"status": "cancelled"}
    with pytest.raises(Refused, match="cancelled and can not become confirmed"):
        await play_mandate(stage, token, "confirm")


async def test_a_mandate_expires(stage: Stage) -> None:
    token = await mandate(stage, expire_at=stage.clock.now() + DAY)
    stage.clock.advance(DAY)
    with pytest.raises(Refused) as refusal:
        await debit(stage, token)
    assert refusal.value.error["reason"] == "mandate_expired"


async def test_a_mandate_belongs_to_its_customer(stage: Stage) -> None:
    token = await mandate(stage)
    other = await customer(stage, email="ravi@example.com")
    with pytest.raises(Refused) as refusal:
        await debit(stage, {**token, "customer_id": other["id"]})
    assert refusal.value.error["reason"] == "invalid_token"
    with pytest.raises(Refused, match="does not exist"):
        await stage.api(f"GET /customers/{other['id']}/tokens/{token['id']}")


@pytest.mark.parametrize(
    ("more", "field"),
    [({"recurring": False}, "recurring"), ({"amount": 120_401}, "amount"), ({"tok": 1}, "tok")],
)
async def test_a_debit_says_what_it_is(stage: Stage, more: Doc, field: str) -> None:
    token = await mandate(stage)
    order = await stage.order(120_400)
    with pytest.raises(Refused) as refusal:
        await debit_for(stage, token, order, **more)
    assert refusal.value.error["field"] == field


@pytest.mark.parametrize(
    ("frequency", "after"),
    [("daily", DAY), ("weekly", 7 * DAY), ("monthly", 31 * DAY), ("yearly", 365 * DAY)],
)
async def test_a_mandate_is_debited_once_a_cycle(stage: Stage, frequency: str, after: int) -> None:
    token = await mandate(stage, frequency=frequency)
    assert (await debit(stage, token))["status"] == "captured"
    second = await debit(stage, token)
    assert second["error_reason"] == "mandate_current_cycle_allowed_debit_exceeds"
    stage.clock.advance(after)
    assert (await debit(stage, token))["status"] == "captured"


async def test_above_fifteen_thousand_rupees_the_customer_approves(stage: Stage) -> None:
    token = await mandate(stage, max_amount=5_000_000)
    payment = await debit(stage, token, 1_500_001)
    assert payment["status"] == "created"
    await stage.play(f"POST /payments/{payment['id']}/authorize")
    assert (await stage.payment(payment["id"]))["status"] == "captured"
    assert (await debit(stage, token, 1_500_000))["status"] == "captured"


async def test_without_approval_in_three_days_the_debit_fails(stage: Stage) -> None:
    token = await mandate(stage, max_amount=5_000_000)
    payment = await debit(stage, token, 1_500_001)
    stage.clock.advance(3 * DAY)
    failed = await stage.payment(payment["id"])
    assert (failed["status"], failed["error_reason"]) == ("failed", "payment_timed_out")


async def test_the_bank_may_be_told_how_to_answer(stage: Stage) -> None:
    token = await mandate(stage)
    wish = {"debits": ["insufficient_funds", "success", "debit_declined"]}
    await stage.play(f"POST /mandates/{token['id']}/expect", wish)
    ends = [(await debit(stage, token))["error_reason"] for _ in range(4)]
    assert ends == ["insufficient_funds", None, "debit_declined", None]


async def test_reserved_money_is_debited_until_it_is_used_up(lawful: Stage) -> None:
    payer = await customer(lawful, notes={"rbi_delay": "false"})
    order = await lawful.order(
        100,
        method="upi",
        customer_id=payer["id"],
        token={"max_amount": 200_000, "type": "single_block_multiple_debit"},
    )
    token_id = (await lawful.pay(order))["token_id"]
    token = await lawful.api(f"GET /customers/{payer['id']}/tokens/{token_id}")
    assert token["recurring_details"]["status"] == "confirmed"
    await lawful.events()
    assert (await debit(lawful, token, 150_000))["status"] == "captured"
    over = await debit(lawful, token, 60_000)
    assert (over["status"], over["error_reason"]) == ("failed", "limit_exceeded_remitting_bank")
    assert (await debit(lawful, token, 50_000))["status"] == "captured"
    await lawful.events()
    await play_mandate(lawful, token, "cancel")
    assert await lawful.events() == ["token.cancellation_initiated", "token.cancelled"]


async def test_customers_are_known_by_email_and_contact(stage: Stage) -> None:
    first = await customer(stage)
    assert (await customer(stage))["id"] == first["id"]
    with pytest.raises(Refused, match="already exists"):
        await customer(stage, fail_existing="1")
    edited = await stage.api(f"PUT /customers/{first['id']}", {"email": "new@example.com"})
    assert edited["email"] == "new@example.com"
    assert (await customer(stage))["id"] != first["id"]
    assert (await stage.api("GET /customers"))["count"] == 2


async def test_a_deleted_token_is_gone(stage: Stage) -> None:
    token = await mandate(stage)
    call = f"/customers/{token['customer_id']}/tokens/{token['id']}"
    assert await stage.api(f"DELETE {call}") == {"deleted": True}
    with pytest.raises(Refused, match="does not exist"):
        await debit(stage, token)
