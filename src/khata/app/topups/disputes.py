"""Disputes: a purchase's unspent credits locked while the bank decides, then unlocked or taken.

What is booked follows from the state that the gateway tells, which only goes forward. Each lock is
noted before it is made, so whoever ends the dispute can make sure that all of them stand first:
none comes after the end, in whatever order events and steps meet.
"""

from collections.abc import Callable, Collection

import structlog

from khata.app.topups.gateways import Gateways
from khata.domain.commands import Clawback, Command, LockPurchase, Recorded, UnlockPurchase
from khata.domain.dispute_states import (
    BOOKED_TRANSITIONS,
    OPEN_DISPUTE,
    Booked,
    DisputeState,
    state_after,
    to_be_booked,
)
from khata.domain.ids import WalletId
from khata.domain.inr import DisputeMoney
from khata.domain.orders import SECOND_US
from khata.engine.engine import Engine
from khata.engine.ids import UlidMint
from khata.payments.gateway import GatewayDispute
from khata.postgres import claims, jobs
from khata.postgres import disputes as store
from khata.postgres.alerts import AlertType, NewAlert, raise_alert
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.disputes import Dispute
from khata.postgres.gateway_names import Meant, insert_name, meant_by
from khata.postgres.orders import order as order_of
from khata.postgres.payments import Payment
from khata.postgres.payments import payment as payment_of
from khata.postgres.refunds import lots_of_purchase
from khata.postgres.resolving import resolve_one

DISPUTE_JOB = "dispute"

# Credits may come back to the purchase from holds meanwhile, and the bank's word may be lost.
_LOOK_AGAIN_US = 6 * 3_600 * SECOND_US

_log = structlog.get_logger()


class Disputes:
    """Books disputes, and finds them."""

    def __init__(
        self, pool: Pool, engine: Engine, gateways: Gateways, now_us: Callable[[], int]
    ) -> None:
        self._pool = pool
        self._engine = engine
        self._gateways = gateways
        self._now_us = now_us
        self._mint = UlidMint()

    async def list(self, wallet_id: WalletId, limit: int, before: str | None) -> list[Dispute]:
        """Up to `limit` of the wallet's disputes with ids below `before`, newest first."""
        async with borrowed(self._pool) as connection:
            return await store.disputes(connection, wallet_id, limit, before)

    async def hear(self, payment: Payment, told: GatewayDispute) -> Dispute:
        """The dispute after what the gateway tells of it. Raises `Unavailable`."""
        return await self._booked(await self._noted(payment, told))

    async def step(self, dispute_id: str, wallet_id: WalletId) -> int | None:
        """Asks the gateway how the dispute stands and books it; when to look again, if ever.

        Raises `GatewayUnavailable`, `GatewayRefused` and `Unavailable`.
        """
        async with borrowed(self._pool) as connection:
            dispute = await store.dispute(connection, wallet_id, dispute_id)
            if dispute is None:
                return None
            payment = await payment_of(connection, wallet_id, dispute.payment_id)
        assert payment is not None, f"{dispute.payment_id} is missing"
        if dispute.is_open:
            gateway = self._gateways.of(dispute.provider)
            for told in await gateway.disputes(payment.gateway_payment_id):
                if told.id == dispute.gateway_dispute_id:
                    dispute = await self._noted(payment, told)
        dispute = await self._booked(dispute)
        return self._now_us() + _LOOK_AGAIN_US if dispute.is_open else None

    async def _noted(self, payment: Payment, told: GatewayDispute) -> Dispute:
        """The dispute as it is noted: older news changes nothing."""
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            await claims.lock_wallet(connection, payment.wallet_id)
            meant = await meant_by(connection, payment.provider, told.id)
            if meant is None:
                return await self._new(connection, payment, told)
            dispute = await _known(connection, meant.wallet_id, meant.own_id)
            state = state_after(dispute.state, told.state)
            if state == dispute.state:
                return dispute
            await store.set_state(
                connection,
                dispute,
                state,
                now_us,
                reason=told.reason,
                respond_by_us=told.respond_by_us,
            )
            return await _known(connection, dispute.wallet_id, dispute.id)

    async def _new(self, connection: Connection, payment: Payment, told: GatewayDispute) -> Dispute:
        now_us = self._now_us()
        dispute = Dispute(
            wallet_id=payment.wallet_id,
            id="dsp_" + self._mint.for_wallet(payment.wallet_id),
            organization_id=payment.organization_id,
            order_id=payment.order_id,
            payment_id=payment.id,
            provider=payment.provider,
            gateway_dispute_id=told.id,
            state=told.state,
            amount_paise=told.amount,
            currency=told.currency,
            reason=told.reason,
            respond_by_us=told.respond_by_us,
            created_at_us=now_us,
            updated_at_us=now_us,
        )
        await store.insert_dispute(connection, dispute)
        meant = Meant(dispute.wallet_id, dispute.id)
        await insert_name(connection, payment.provider, told.id, meant)
        await raise_alert(connection, _alert("DISPUTE_OPENED", dispute), now_us)
        job = jobs.WantedJob(
            kind=DISPUTE_JOB, subject=dispute.id, wallet_id=dispute.wallet_id, run_at_us=now_us
        )
        await jobs.want(connection, [job], now_us)
        _log.warning("dispute_opened", dispute_id=dispute.id, payment_id=payment.id)
        return dispute

    async def _booked(self, dispute: Dispute) -> Dispute:
        """The dispute with its state in the ledger."""
        if not BOOKED_TRANSITIONS[dispute.booked] or not await self._brought_credits(dispute):
            return dispute
        match to_be_booked(dispute.state):
            case "locked":
                return await self._locked(dispute)
            case "clawed_back":
                await self._make_sure_of_locks(dispute, {"lost"}, at_least=1)
                await self._decide(self._clawback(dispute))
                return await self._noted_as(dispute, "clawed_back")
            case _:
                await self._make_sure_of_locks(dispute, frozenset(), at_least=0)
                return await self._unlocked(dispute)

    async def _brought_credits(self, dispute: Dispute) -> bool:
        async with borrowed(self._pool) as connection:
            paid = await payment_of(connection, dispute.wallet_id, dispute.payment_id)
        return paid is not None and paid.transaction_id is not None

    async def _locked(self, dispute: Dispute) -> Dispute:
        """Locked, or once more where credits have come back since."""
        number = 1
        if dispute.booked == "locked":
            async with borrowed(self._pool) as connection:
                named = (dispute.wallet_id, dispute.payment_id)
                lots = await lots_of_purchase(connection, *named)
            if not any(lot.available for lot in lots):
                return dispute
            number = dispute.locks + 1
        counted = await self._counted(dispute, number, OPEN_DISPUTE)
        if counted.locks < number:
            return counted  # it was decided meanwhile, and whoever learned it books that
        await self._decide(self._lock(dispute, number))
        return await self._noted_as(counted, "locked")

    async def _make_sure_of_locks(
        self, dispute: Dispute, states: Collection[DisputeState], *, at_least: int
    ) -> None:
        """Every lock that was noted stands after this, whoever was about to make it."""
        if dispute.locks < at_least:
            dispute = await self._counted(dispute, at_least, states)
        for number in range(1, dispute.locks + 1):
            await self._decide(self._lock(dispute, number))

    async def _counted(
        self, dispute: Dispute, number: int, states: Collection[DisputeState]
    ) -> Dispute:
        async with borrowed(self._pool) as connection:
            await store.count_lock(connection, dispute, number, states, self._now_us())
            return await _known(connection, dispute.wallet_id, dispute.id)

    async def _unlocked(self, dispute: Dispute) -> Dispute:
        """Unlocked, but for what a review or another dispute keeps."""
        async with borrowed(self._pool) as connection:
            paid = await order_of(connection, dispute.wallet_id, dispute.order_id)
            named = (dispute.wallet_id, dispute.payment_id)
            all_of_payment = await store.disputes_of_payment(connection, *named)
        others = [one for one in all_of_payment if one.id != dispute.id and one.is_open]
        if dispute.locks:
            commands = [self._unlock(dispute)]
            if others or (paid is not None and paid.status == "review"):
                commands.append(self._lock_again(dispute))
            for answer in await self._engine.submit_atomic(commands):
                assert isinstance(answer.outcome, Recorded), answer.outcome
        return await self._noted_as(dispute, "unlocked")

    async def _noted_as(self, dispute: Dispute, booked: Booked) -> Dispute:
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            is_new = await store.set_booked(connection, dispute, booked, now_us)
            if booked != "locked":
                of = (dispute.wallet_id, "DISPUTE_OPENED", dispute.id)
                await resolve_one(connection, *of, now_us)
            if is_new and booked == "clawed_back":
                await raise_alert(connection, _alert("DISPUTE_LOST", dispute), now_us)
            return await _known(connection, dispute.wallet_id, dispute.id)

    async def _decide(self, command: Command) -> None:
        outcome = (await self._engine.submit(command)).outcome
        assert isinstance(outcome, Recorded), outcome

    def _lock(self, dispute: Dispute, number: int) -> LockPurchase:
        """The first one comes with the money that the gateway holds back."""
        return LockPurchase(
            wallet_id=dispute.wallet_id,
            idempotency_key=f"dispute:{dispute.id}:lock:{number}",
            payment_id=dispute.payment_id,
            dispute=_money(dispute) if number == 1 else None,
        )

    def _unlock(self, dispute: Dispute) -> Command:
        return UnlockPurchase(
            wallet_id=dispute.wallet_id,
            idempotency_key=f"dispute:{dispute.id}:unlock",
            payment_id=dispute.payment_id,
            dispute=_money(dispute),
        )

    def _lock_again(self, dispute: Dispute) -> Command:
        return LockPurchase(
            wallet_id=dispute.wallet_id,
            idempotency_key=f"dispute:{dispute.id}:keep",
            payment_id=dispute.payment_id,
        )

    def _clawback(self, dispute: Dispute) -> Clawback:
        return Clawback(
            wallet_id=dispute.wallet_id,
            idempotency_key=f"dispute:{dispute.id}:lost",
            payment_id=dispute.payment_id,
            reach="whole",
            dispute=_money(dispute),
        )


def _money(dispute: Dispute) -> DisputeMoney:
    return DisputeMoney(dispute.id, dispute.provider, dispute.amount_paise)


def _alert(type_: AlertType, dispute: Dispute) -> NewAlert:
    return NewAlert(
        wallet_id=dispute.wallet_id,
        organization_id=dispute.organization_id,
        type=type_,
        subject=dispute.id,
        facts={
            "dispute_id": dispute.id,
            "order_id": dispute.order_id,
            "amount": dispute.amount_paise,
        },
    )


async def _known(connection: Connection, wallet_id: WalletId, dispute_id: str) -> Dispute:
    found = await store.dispute(connection, wallet_id, dispute_id)
    assert found is not None, f"{dispute_id} is missing"
    return found
