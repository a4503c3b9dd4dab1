"""The steps of a recharge: its order, its notice, its debit, and what comes of it.

Each thing is written before anybody is asked for it, and asked for under a name that makes it
happen once: the order under the recharge's key, the gateway's order and the debit under the order's
id. So a step that was cut off anywhere is simply taken again.
"""

from collections.abc import Callable

from msgspec.structs import replace

from khata.app.recharge.lines import Lines, recharge_failed
from khata.app.topups.gateways import Gateways
from khata.app.topups.orders import Orders, OrderWish
from khata.app.topups.scoring import Payer
from khata.app.worker import Step
from khata.domain.ids import WalletId
from khata.domain.limits import HOUR_US
from khata.domain.orders import UNPAID
from khata.domain.recharge import (
    Begin,
    Debit,
    End,
    Look,
    NextStep,
    Recharge,
    RechargeEvent,
    RechargeSettings,
    RechargeState,
    Spent,
    Standing,
    Wait,
    next_state,
    next_step,
)
from khata.domain.recharge_failures import NOT_YET, after, after_success, failed, is_final
from khata.domain.recharge_times import day_bounds_us, month_bounds_us
from khata.domain.refusals import WalletFrozen
from khata.domain.wallet import Wallet
from khata.engine.engine import fingerprint_of
from khata.payments.gateway import GatewayPayment, GatewayRefused, NewDebit, NewOrder
from khata.postgres import recharges as store
from khata.postgres.alerts import raise_alert
from khata.postgres.asking import Connection, borrowed
from khata.postgres.claims import Wish
from khata.postgres.connect import Pool
from khata.postgres.orders import Order
from khata.postgres.payment_methods import PaymentMethod, method_of, payment_method
from khata.postgres.recharge_settings import save_settings, settings
from khata.postgres.wallets import wallet

_MINUTE_US = 60_000_000


class RechargeSteps:
    """Takes recharges on."""

    def __init__(
        self,
        pool: Pool,
        orders: Orders,
        take_order_on: Step,
        gateways: Gateways,
        lines: Lines,
        now_us: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._orders = orders
        self._take_order_on = take_order_on
        self._gateways = gateways
        self._lines = lines
        self._now_us = now_us

    async def step(self, subject: str, wallet_id: WalletId) -> int | None:
        """Takes the recharge on as far as it goes now; when to go on, if ever.

        Raises `GatewayUnavailable`, and `Unavailable`.
        """
        number = int(subject.rpartition("/")[2])
        while True:
            async with borrowed(self._pool) as connection:
                recharge = await store.recharge(connection, wallet_id, number)
                if recharge is None:
                    return None
                standing = await self._standing(connection, recharge)
            step = next_step(recharge, standing, self._now_us())
            if step is None:
                return None
            again_us = await self._done(recharge, standing, step)
            if again_us is not None:
                return again_us

    async def _done(self, recharge: Recharge, standing: Standing, step: NextStep) -> int | None:
        """Does it; when to go on, unless that is now."""
        match step:
            case Wait(until_us):
                return until_us
            case Look():
                return await self._look(recharge)
            case Debit():
                await self._ask_for_debit(recharge)
            case Begin() as begin:
                await self._begin(recharge, standing, begin)
            case End() as end:
                await self._end(recharge, end)
        return None

    async def notice_read(self, order: Order) -> None:
        """Notes that the payer was told of the debit of this order."""
        if order.recharge_number is None:
            return
        now_us = self._now_us()
        async with borrowed(self._pool) as connection:
            recharge = await store.recharge(connection, order.wallet_id, order.recharge_number)
            state = recharge and next_state(recharge.state, "notice_read")
            if recharge is None or state is None:
                return
            told = replace(
                recharge, state=state, notice_delivered_at_us=now_us, updated_at_us=now_us
            )
            await store.save(connection, recharge, told)

    async def _standing(self, connection: Connection, recharge: Recharge) -> Standing:
        wallet_id = recharge.wallet_id
        wanted = await self._settings(connection, recharge)
        method_id = recharge.payment_method_id or wanted.payment_method_id
        owner = await _known(connection, wallet_id)
        day, day_ends = day_bounds_us(owner.time_zone, self._now_us())
        month, month_ends = month_bounds_us(owner.time_zone, self._now_us())
        spent = await store.spent_since(connection, wallet_id, day, month)
        return Standing(
            settings=wanted,
            method=await method_of(connection, wallet_id, method_id),
            wallet_status=owner.status,
            spent=Spent(*spent, day_ends, month_ends),
        )

    async def _settings(self, connection: Connection, recharge: Recharge) -> RechargeSettings:
        wanted = await settings(connection, recharge.wallet_id)
        return wanted or RechargeSettings(
            wallet_id=recharge.wallet_id, organization_id=recharge.organization_id
        )

    async def _begin(self, recharge: Recharge, standing: Standing, begin: Begin) -> None:
        fixed = await self._saved(
            recharge,
            replace(
                recharge,
                amount_paise=begin.amount_paise,
                payment_method_id=begin.method_id,
                attempt=standing.settings.declines + 1,
                next_at_us=begin.due_at_us,
            ),
        )
        method = await self._method(fixed)
        order = await self._placed(fixed, method, begin.amount_paise)
        if isinstance(order, End):
            await self._end(fixed, order)
            return
        try:
            made = await self._gateways.of(method.provider).debit_order(
                NewOrder(
                    receipt=order.id,
                    amount=order.quote.payable_paise,
                    currency=order.currency,
                    payment_method=order.payment_method,
                    customer_id=method.customer_id,
                    notes={"order": order.id, "wallet": order.wallet_id},
                ),
                method.mandate_id or "",
                begin.due_at_us,
            )
        except GatewayRefused as refused:
            await self._end(fixed, self._refused(refused))
            return
        await self._orders.note_gateway_order(order, made.id, made.checkout)
        if begin.due_at_us is None:
            await self._moved(replace(fixed, order_id=order.id), "needs_no_notice")
        else:
            noticed = replace(fixed, order_id=order.id, notice_sent_at_us=self._now_us())
            await self._moved(noticed, "notice_asked")

    async def _placed(
        self, recharge: Recharge, method: PaymentMethod, amount_paise: int
    ) -> Order | End:
        """The recharge's order, placed once; or why there is none."""
        wish = OrderWish(
            asked=amount_paise,
            payment_method="upi" if method.kind == "upi" else "debit",
            recharge_number=recharge.number,
            provider=method.provider,
        )
        named = Wish(recharge.wallet_id, recharge.key, fingerprint_of("recharge", wish))
        order = await self._orders.place(wish, named, Payer())
        now_us = self._now_us()
        if isinstance(order, WalletFrozen):
            return failed("wallet_closed", now_us)
        if not isinstance(order, Order):
            return failed("amount_refused", now_us)
        return failed("FRAUD_BLOCKED", now_us) if order.status == "blocked" else order

    async def _ask_for_debit(self, recharge: Recharge) -> None:
        """Writes that the money is asked for. Whoever reads that asks, or has asked."""
        due = recharge
        if due.state != "debit_due":
            due = await self._moved(due, "came_due")
        await self._moved(replace(due, debited_at_us=self._now_us()), "debit_asked")

    async def _look(self, recharge: Recharge) -> int | None:
        """What has become of the debit; when to look again, unless it has come to its end."""
        order = await self._order(recharge)
        if order.status not in UNPAID:
            await self._end_well(recharge)
            return None
        try:
            payment = await self._payment(recharge, order)
        except GatewayRefused as refused:
            if refused.reason in NOT_YET:
                return self._now_us() + 15 * _MINUTE_US
            await self._end(recharge, self._refused(refused))
            return None
        if payment.state == "refunded":  # before it brought credits, so it brings none
            await self._end(recharge, failed("refunded", self._now_us()))
            return None
        if payment.state == "failed":
            reason = payment.error_reason or payment.error_code or "payment_failed"
            await self._end(recharge, failed(reason, self._now_us()))
            return None
        if payment.state != "created":
            await self._take_order_on(order.id, order.wallet_id)
            if (await self._order(recharge)).status not in UNPAID:
                await self._end_well(recharge)
                return None
        age_us = self._now_us() - (recharge.debited_at_us or recharge.updated_at_us)
        return self._now_us() + (_MINUTE_US if age_us < HOUR_US else 15 * _MINUTE_US)

    async def _payment(self, recharge: Recharge, order: Order) -> GatewayPayment:
        """The debit's payment, which is made by the first who asks for it."""
        method = await self._method(recharge)
        gateway = self._gateways.of(method.provider)
        if recharge.gateway_payment_id is not None:
            return await gateway.payment(recharge.gateway_payment_id)
        payment = await gateway.debit(
            NewDebit(
                receipt=order.id,
                order_id=order.gateway_order_id or "",
                mandate_id=method.mandate_id or "",
                customer_id=method.customer_id or "",
                amount=order.quote.payable_paise,
                currency=order.currency,
                description=f"Recharge {recharge.number}",
            )
        )
        await self._saved(recharge, replace(recharge, gateway_payment_id=payment.id))
        return payment

    def _refused(self, refused: GatewayRefused) -> End:
        """How it ends where the gateway said no. Raises what may be granted when asked again."""
        if refused.retryable and not is_final(refused.reason):
            raise refused
        return failed(refused.reason or refused.code or "refused", self._now_us())

    async def _end_well(self, recharge: Recharge) -> None:
        await self._ended(recharge, "paid", None)

    async def _end(self, recharge: Recharge, end: End) -> None:
        await self._ended(recharge, end.event, end)

    async def _ended(self, recharge: Recharge, event: RechargeEvent, end: End | None) -> None:
        """Ends it, with all that follows for the next ones, in one commit."""
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            await store.lock_line(connection, recharge.wallet_id)
            # As it stands, for what was noted of it meanwhile.
            current = await store.recharge(connection, recharge.wallet_id, recharge.number)
            state = current and next_state(current.state, event)
            if current is None or state is None:
                return
            ended = replace(current, state=state, failure=end and end.failure, updated_at_us=now_us)
            if await store.save(connection, current, ended) is None:
                return
            wanted = await self._settings(connection, recharge)
            if end is None:
                await save_settings(connection, after_success(wanted))
            else:
                await self._follow(connection, recharge, end, wanted)
            again_us = await self._lines.draw(connection, recharge.wallet_id)
            if again_us is not None:
                await self._lines.want(connection, recharge.wallet_id, again_us)

    async def _follow(
        self, connection: Connection, recharge: Recharge, end: End, wanted: RechargeSettings
    ) -> None:
        now_us = self._now_us()
        aftermath = after(end, wanted, now_us)
        await save_settings(connection, aftermath.settings)
        if aftermath.is_alert:
            alert = recharge_failed(wanted, end.failure, f"recharge-{recharge.number}")
            await raise_alert(connection, alert, now_us)

    async def _moved(self, recharge: Recharge, event: RechargeEvent) -> Recharge:
        state = next_state(recharge.state, event)
        assert state is not None, f"{recharge.key} is {recharge.state}: no {event}"
        return await self._saved(recharge, replace(recharge, state=state), recharge.state)

    async def _saved(
        self, before: Recharge, after: Recharge, state: RechargeState | None = None
    ) -> Recharge:
        """The recharge as it stands after the change. Raises `Overtaken`."""
        from_state = replace(before, state=state or before.state)
        async with borrowed(self._pool) as connection:
            saved = await store.save(
                connection, from_state, replace(after, updated_at_us=self._now_us())
            )
        if saved is None:
            raise Overtaken(f"{before.key} is not {from_state.state} any more")
        return saved

    async def _order(self, recharge: Recharge) -> Order:
        order = await self._orders.find(recharge.wallet_id, recharge.order_id or "")
        assert order is not None, f"{recharge.key} has no order"
        return order

    async def _method(self, recharge: Recharge) -> PaymentMethod:
        async with borrowed(self._pool) as connection:
            found = await payment_method(
                connection, recharge.wallet_id, recharge.payment_method_id or ""
            )
        assert found is not None, f"{recharge.key} has no payment method"
        return found


class Overtaken(Exception):
    """Somebody else has taken the recharge on: the next look shows how far."""


async def _known(connection: Connection, wallet_id: WalletId) -> Wallet:
    found = await wallet(connection, wallet_id)
    assert found is not None, f"{wallet_id} is missing"
    return found
