"""Top-ups: packs, quotes, orders, and the simulator's customer."""

from __future__ import annotations

from typing import Final

import msgspec

from khata.app.cursors import cursor, id_behind
from khata.app.runtime import Khata
from khata.app.topups.scoring import Payer
from khata.domain.ids import WalletId
from khata.domain.quotes import Quote as QuoteOf
from khata.engine.engine import fingerprint_of
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call
from khata.http.problems import Problem, invalid
from khata.http.refused import REPLAYED, no_wallet, refusal_problem
from khata.http.routes import ANY_KEY, MOVES_NOTHING, Reply, Routes
from khata.http.schemas.common import Page
from khata.http.schemas.topups import (
    BillingProfile,
    Buyer,
    Order,
    OrderBody,
    OrderQuery,
    Packs,
    PayBody,
    Provider,
    Quote,
    QuoteBody,
    Simulation,
    order_shown,
    pack_shown,
    profile_shown,
    quote_shown,
    risk_shown,
)
from khata.payments.gateway import GatewayRefused
from khata.postgres.claims import Wish
from khata.postgres.orders import Order as OrderOf
from khata.postgres.orders import OrderFilter

_encode: Final = msgspec.json.Encoder().encode
_BLOCKED: Final = "blocked"
_QUOTED: Final = ("MINIMUM_ADD_FUNDS_REQUIRED",)
_MISSING: Final = ("WALLET_NOT_FOUND", "ORDER_NOT_FOUND")


class TopupRoutes:
    """Buying credits."""

    routes = Routes("Top-ups")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._topups = khata.topups
        self._wallets = khata.wallets
        self._doorkeeper = doorkeeper

    @routes.on("GET /v1/packs", scope=ANY_KEY)
    async def list_packs(self) -> Packs:
        """List the packs of credits on offer."""
        orders = self._topups.orders
        terms = orders.terms.topups
        quotes = [(pack, orders.quote(pack.id)) for pack in terms.packs]
        shown = [pack_shown(pack, quote) for pack, quote in quotes if isinstance(quote, QuoteOf)]
        return Packs(
            data=shown,
            minimum_amount=terms.minimum_paise,
            currency="INR",
            gst_bps=terms.gst_bps,
            fee_bps=terms.fee_bps,
            providers=self._providers(),
        )

    def _providers(self) -> list[Provider]:
        gateways = self._topups.gateways
        return [
            Provider(name, name == gateways.default, gateways.is_test(name))
            for name in gateways.names
        ]

    @routes.on(
        "POST /v1/quotes",
        scope=ANY_KEY,
        unaudited=MOVES_NOTHING,
        problems=_QUOTED,
        example={"pack_id": "pro"},
    )
    async def make_quote(self, body: QuoteBody) -> Quote:
        """Tell what a pack or an amount costs, with tax and fee, and how many credits it brings.

        A quote is for buyers in India and binds nobody: the order has its own.
        """
        quote = self._topups.orders.quote(body.asked())
        if not isinstance(quote, QuoteOf):
            raise refusal_problem(quote)
        return quote_shown(quote)

    @routes.on(
        "POST /v1/wallets/{wallet_id}/orders",
        scope="payments:write",
        unaudited="The order tells of it; one that is blocked is written down.",
        key=True,
        statuses=(201,),
        problems=(
            *_QUOTED,
            *("WALLET_NOT_FOUND", "WALLET_FROZEN", "IDEMPOTENCY_KEY_REUSED"),
            *("FRAUD_BLOCKED", "GATEWAY_REFUSED"),
        ),
        example={"pack_id": "pro", "payment_method": "upi"},
    )
    async def place_order(
        self, call: Call[ApiCaller], wallet_id: str, body: OrderBody
    ) -> Reply[Order]:
        """Order credits.

        The payer pays at `checkout`; the credits come when the gateway says that the money is
        there, and never before.
        """
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        wallet = await self._wallets.find(known)
        if wallet is None:
            raise no_wallet(wallet_id)
        self._demand_simulator(body)
        wish = body.wish(wallet.name)
        key = call.idempotency_key
        client = call.client
        payer = Payer(
            address=client.shown,
            texts={"idempotency_key": key},
            address_by=client.method,
            peer=client.peer,
            by=actor_of(call),
        )
        named = Wish(known, key, fingerprint_of("order", body))
        order = await self._topups.orders.place(wish, named, payer)
        if not isinstance(order, OrderOf):
            raise refusal_problem(order)
        if order.status == _BLOCKED:
            first = await self._topups.orders.keep_answer(order, _BLOCKED)
            raise _blocked(order, replayed=first.is_given_again)
        if body.simulate is not None and order.answer is None and order.status == "created":
            order = await self._simulated(order, body.simulate)
        shown = _encode(order_shown(order)).decode()
        first = await self._topups.orders.keep_answer(order, shown)
        return Reply(first.body.encode(), 201, REPLAYED if first.is_given_again else {})

    @routes.on(
        "GET /v1/wallets/{wallet_id}/orders", scope="payments:read", problems=("WALLET_NOT_FOUND",)
    )
    async def list_orders(
        self, call: Call[ApiCaller], wallet_id: str, query: OrderQuery
    ) -> Page[Order]:
        """List a wallet's orders, newest first."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        behind = id_behind("orders", query.cursor)
        chosen = OrderFilter(query.status, query.payment_id)
        found = await self._topups.orders.list(known, chosen, query.limit + 1, behind)
        page = found[: query.limit]
        following = cursor("orders", page[-1].id) if len(found) > query.limit else None
        return Page([order_shown(order) for order in page], following)

    @routes.on(
        "GET /v1/wallets/{wallet_id}/orders/{order_id}", scope="payments:read", problems=_MISSING
    )
    async def get_order(self, call: Call[ApiCaller], wallet_id: str, order_id: str) -> Order:
        """Give an order as it stands."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        return order_shown(await self._order(known, order_id))

    @routes.on(
        "POST /v1/simulator/orders/{order_id}/pay",
        scope="payments:write",
        unaudited="It plays the customer, and the gateway tells what came of it.",
        problems=("ORDER_NOT_FOUND", "FRAUD_BLOCKED", "GATEWAY_REFUSED"),
        example={"outcome": "success"},
    )
    async def pay_simulated(self, call: Call[ApiCaller], order_id: str, body: PayBody) -> Order:
        """Play the customer and the bank at the simulator, which sends its signed events."""
        order = await self._topups.orders.by_id(order_id)
        if order is None or not await self._doorkeeper.knows(call.caller, order.wallet_id):
            raise _no_order(order_id)
        if order.provider != "simulator":
            raise invalid("order_id", "is not an order at the simulator")
        self._topups.gateways.of(order.provider)
        if order.status == _BLOCKED:
            raise _blocked(order, replayed=False)
        return order_shown(await self._topups.play(order, body.outcome, body.delay_ms))

    @routes.on(
        "GET /v1/wallets/{wallet_id}/billing-profile",
        scope="wallets:read",
        problems=("WALLET_NOT_FOUND",),
    )
    async def get_billing_profile(self, call: Call[ApiCaller], wallet_id: str) -> BillingProfile:
        """Give who buys for the wallet where an order does not say."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        wallet = await self._wallets.find(known)
        if wallet is None:
            raise no_wallet(wallet_id)
        return profile_shown(await self._topups.profiles.of(wallet))

    @routes.on(
        "PUT /v1/wallets/{wallet_id}/billing-profile",
        scope="payments:write",
        audit=("billing_profile.set",),
        problems=("WALLET_NOT_FOUND",),
        example={"name": "Asha Rao", "state_code": "29"},
    )
    async def put_billing_profile(
        self, call: Call[ApiCaller], wallet_id: str, body: Buyer
    ) -> BillingProfile:
        """Set who buys for the wallet where an order does not say."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        wallet = await self._wallets.find(known)
        if wallet is None:
            raise no_wallet(wallet_id)
        buyer = body.checked(wallet.name, root="")
        await self._topups.profiles.put(wallet, buyer, actor_of(call))
        return profile_shown(buyer)

    async def _order(self, wallet_id: WalletId, order_id: str) -> OrderOf:
        order = await self._topups.orders.find(wallet_id, order_id)
        if order is None:
            raise _no_order(order_id)
        return order

    async def _simulated(self, order: OrderOf, wish: Simulation) -> OrderOf:
        """The order after it was played. An earlier request, or one beside this, may have had it
        done, so that the gateway takes no payment any more."""
        try:
            return await self._topups.play(order, wish.outcome, wish.delay_ms, wish.vpa)
        except GatewayRefused:
            after = await self._topups.looked_at(order)
            if after.status == "created":
                raise
            return after

    def _demand_simulator(self, body: OrderBody) -> None:
        provider = body.provider or self._topups.gateways.default
        self._topups.gateways.of(provider)
        if body.simulate is not None and provider != "simulator":
            raise invalid("simulate", "is for orders at the simulator only")


def _no_order(order_id: str) -> Problem:
    return Problem("ORDER_NOT_FOUND", f"There is no order {order_id}.", order_id=order_id)


def _blocked(order: OrderOf, *, replayed: bool) -> Problem:
    risk = risk_shown(order.risk)
    detail = "This payment was not accepted. Nothing was charged."
    headers = REPLAYED if replayed else None
    return Problem(
        "FRAUD_BLOCKED",
        detail,
        headers,
        order_id=order.id,
        score=risk.score,
        reasons=risk.reasons,
    )
