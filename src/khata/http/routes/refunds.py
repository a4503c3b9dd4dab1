"""Refunds of money, to where it came from, and decisions of reviews."""

from __future__ import annotations

from typing import Final

import msgspec

from khata.app.runtime import Khata
from khata.app.topups.reviews import ReviewDecision, Reviewed
from khata.domain.ids import WalletId
from khata.engine.engine import fingerprint_of
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.refused import REPLAYED, refusal_problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.refunds import (
    MoneyRefundBody,
    MoneyRefunds,
    OrderRefunded,
    ReviewBody,
    refund_shown,
    refunded_shown,
)
from khata.http.schemas.topups import Order as OrderShown
from khata.http.schemas.topups import order_shown
from khata.postgres.claims import Wish
from khata.postgres.orders import Order
from khata.postgres.refunds import Refund

_encode: Final = msgspec.json.Encoder().encode
_ORDER: Final = "/v1/wallets/{wallet_id}/orders/{order_id}"
_MISSING: Final = ("WALLET_NOT_FOUND", "ORDER_NOT_FOUND")


class RefundRoutes:
    """Money back for an order, and orders that wait for a decision."""

    routes = Routes("Refunds of money")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._topups = khata.topups
        self._doorkeeper = doorkeeper

    @routes.on(
        f"POST {_ORDER}/refund",
        scope="payments:refund",
        audit=("order.refund_asked",),
        key=True,
        statuses=(202,),
        problems=(
            *_MISSING,
            *("IDEMPOTENCY_KEY_REUSED", "NOTHING_TO_REFUND"),
            *("ORDER_DISPUTED", "ORDER_UNDER_REVIEW"),
        ),
        example={"amount": 10_000, "reason": "ordered too much"},
    )
    async def refund_order(
        self, call: Call[ApiCaller], wallet_id: str, order_id: str, body: MoneyRefundBody
    ) -> Reply[OrderRefunded]:
        """Give money back for an order, to where it came from.

        What was used of the purchase is kept, at 10 paise a credit. The purchase's unspent credits
        are taken at once, its bonus first; the money is on its way when the answer comes. Should
        the gateway fail to give it back, the credits come back.
        """
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        order = await self._order(known, order_id)
        fingerprint = fingerprint_of("order_refund", (order_id, body))
        named = Wish(known, call.idempotency_key, fingerprint)
        refund = await self._topups.refunds.place(order, body.wish(), named, actor_of(call))
        if not isinstance(refund, Refund):
            raise refusal_problem(refund)
        shown = _encode(refunded_shown(refund, await self._order(known, order_id))).decode()
        first = await self._topups.refunds.keep_answer(refund, shown)
        return Reply(first.body.encode(), 202, REPLAYED if first.is_given_again else {})

    @routes.on(f"GET {_ORDER}/refunds", scope="payments:read", problems=_MISSING)
    async def list_order_refunds(
        self, call: Call[ApiCaller], wallet_id: str, order_id: str
    ) -> MoneyRefunds:
        """List an order's refunds of money, newest first."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        order = await self._order(known, order_id)
        found = await self._topups.refunds.of_order(order)
        return MoneyRefunds([refund_shown(refund, order.currency) for refund in found])

    @routes.on(
        f"POST {_ORDER}/review",
        scope="payments:review",
        audit=("order.approve", "order.reject"),
        key=True,
        problems=(
            *_MISSING,
            *("IDEMPOTENCY_KEY_REUSED", "ORDER_NOT_UNDER_REVIEW"),
            *("ORDER_DISPUTED", "NOTHING_TO_REFUND"),
        ),
        example={"decision": "approve", "reason": "known to us"},
    )
    async def review_order(
        self, call: Call[ApiCaller], wallet_id: str, order_id: str, body: ReviewBody
    ) -> Reply[OrderShown]:
        """Decide an order under review.

        Approved, its credits are unlocked; rejected, all of its money goes back. Sent again, the
        request is answered with the order as it is by then. Each decision stands in the audit log.
        """
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        order = await self._order(known, order_id)
        fingerprint = fingerprint_of("order_review", (order_id, body))
        named = Wish(known, call.idempotency_key, fingerprint)
        decision = ReviewDecision(verdict=body.decision, reason=body.reason, by=actor_of(call))
        reviewed = await self._topups.reviews.decide(order, decision, named)
        if not isinstance(reviewed, Reviewed):
            raise refusal_problem(reviewed)
        return Reply(order_shown(reviewed.order), 200, REPLAYED if reviewed.replayed else {})

    async def _order(self, wallet_id: WalletId, order_id: str) -> Order:
        order = await self._topups.orders.find(wallet_id, order_id)
        if order is None:
            raise Problem("ORDER_NOT_FOUND", f"There is no order {order_id}.", order_id=order_id)
        return order
