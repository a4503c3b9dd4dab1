"""Orders: what may become of a customer's intent to buy, as a table that everything asks.

`failed` tells of the last attempt and is not final: the payer may try again, and a bank may say yes
late. Even an order that has expired is paid where money was captured for it after all.
"""

from collections.abc import Mapping
from typing import Literal

OrderStatus = Literal[
    "created",
    "processing",
    "review",
    "paid",
    "failed",
    "refunded",
    "partially_refunded",
    "blocked",
    "expired",
]
OrderEvent = Literal[
    "attempted",
    "attempt_failed",
    "captured",
    "captured_for_review",
    "approved",
    "refunded_in_part",
    "refunded_whole",
    "refund_failed",
    "review_reopened",
    "lapsed",
]

SECOND_US = 1_000_000
ORDER_LIFE_US = 24 * 3600 * SECOND_US
# A recharge's payer is told a day ahead, and may have three days to approve a large debit.
RECHARGE_LIFE_US = 5 * ORDER_LIFE_US
RECONCILED_AFTER_US = 15 * 60 * SECOND_US

TRANSITIONS: Mapping[OrderStatus, Mapping[OrderEvent, OrderStatus]] = {
    "created": {
        "attempted": "processing",
        "attempt_failed": "failed",
        "captured": "paid",
        "captured_for_review": "review",
        "lapsed": "expired",
    },
    "processing": {
        "attempted": "processing",
        "attempt_failed": "failed",
        "captured": "paid",
        "captured_for_review": "review",
        "lapsed": "expired",
    },
    "failed": {
        "attempted": "processing",
        "attempt_failed": "failed",
        "captured": "paid",
        "captured_for_review": "review",
        "lapsed": "expired",
    },
    "expired": {"captured": "paid", "captured_for_review": "review"},
    "review": {
        "approved": "paid",
        "refunded_in_part": "partially_refunded",
        "refunded_whole": "refunded",
    },
    "paid": {"refunded_in_part": "partially_refunded", "refunded_whole": "refunded"},
    "partially_refunded": {
        "refunded_in_part": "partially_refunded",
        "refunded_whole": "refunded",
        "refund_failed": "paid",
        "review_reopened": "review",
    },
    "refunded": {"refund_failed": "paid", "review_reopened": "review"},
    "blocked": {},
}

UNPAID: frozenset[OrderStatus] = frozenset({"created", "processing", "failed", "expired"})
OPEN: frozenset[OrderStatus] = frozenset({"created", "processing", "failed"})


def next_status(status: OrderStatus, event: OrderEvent) -> OrderStatus | None:
    """The status after the event; none where the event changes nothing any more."""
    return TRANSITIONS[status].get(event)


def after_refunds(
    status: OrderStatus, refunded_paise: int, price_paise: int, *, reopens_review: bool = False
) -> OrderStatus:
    """The status once so much of the price has gone back, counted anew after one refund more or,
    where one failed, one less. `reopens_review` where it was one that a rejection had led to."""
    status = next_status(status, "review_reopened" if reopens_review else "refund_failed") or status
    if not refunded_paise:
        return status
    event = "refunded_whole" if refunded_paise == price_paise else "refunded_in_part"
    return next_status(status, event) or status
