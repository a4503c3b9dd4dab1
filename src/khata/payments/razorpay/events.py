"""Razorpay's signed events."""

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

import msgspec
import structlog
from msgspec import Raw, Struct

from khata.payments.gateway import GatewayEvent
from khata.payments.inbound import check_size, event_id, event_of
from khata.payments.razorpay.entities import (
    SECOND_US,
    Dispute,
    Notification,
    Order,
    Payment,
    Readers,
    Refund,
    Token,
    dispute_of,
    order_of,
    refund_of,
)
from khata.payments.signatures import verify_razorpay

SIGNATURE_HEADER = "x-razorpay-signature"
EVENT_ID_HEADER = "x-razorpay-event-id"

T = TypeVar("T")

_log = structlog.get_logger()


_ABSENT = Raw(b"null")


class _Event(Struct):
    event: str
    created_at: int | None = None
    payload: Raw = Raw(b"{}")


class _Part(Struct, Generic[T]):
    entity: T


class _Payload(Struct):
    payment: Raw = _ABSENT
    order: Raw = _ABSENT
    refund: Raw = _ABSENT
    dispute: Raw = _ABSENT
    token: Raw = _ABSENT
    notification: Raw = _ABSENT
    created_at: int | None = None


def verified_event(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], read: Readers
) -> GatewayEvent:
    """The event in these raw bytes, if Razorpay signed them. Raises `NotGenuine`.

    A part that can't be read is left out, and the event is genuine all the same: to refuse it would
    have the gateway send it for a day and then disable the endpoint.
    """
    check_size(body)
    verify_razorpay(body, headers.get(SIGNATURE_HEADER), secrets)
    event = event_of(body, _Event)
    payload = _read(event.payload, _Payload) or _Payload()
    payment = _part(payload.payment, _Part[Payment])
    order = _part(payload.order, _Part[Order])
    refund = _part(payload.refund, _Part[Refund])
    dispute = _part(payload.dispute, _Part[Dispute])
    token = _part(payload.token, _Part[Token])
    notification = _part(payload.notification, _Part[Notification])
    return GatewayEvent(
        id=event_id(headers.get(EVENT_ID_HEADER), body),
        type=event.event,
        created_at_us=(event.created_at or payload.created_at or 0) * SECOND_US,
        payment=payment and read.payment(payment),
        order=order and order_of(order),
        refund=refund and refund_of(refund),
        dispute=dispute and dispute_of(dispute),
        mandate=token and read.mandate(token),
        notice_order_id=notification and notification.order_id,
    )


def _part(raw: Raw, type: type[_Part[T]]) -> T | None:
    part = None if bytes(raw) == b"null" else _read(raw, type)
    return None if part is None else part.entity


def _read(raw: Raw, type: type[T]) -> T | None:
    try:
        return msgspec.json.decode(raw, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _log.warning("event_part_unread", provider="razorpay", reason=str(error))
        return None
