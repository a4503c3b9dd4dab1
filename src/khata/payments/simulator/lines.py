"""Lines of the account: what the company owes for each payment, refund and dispute, till it pays.

A line is settled at ten in the morning, Indian time, two days after it was booked.
"""

from typing import Final

from khata.payments.simulator.clock import DAY, HOUR
from khata.payments.simulator.desk import Desk
from khata.payments.simulator.documents import Doc, plan

INDIA: Final = 5 * HOUR + HOUR // 2
OPEN: Final = "open"
"""What a line is settled in before it is settled."""
_DAYS: Final = 2
_HOUR: Final = 10


def book_payment(desk: Desk, payment: Doc, order: Doc) -> None:
    """What was captured, less the fee."""
    card: Doc = payment.get("card") or {}
    about = {
        "order_id": order["id"],
        "order_receipt": order["receipt"],
        "method": payment["method"],
        "card_network": card.get("network"),
        "card_issuer": card.get("issuer"),
        "card_type": card.get("type"),
        "description": payment["description"],
    }
    sums = {"credit": payment["amount"] - payment["fee"], "fee": payment["fee"]}
    _book(desk, payment, {**sums, "tax": payment["tax"]}, about)


def book_refund(desk: Desk, refund: Doc, payment: Doc) -> None:
    """What went back. A payment that was never captured left no money here to go back."""
    if payment["captured"]:
        about = {
            "payment_id": payment["id"],
            "order_id": payment["order_id"],
            "method": payment["method"],
        }
        _book(desk, refund, {"debit": refund["amount"]}, about)


def book_adjustment(desk: Desk, dispute: Doc, payment: Doc, amount: int, why: str) -> None:
    """What a dispute withheld (a negative amount) or gave back."""
    adjustment: Doc = {
        "id": desk.new_id("adj"),
        "entity": "adjustment",
        "amount": abs(amount),
        "currency": dispute["currency"],
        "notes": {},
    }
    about = {
        "payment_id": payment["id"],
        "order_id": payment["order_id"],
        "method": payment["method"],
        "dispute_id": dispute["id"],
        "description": why,
    }
    _book(desk, adjustment, {"credit" if amount > 0 else "debit": abs(amount)}, about)


def next_morning(moment: int, days: int) -> int:
    """Ten o'clock in India so many days after the day of that moment."""
    today = (moment + INDIA) // DAY * DAY - INDIA
    return today + days * DAY + _HOUR * HOUR


def _book(desk: Desk, entity: Doc, sums: Doc, about: Doc) -> None:
    line: Doc = {
        "id": entity["id"],
        "entity": "line",
        "entity_id": entity["id"],
        "type": entity["entity"],
        "debit": 0,
        "credit": 0,
        "amount": entity["amount"],
        "currency": entity["currency"],
        "fee": 0,
        "tax": 0,
        **sums,
        "on_hold": False,
        "settled": False,
        "created_at": desk.now(),
        "settled_at": None,
        "settlement_id": None,
        "settlement_utr": None,
        "description": None,
        "notes": entity["notes"],
        "payment_id": None,
        "order_id": None,
        "order_receipt": None,
        "method": None,
        "card_network": None,
        "card_issuer": None,
        "card_type": None,
        "dispute_id": None,
        **about,
    }
    line["_settled_in"] = OPEN
    plan(line, "settle", next_morning(desk.now(), _DAYS))
    desk.put(line)
