"""Stripe's signed events: what is in them comes out, and nothing unsigned or old gets in."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.payments.gateway import GatewayEvent, NotGenuine
from khata.payments.signatures import stripe_signature
from khata.payments.stripe_gateway import StripeGateway

SECRET, OLD = "whsec_new", "whsec_old"
NOW = 1_764_000_000
NOW_US = NOW * 1_000_000

INTENT: Mapping[str, object] = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 60_200,
    "amount_received": 60_200,
    "currency": "inr",
    "status": "succeeded",
    "customer": "cus_1",
    "payment_method": "pm_1",
    "latest_charge": "ch_1",
    "metadata": {"receipt": "ord_1", "wallet": "nobody trusts this"},
}
CHARGE: Mapping[str, object] = {
    "id": "ch_1",
    "object": "charge",
    "amount": 60_200,
    "amount_refunded": 60_200,
    "currency": "inr",
    "status": "succeeded",
    "payment_intent": "pi_1",
    "balance_transaction": "txn_1",
    "metadata": {},
}
DISPUTE: Mapping[str, object] = {
    "id": "dp_1",
    "object": "dispute",
    "amount": 60_200,
    "currency": "inr",
    "status": "needs_response",
    "payment_intent": "pi_1",
    "reason": "fraudulent",
}


@pytest.fixture(scope="module")
def gateway() -> StripeGateway:
    return StripeGateway("sk_test_1", [SECRET, OLD])


def event(type: str, about: object) -> bytes:
    told = {"id": "evt_1", "object": "event", "type": type, "created": NOW}
    return json.dumps({**told, "data": {"object": about}}).encode()


def arrived(gateway: StripeGateway, body: bytes, secret: str = SECRET) -> GatewayEvent:
    headers = {"stripe-signature": stripe_signature(body, secret, NOW)}
    return gateway.verified_event(headers, body, NOW_US)


def test_a_paid_intent(gateway: StripeGateway) -> None:
    seen = arrived(gateway, event("payment_intent.succeeded", INTENT))
    assert (seen.id, seen.type, seen.created_at_us) == (
        "evt_1",
        "payment_intent.succeeded",
        NOW_US,
    )
    assert seen.order is not None
    assert (seen.order.id, seen.order.receipt, seen.order.is_paid) == ("pi_1", "ord_1", True)
    assert seen.payment is not None
    assert (seen.payment.state, seen.payment.amount, seen.payment.currency) == (
        "captured",
        60_200,
        "INR",
    )
    assert (seen.payment.mandate_id, seen.payment.customer_id) == ("pm_1", "cus_1")


def test_an_intent_that_nobody_tried_has_no_payment(gateway: StripeGateway) -> None:
    created = {**INTENT, "status": "requires_payment_method", "amount_received": 0}
    seen = arrived(gateway, event("payment_intent.created", created))
    assert seen.payment is None
    assert seen.order is not None


def test_a_failed_try(gateway: StripeGateway) -> None:
    error = {"code": "card_declined", "decline_code": "lost_card", "message": "Declined."}
    failed = {**INTENT, "status": "requires_payment_method", "last_payment_error": error}
    payment = arrived(gateway, event("payment_intent.payment_failed", failed)).payment
    assert payment is not None
    assert (payment.state, payment.error_code, payment.error_reason) == (
        "failed",
        "card_declined",
        "lost_card",
    )


def test_a_refunded_charge_is_its_intents_payment(gateway: StripeGateway) -> None:
    payment = arrived(gateway, event("charge.refunded", CHARGE)).payment
    assert payment is not None
    assert (payment.id, payment.state, payment.amount_refunded) == ("pi_1", "refunded", 60_200)


@pytest.mark.parametrize("charge", [{"status": "failed"}, {"payment_intent": None}])
def test_other_charges_are_no_payments(
    gateway: StripeGateway, charge: Mapping[str, object]
) -> None:
    assert arrived(gateway, event("charge.failed", {**CHARGE, **charge})).payment is None


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", "pending"),
        ("requires_action", "pending"),
        ("succeeded", "processed"),
        ("failed", "failed"),
        ("canceled", "failed"),
    ],
)
def test_refunds(gateway: StripeGateway, status: str, state: str) -> None:
    told = {"id": "re_1", "object": "refund", "amount": 100, "currency": "inr", "status": status}
    about = {**told, "payment_intent": "pi_1", "metadata": {"khata_key": "rfd_1"}}
    refund = arrived(gateway, event("refund.updated", about)).refund
    assert refund is not None
    assert (refund.state, refund.payment_id, refund.receipt) == (state, "pi_1", "rfd_1")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warning_needs_response", "open"),
        ("warning_under_review", "under_review"),
        ("warning_closed", "closed"),
        ("needs_response", "open"),
        ("under_review", "under_review"),
        ("appeal_needs_response", "open"),
        ("appeal_under_review", "under_review"),
        ("won", "won"),
        ("prevented", "won"),
        ("lost", "lost"),
    ],
)
def test_disputes(gateway: StripeGateway, status: str, state: str) -> None:
    seen = arrived(gateway, event("charge.dispute.updated", {**DISPUTE, "status": status}))
    assert seen.dispute is not None
    assert (seen.dispute.id, seen.dispute.payment_id, seen.dispute.state) == ("dp_1", "pi_1", state)
    assert seen.dispute_funds is None


def test_the_money_of_a_dispute_moves_with_two_events(gateway: StripeGateway) -> None:
    taken = arrived(gateway, event("charge.dispute.funds_withdrawn", DISPUTE))
    back = arrived(gateway, event("charge.dispute.funds_reinstated", DISPUTE))
    assert (taken.dispute_funds, back.dispute_funds) == ("withdrawn", "reinstated")
    assert taken.dispute == back.dispute


@pytest.mark.parametrize(
    ("type", "about", "told"),
    [
        (
            "setup_intent.succeeded",
            {
                "id": "seti_1",
                "object": "setup_intent",
                "status": "succeeded",
                "payment_method": "pm_1",
                "customer": "cus_1",
            },
            ("pm_1", "confirmed", "cus_1"),
        ),
        (
            "payment_method.detached",
            {"id": "pm_1", "object": "payment_method", "type": "card", "customer": None},
            ("pm_1", "cancelled", ""),
        ),
        (
            "mandate.updated",
            {
                "id": "mandate_1",
                "object": "mandate",
                "status": "inactive",
                "payment_method": "pm_1",
            },
            ("pm_1", "cancelled", ""),
        ),
    ],
)
def test_mandates(
    gateway: StripeGateway, type: str, about: Mapping[str, object], told: tuple[str, str, str]
) -> None:
    mandate = arrived(gateway, event(type, about)).mandate
    assert mandate is not None
    assert (mandate.id, mandate.state, mandate.customer_id) == told


@pytest.mark.parametrize(
    "about", [{"object": "review", "id": "prv_1"}, {}, [], "text", {**INTENT, "amount": "602.00"}]
)
def test_what_is_not_known_is_genuine(gateway: StripeGateway, about: object) -> None:
    seen = arrived(gateway, event("review.opened", about))
    assert seen == GatewayEvent(id="evt_1", type="review.opened", created_at_us=NOW_US)


BODY = event("payment_intent.succeeded", INTENT)


def test_a_secret_that_is_being_changed_is_good(gateway: StripeGateway) -> None:
    assert arrived(gateway, BODY, OLD).payment is not None


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", BODY[:-1], b"[]", b"{}", BODY + b" " * 2**18])
def test_a_signature_does_not_make_nonsense_genuine(gateway: StripeGateway, body: bytes) -> None:
    with pytest.raises(NotGenuine):
        arrived(gateway, body)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"stripe-signature": ""},
        {"stripe-signature": stripe_signature(BODY, "guess", NOW)},
        {"stripe-signature": stripe_signature(BODY, SECRET, NOW - 301)},
        {"stripe-signature": stripe_signature(BODY, SECRET, NOW + 301)},
        {"x-razorpay-signature": stripe_signature(BODY, SECRET, NOW)},
    ],
)
def test_without_the_signature_nothing_is_genuine(
    gateway: StripeGateway, headers: dict[str, str]
) -> None:
    with pytest.raises(NotGenuine):
        gateway.verified_event(headers, BODY, NOW_US)


@given(
    about=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.dictionaries(
            st.sampled_from(["object", "id", "status", "amount", "currency", "latest_charge"]),
            inner | st.sampled_from(["payment_intent", "charge", "refund", "dispute"]),
            max_size=6,
        ),
        max_leaves=10,
    )
)
def test_whatever_is_signed_is_an_event(gateway: StripeGateway, about: object) -> None:
    assert arrived(gateway, event("payment_intent.succeeded", about)).id == "evt_1"
