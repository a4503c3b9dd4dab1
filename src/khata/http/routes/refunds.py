"""Refunds of money: to where it came from, whole or in part."""

from __future__ import annotations

from typing import Final

import msgspec

from khata.app.runtime import Khata
from khata.domain.ids import WalletId
from khata.engine.engine import fingerprint_of
from khata.http.auth import ApiCaller, Doorkeeper
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.refused import REPLAYED, refusal_problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.refunds import (
    MoneyRefundBody,
    MoneyRefunds,
    OrderRefunded,
    refund_shown,
    refunded_shown,
)
from khata.postgres.claims import Wish
from khata.postgres.orders import Order
from khata.postgres.refunds import Refund

_encode: Final = msgspec.json.Encoder().encode
_ORDER: Final = "/v1/wallets/{wallet_id}/orders/{order_id}"
_MISSING: Final = ("WALLET_NOT_FOUND", "ORDER_NOT_FOUND")


class RefundRoutes:
    """Money back for an order."""

    routes = Routes("Refunds of money")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._topups = khata.topups
        self._doorkeeper = doorkeeper

    @routes.on(
        f"POST {_ORDER}/refund",
        scope="payments:refund",
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
        refund = await self._topups.refunds.place(order, body.wish(), named)
        if not isinstance(refund, Refund):
            raise refusal_problem(refund)
        replayed = refund.answer is not None
        shown = _encode(refunded_shown(refund, await self._order(known, order_id))).decode()
        answer = refund.answer or await self._topups.refunds.keep_answer(refund, shown)
        return Reply(answer.encode(), 202, REPLAYED if replayed else {})

    @routes.on(f"GET {_ORDER}/refunds", scope="payments:read", problems=_MISSING)
    async def list_order_refunds(
        self, call: Call[ApiCaller], wallet_id: str, order_id: str
    ) -> MoneyRefunds:
        """List an order's refunds of money, newest first."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        order = await self._order(known, order_id)
        found = await self._topups.refunds.of_order(order)
        return MoneyRefunds([refund_shown(refund, order.currency) for refund in found])

    async def _order(self, wallet_id: WalletId, order_id: str) -> Order:
        order = await self._topups.orders.find(wallet_id, order_id)
        if order is None:
            raise Problem("ORDER_NOT_FOUND", f"There is no order {order_id}.", order_id=order_id)
        return order
