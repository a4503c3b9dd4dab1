"""Reviews: orders that were paid and whose credits are locked until somebody decides.

Approved, the credits are unlocked; rejected, all money goes back. Where nothing speaks against an
order for a day, it is approved by itself. Each decision stands in the audit log.
"""

from collections.abc import Callable
from typing import ClassVar, Literal

import structlog
from msgspec import Struct

from khata.app.audited import Change, note_change
from khata.app.topups.refunds import Refunds, RefundWish, disputed, order_of
from khata.domain.actor import WORKER, Actor
from khata.domain.commands import Recorded, UnlockPurchase
from khata.domain.ids import WalletId
from khata.domain.orders import SECOND_US
from khata.domain.refund_money import OrderDisputed, RefundRefusal
from khata.domain.refusals import KeyReused, Refusal
from khata.engine.engine import Engine
from khata.postgres import claims, jobs
from khata.postgres import orders as order_store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.bought import REVIEW_JOB
from khata.postgres.claims import KeyTaken, Wish
from khata.postgres.connect import Pool
from khata.postgres.orders import Order
from khata.postgres.refunds import Refund, refunds_of_order
from khata.postgres.reviews import signals

REVIEWED_WITHIN_US = 24 * 3_600 * SECOND_US

_log = structlog.get_logger()


class NotUnderReview(Refusal, frozen=True, gc=False, tag="order_not_under_review"):
    code: ClassVar[str] = "ORDER_NOT_UNDER_REVIEW"
    decided: ClassVar[bool] = False
    order_id: str
    order_status: str

    @property
    def detail(self) -> str:
        return f"The order is {self.order_status}: there is nothing to decide."


class ReviewDecision(Struct, frozen=True, kw_only=True):
    """What was decided, why, and by whom."""

    verdict: Literal["approve", "reject"]
    reason: str
    by: Actor


class Reviewed(Struct, frozen=True):
    """An order after its review was decided. `replayed` where the request came again."""

    order: Order
    replayed: bool


Refused = NotUnderReview | RefundRefusal | KeyReused


class Reviews:
    """Decides reviews."""

    def __init__(
        self, pool: Pool, engine: Engine, refunds: Refunds, now_us: Callable[[], int]
    ) -> None:
        self._pool = pool
        self._engine = engine
        self._refunds = refunds
        self._now_us = now_us

    async def decide(self, order: Order, decision: ReviewDecision, key: Wish) -> Reviewed | Refused:
        """The order after the decision of this request. Raises `Unavailable`."""
        async with borrowed(self._pool) as connection, connection.transaction():
            await claims.lock_wallet(connection, order.wallet_id)
            try:
                replayed = await claims.claimed_by(connection, key) is not None
            except KeyTaken:
                return KeyReused(key.idempotency_key)
            if not replayed:
                refusal = await self._decided(connection, order, decision)
                if refusal is not None:
                    return refusal
                await claims.claim(connection, key, order.organization_id, order.id)
        return Reviewed(await self._carried_out(order), replayed)

    async def step(self, order_id: str, wallet_id: WalletId) -> int | None:
        """Carries out what was decided; approves what nothing spoke against for a day.

        When to look again, if ever. Raises `Unavailable`.
        """
        async with borrowed(self._pool) as connection:
            order = await order_of(connection, wallet_id, order_id)
        if order.status == "review":
            async with borrowed(self._pool) as connection, connection.transaction():
                await claims.lock_wallet(connection, wallet_id)
                found = await signals(connection, order)
                if found.speak_against:
                    _log.warning("review_waits", order_id=order_id, wallet_id=wallet_id)
                    return self._now_us() + REVIEWED_WITHIN_US
                reason = "nothing spoke against it for a day"
                by_itself = ReviewDecision(verdict="approve", reason=reason, by=Actor(WORKER))
                if await self._decided(connection, order, by_itself) is not None:
                    return self._now_us() + REVIEWED_WITHIN_US
        await self._carried_out(order)
        return None

    async def _decided(
        self, connection: Connection, order: Order, decision: ReviewDecision
    ) -> NotUnderReview | RefundRefusal | None:
        """Writes the decision down, with what is to follow. Under the wallet's lock."""
        order = await order_of(connection, order.wallet_id, order.id)
        if order.status != "review":
            return NotUnderReview(order.id, order.status)
        refunds = await refunds_of_order(connection, order.wallet_id, order.id)
        if any(one.status == "pending" for one in refunds):
            return NotUnderReview(order.id, "being refunded")
        refund = None
        if decision.verdict == "reject":
            wish = RefundWish(reason=decision.reason)
            begun = await self._refunds.begin(connection, order, wish, "rejected")
            if not isinstance(begun, Refund):
                return begun
            refund = begun
        else:
            refusal = await disputed(connection, order)
            if isinstance(refusal, OrderDisputed):
                return refusal
            now_us = self._now_us()
            await order_store.move_order(connection, order, "approved", now_us)
            await jobs.want(connection, [_job(order, now_us)], now_us)
        await note_change(
            connection, decision.by, _change_of(order, decision, refund), self._now_us()
        )
        return None

    async def _carried_out(self, order: Order) -> Order:
        """The order with its credits unlocked or taken, as was decided."""
        async with borrowed(self._pool) as connection:
            order = await order_of(connection, order.wallet_id, order.id)
        for refund in await self._refunds.of_order(order):
            if refund.origin == "rejected":
                await self._refunds.clawed_back(refund)
        if order.status == "paid":
            unlock = UnlockPurchase(
                wallet_id=order.wallet_id,
                idempotency_key=f"review:{order.id}:approve",
                payment_id=order.payment_id or "",
            )
            outcome = (await self._engine.submit(unlock)).outcome
            assert isinstance(outcome, Recorded), outcome
        async with borrowed(self._pool) as connection:
            return await order_of(connection, order.wallet_id, order.id)


def _change_of(order: Order, decision: ReviewDecision, refund: Refund | None) -> Change:
    return Change(
        organization_id=order.organization_id,
        action=f"order.{decision.verdict}",
        subject=order.id,
        before={"status": order.status},
        after={
            "reason": decision.reason,
            "score": order.risk.score,
            "refund_id": None if refund is None else refund.id,
        },
    )


def _job(order: Order, at_us: int) -> jobs.WantedJob:
    return jobs.WantedJob(
        kind=REVIEW_JOB, subject=order.id, wallet_id=order.wallet_id, run_at_us=at_us
    )
