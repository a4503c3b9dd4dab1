"""Orders: placed once for each key, made at the gateway once, and shown.

An order is written before the gateway hears of it, and the gateway is asked under the order's id.
So a request that was cut off anywhere goes on where it was, when it comes again with its key.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct

from khata.app.topups.gateways import Gateways
from khata.app.topups.scoring import Attempt, Payer, Scoring
from khata.app.topups.terms import SalesTerms
from khata.domain.ids import WalletId, is_id
from khata.domain.orders import (
    ORDER_LIFE_US,
    RECHARGE_LIFE_US,
    RECONCILED_AFTER_US,
)
from khata.domain.parties import Buyer
from khata.domain.quotes import Quote, QuoteRefusal, quote
from khata.domain.refusals import KeyReused, WalletFrozen, WalletNotFound
from khata.domain.tax import tax_lines
from khata.domain.wallet import Wallet
from khata.engine.ids import UlidMint
from khata.payments.gateway import NewOrder, PaymentMethod, ProviderName
from khata.postgres import claims, jobs
from khata.postgres import orders as store
from khata.postgres import wallets as wallet_store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.billing_profiles import profile
from khata.postgres.claims import KeyTaken, Wish
from khata.postgres.connect import Pool
from khata.postgres.gateway_names import Meant, insert_name
from khata.postgres.orders import Order, OrderFilter, Recipient

ORDER_JOB = "order"

Refused = QuoteRefusal | KeyReused | WalletFrozen | WalletNotFound


class OrderWish(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be bought: a pack by its id, or an amount in paise before tax."""

    asked: str | int
    payment_method: PaymentMethod
    buyer: Buyer | None = None
    recharge_number: int | None = None
    provider: ProviderName | None = None


class FirstAnswer(Struct, frozen=True):
    """The answer that stays with a request's key, and whether it was given before."""

    body: str
    is_given_again: bool


class Orders:
    """Places orders, and finds them."""

    def __init__(
        self,
        pool: Pool,
        gateways: Gateways,
        terms: SalesTerms,
        scoring: Scoring,
        now_us: Callable[[], int],
    ) -> None:
        self._pool = pool
        self._gateways = gateways
        self._terms = terms
        self._scoring = scoring
        self._now_us = now_us
        self._mint = UlidMint()

    @property
    def terms(self) -> SalesTerms:
        """On which orders are taken."""
        return self._terms

    def quote(self, asked: str | int) -> Quote | QuoteRefusal:
        """What a pack or an amount would cost a buyer in India, and bring."""
        return quote(self._terms.topups, asked)

    async def place(self, wish: OrderWish, key: Wish, payer: Payer) -> Order | Refused:
        """The order of this request, made at the gateway unless it was blocked. That of a recharge
        is made there with its notice, by the recharge's own steps.

        Raises `GatewayUnavailable` (the same request goes on later) and `GatewayRefused`.
        """
        async with borrowed(self._pool) as connection, connection.transaction():
            placed = await self._placed(connection, wish, key, payer)
        if wish.recharge_number is not None:
            return placed
        if isinstance(placed, Order) and placed.status == "created":
            return await self.made_at_gateway(placed)
        return placed

    async def made_at_gateway(self, order: Order) -> Order:
        """The order with what its gateway made for it, which it makes once."""
        if order.gateway_order_id is not None:
            return order
        made = await self._gateways.of(order.provider).create_order(
            NewOrder(
                receipt=order.id,
                amount=order.quote.payable_paise,
                currency=order.currency,
                payment_method=order.payment_method,
                notes={"order": order.id, "wallet": order.wallet_id},
            )
        )
        return await self.note_gateway_order(order, made.id, made.checkout)

    async def note_gateway_order(
        self,
        order: Order,
        gateway_order_id: str,
        checkout: Mapping[str, str | int | None],
    ) -> Order:
        """The order with its gateway's id, by which events will find it."""
        async with borrowed(self._pool) as connection:
            meant = Meant(order.wallet_id, order.id)
            await insert_name(connection, order.provider, gateway_order_id, meant)
            return await store.set_gateway_order(
                connection, order, gateway_order_id, checkout, self._now_us()
            )

    async def find(self, wallet_id: str, order_id: str) -> Order | None:
        """One order of the wallet."""
        if not (is_id(wallet_id, "wal_") and is_id(order_id, "ord_")):
            return None
        async with borrowed(self._pool) as connection:
            return await store.order(connection, WalletId(wallet_id), order_id)

    async def by_id(self, order_id: str) -> Order | None:
        """The order of that id, whosever it is."""
        if not is_id(order_id, "ord_"):
            return None
        async with borrowed(self._pool) as connection:
            return await store.order_by_id(connection, order_id)

    async def list(
        self, wallet_id: WalletId, chosen: OrderFilter, limit: int, before: str | None
    ) -> list[Order]:
        """Up to `limit` of the wallet's orders with ids below `before`, newest first."""
        async with borrowed(self._pool) as connection:
            return await store.orders(connection, wallet_id, chosen, limit, before)

    async def keep_answer(self, order: Order, answer: str) -> FirstAnswer:
        """The first answer to the order's request: this one, unless there was one."""
        if order.answer is not None:
            return FirstAnswer(order.answer, is_given_again=True)
        async with borrowed(self._pool) as connection:
            if await store.keep_answer(connection, order, answer):
                return FirstAnswer(answer, is_given_again=False)
            kept = await store.order(connection, order.wallet_id, order.id)
        assert kept is not None, f"{order.id} is missing"
        assert kept.answer is not None, f"{order.id} was answered"
        return FirstAnswer(kept.answer, is_given_again=True)

    async def look_again(self, order: Order, after_us: int = 0) -> None:
        """Wishes that the gateway be asked about the order, soon or after that time."""
        async with borrowed(self._pool) as connection:
            await self._want_step(connection, order, self._now_us() + after_us)

    async def _placed(
        self, connection: Connection, wish: OrderWish, key: Wish, payer: Payer
    ) -> Order | Refused:
        wallet_id = key.wallet_id
        if await claims.lock_wallet(connection, wallet_id) is None:
            return WalletNotFound(wallet_id)
        try:
            claimed = await claims.claimed_by(connection, key)
        except KeyTaken:
            return KeyReused(key.idempotency_key)
        if claimed is not None:
            earlier = await store.order(connection, wallet_id, claimed)
            return KeyReused(key.idempotency_key) if earlier is None else earlier
        wallet = await wallet_store.wallet(connection, wallet_id)
        assert wallet is not None, f"{wallet_id} has accounts and no settings"
        if wallet.status == "closed":
            return WalletFrozen(wallet.status, wallet.frozen_reason)
        order = await self._new_order(connection, wallet, wish, payer)
        if isinstance(order, Order):
            await claims.claim(connection, key, wallet.organization_id, order.id)
            await store.insert_order(connection, order)
            await self._want_step(connection, order, order.created_at_us + RECONCILED_AFTER_US)
            if order.status == "blocked":
                await self._scoring.note_blocked(connection, order, payer)
        return order

    async def _new_order(
        self, connection: Connection, wallet: Wallet, wish: OrderWish, payer: Payer
    ) -> Order | QuoteRefusal:
        known = wish.buyer or await profile(connection, wallet.id)
        if known is None and wish.recharge_number is not None:
            # Nobody is there to ask: whoever bought last buys again.
            known = await store.last_buyer(connection, wallet.id)
        buyer = known or Buyer(name=wallet.name)
        place = self._terms.place_of(buyer)
        zero_rated = self._terms.is_zero_rated(place)
        asked = quote(self._terms.topups, wish.asked, zero_rated=zero_rated)
        if not isinstance(asked, Quote):
            return asked
        now_us = self._now_us()
        order_id = "ord_" + self._mint.for_wallet(wallet.id)
        attempt = Attempt(
            order_id=order_id,
            at_us=now_us,
            wallet=wallet,
            quote=asked,
            payment_method=wish.payment_method,
            buyer=buyer,
            payer=payer,
            moment="order" if wish.recharge_number is None else "recharge",
        )
        risk = await self._scoring.assess(connection, attempt)
        return Order(
            wallet_id=wallet.id,
            id=order_id,
            organization_id=wallet.organization_id,
            status="blocked" if risk.decision == "block" else "created",
            provider=wish.provider or self._gateways.default,
            payment_method=wish.payment_method,
            recharge_number=wish.recharge_number,
            quote=asked,
            tax=tax_lines(asked, place.supply),
            recipient=Recipient(buyer, place),
            risk=risk,
            address=payer.address,
            created_at_us=now_us,
            updated_at_us=now_us,
            expires_at_us=now_us
            + (ORDER_LIFE_US if wish.recharge_number is None else RECHARGE_LIFE_US),
        )

    async def _want_step(self, connection: Connection, order: Order, at_us: int) -> None:
        job = jobs.WantedJob(
            kind=ORDER_JOB, subject=order.id, wallet_id=order.wallet_id, run_at_us=at_us
        )
        await jobs.want(connection, [job], self._now_us())
