"""What our Stripe gateway sends, and what it makes of answers that localstripe never gives."""

import sys

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from khata.payments.gateway import (
    GatewayNotInstalled,
    GatewayPayment,
    GatewayRefused,
    GatewayUnavailable,
)
from khata.payments.stripe_gateway import StripeGateway
from scripted_gateway import Answer, Lost, ok
from stripe_talk import (
    API_KEY,
    BOOKED,
    CHARGE,
    INTENT,
    NEW_ORDER,
    NEW_REFUND,
    PAID,
    REFUND,
    UNANSWERED,
    no,
    page,
    talking,
)

# The SDK gives its HTTP client what that one has come to call by another name.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning:httpx")


async def test_an_order_is_an_intent_under_our_key() -> None:
    async with talking(ok(**INTENT)) as (ours, theirs):
        order = await ours.create_order(NEW_ORDER)
    assert (order.id, order.receipt, order.amount, order.is_paid) == (
        "pi_1",
        "ord_1",
        60_200,
        False,
    )
    assert order.checkout == {
        "payment_intent": "pi_1",
        "client_secret": "pi_1_secret_x",
        "publishable_key": "pk_1",
        "amount": 60_200,
        "currency": "INR",
        "name": "Shop",
    }
    (asked,) = theirs.asked
    assert asked.line == "POST /v1/payment_intents"
    assert asked.headers["idempotency-key"] == "order-ord_1"
    assert asked.body == {
        "amount": "60200",
        "currency": "inr",
        "metadata[receipt]": "ord_1",
        "payment_method_types[0]": "card",
    }


async def test_a_method_that_stripe_has_not_leaves_the_choice_to_the_account() -> None:
    async with talking(ok(**INTENT)) as (ours, theirs):
        await ours.create_order(replace(NEW_ORDER, payment_method="wallet", customer_id="cus_1"))
    body = theirs.asked[0].body
    assert body["automatic_payment_methods[enabled]"].lower() == "true"
    assert body["customer"] == "cus_1"


@pytest.mark.parametrize("answer", UNANSWERED)
async def test_without_an_answer_nobody_knows(answer: Answer | Lost) -> None:
    async with talking(answer) as (ours, _):
        with pytest.raises(GatewayUnavailable):
            await ours.create_order(NEW_ORDER)


async def test_an_old_failure_is_followed_by_another_key() -> None:
    old = Answer(500, {"error": {"type": "api_error"}}, head="Idempotent-Replayed: true\r\n")
    async with talking(old, ok(**INTENT)) as (ours, theirs):
        assert (await ours.create_order(NEW_ORDER)).id == "pi_1"
    keys = [asked.headers["idempotency-key"] for asked in theirs.asked]
    assert keys == ["order-ord_1", "order-ord_1.again"]


@pytest.mark.parametrize(
    ("answer", "code", "field", "retryable"),
    [
        (no(400, code="amount_too_small", param="amount"), "amount_too_small", "amount", False),
        (no(400, "idempotency_error"), "RECEIPT_REUSED", None, False),
        (no(401), "invalid_request_error", None, True),
        (no(403), "invalid_request_error", None, True),
    ],
)
async def test_a_no_keeps_stripes_own_words(
    answer: Answer, code: str, field: str | None, retryable: bool
) -> None:
    async with talking(answer) as (ours, _):
        with pytest.raises(GatewayRefused) as caught:
            await ours.create_order(NEW_ORDER)
    told = caught.value
    assert (told.code, told.field, told.retryable) == (code, field, retryable)


async def test_a_paid_intent_tells_its_card_and_its_fee() -> None:
    async with talking(ok(**PAID)) as (ours, theirs):
        payment = await ours.payment("pi_1")
    assert theirs.lines == [
        "GET /v1/payment_intents/pi_1?expand[0]=latest_charge.balance_transaction"
    ]
    assert payment == GatewayPayment(
        id="pi_1",
        order_id="pi_1",
        amount=60_200,
        currency="INR",
        state="captured",
        method="card",
        fee=2_200,
        tax=336,
        card_type="credit",
        card_country="US",
        is_international=True,
        instrument="Xt5EWLLDS7FJjR1c",
        created_at_us=1_764_000_000_000_000,
    )


async def test_a_fee_in_another_currency_is_not_told() -> None:
    charge = {**CHARGE, "balance_transaction": {**BOOKED, "currency": "usd"}}
    async with talking(ok(**{**PAID, "latest_charge": charge})) as (ours, _):
        payment = await ours.payment("pi_1")
    assert (payment.fee, payment.tax) == (None, None)


@pytest.mark.parametrize(
    ("status", "states"),
    [
        ("requires_payment_method", []),
        ("requires_confirmation", []),
        ("requires_action", ["created"]),
        ("processing", ["created"]),
        ("requires_capture", ["authorized"]),
        ("canceled", ["failed"]),
        ("succeeded", ["captured"]),
        ("of_tomorrow", ["created"]),
    ],
)
async def test_an_intents_status_is_its_payments_state(status: str, states: list[str]) -> None:
    async with talking(ok(**{**INTENT, "status": status})) as (ours, _):
        assert [one.state for one in await ours.order_payments("pi_1")] == states


async def test_a_refund_is_looked_for_and_then_made() -> None:
    other = {**REFUND, "id": "re_0", "metadata": None}
    async with talking(page(other), ok(**REFUND)) as (ours, theirs):
        refund = await ours.refund(NEW_REFUND)
    assert (refund.id, refund.state, refund.receipt) == ("re_1", "pending", NEW_REFUND.key)
    assert theirs.asked[1].headers["idempotency-key"] == "refund-rfd_0000000001"
    first, second = page(other, has_more=True), page(REFUND)
    async with talking(first, second) as (ours, theirs):
        assert (await ours.refund(NEW_REFUND)).id == "re_1"
    assert theirs.lines == [
        "GET /v1/refunds?payment_intent=pi_1&limit=100",
        "GET /v1/refunds?payment_intent=pi_1&limit=100&starting_after=re_0",
    ]


async def test_disputes_of_a_payment() -> None:
    dispute = {
        "id": "dp_1",
        "amount": 60_200,
        "currency": "inr",
        "status": "needs_response",
        "payment_intent": "pi_1",
        "reason": "fraudulent",
        "evidence_details": {"due_by": 1_764_600_000},
    }
    of_a_charge = {**dispute, "id": "dp_2", "payment_intent": None}
    async with talking(page(dispute, of_a_charge)) as (ours, _):
        (found,) = await ours.disputes("pi_1")
    assert (found.id, found.state, found.reason) == ("dp_1", "open", "fraudulent")
    assert found.respond_by_us == 1_764_600_000_000_000


async def test_a_days_payouts() -> None:
    payout = {"id": "po_1", "object": "payout", "arrival_date": 1_764_028_800}
    paid = {**BOOKED, "source": CHARGE}
    refund = {**BOOKED, "id": "txn_2", "type": "refund", "amount": -100, "net": -100, "fee": 0}
    refund |= {"fee_details": [], "source": REFUND}
    fee = {**BOOKED, "id": "txn_3", "type": "stripe_fee", "amount": -50, "net": -50, "fee": 0}
    fee |= {"fee_details": [], "source": None}
    itself = {**BOOKED, "id": "txn_4", "type": "payout", "amount": -57_850, "net": -57_850}
    answers = (page(payout), page(paid, refund, fee, itself))
    async with talking(*answers) as (ours, theirs):
        lines = await ours.settled_lines("2025-11-25")
    assert [(line.kind, line.entity_id, line.payment_id, line.net) for line in lines] == [
        ("payment", "pi_1", "pi_1", 58_000),
        ("refund", "re_1", "pi_1", -100),
        ("adjustment", "txn_3", None, -50),
    ]
    assert (lines[0].amount, lines[0].fee, lines[0].tax) == (60_200, 2_200, 336)
    assert "arrival_date[gte]=1764028800&arrival_date[lt]=1764115200" in theirs.lines[0]


async def test_calls_are_logged_without_secrets() -> None:
    decline = no(402, "card_error", code="card_declined", message="4242 4242 4242 4242 declined")
    async with talking("reset", decline) as (ours, _):
        with capture_logs() as logs:
            with pytest.raises(GatewayUnavailable):
                await ours.create_order(NEW_ORDER)
            with pytest.raises(GatewayRefused):
                await ours.create_order(NEW_ORDER)
    assert [line["event"] for line in logs] == ["gateway_unavailable", "gateway_refused"]
    for secret in (API_KEY, "whsec_1", "4242", "60200", "secret_x"):
        assert secret not in repr(logs)


@pytest.mark.parametrize("missing", ["stripe", "httpx"])
def test_without_its_library_it_says_how_to_get_it(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(GatewayNotInstalled, match=r"pip install 'khata\[stripe\]'"):
        StripeGateway(API_KEY, [])
