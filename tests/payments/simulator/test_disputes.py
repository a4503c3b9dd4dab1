"""Disputes, and the settlements in which they show."""

from typing import Any

import pytest

from simulated import Doc, Refused, Stage

HOUR, DAY = 3_600, 86_400


async def disputed(stage: Stage, **more: Any) -> Doc:
    payment = await stage.paid()
    await stage.events()
    return await stage.play("POST /disputes", {"payment_id": payment["id"], **more})


async def test_a_dispute_is_told(stage: Stage) -> None:
    dispute = await disputed(stage, amount=10_000, phase="pre_arbitration")
    assert dispute["id"].startswith("disp_")
    assert (dispute["status"], dispute["amount"]) == ("open", 10_000)
    assert dispute["amount_deducted"] == 0
    assert dispute["respond_by"] == stage.clock.now() + 2 * DAY
    await stage.simulator.deliver_due()
    told = stage.endpoint.one("payment.dispute.created")
    assert told.entity("dispute") == dispute
    assert told.entity("payment")["id"] == dispute["payment_id"]
    assert (await stage.api("GET /disputes"))["items"] == [dispute]
    found = await stage.api(f"GET /disputes?payment_id={dispute['payment_id']}")
    assert found["items"] == [dispute]
    assert (await stage.api("GET /disputes?payment_id=pay_other"))["count"] == 0


@pytest.mark.parametrize(
    ("steps", "status", "deducted"),
    [
        (["won"], "won", 0),
        (["lost"], "lost", 60_200),
        (["close"], "closed", 0),
        (["under_review", "won"], "won", 0),
        (["under_review", "lost"], "lost", 60_200),
        (["action_required", "under_review", "close"], "closed", 0),
    ],
)
async def test_a_dispute_goes_its_way(
    stage: Stage, steps: list[str], status: str, deducted: int
) -> None:
    dispute = await disputed(stage)
    await stage.events()
    for step in steps:
        await stage.play(f"POST /disputes/{dispute['id']}/{step}")
    told = await stage.api(f"GET /disputes/{dispute['id']}")
    assert (told["status"], told["amount_deducted"]) == (status, deducted)
    names = [f"payment.dispute.{step}".replace("close", "closed") for step in steps]
    assert await stage.events() == names


@pytest.mark.parametrize("last", ["won", "lost", "close"])
@pytest.mark.parametrize("step", ["under_review", "won", "lost", "close"])
async def test_a_verdict_is_final(stage: Stage, last: str, step: str) -> None:
    dispute = await disputed(stage)
    await stage.play(f"POST /disputes/{dispute['id']}/{last}")
    with pytest.raises(Refused, match="Action not allowed"):
        await stage.play(f"POST /disputes/{dispute['id']}/{step}")


async def test_the_merchant_may_give_in(stage: Stage) -> None:
    dispute = await disputed(stage)
    accepted = await stage.api(f"POST /disputes/{dispute['id']}/accept")
    assert accepted["status"] == "lost"
    with pytest.raises(Refused):
        await stage.api(f"POST /disputes/{dispute['id']}/accept")


async def test_the_merchant_may_contest(stage: Stage) -> None:
    dispute = await disputed(stage)
    call = f"PATCH /disputes/{dispute['id']}/contest"
    draft = await stage.api(call, {"summary": "It was delivered.", "action": "draft"})
    assert (draft["status"], draft["evidence"]["summary"]) == ("open", "It was delivered.")
    sent = await stage.api(call, {"shipping_proof": ["doc_1"], "action": "submit"})
    assert sent["status"] == "under_review"
    assert sent["evidence"]["shipping_proof"] == ["doc_1"]
    assert sent["evidence"]["summary"] == "It was delivered."
    with pytest.raises(Refused):
        await stage.api(call, {"summary": "more", "action": "submit"})


async def test_what_can_not_be_disputed(stage: Stage) -> None:
    dispute = await disputed(stage)
    with pytest.raises(Refused) as refusal:
        await stage.play("POST /disputes", {"payment_id": dispute["payment_id"]})
    assert refusal.value.error["reason"] == "dispute_exists"
    payment = await stage.pay(await stage.order(payment_capture=False))
    with pytest.raises(Refused) as refusal:
        await stage.play("POST /disputes", {"payment_id": payment["id"]})
    assert refusal.value.error["reason"] == "payment_not_captured"
    payment = await stage.paid()
    with pytest.raises(Refused):
        await stage.play("POST /disputes", {"payment_id": payment["id"], "amount": 60_201})


async def lines(stage: Stage, period: str = "year=2026&month=1") -> list[Doc]:
    return (await stage.api(f"GET /settlements/recon/combined?{period}&count=100"))["items"]


async def test_a_settlement_pays_what_is_owed(stage: Stage) -> None:
    card = await stage.paid(method="card")
    upi = await stage.paid()
    refund = await stage.api(f"POST /payments/{upi['id']}/refund", {"amount": 20_000})
    assert await lines(stage) == []
    told = (await stage.play("POST /settle"))["settlement"]
    assert (told["amount"], told["fees"], told["tax"]) == (60_200 - 1_421 + 40_200, 1_421, 217)
    assert await stage.api(f"GET /settlements/{told['id']}") == told
    assert (await stage.api("GET /settlements"))["items"] == [told]
    shown = [
        (line["entity_id"], line["type"], line["credit"], line["debit"], line["fee"], line["tax"])
        for line in await lines(stage)
    ]
    assert shown == [
        (card["id"], "payment", 58_779, 0, 1_421, 217),
        (upi["id"], "payment", 60_200, 0, 0, 0),
        (refund["id"], "refund", 0, 20_000, 0, 0),
    ]
    for line in await lines(stage):
        assert line["settled"]
        assert (line["settlement_id"], line["settlement_utr"]) == (told["id"], told["utr"])
        assert (line["settled_at"], line["on_hold"]) == (stage.clock.now(), False)
    assert await stage.play("POST /settle") == {"settlement": None}


async def test_money_comes_two_mornings_later(stage: Stage) -> None:
    await stage.paid()  # at 05:30 on the 1st, Indian time
    stage.clock.advance(2 * DAY + 4 * HOUR + 30 * 60 - 1)
    assert (await stage.api("GET /settlements"))["count"] == 0
    stage.clock.advance(1)
    (settled,) = (await stage.api("GET /settlements"))["items"]
    assert settled["created_at"] == stage.clock.now()
    assert len(await lines(stage, "year=2026&month=1&day=3")) == 1
    assert await lines(stage, "year=2026&month=1&day=2") == []


async def test_all_of_a_day_comes_at_once(stage: Stage) -> None:
    await stage.paid()
    stage.clock.advance(10 * HOUR)
    await stage.paid()
    stage.clock.advance(3 * DAY)
    (settled,) = (await stage.api("GET /settlements"))["items"]
    assert settled["amount"] == 2 * 60_200


async def test_who_owes_more_than_is_owed_waits(stage: Stage) -> None:
    payment = await stage.paid()
    await stage.play("POST /settle")
    await stage.api(f"POST /payments/{payment['id']}/refund", {})
    stage.clock.advance(5 * DAY)
    assert (await stage.api("GET /settlements"))["count"] == 1
    await stage.paid(70_000)
    stage.clock.advance(3 * DAY)
    latest = (await stage.api("GET /settlements"))["items"][0]
    assert latest["amount"] == 70_000 - 60_200


@pytest.mark.parametrize(
    ("verdict", "sums"),
    [("won", [-60_200, 60_200]), ("close", [-60_200, 60_200]), ("lost", [-60_200])],
)
async def test_a_dispute_withholds_money(stage: Stage, verdict: str, sums: list[int]) -> None:
    dispute = await disputed(stage)
    await stage.play(f"POST /disputes/{dispute['id']}/{verdict}")
    await stage.play("POST /settle")
    found = [line for line in await lines(stage) if line["type"] == "adjustment"]
    assert [line["credit"] - line["debit"] for line in found] == sums
    assert {line["dispute_id"] for line in found} == {dispute["id"]}
    assert {line["payment_id"] for line in found} == {dispute["payment_id"]}


async def test_money_that_was_never_captured_is_in_no_settlement(stage: Stage) -> None:
    order = await stage.order()
    await stage.pay(order, outcome="duplicate")
    await stage.play("POST /settle")
    assert [line["type"] for line in await lines(stage)] == ["payment"]


@pytest.mark.parametrize("period", ["year=2026&month=2&day=30", "year=2026", "year=x&month=1"])
async def test_a_period_that_is_none(stage: Stage, period: str) -> None:
    with pytest.raises(Refused):
        await lines(stage, period)


async def test_the_parts_of_a_long_list(stage: Stage) -> None:
    for _ in range(3):
        await stage.paid()
    await stage.play("POST /settle")
    call = "GET /settlements/recon/combined?year=2026&month=1"
    whole = (await stage.api(call))["items"]
    assert (await stage.api(f"{call}&count=2&skip=1"))["items"] == whole[1:3]
