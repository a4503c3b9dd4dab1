"""Customers, saved cards and debits, as Stripe tells them."""

import pytest
from msgspec.structs import replace

from khata.payments.gateway import (
    GatewayRefused,
    GatewayUnavailable,
    NewCustomer,
)
from scripted_gateway import Answer, Lost, ok
from stripe_talk import (
    DEBIT,
    DECLINE,
    DECLINED,
    NEW_MANDATE,
    PAID,
    READY,
    SAVED,
    SETUP,
    UNANSWERED,
    no,
    talking,
)

# The SDK gives its HTTP client what that one has come to call by another name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning:httpx")


async def test_a_debit_confirms_its_intent_off_session() -> None:
    async with talking(ok(**READY), ok(**PAID), ok(**PAID)) as (ours, theirs):
        assert (await ours.debit(DEBIT)).state == "captured"
    asked = theirs.asked[1]
    assert asked.line == "POST /v1/payment_intents/pi_1/confirm"
    assert asked.headers["idempotency-key"] == "debit-rch_1"
    assert asked.body["off_session"].lower() == "true"


@pytest.mark.parametrize("answer", UNANSWERED)
async def test_a_debit_without_an_answer_is_looked_up(answer: Answer | Lost) -> None:
    if isinstance(answer, Answer) and answer.status == 200:
        answer = "reset"
    async with talking(ok(**READY), answer, ok(**PAID)) as (ours, _):
        assert (await ours.debit(DEBIT)).state == "captured"
    async with talking(ok(**READY), answer, ok(**READY)) as (ours, _):
        with pytest.raises(GatewayUnavailable):
            await ours.debit(DEBIT)


async def test_a_debit_is_not_sent_again() -> None:
    for intent, state in ((PAID, "captured"), (DECLINED, "failed")):
        async with talking(ok(**intent)) as (ours, theirs):
            assert (await ours.debit(DEBIT)).state == state
        assert len(theirs.asked) == 1


async def test_a_declined_debit_is_a_failed_payment() -> None:
    decline = no(402, "card_error", **DECLINE, payment_intent=DECLINED)
    async with talking(ok(**READY), decline, ok(**DECLINED)) as (ours, _):
        payment = await ours.debit(DEBIT)
    assert (payment.state, payment.error_code, payment.error_reason) == (
        "failed",
        "card_declined",
        "insufficient_funds",
    )


async def test_an_indian_cards_debit_waits_at_stripe() -> None:
    waiting = {**READY, "status": "processing"}
    async with talking(ok(**READY), ok(**waiting), ok(**waiting)) as (ours, _):
        assert (await ours.debit(DEBIT)).state == "created"


async def test_a_card_that_is_no_longer_saved() -> None:
    detached = no(400, code="payment_method_unexpected_state", param="payment_method")
    async with talking(ok(**READY), detached, ok(**READY)) as (ours, _):
        with pytest.raises(GatewayRefused) as caught:
            await ours.debit(DEBIT)
    assert caught.value.field == "payment_method"


async def test_a_customer_is_made_for_its_reference() -> None:
    customer = NewCustomer(reference="wal_1", name="Asha", email="asha@example.com")
    async with talking(ok(id="cus_1"), ok(id="cus_1"), ok(id="cus_1")) as (ours, theirs):
        for wish in (customer, customer, replace(customer, name="Asha Rao")):
            assert await ours.create_customer(wish) == "cus_1"
    keys = [asked.headers["idempotency-key"] for asked in theirs.asked]
    assert keys[0] == keys[1] != keys[2]
    assert theirs.asked[0].body["metadata[reference]"] == "wal_1"


async def test_consent_is_asked_for_with_the_terms_that_indian_banks_want() -> None:
    async with talking(ok(**SETUP)) as (ours, theirs):
        asked = await ours.create_mandate(NEW_MANDATE)
    assert (asked.id, asked.state, asked.order_id) == ("seti_1", "initiated", "seti_1")
    assert asked.checkout["setup_intent"] == "seti_1"
    assert asked.checkout["client_secret"] == SETUP["client_secret"]
    terms = "payment_method_options[card][mandate_options]"
    body = theirs.asked[0].body
    assert body[f"{terms}[amount]"] == "1500000"
    assert body[f"{terms}[supported_types][0]"] == "india"
    assert body[f"{terms}[interval]"] == "sporadic"


async def test_consent_to_upi() -> None:
    upi = {**SETUP, "payment_method_types": ["upi"]}
    async with talking(ok(**upi)) as (ours, theirs):
        asked = await ours.create_mandate(
            replace(NEW_MANDATE, kind="upi", expires_at_us=1_800_000_000_000_000)
        )
    assert (asked.kind, asked.is_instant) == ("upi", False)
    body = theirs.asked[0].body
    assert body["payment_method_options[upi][mandate_options][end_date]"] == "1800000000"


async def test_an_indian_card_is_not_instant() -> None:
    confirmed = {**SETUP, "status": "succeeded", "payment_method": "pm_1"}
    async with talking(ok(**SETUP), ok(**confirmed), ok(**SAVED)) as (ours, theirs):
        mandate = await ours.create_mandate(replace(NEW_MANDATE, instrument="pm_1"))
    assert (mandate.id, mandate.state, mandate.is_instant) == ("pm_1", "confirmed", False)
    assert mandate.label == "Mastercard •••• 0008"
    assert theirs.lines[1] == "POST /v1/setup_intents/seti_1/confirm"


async def test_a_consent_refused_or_of_another_customer() -> None:
    refused = {**SETUP, "last_setup_error": DECLINE}
    async with talking(ok(**refused), ok(**SAVED)) as (ours, _):
        assert (await ours.mandate("cus_1", "seti_1")).state == "rejected"
        assert (await ours.mandate("cus_2", "pm_1")).state == "cancelled"
