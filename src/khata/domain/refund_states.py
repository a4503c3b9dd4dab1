"""Refunds of money: what may become of one, as a table that everything asks.

A bank may send money back that was told as refunded, so even `processed` may fail.
"""

from collections.abc import Mapping
from typing import Literal

RefundStatus = Literal["pending", "processed", "failed"]
RefundOrigin = Literal["asked", "rejected", "gateway"]
"""How it began: somebody asked for it, a review rejected its order, or the gateway told of it."""

REFUND_TRANSITIONS: Mapping[RefundStatus, Mapping[RefundStatus, RefundStatus]] = {
    "pending": {"processed": "processed", "failed": "failed"},
    "processed": {"failed": "failed"},
    "failed": {},
}


def may_become(status: RefundStatus, told: RefundStatus) -> bool:
    """Whether a refund of that status becomes what the gateway tells."""
    return told in REFUND_TRANSITIONS[status]
