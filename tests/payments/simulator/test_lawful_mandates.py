"""Mandates as Indian law has them: a notice, a day, a window, and then the money.

The clock begins at 05:30 on 1 January 2026, Indian time.
"""

import pytest

from mandated import customer, debit, debit_for, mandate, play_mandate
from simulated import Doc, Refused, Stage

MINUTE, HOUR, DAY = 60, 3_600, 86_400
PAID = ["payment.authorized", "payment.captured", "order.paid"]


@pytest.fixture
async def upi(lawful: Stage) -> Doc:
    return await confirmed(lawful, "upi")


async def confirmed(stage: Stage, method: str, **terms: object) -> Doc:
    """A mandate some minutes after the customer agreed; it is 06:00 then."""
    token = await mandate(stage, method, **terms)
    assert token["recurring_details"]["status"] == "initiated"
    await stage.pass_time(30 * MINUTE)
    assert await stage.events() == [*PAID, "token.confirmed"]
    call = f"GET /customers/{token['customer_id']}/tokens/{token['id']}"
    return await stage.api(call)


async def test_a_mandate_is_not_debited_before_the_bank_has_it(lawful: Stage) -> None:
    token = await mandate(lawful)
    with pytest.raises(Refused) as refusal:
        await debit(lawful, token)
    assert refusal.value.error["reason"] == "mandate_not_active"
    await play_mandate(lawful, token, "reject")
    await lawful.simulator.deliver_due()
    rejected = lawful.endpoint.one("token.rejected").entity("token")
    assert rejected["recurring_details"]["status"] == "rejected"


@pytest.mark.parametrize(
    ("asked_after", "waits"),
    [
        (0, 25 * HOUR),  # 07:00 next day
        (3 * HOUR, 28 * HOUR),  # 10:00 is the peak: 13:00
        (5 * HOUR, 26 * HOUR),  # 12:00 is the peak: 13:00
        (9 * HOUR + 30 * MINUTE, 25 * HOUR),  # 16:30
        (10 * HOUR, 29 * HOUR + 30 * MINUTE),  # 17:00 is the peak: 21:30
        (15 * HOUR, 25 * HOUR),  # 22:00
    ],
)
async def test_upi_is_debited_a_day_later_off_the_peak(
    lawful: Stage, upi: Doc, asked_after: int, waits: int
) -> None:
    lawful.clock.advance(asked_after)
    payment = await debit(lawful, upi)
    assert payment["status"] == "created"
    await lawful.pass_time(waits - 1)
    assert lawful.endpoint.names == []
    await lawful.pass_time(1)
    assert lawful.endpoint.names == PAID
    assert (await lawful.payment(payment["id"]))["status"] == "captured"


async def test_a_card_is_debited_a_day_later_at_any_hour(lawful: Stage) -> None:
    token = await confirmed(lawful, "card")
    lawful.clock.advance(3 * HOUR)
    payment = await debit(lawful, token)
    lawful.clock.advance(25 * HOUR)
    assert (await lawful.payment(payment["id"]))["status"] == "captured"


async def test_one_debit_at_a_time(lawful: Stage, upi: Doc) -> None:
    await debit(lawful, upi)
    with pytest.raises(Refused) as refusal:
        await debit(lawful, upi)
    assert refusal.value.error["reason"] == "mandate_debit_in_progress"
    lawful.clock.advance(2 * DAY)
    assert (await debit(lawful, upi))["status"] == "created"


@pytest.mark.parametrize(
    ("step", "reason"), [("pause", "mandate_paused"), ("cancel", "mandate_cancelled")]
)
async def test_the_customer_may_stop_a_debit_after_its_notice(
    lawful: Stage, upi: Doc, step: str, reason: str
) -> None:
    payment = await debit(lawful, upi)
    await lawful.pass_time(10 * HOUR)
    await play_mandate(lawful, upi, step)
    await lawful.pass_time(DAY)
    failed = await lawful.payment(payment["id"])
    assert (failed["status"], failed["error_reason"]) == ("failed", reason)
    assert lawful.endpoint.names[-1] == "payment.failed"


async def test_a_token_deleted_meanwhile_ends_the_debit(lawful: Stage, upi: Doc) -> None:
    payment = await debit(lawful, upi)
    await lawful.api(f"DELETE /customers/{upi['customer_id']}/tokens/{upi['id']}")
    lawful.clock.advance(2 * DAY)
    assert (await lawful.payment(payment["id"]))["error_reason"] == "invalid_token"


async def test_a_coupled_debit_is_retried_by_the_gateway(lawful: Stage, upi: Doc) -> None:
    wish = {"debits": ["insufficient_funds", "bank_technical_error"]}
    await lawful.play(f"POST /mandates/{upi['id']}/expect", wish)
    payment = await debit(lawful, upi)  # at 06:00, due at 07:00, 13:00 and 16:00
    for wait, status in ((25, "created"), (6, "created"), (3, "captured")):
        lawful.clock.advance(wait * HOUR)
        assert (await lawful.payment(payment["id"]))["status"] == status


async def test_three_retries_and_no_more(lawful: Stage, upi: Doc) -> None:
    wish = {"debits": ["insufficient_funds"] * 4}
    await lawful.play(f"POST /mandates/{upi['id']}/expect", wish)
    payment = await debit(lawful, upi)
    await lawful.pass_time(3 * DAY)
    assert (await lawful.payment(payment["id"]))["error_reason"] == "insufficient_funds"
    assert lawful.endpoint.names == ["payment.failed"]


async def test_a_card_is_not_retried(lawful: Stage) -> None:
    token = await confirmed(lawful, "card")
    wish = {"debits": ["insufficient_funds"]}
    await lawful.play(f"POST /mandates/{token['id']}/expect", wish)
    payment = await debit(lawful, token)
    lawful.clock.advance(25 * HOUR)
    assert (await lawful.payment(payment["id"]))["status"] == "failed"


async def noticed(stage: Stage, token: Doc, ahead: int = DAY) -> Doc:
    """An order whose debit the customer is told of a day before."""
    notice = {"token_id": token["id"], "payment_after": stage.clock.now() + ahead}
    return await stage.order(120_400, payment_capture=True, notification=notice)


async def test_a_decoupled_debit_follows_its_notice(lawful: Stage, upi: Doc) -> None:
    order = await noticed(lawful, upi)
    with pytest.raises(Refused) as refusal:
        await debit_for(lawful, upi, order)
    assert refusal.value.error["reason"] == "pre_debit_notification_failed"
    await lawful.pass_time(5 * MINUTE)
    (told,) = lawful.endpoint.heard
    assert told.name == "order.notification.delivered"
    assert told.entity("notification")["order_id"] == order["id"]
    assert "created_at" not in told.event
    assert told.event["payload"]["created_at"] == lawful.clock.now()
    with pytest.raises(Refused) as refusal:
        await debit_for(lawful, upi, order)
    assert refusal.value.error["reason"] == "payment_before_payment_after"
    lawful.clock.advance(DAY)  # 06:05
    payment = await debit_for(lawful, upi, order)
    assert (await lawful.payment(payment["id"]))["status"] == "captured"


async def test_a_decoupled_debit_waits_for_the_window_and_is_not_retried(
    lawful: Stage, upi: Doc
) -> None:
    order = await noticed(lawful, upi)
    wish = {"debits": ["insufficient_funds"]}
    await lawful.play(f"POST /mandates/{upi['id']}/expect", wish)
    lawful.clock.advance(DAY + 5 * HOUR)  # 11:00
    payment = await debit_for(lawful, upi, order)
    assert payment["status"] == "created"
    lawful.clock.advance(2 * HOUR)
    assert (await lawful.payment(payment["id"]))["error_reason"] == "insufficient_funds"


async def test_a_notice_comes_a_day_ahead(lawful: Stage, upi: Doc) -> None:
    with pytest.raises(Refused, match="at least 24 hours"):
        await noticed(lawful, upi, DAY - 1)


async def test_a_notice_may_fail(lawful: Stage, upi: Doc) -> None:
    await lawful.play(f"POST /mandates/{upi['id']}/expect", {"notices_failing": 1})
    order = await noticed(lawful, upi)
    await lawful.pass_time(DAY)
    assert lawful.endpoint.names == ["order.notification.failed"]
    with pytest.raises(Refused) as refusal:
        await debit_for(lawful, upi, order)
    assert refusal.value.error["reason"] == "pre_debit_notification_failed"


async def test_a_notice_of_a_paused_mandate_fails(lawful: Stage, upi: Doc) -> None:
    await noticed(lawful, upi)
    await play_mandate(lawful, upi, "pause")
    await lawful.pass_time(DAY)
    assert lawful.endpoint.names == ["token.paused", "order.notification.failed"]


async def test_the_delay_can_be_noted_on_the_customer(stage: Stage) -> None:
    await customer(stage, notes={"rbi_delay": "true"})
    token = await mandate(stage)
    assert token["recurring_details"]["status"] == "initiated"
    stage.clock.advance(30 * MINUTE)
    assert (await debit(stage, token))["status"] == "created"


async def test_the_delay_can_be_switched(lawful: Stage, upi: Doc) -> None:
    dials = await lawful.play("POST /dials", {"rbi_delay": False})
    assert dials == {"rbi_delay": False, "refund_delay_seconds": 0}
    assert (await debit(lawful, upi))["status"] == "captured"
