"""Orders at Razorpay, each made once for its receipt."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from khata.payments.gateway import GatewayRefused, GatewayUnavailable, NewOrder
from khata.payments.razorpay.entities import Collection, Order, Payment
from khata.payments.razorpay.wire import Wire, plain

WITH_CARD: Final = {"expand[]": "card"}

_MOST_PAGES: Final = 500

T = TypeVar("T")


def order_body(order: NewOrder) -> dict[str, object]:
    """What every order is made of."""
    body: dict[str, object] = {
        "amount": order.amount,
        "currency": order.currency,
        "receipt": order.receipt,
        "payment_capture": True,
        "notes": dict(order.notes),
    }
    return body if order.customer_id is None else {**body, "customer_id": order.customer_id}


async def made_once(wire: Wire, body: Mapping[str, object]) -> Order:
    """Makes the order, or adopts the one that an earlier request made under its receipt.

    `unique_receipt` is documented on some pages only, so it is sent and not relied on: after a lost
    answer, and after a no that is about the receipt, the order is looked up.
    """
    unique = {**body, "unique_receipt": True}
    try:
        return await wire.send("create_order", "POST", "/v1/orders", Order, json=unique)
    except GatewayUnavailable:
        found = await _under(wire, str(body["receipt"]))
        if found is None:
            raise
    except GatewayRefused as refused:
        if not _is_about_receipt(refused):
            raise
        found = await _under(wire, str(body["receipt"]))
        if found is None:
            raise
    if (found.amount, found.currency) != (body["amount"], body["currency"]):
        raise GatewayRefused("The receipt belongs to another order", code="RECEIPT_REUSED")
    return found


async def payments_on(wire: Wire, order_id: str) -> Sequence[Payment]:
    """All attempts to pay the order, oldest first. The vendor lists the newest first."""
    path = f"/v1/orders/{plain(order_id)}/payments"
    page = await wire.get("order_payments", path, Collection[Payment], WITH_CARD)
    attempts = page.items[::-1]
    attempts.sort(key=lambda payment: payment.created_at or 0)
    return attempts


async def listed(
    wire: Wire,
    name: str,
    path: str,
    type: type[Collection[T]],
    params: Mapping[str, str],
    page: int,
) -> Sequence[T]:
    """All items of a list, page by page, up to more than there can be."""
    items: list[T] = []
    for _ in range(_MOST_PAGES):
        paged = {**params, "count": str(page), "skip": str(len(items))}
        found = (await wire.get(name, path, type, paged)).items
        items += found
        if len(found) < page:
            return items
    raise GatewayUnavailable("a list without an end")


async def _under(wire: Wire, receipt: str) -> Order | None:
    """The order made under the receipt; the oldest, should there be several."""
    page = await wire.get("orders", "/v1/orders", Collection[Order], {"receipt": receipt})
    matching = [order for order in page.items if order.receipt == receipt]
    return min(matching, key=lambda order: (order.created_at or 0, order.id), default=None)


def _is_about_receipt(refused: GatewayRefused) -> bool:
    return refused.field == "receipt" or "receipt" in refused.description.lower()
