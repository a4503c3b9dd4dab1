"""Razorpay's signed events: what is in them comes out, and nothing unsigned gets in."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khata.payments.gateway import GatewayEvent, NotGenuine
from khata.payments.razorpay.gateway import RazorpayGateway
from khata.payments.signatures import signed

SECRET, OLD = "whs_new", "whs_old"
GATEWAY = RazorpayGateway("simulator", "http://127.0.0.1:9", "key", "secret", [SECRET, OLD])

PAYMENT: Mapping[str, object] = {
    "id": "pay_1",
    "entity": "payment",
    "amount": 60_200,
    "currency": "INR",
    "status": "captured",
    "order_id": "order_1",
    "international": True,
    "method": "card",
    "captured": True,
    "card": {"last4": "4444", "network": "MasterCard", "type": "credit", "international": True},
    "token_id": "token_1",
    "notes": {"wallet": "nobody trusts this"},
    "fee": 1_421,
    "tax": 217,
    "created_at": 1_764_000_000,
}
ORDER: Mapping[str, object] = {
    "id": "order_1",
    "amount": 60_200,
    "currency": "INR",
    "status": "paid",
    "notes": [],
}
REFUND: Mapping[str, object] = {
    "id": "rfnd_1",
    "payment_id": "pay_1",
    "amount": 100,
    "currency": "INR",
    "status": "failed",
    "receipt": "rfd_0000000001",
}
DISPUTE: Mapping[str, object] = {
    "id": "disp_1",
    "payment_id": "pay_1",
    "amount": 60_200,
    "currency": "INR",
    "status": "lost",
    "reason_code": "chargeback",
    "respond_by": 1_764_600_000,
}


def event(type: str, **parts: Mapping[str, object]) -> bytes:
    payload = {name: {"entity": entity} for name, entity in parts.items()}
    return told({"event": type, "payload": payload, "created_at": 1_764_000_009})


def told(body: object) -> bytes:
    return json.dumps(body).encode()


def arrived(body: bytes, secret: str = SECRET, event_id: str | None = "evt_1") -> GatewayEvent:
    headers = {"x-razorpay-signature": signed(body, secret)}
    if event_id is not None:
        headers["x-razorpay-event-id"] = event_id
    return GATEWAY.verified_event(headers, body, now_us=0)


def test_a_captured_payment() -> None:
    seen = arrived(event("payment.captured", payment=PAYMENT))
    assert (seen.id, seen.type) == ("evt_1", "payment.captured")
    assert seen.created_at_us == 1_764_000_009_000_000
    payment = seen.payment
    assert payment is not None
    assert (payment.id, payment.order_id, payment.state) == ("pay_1", "order_1", "captured")
    assert (payment.amount, payment.fee, payment.tax) == (60_200, 1_421, 217)
    assert (payment.card_type, payment.card_country) == ("credit", None)
    assert payment.is_international
    assert payment.mandate_id == "token_1"


def test_a_paid_order_brings_its_payment() -> None:
    seen = arrived(event("order.paid", payment=PAYMENT, order=ORDER))
    assert seen.order is not None
    assert seen.order.is_paid
    assert seen.payment is not None


def test_refunds_and_disputes() -> None:
    refund = arrived(event("refund.failed", refund=REFUND, payment=PAYMENT)).refund
    assert refund is not None
    assert (refund.id, refund.state, refund.receipt) == ("rfnd_1", "failed", "rfd_0000000001")
    dispute = arrived(event("payment.dispute.lost", dispute=DISPUTE, payment=PAYMENT)).dispute
    assert dispute is not None
    assert (dispute.id, dispute.state, dispute.reason) == ("disp_1", "lost", "chargeback")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("initiated", "initiated"),
        ("confirmed", "confirmed"),
        ("rejected", "rejected"),
        ("paused", "paused"),
        ("cancelled", "cancelled"),
        ("cancellation_initiated", "cancelled"),
        ("of_tomorrow", "initiated"),
        (None, "initiated"),
    ],
)
def test_mandates(status: str | None, state: str) -> None:
    token = {
        "id": "token_1",
        "method": "upi",
        "vpa": {"username": "gaurav.kumar", "handle": "upi", "name": None},
        "recurring_details": {"status": status, "failure_reason": None},
    }
    mandate = arrived(event("token.confirmed", token=token)).mandate
    assert mandate is not None
    assert (mandate.id, mandate.kind, mandate.state) == ("token_1", "upi", state)
    assert mandate.label == "ga…@upi"
    assert not mandate.is_instant


@pytest.mark.parametrize(
    ("token", "label", "is_instant"),
    [
        ({"vpa": "asha.rao@okbank"}, "as…@okbank", False),
        ({"vpa": "asha.rao@okbank", "type": "single_block_multiple_debit"}, "as…@okbank", True),
        ({"card": {"last4": "1007", "network": "Visa"}}, "Visa •••• 1007", False),
        ({"card": {"last4": "4444", "international": True}}, "Card •••• 4444", True),
        ({"card": {}, "vpa": None}, None, False),
        ({"vpa": "nonsense"}, None, False),
    ],
)
def test_mandates_tell_their_instrument_but_not_whole(
    token: Mapping[str, object], label: str | None, is_instant: bool
) -> None:
    mandate = arrived(event("token.confirmed", token={"id": "token_1", **token})).mandate
    assert mandate is not None
    assert (mandate.label, mandate.is_instant) == (label, is_instant)


def test_a_notice_names_its_order() -> None:
    notice = {"entity": {"id": "notification_1", "order_id": "order_1", "status": "delivered"}}
    payload = {"notification": notice, "created_at": 1_595_456_636}
    seen = arrived(told({"event": "order.notification.delivered", "payload": payload}))
    assert seen.notice_order_id == "order_1"
    assert seen.created_at_us == 1_595_456_636_000_000


@pytest.mark.parametrize("payload", [{}, [], {"payment.downtime": {"entity": {"id": "down_1"}}}])
def test_unknown_events_are_genuine(payload: object) -> None:
    seen = arrived(told({"event": "payment.downtime.started", "payload": payload}))
    assert seen == GatewayEvent(id="evt_1", type="payment.downtime.started", created_at_us=0)


@pytest.mark.parametrize(
    "payment",
    [
        {**PAYMENT, "amount": "602.00"},
        {**PAYMENT, "amount": 602.5},
        {"id": "pay_1"},
        {},
    ],
)
def test_a_part_that_cannot_be_read_is_left_out(payment: Mapping[str, object]) -> None:
    seen = arrived(event("payment.captured", payment=payment, order=ORDER))
    assert seen.payment is None
    assert seen.order is not None


def test_a_state_of_tomorrow_decides_nothing() -> None:
    later = "teleported"
    payment = arrived(event("payment.x", payment={**PAYMENT, "status": later})).payment
    refund = arrived(event("refund.x", refund={**REFUND, "status": later})).refund
    dispute = arrived(event("dispute.x", dispute={**DISPUTE, "status": later})).dispute
    assert payment is not None
    assert refund is not None
    assert dispute is not None
    assert (payment.state, refund.state, dispute.state) == ("created", "pending", "open")


def test_a_secret_that_is_being_changed_is_good() -> None:
    assert arrived(event("payment.captured", payment=PAYMENT), OLD).payment is not None


@pytest.mark.parametrize("event_id", [None, "", "evt 1", "é", "e" * 101, "evt_1\x00"])
def test_without_a_plain_id_the_body_names_the_event(event_id: str | None) -> None:
    body = event("payment.captured", payment=PAYMENT)
    named = arrived(body, event_id=event_id).id
    assert named.startswith("sha256-")
    assert named == arrived(body, event_id=None).id
    assert named != arrived(event("payment.failed", payment=PAYMENT), event_id=None).id


BODY = event("payment.captured", payment=PAYMENT)


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", BODY[:-1], b"[]", b"null", b"{}", b'{"event": 1}', b"[" * 100_000]
)
def test_a_signature_does_not_make_nonsense_genuine(body: bytes) -> None:
    with pytest.raises(NotGenuine):
        arrived(body)


def test_too_much_is_not_genuine() -> None:
    with pytest.raises(NotGenuine):
        arrived(BODY + b" " * 256 * 1024)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-razorpay-signature": ""},
        {"x-razorpay-signature": signed(BODY, "guess")},
        {"x-razorpay-signature": signed(BODY[:-1], SECRET)},
        {"x-razorpay-signature": signed(BODY, "secret")},
        {"x-razorpay-signature": "\xe9"},
        {"stripe-signature": signed(BODY, SECRET)},
    ],
)
def test_without_the_signature_nothing_is_genuine(headers: dict[str, str]) -> None:
    with pytest.raises(NotGenuine):
        GATEWAY.verified_event(headers, BODY, now_us=0)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["event", "payload", "payment", "entity", "id", "created_at"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_signed_is_an_event_or_not_genuine(body: object) -> None:
    try:
        seen = arrived(told(body))
    except NotGenuine:
        return
    assert isinstance(body, dict)
    assert seen.type == body["event"]
