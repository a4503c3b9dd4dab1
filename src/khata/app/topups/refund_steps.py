"""The next step of a refund: its credits taken, then sent to the gateway, then asked how it ended.

Nothing is sent before its credits are taken, and none come back before it is noted that the refund
fails: from then on nothing is sent any more.
"""

from collections.abc import Callable

import structlog

from khata.app.topups.gateways import Gateways
from khata.app.topups.refunds import Refunds, note_name
from khata.domain.commands import Command, LockPurchase, Recorded, RestoreRefund
from khata.domain.ids import TransactionId, WalletId
from khata.domain.money_journal import (
    MoneyPosting,
    Occasion,
    refund_failed,
    refund_processed,
)
from khata.domain.orders import SECOND_US, after_refunds
from khata.domain.refusals import RefundRestored
from khata.engine.engine import Engine
from khata.engine.ids import UlidMint
from khata.payments.gateway import GatewayRefund, GatewayRefused, NewRefund
from khata.postgres import jobs
from khata.postgres import refunds as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.bought import INVOICE_JOB
from khata.postgres.connect import Pool
from khata.postgres.money_journal import post_money
from khata.postgres.payments import payment as payment_of
from khata.postgres.refunds import Refund

_HOUR_US = 3_600 * SECOND_US
# How long until the gateway is asked again, by the refund's age: banks take a week.
_PAUSES = ((_HOUR_US, _HOUR_US // 12), (24 * _HOUR_US, _HOUR_US))
_LONGEST_PAUSE_US = 6 * _HOUR_US

_log = structlog.get_logger()


class RefundSteps:
    """Takes refunds to their end."""

    def __init__(
        self,
        pool: Pool,
        engine: Engine,
        refunds: Refunds,
        gateways: Gateways,
        now_us: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._engine = engine
        self._refunds = refunds
        self._gateways = gateways
        self._now_us = now_us
        self._mint = UlidMint()

    async def step(self, refund_id: str, wallet_id: WalletId) -> int | None:
        """Does what comes next for the refund; when to look again, if ever.

        Raises `GatewayUnavailable`, `GatewayRefused` where it may be granted later, `Unavailable`.
        """
        refund = await self._refunds.find(wallet_id, refund_id)
        if refund is None or refund.status != "pending":
            return None
        refund = await self._refunds.clawed_back(refund)
        if refund.status != "pending":
            return None
        if refund.failure_message is not None:
            await self.fail(refund, refund.failure_message)
            return None
        told = await self._told(refund)
        return None if told is None else await self.hear(refund, told)

    async def hear(self, refund: Refund, told: GatewayRefund) -> int | None:
        """Books what the gateway tells of a refund whose credits are taken; when to ask again."""
        if told.amount != refund.back.total_paise:
            _log.error("refund_differs", refund_id=refund.id, told=told.amount)
        if told.state == "processed":
            await self._end(refund)
        elif told.state == "failed":
            await self.fail(refund, "The gateway could not give the money back.")
        else:
            return self._now_us() + _pause_us(self._now_us() - refund.created_at_us)
        return None

    async def fail(self, refund: Refund, message: str) -> None:
        """Ends a refund that will not be, and gives its credits back. Raises `Unavailable`."""
        async with borrowed(self._pool) as connection:
            await store.note_failure(connection, refund, message, self._now_us())
        restored_by = await self._restored(refund)
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            status, price = await store.lock_order(connection, refund)
            before = await store.refund(connection, refund.wallet_id, refund.id)
            ended = await store.end_refund(
                connection,
                refund,
                "failed",
                now_us,
                restored_by=restored_by,
            )
            if not ended or before is None:
                return
            if before.status == "processed":
                await post_money(connection, self._posted(refund, refund_failed))
            paise = await store.refunded_paise(connection, refund)
            reopens = refund.origin == "rejected"
            after = after_refunds(status, paise, price, reopens_review=reopens)
            await store.set_refunded(connection, refund, after, paise, now_us)
        _log.error(
            "refund_failed",
            refund_id=refund.id,
            order_id=refund.order_id,
            wallet_id=refund.wallet_id,
            reason=message,
        )

    async def _told(self, refund: Refund) -> GatewayRefund | None:
        """The refund as the gateway has it, made there if it is not; none where it refused."""
        gateway = self._gateways.of(refund.provider)
        async with borrowed(self._pool) as connection:
            paid = await payment_of(connection, refund.wallet_id, refund.payment_id)
        assert paid is not None, f"{refund.payment_id} is missing"
        if refund.gateway_refund_id is not None:
            return await gateway.find_refund(paid.gateway_payment_id, refund.gateway_refund_id)
        new = NewRefund(
            payment_id=paid.gateway_payment_id,
            amount=refund.back.total_paise,
            currency=paid.currency,
            key=refund.id,
            notes={"refund": refund.id, "order": refund.order_id},
        )
        try:
            told = await gateway.refund(new)
        except GatewayRefused as refused:
            if refused.retryable:
                raise
            await self.fail(refund, refused.description)
            return None
        await self.note_gateway_refund(refund, told.id)
        return told

    async def note_gateway_refund(self, refund: Refund, gateway_refund_id: str) -> None:
        """Notes the gateway's id of the refund, by which its events find it."""
        async with borrowed(self._pool) as connection:
            await note_name(connection, refund.provider, gateway_refund_id, refund)
            now_us = self._now_us()
            await store.set_gateway_refund(connection, refund, gateway_refund_id, now_us)

    async def _end(self, refund: Refund) -> None:
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            await store.lock_order(connection, refund)
            if await store.end_refund(connection, refund, "processed", now_us):
                await post_money(connection, self._posted(refund, refund_processed))
                await _want_credit_note(connection, refund, now_us)

    async def _restored(self, refund: Refund) -> str | None:
        """The transaction that gave the refund's credits back, if any were taken.

        After a rejection they are locked again in the same breath.
        """
        if refund.transaction_id is None:
            return None
        back = RestoreRefund(
            wallet_id=refund.wallet_id,
            idempotency_key=f"refund:{refund.id}:restore",
            transaction_id=TransactionId(refund.transaction_id),
            payment_id=refund.payment_id,
        )
        commands: list[Command] = [back]
        if refund.origin == "rejected":
            key = f"refund:{refund.id}:lock"
            commands.append(
                LockPurchase(
                    wallet_id=refund.wallet_id, idempotency_key=key, payment_id=refund.payment_id
                )
            )
        answers = await self._engine.submit_atomic(commands)
        outcome = answers[0].outcome
        if isinstance(outcome, Recorded):
            return outcome.transaction.id
        assert isinstance(outcome, RefundRestored), outcome
        return None

    def _posted(
        self, refund: Refund, post: Callable[[Occasion, str, int], MoneyPosting]
    ) -> MoneyPosting:
        occasion = Occasion(
            id="mny_" + self._mint.for_wallet(refund.wallet_id),
            wallet_id=refund.wallet_id,
            organization_id=refund.organization_id,
            at_us=self._now_us(),
            gateway=refund.provider,
        )
        return post(occasion, refund.id, refund.back.total_paise)


async def _want_credit_note(connection: Connection, refund: Refund, now_us: int) -> None:
    job = jobs.WantedJob(
        kind=INVOICE_JOB, subject=refund.id, wallet_id=refund.wallet_id, run_at_us=now_us
    )
    await jobs.want(connection, [job], now_us)


def _pause_us(age_us: int) -> int:
    return next((pause for until, pause in _PAUSES if age_us < until), _LONGEST_PAUSE_US)
