"""Failures of payments are over when the order is paid after all, or can be paid no more."""

from typing import Final

from khata.postgres.alerts import is_unresolved
from khata.postgres.asking import Connection
from khata.postgres.events import Event
from khata.postgres.orders import order as order_of
from khata.postgres.resolving import resolve, resolve_one

_STILL_OPEN: Final = frozenset({"created", "processing", "failed"})
_PAID: Final = frozenset({"review", "paid"})


async def end_failures(connection: Connection, event: Event) -> None:
    """Ends what was told of an order's payment, and of recharges when one went well."""
    wallet_id, order_id = event.wallet_id, event.subject
    if wallet_id is None or order_id is None:
        return
    is_payment = await is_unresolved(connection, wallet_id, "PAYMENT_FAILED")
    is_recharge = await is_unresolved(connection, wallet_id, "RECHARGE_FAILED")
    if not (is_payment or is_recharge):
        return
    order = await order_of(connection, wallet_id, order_id)
    if order is None or order.status in _STILL_OPEN:
        return
    await resolve_one(connection, wallet_id, "PAYMENT_FAILED", order_id, event.at_us)
    if order.status in _PAID and order.recharge_number is not None:
        await resolve(connection, wallet_id, "RECHARGE_FAILED", event.at_us)
