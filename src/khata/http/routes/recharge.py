"""Wallets that recharge themselves: how, and by which payment methods."""

from __future__ import annotations

from khata.app.recharge import settings as recharging
from khata.app.runtime import Khata
from khata.domain.ids import WalletId
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.refused import no_wallet, refusal_problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.auto_recharge import AutoRecharge, AutoRechargeBody, recharge_shown
from khata.http.schemas.payment_methods import (
    PaymentMethod,
    PaymentMethodBody,
    PaymentMethods,
    method_shown,
)


class RechargeRoutes:
    """Auto-recharge and its means."""

    routes = Routes("Auto-recharge")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._recharges = khata.recharging.settings
        self._methods = khata.recharging.methods
        self._wallets = khata.wallets
        self._doorkeeper = doorkeeper

    @routes.on(
        "GET /v1/wallets/{wallet_id}/auto-recharge",
        scope="wallets:read",
        problems=("WALLET_NOT_FOUND",),
    )
    async def get_auto_recharge(self, call: Call[ApiCaller], wallet_id: str) -> AutoRecharge:
        """Give when and how the wallet recharges itself, and what it is at."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        return await self._shown(known)

    @routes.on(
        "PUT /v1/wallets/{wallet_id}/auto-recharge",
        scope="payments:write",
        audit=("auto_recharge.changed",),
        problems=("WALLET_NOT_FOUND", "MINIMUM_ADD_FUNDS_REQUIRED"),
        example={
            "enabled": True,
            "threshold_credits": 200,
            "amount": 50_000,
            "payment_method_id": "pm_01K9Z3NDEKTSV4RRFFQ69G5FAV",
            "monthly_limit": 200_000,
        },
    )
    async def put_auto_recharge(
        self, call: Call[ApiCaller], wallet_id: str, body: AutoRechargeBody
    ) -> AutoRecharge:
        """Set when and how the wallet recharges itself.

        A recharge begins when less than the threshold is available: at once, if that is so now. It
        is one charge of exactly the amount (with its tax and fee). UPI and Indian cards want a
        notice a day ahead, so their credits arrive in one to two days, and recharges begin early by
        what is likely to be used until then.
        """
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        owner = await self._wallets.identity(known)
        if owner is None:
            raise no_wallet(wallet_id)
        changed = await self._recharges.change(known, owner[0], body.change(), actor_of(call))
        if not isinstance(changed, recharging.AutoRecharge):
            raise refusal_problem(changed)
        return recharge_shown(changed)

    @routes.on(
        "GET /v1/wallets/{wallet_id}/payment-methods",
        scope="wallets:read",
        problems=("WALLET_NOT_FOUND",),
    )
    async def list_payment_methods(self, call: Call[ApiCaller], wallet_id: str) -> PaymentMethods:
        """List the mandates by which the wallet may be recharged, newest first."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        return PaymentMethods([method_shown(one) for one in await self._methods.list(known)])

    @routes.on(
        "POST /v1/wallets/{wallet_id}/payment-methods",
        scope="payments:write",
        audit=("payment_method.added",),
        statuses=(201,),
        problems=("WALLET_NOT_FOUND", "GATEWAY_REFUSED"),
        example={"provider": "simulator", "kind": "upi", "vpa": "success@razorpay"},
    )
    async def add_payment_method(
        self, call: Call[ApiCaller], wallet_id: str, body: PaymentMethodBody
    ) -> Reply[PaymentMethod]:
        """Ask the payer's consent to be charged later, by UPI or with a card.

        At the simulator it is given at once. Elsewhere the payer gives it at `checkout`, and the
        method is `confirmed` when the gateway says so. Khata never takes a card's number.
        """
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        wallet = await self._wallets.find(known)
        if wallet is None:
            raise no_wallet(wallet_id)
        return Reply(
            method_shown(await self._methods.add(wallet, body.wish(), actor_of(call))), 201
        )

    @routes.on(
        "DELETE /v1/wallets/{wallet_id}/payment-methods/{method_id}",
        scope="payments:write",
        audit=("payment_method.removed",),
        problems=("WALLET_NOT_FOUND", "PAYMENT_METHOD_NOT_FOUND", "GATEWAY_REFUSED"),
    )
    async def remove_payment_method(
        self, call: Call[ApiCaller], wallet_id: str, method_id: str
    ) -> PaymentMethod:
        """End a mandate at its gateway. Recharges by it are turned off."""
        known = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        removed = await self._methods.remove(known, method_id, actor_of(call))
        if removed is None:
            detail = f"There is no payment method {method_id}."
            raise Problem("PAYMENT_METHOD_NOT_FOUND", detail, payment_method_id=method_id)
        return method_shown(removed)

    async def _shown(self, wallet_id: WalletId) -> AutoRecharge:
        found = await self._recharges.of_wallets([wallet_id])
        return recharge_shown(found.get(wallet_id))
