"""Refunds of money: reckoned on what is left of a purchase, and its credits taken back.

A refund is written, with a wish that it be brought to its end, before a credit moves. Its credits
are taken as it was reckoned or not at all: where some were spent meanwhile, it is reckoned anew. So
whatever is cut off goes on where it was, and no more goes back than was paid.
"""

from collections.abc import Callable, Sequence

import structlog
from msgspec import Struct, structs

from khata.app.audited import Change, note_change
from khata.app.topups.orders import FirstAnswer
from khata.app.topups.terms import SalesTerms
from khata.domain.actor import SERVICE, Actor
from khata.domain.commands import Clawback, Recorded, SettleWallet
from khata.domain.disputes import standing
from khata.domain.ids import TransactionId, WalletId
from khata.domain.inr import RefundMoney
from khata.domain.orders import UNPAID, after_refunds
from khata.domain.providers import ProviderName
from khata.domain.refund_money import (
    MoneyBack,
    NothingToRefund,
    OrderDisputed,
    OrderUnderReview,
    RefundRefusal,
    Standing,
    at_most,
    money_back,
    money_gone,
)
from khata.domain.refund_states import RefundOrigin
from khata.domain.refusals import InsufficientCredits, KeyReused
from khata.engine.engine import Engine
from khata.engine.ids import UlidMint
from khata.payments.gateway import GatewayRefund
from khata.postgres import claims, jobs
from khata.postgres import orders as order_store
from khata.postgres import refunds as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.claims import KeyTaken, Wish
from khata.postgres.connect import Pool
from khata.postgres.disputes import disputes_of_payment
from khata.postgres.gateway_names import Meant, insert_name, meant_by
from khata.postgres.orders import Order
from khata.postgres.payments import Payment
from khata.postgres.refunds import Refund

REFUND_JOB = "refund"

Refused = RefundRefusal | KeyReused
Reckoning = Callable[[Standing], MoneyBack | RefundRefusal]

_log = structlog.get_logger()


class RefundWish(Struct, frozen=True, kw_only=True):
    """What is to go back of an order: paise of its price, or all that can."""

    amount_paise: int | None = None
    reason: str = ""


class Refunds:
    """Begins refunds and takes their credits, and finds them."""

    def __init__(
        self, pool: Pool, engine: Engine, terms: SalesTerms, now_us: Callable[[], int]
    ) -> None:
        self._pool = pool
        self._engine = engine
        self._terms = terms
        self._now_us = now_us
        self._mint = UlidMint()

    async def place(
        self, order: Order, wish: RefundWish, key: Wish, by: Actor = SERVICE
    ) -> Refund | Refused:
        """The refund of this request, with its credits taken. Raises `Unavailable`."""
        await self._engine.submit(SettleWallet(wallet_id=order.wallet_id))
        async with borrowed(self._pool) as connection, connection.transaction():
            placed = await self._placed(connection, order.id, wish, key, by)
        return await self.clawed_back(placed) if isinstance(placed, Refund) else placed

    async def find(self, wallet_id: WalletId, refund_id: str) -> Refund | None:
        """One refund of the wallet."""
        async with borrowed(self._pool) as connection:
            return await store.refund(connection, wallet_id, refund_id)

    async def of_order(self, order: Order) -> Sequence[Refund]:
        """All refunds of the order, newest first."""
        async with borrowed(self._pool) as connection:
            return await store.refunds_of_order(connection, order.wallet_id, order.id)

    async def keep_answer(self, refund: Refund, answer: str) -> FirstAnswer:
        """The first answer to the refund's request: this one, unless there was one."""
        if refund.answer is not None:
            return FirstAnswer(refund.answer, is_given_again=True)
        async with borrowed(self._pool) as connection:
            if await store.keep_refund_answer(connection, refund, answer):
                return FirstAnswer(answer, is_given_again=False)
            kept = await _again(connection, refund.wallet_id, refund.id)
        assert kept.answer is not None, f"{refund.id} was answered"
        return FirstAnswer(kept.answer, is_given_again=True)

    async def begin(
        self, connection: Connection, order: Order, wish: RefundWish, origin: RefundOrigin
    ) -> Refund | RefundRefusal:
        """A new refund of a paid order, written and wished on. Under the wallet's lock."""
        refusal = await disputed(connection, order)
        if refusal is not None:
            return refusal
        reckoned = await _reckon(connection, order, _asked_for(order, wish.amount_paise))
        if not isinstance(reckoned, tuple):
            return reckoned
        refund = structs.replace(
            self._new(order, *reckoned),
            origin=origin,
            reason=wish.reason,
            asked_paise=wish.amount_paise,
        )
        await self._write(connection, refund)
        return refund

    async def adopt(self, payment: Payment, told: GatewayRefund) -> Refund | RefundRefusal:
        """The refund that the gateway tells of and that did not begin here, as one of ours."""
        await self._engine.submit(SettleWallet(wallet_id=payment.wallet_id))
        async with borrowed(self._pool) as connection, connection.transaction():
            await claims.lock_wallet(connection, payment.wallet_id)
            meant = await meant_by(connection, payment.provider, told.id)
            if meant is not None:  # adopted by another meanwhile
                return await _again(connection, meant.wallet_id, meant.own_id)
            order = await order_of(connection, payment.wallet_id, payment.order_id)
            reckoned = await _reckon(connection, order, _gone_from(order, told.amount))
            if not isinstance(reckoned, tuple):
                return reckoned
            refund = structs.replace(
                self._new(order, *reckoned), origin="gateway", gateway_refund_id=told.id
            )
            await self._write(connection, refund)
            await note_name(connection, payment.provider, told.id, refund)
        _log.warning("refund_adopted", refund_id=refund.id, order_id=refund.order_id)
        return refund

    async def clawed_back(self, refund: Refund) -> Refund:
        """The refund with its credits taken, or failed where nothing is left that could go back.

        Raises `Unavailable`.
        """
        while (
            refund.status == "pending"
            and refund.transaction_id is None
            and refund.failure_message is None
        ):
            outcome = (await self._engine.submit(self._clawback(refund))).outcome
            if isinstance(outcome, Recorded):
                refund = await self._taken(refund, outcome.transaction.id)
            else:
                assert isinstance(outcome, InsufficientCredits), outcome
                refund = await self._reckoned_anew(refund)
        return refund

    async def _placed(
        self, connection: Connection, order_id: str, wish: RefundWish, key: Wish, by: Actor
    ) -> Refund | Refused:
        wallet_id = key.wallet_id
        organization_id = await claims.lock_wallet(connection, wallet_id)
        assert organization_id is not None, f"{order_id} is of a wallet"
        try:
            claimed = await claims.claimed_by(connection, key)
        except KeyTaken:
            return KeyReused(key.idempotency_key)
        if claimed is not None:
            earlier = await store.refund(connection, wallet_id, claimed)
            return KeyReused(key.idempotency_key) if earlier is None else earlier
        order = await order_of(connection, wallet_id, order_id)
        if order.status in UNPAID or order.status == "blocked":
            return NothingToRefund()
        if order.status == "review":
            return OrderUnderReview(order.id)
        begun = await self.begin(connection, order, wish, "asked")
        if isinstance(begun, Refund):
            await claims.claim(connection, key, organization_id, begun.id)
            await note_change(connection, by, _change_of(begun), begun.created_at_us)
        return begun

    async def _write(self, connection: Connection, refund: Refund) -> None:
        await store.insert_refund(connection, refund)
        job = jobs.WantedJob(
            kind=REFUND_JOB,
            subject=refund.id,
            wallet_id=refund.wallet_id,
            run_at_us=refund.created_at_us,
        )
        await jobs.want(connection, [job], refund.created_at_us)

    def _new(self, order: Order, back: MoneyBack, unspent_credits: int) -> Refund:
        assert order.payment_id is not None, f"{order.id} is paid"
        now_us = self._now_us()
        return Refund(
            wallet_id=order.wallet_id,
            id="rfd_" + self._mint.for_wallet(order.wallet_id),
            organization_id=order.organization_id,
            order_id=order.id,
            payment_id=order.payment_id,
            provider=order.provider,
            status="pending",
            back=back,
            reason="",
            origin="asked",
            unspent_credits=unspent_credits,
            created_at_us=now_us,
            updated_at_us=now_us,
        )

    def _clawback(self, refund: Refund) -> Clawback:
        """The same each time that the refund is taken up as it was reckoned last."""
        tax = refund.back.tax
        is_deferred = self._terms.topups.fee_recognition == "deferred"
        return Clawback(
            wallet_id=refund.wallet_id,
            idempotency_key=f"refund:{refund.id}:{refund.reckonings}",
            payment_id=refund.payment_id,
            reach="unspent",
            credits=refund.back.credits_clawed_back,
            reckoned_credits=refund.unspent_credits,
            refund=RefundMoney(
                refund_id=refund.id,
                amount_paise=refund.back.total_paise,
                cgst_paise=tax.cgst_paise,
                sgst_paise=tax.sgst_paise,
                igst_paise=tax.igst_paise,
                round_off_paise=tax.round_off_paise,
                fee_paise=0 if is_deferred else tax.line("platform_fee").taxable_paise,
            ),
        )

    async def _taken(self, refund: Refund, transaction_id: TransactionId) -> Refund:
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            status, price = await store.lock_order(connection, refund)
            if await store.set_clawback(connection, refund, transaction_id, now_us):
                paise = await store.refunded_paise(connection, refund)
                after = after_refunds(status, paise, price)
                await store.set_refunded(connection, refund, after, paise, now_us)
            return await _again(connection, refund.wallet_id, refund.id)

    async def _reckoned_anew(self, refund: Refund) -> Refund:
        """The refund as it is now that credits were spent; failed where nothing is left."""
        await self._engine.submit(SettleWallet(wallet_id=refund.wallet_id))
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            await claims.lock_wallet(connection, refund.wallet_id)
            order = await order_of(connection, refund.wallet_id, refund.order_id)
            reckoning = _asked_for(order, refund.asked_paise)
            if refund.origin == "gateway":
                reckoning = _gone_from(order, refund.back.total_paise)
            reckoned = await _reckon(connection, order, reckoning, but_for=refund)
            if isinstance(reckoned, tuple):
                await store.reckon_anew(connection, refund, *reckoned, now_us)
            else:
                await store.note_failure(connection, refund, reckoned.detail, now_us)
                await store.end_refund(connection, refund, "failed", now_us)
            return await _again(connection, refund.wallet_id, refund.id)


def _change_of(refund: Refund) -> Change:
    return Change(
        organization_id=refund.organization_id,
        action="order.refund_asked",
        subject=refund.order_id,
        after={
            "refund_id": refund.id,
            "amount": refund.back.amount_paise,
            "total": refund.back.total_paise,
            "credits": refund.back.credits_clawed_back,
            "reason": refund.reason,
        },
    )


async def order_of(connection: Connection, wallet_id: WalletId, order_id: str) -> Order:
    """The order, which is there."""
    found = await order_store.order(connection, wallet_id, order_id)
    assert found is not None, f"{order_id} is missing"
    return found


async def note_name(
    connection: Connection, provider: ProviderName, gateway_refund_id: str, refund: Refund
) -> None:
    """Has the gateway's id lead to the refund."""
    meant = Meant(refund.wallet_id, refund.id)
    await insert_name(connection, provider, gateway_refund_id, meant)


async def disputed(connection: Connection, order: Order) -> OrderDisputed | NothingToRefund | None:
    """Why a dispute stands against a refund: while it is open, and once it is lost."""
    assert order.payment_id is not None, f"{order.id} is paid"
    for dispute in await disputes_of_payment(connection, order.wallet_id, order.payment_id):
        if dispute.is_open:
            return OrderDisputed(dispute.id)
        if dispute.state == "lost":
            return NothingToRefund()
    return None


def _asked_for(order: Order, amount_paise: int | None) -> Reckoning:
    return lambda stands: money_back(order.tax, stands, amount_paise)


def _gone_from(order: Order, total_paise: int) -> Reckoning:
    return lambda stands: money_gone(order.tax, stands, total_paise)


async def _reckon(
    connection: Connection, order: Order, reckoning: Reckoning, *, but_for: Refund | None = None
) -> tuple[MoneyBack, int] | RefundRefusal:
    """The refund as the order stands beside all its other refunds, and what is unspent of its
    credits; or why there is none."""
    assert order.payment_id is not None, f"{order.id} is paid"
    own_id = None if but_for is None else but_for.id
    others = await store.refunds_of_order(connection, order.wallet_id, order.id)
    counted = [one.back for one in others if one.status != "failed" and one.id != own_id]
    lots = await store.lots_of_purchase(connection, order.wallet_id, order.payment_id)
    stands = standing(lots, sum(back.amount_paise for back in counted))
    back = reckoning(stands)
    if not isinstance(back, MoneyBack):
        return back
    left_paise = order.quote.payable_paise - sum(back.total_paise for back in counted)
    if left_paise <= 0:
        return NothingToRefund()
    return at_most(back, left_paise), stands.unspent_bonus + stands.unspent_paid


async def _again(connection: Connection, wallet_id: WalletId, refund_id: str) -> Refund:
    found = await store.refund(connection, wallet_id, refund_id)
    assert found is not None, f"{refund_id} is missing"
    return found
