"""Stripe's signed events."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

import msgspec
import structlog
from msgspec import Raw, Struct

from khata.payments.gateway import GatewayEvent
from khata.payments.inbound import check_size, event_of
from khata.payments.signatures import verify_stripe
from khata.payments.stripe_gateway.entities import (
    SECOND_US,
    Charge,
    Dispute,
    Mandate,
    PaymentIntent,
    Refund,
    SavedMethod,
    SetupIntent,
)
from khata.payments.stripe_gateway.readings import (
    dispute_of,
    is_tried,
    mandate_of_bank,
    mandate_of_method,
    mandate_of_setup,
    order_of,
    payment_of,
    payment_of_charge,
    refund_of,
)

SIGNATURE_HEADER: Final = "stripe-signature"

T = TypeVar("T")
Parts = dict[str, Any]

_log = structlog.get_logger()


class _Object(Struct):
    object: Raw


class _Event(Struct):
    id: str
    type: str
    data: _Object
    created: int = 0


class _Kind(Struct):
    object: str = ""


def verified_event(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now_us: int
) -> GatewayEvent:
    """The event in these raw bytes, if Stripe signed them just now. Raises `NotGenuine`.

    What can't be read of it is left out: it is genuine all the same.
    """
    check_size(body)
    verify_stripe(body, headers.get(SIGNATURE_HEADER), secrets, now_us)
    event = event_of(body, _Event)
    return GatewayEvent(
        id=event.id,
        type=event.type,
        created_at_us=event.created * SECOND_US,
        dispute_funds=_FUNDS.get(event.type),
        **_parts(event.data.object),
    )


def _parts(raw: Raw) -> Parts:
    kind = _read(raw, _Kind)
    reader = _READERS.get(kind.object) if kind is not None else None
    return {} if reader is None else reader(raw)


def _read(raw: Raw, type: type[T]) -> T | None:
    try:
        return msgspec.json.decode(raw, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _log.warning("event_part_unread", provider="stripe", reason=str(error))
        return None


def _reads(type: type[T], parts: Callable[[T], Parts]) -> Callable[[Raw], Parts]:
    def reader(raw: Raw) -> Parts:
        seen = _read(raw, type)
        return {} if seen is None else parts(seen)

    return reader


def _intent_parts(intent: PaymentIntent) -> Parts:
    return {
        "order": order_of(intent),
        "payment": payment_of(intent) if is_tried(intent) else None,
    }


_FUNDS: Final[Mapping[str, Literal["withdrawn", "reinstated"]]] = {
    "charge.dispute.funds_withdrawn": "withdrawn",
    "charge.dispute.funds_reinstated": "reinstated",
}
_READERS: Final[Mapping[str, Callable[[Raw], Parts]]] = {
    "payment_intent": _reads(PaymentIntent, _intent_parts),
    "charge": _reads(Charge, lambda charge: {"payment": payment_of_charge(charge)}),
    "refund": _reads(Refund, lambda refund: {"refund": refund_of(refund)}),
    "dispute": _reads(Dispute, lambda dispute: {"dispute": dispute_of(dispute)}),
    "setup_intent": _reads(SetupIntent, lambda setup: {"mandate": mandate_of_setup(setup)}),
    "payment_method": _reads(SavedMethod, lambda saved: {"mandate": mandate_of_method(saved)}),
    "mandate": _reads(Mandate, lambda mandate: {"mandate": mandate_of_bank(mandate)}),
}
