"""Payment methods: mandates asked for at a gateway, and followed there until they are no more.

What a mandate's event says is taken as a hint only: events come late and out of order, so the
gateway is asked how the mandate stands.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from khata.app.recharge.audited import note_method
from khata.app.recharge.lines import Lines
from khata.app.topups.gateways import Gateways
from khata.domain.actor import Actor
from khata.domain.ids import WalletId, is_id
from khata.domain.limits import DAY_US, HOUR_US
from khata.domain.providers import ProviderName
from khata.domain.wallet import Wallet
from khata.engine.ids import UlidMint
from khata.payments.gateway import (
    GatewayMandate,
    GatewayRefused,
    NewCustomer,
    NewMandate,
)
from khata.postgres import jobs, recharges
from khata.postgres import payment_methods as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.gateway_names import Meant, insert_name, meant_by
from khata.postgres.payment_methods import MethodKind, PaymentMethod
from khata.postgres.recharge_settings import save_settings, settings

METHOD_JOB = "payment-method"
# Above it the payer has to approve each debit.
LARGEST_DEBIT_PAISE = 1_500_000

_MINUTE_US = 60_000_000
_ENDED = frozenset({"rejected", "cancelled"})


class NewMethod(Struct, frozen=True, kw_only=True):
    """What is to be charged: a UPI address or a gateway's token, or what the payer chooses at the
    gateway's own page."""

    kind: MethodKind
    provider: ProviderName | None = None
    instrument: str | None = None


class PaymentMethods:
    """The payment methods of wallets."""

    def __init__(
        self, pool: Pool, gateways: Gateways, lines: Lines, now_us: Callable[[], int]
    ) -> None:
        self._pool = pool
        self._gateways = gateways
        self._lines = lines
        self._now_us = now_us
        self._mint = UlidMint()

    async def add(self, wallet: Wallet, wish: NewMethod, by: Actor) -> PaymentMethod:
        """A new mandate, asked for at the gateway; confirmed at once where nobody has to consent.

        Raises `Invalid`, `GatewayRefused` and `GatewayUnavailable`; then nothing is left of it.
        """
        provider = wish.provider or self._gateways.default
        gateway = self._gateways.of(provider)
        now_us = self._now_us()
        method = PaymentMethod(
            wallet_id=wallet.id,
            id="pm_" + self._mint.for_wallet(wallet.id),
            organization_id=wallet.organization_id,
            provider=provider,
            kind=wish.kind,
            label=masked(wish),
            state="initiated",
            is_instant=False,
            max_amount_paise=LARGEST_DEBIT_PAISE,
            created_at_us=now_us,
        )
        async with borrowed(self._pool) as connection, connection.transaction():
            await store.insert_method(connection, method)
            await note_method(connection, by, "payment_method.added", method, now_us)
            await self._want_step(connection, method, now_us + _MINUTE_US)
        try:
            customer_id = await gateway.create_customer(
                NewCustomer(reference=wallet.id, name=wallet.name)
            )
            told = await gateway.create_mandate(
                NewMandate(
                    receipt=method.id,
                    customer_id=customer_id,
                    kind=wish.kind,
                    max_amount=LARGEST_DEBIT_PAISE,
                    currency="INR",
                    instrument=wish.instrument,
                )
            )
        except GatewayRefused:
            async with borrowed(self._pool) as connection:
                refused = replace(method, state="rejected", removed_at_us=now_us)
                await store.save_method(connection, refused)
            raise
        return await self._noted(replace(method, customer_id=customer_id), told)

    async def list(self, wallet_id: WalletId) -> list[PaymentMethod]:
        """The wallet's payment methods, newest first."""
        async with borrowed(self._pool) as connection:
            return await store.payment_methods(connection, wallet_id)

    async def remove(self, wallet_id: WalletId, method_id: str, by: Actor) -> PaymentMethod | None:
        """Ends the mandate, and with it the recharges by it; none where there is no such method.

        Raises `GatewayRefused` and `GatewayUnavailable`.
        """
        method = await self._find(wallet_id, method_id)
        if method is None or method.removed_at_us is not None:
            return method
        if method.customer_id is not None and method.mandate_id is not None:
            gateway = self._gateways.of(method.provider)
            await gateway.cancel_mandate(method.customer_id, method.mandate_id)
        now_us = self._now_us()
        removed = replace(method, state="cancelled", removed_at_us=now_us)
        async with borrowed(self._pool) as connection, connection.transaction():
            await recharges.lock_line(connection, wallet_id)
            await store.save_method(connection, removed)
            await note_method(connection, by, "payment_method.removed", removed, now_us)
            wanted = await settings(connection, wallet_id)
            if wanted is not None and wanted.enabled and wanted.payment_method_id == method.id:
                off = replace(
                    wanted,
                    enabled=False,
                    disabled_reason="method_removed",
                    updated_at_us=now_us,
                )
                await save_settings(connection, off)
                await self._lines.draw(connection, wallet_id)
            await self._wake_recharge(connection, wallet_id)
        return removed

    async def step(self, method_id: str, wallet_id: WalletId) -> int | None:
        """Asks how a mandate stands that nobody has consented to yet; when to ask again, if ever.

        Raises `GatewayUnavailable`.
        """
        method = await self._find(wallet_id, method_id)
        if method is None or method.removed_at_us is not None:
            return None
        now_us = self._now_us()
        if method.mandate_id is None:
            # It was cut off before the gateway had answered: nobody holds its consent.
            async with borrowed(self._pool) as connection:
                await store.save_method(connection, replace(method, removed_at_us=now_us))
            return None
        method = await self.refreshed(method)
        age_us = now_us - method.created_at_us
        if method.state != "initiated" or age_us > DAY_US:
            return None
        return now_us + (_MINUTE_US if age_us < HOUR_US else 15 * _MINUTE_US)

    async def mandate_changed(self, provider: ProviderName, mandate: GatewayMandate) -> bool:
        """Notes what became of a mandate that an event tells of; whether it is one of ours."""
        for gateway_id in (mandate.id, mandate.order_id):
            method = gateway_id and await self.by_gateway_id(provider, gateway_id)
            if method:
                await self.refreshed(method)
                return True
        return False

    async def by_gateway_id(self, provider: ProviderName, gateway_id: str) -> PaymentMethod | None:
        """The payment method that the gateway's id of a mandate, or of its order, stands for."""
        async with borrowed(self._pool) as connection:
            meant = await meant_by(connection, provider, gateway_id)
            if meant is None or not is_id(meant.own_id, "pm_"):
                return None
            return await store.payment_method(connection, meant.wallet_id, meant.own_id)

    async def refreshed(self, method: PaymentMethod) -> PaymentMethod:
        """The payment method as its gateway tells it now."""
        if method.customer_id is None or method.mandate_id is None or method.state in _ENDED:
            return method
        gateway = self._gateways.of(method.provider)
        told = await gateway.mandate(method.customer_id, method.mandate_id)
        return await self._noted(method, told)

    async def _noted(self, method: PaymentMethod, told: GatewayMandate) -> PaymentMethod:
        """The payment method with what its gateway tells, and all that follows from it."""
        noted = replace(
            method,
            state=told.state,
            label=told.label or method.label,
            is_instant=told.is_instant,
            max_amount_paise=told.max_amount or method.max_amount_paise,
            mandate_id=told.id,
            mandate_order_id=told.order_id or method.mandate_order_id,
            checkout=dict(told.checkout) if told.state == "initiated" else None,
        )
        meant = Meant(method.wallet_id, method.id)
        async with borrowed(self._pool) as connection, connection.transaction():
            for gateway_id in {told.id, told.order_id}:
                if gateway_id is not None:
                    await insert_name(connection, method.provider, gateway_id, meant)
            await store.save_method(connection, noted)
            if noted.state not in {"initiated", "confirmed"} and noted.state != method.state:
                await self._lines.want(connection, method.wallet_id, self._now_us())
                await self._wake_recharge(connection, method.wallet_id)
        return noted

    async def _wake_recharge(self, connection: Connection, wallet_id: WalletId) -> None:
        """Has the recharge under way look at the change."""
        under_way = await recharges.under_way(connection, wallet_id)
        if under_way is not None:
            now_us = self._now_us()
            await recharges.want_step(connection, wallet_id, under_way.number, now_us, now_us)

    async def _find(self, wallet_id: WalletId, method_id: str) -> PaymentMethod | None:
        if not is_id(method_id, "pm_"):
            return None
        async with borrowed(self._pool) as connection:
            return await store.payment_method(connection, wallet_id, method_id)

    async def _want_step(
        self, connection: Connection, method: PaymentMethod, run_at_us: int
    ) -> None:
        job = jobs.WantedJob(
            kind=METHOD_JOB, subject=method.id, wallet_id=method.wallet_id, run_at_us=run_at_us
        )
        await jobs.want(connection, [job], self._now_us())


def masked(wish: NewMethod) -> str:
    """What people know it by until the gateway has a better word: never the whole."""
    if wish.kind == "card":
        return "Card"
    name, at, handle = (wish.instrument or "").partition("@")
    return f"{name[:2]}…@{handle}" if at else "UPI"
