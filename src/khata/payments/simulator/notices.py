"""Notices: what a bank tells the customer a day before a debit."""

from typing import Any, Final

from khata.payments.simulator.asked import fields, integer_in, text_in
from khata.payments.simulator.clock import DAY, MINUTE
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, plan
from khata.payments.simulator.failures import invalid, unknown_id
from khata.payments.simulator.machines import status_of

NOTICE: Final = fields("token_id", "payment_after", "id")
_DELIVERED_AFTER: Final = 5 * MINUTE
_AHEAD: Final = DAY


def give_notice(desk: Desk, order: Doc, wish: Any) -> None:
    """Has the customer told of a debit that the order is made for, where it asks for that."""
    if not wish:
        return
    token = desk.store.get("token", text_in(wish, "token_id"))
    if not token:
        raise unknown_id()
    customer = desk.store.get("customer", token["customer_id"]) or {}
    delayed = desk.is_delayed(token, customer)
    earliest = desk.now() + _AHEAD if delayed else 0
    payment_after = integer_in(wish, "payment_after", 0)
    if payment_after < earliest:
        text = "The payment_after must be at least 24 hours from now."
        raise invalid("notification.payment_after", text)
    notice: Doc = {
        "id": desk.new_id("notification"),
        "entity": "notification",
        "order_id": order["id"],
        "token_id": token["id"],
        "payment_after": payment_after,
        "status": "initiated",
        "delivered_at": None,
        "created_at": desk.now(),
    }
    plan(notice, "notice", desk.now() + (_DELIVERED_AFTER if delayed else 0))
    desk.put(notice)
    order["notification"] = {"id": notice["id"], "payment_after": payment_after}
    order["_notice"] = notice["id"]
    desk.put(order)
    if not delayed:
        deliver_notice(desk, notice)


def deliver_notice(desk: Desk, notice: Doc) -> None:
    """The customer has read it, unless the bank can't deliver it or the mandate is no more."""
    token = desk.store.get("token", notice["token_id"])
    plan(notice, None)
    if not token or status_of(token) != "confirmed" or _fails(desk, token):
        notice["status"] = "failed"
    else:
        notice.update(status="delivered", delivered_at=desk.now())
    desk.put(notice)
    desk.emit(f"order.notification.{notice['status']}", notification=notice)


def notice_of(desk: Desk, order: Doc) -> Doc | None:
    """The notice that the order asked for, if it did."""
    return desk.store.get("notification", order["_notice"]) if order.get("_notice") else None


def _fails(desk: Desk, token: Doc) -> bool:
    left = int(token["_expected"].get("notices_failing", 0))
    if left:
        token["_expected"]["notices_failing"] = left - 1
        desk.put(token)
    return left > 0
