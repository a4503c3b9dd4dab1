"""Wallets: made, found, changed; their gate and their balances in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

from khata.app.cursors import cursor, id_behind
from khata.app.invalid import Invalid
from khata.app.runtime import Khata
from khata.domain.gate import Gate as GateOf
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.wallet import Wallet as WalletOf
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call
from khata.http.parameters import Texts, query_texts
from khata.http.problems import Problem
from khata.http.refused import no_wallet, refusal_problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.auto_recharge import AutoRecharge, recharge_shown
from khata.http.schemas.common import Page, demand_quantity, microseconds_of
from khata.http.schemas.wallets import (
    BalanceQuery,
    BalanceThen,
    Gate,
    GateQuery,
    Wallet,
    WalletBody,
    WalletChanges,
    WalletQuery,
    balances_then,
    gate_shown,
    wallet_shown,
)

_encode: Final = msgspec.json.Encoder().encode
_gate: Final = Texts(GateQuery)

ONE: Final = "/v1/wallets/{wallet_id}"
MISSING: Final = ("WALLET_NOT_FOUND",)


class WalletRoutes:
    """Wallets as their owners and platforms see them."""

    routes = Routes("Wallets")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._wallets = khata.wallets
        self._views = khata.views
        self._recharges = khata.recharging.settings
        self._protection = khata.watching.protection
        self._now_us = khata.now_us
        self._doorkeeper = doorkeeper

    @routes.on(
        "POST /v1/wallets",
        scope="wallets:write",
        audit=("wallet.created",),
        statuses=(201, 200),
        example={"owner_type": "community", "owner_id": "org-1", "name": "Delhi Devs"},
    )
    async def create_wallet(self, call: Call[ApiCaller], body: WalletBody) -> Reply[Wallet]:
        """Make a wallet.

        An owner has one wallet in an organization: asked again, the existing one is answered, with
        200 and as it is.
        """
        organization_id = _organization_for(call.caller, body)
        wallet, accounts, made = await self._wallets.create(
            organization_id,
            body.owner_type,
            body.owner_id,
            body.name,
            body.first_settings(),
            actor_of(call),
        )
        if made:
            return Reply(wallet_shown(wallet, accounts), 201)
        return Reply(await self._shown(wallet), 200)

    @routes.on("GET /v1/wallets", scope="wallets:read")
    async def list_wallets(self, call: Call[ApiCaller], query: WalletQuery) -> Page[Wallet]:
        """List wallets, oldest first: those that the key may know of."""
        narrowed = _narrowed(call.caller, query)
        if narrowed is None:
            return Page([], None)
        behind = id_behind("wallets", query.cursor)
        found = await self._wallets.list(*narrowed, limit=query.limit + 1, after=behind)
        page = found[: query.limit]
        recharging = await self._recharging(page)
        seen = await self._views.wallet_views([wallet.id for wallet in page])
        shown = [
            wallet_shown(one.wallet, one.accounts, one.pending_credits, recharging[one.wallet.id])
            for one in seen
        ]
        following = cursor("wallets", page[-1].id) if len(found) > query.limit else None
        return Page(shown, following)

    @routes.on(f"GET {ONE}", scope="wallets:read", problems=MISSING)
    async def get_wallet(self, call: Call[ApiCaller], wallet_id: str) -> Wallet:
        """Give a wallet with its credits as they count now."""
        await self._doorkeeper.known_wallet(call.caller, wallet_id)
        seen = await self._views.wallet_view(wallet_id)
        if seen is None:
            raise no_wallet(wallet_id)
        recharging = await self._recharging([seen.wallet])
        return wallet_shown(
            seen.wallet, seen.accounts, seen.pending_credits, recharging[seen.wallet.id]
        )

    @routes.on(
        f"PATCH {ONE}",
        scope="wallets:write",
        audit=("wallet.changed",),
        problems=MISSING,
        example={"low_balance_threshold": 500, "caps": {"AI": 50}},
    )
    async def change_wallet(
        self, call: Call[ApiCaller], wallet_id: str, body: WalletChanges
    ) -> Wallet:
        """Change a wallet's settings, or freeze it: no credits leave a frozen wallet."""
        await self._doorkeeper.known_wallet(call.caller, wallet_id)
        wallet = await self._wallets.change(wallet_id, body.patch(), actor_of(call))
        if wallet is None:
            raise no_wallet(wallet_id)
        return await self._shown(wallet)

    @routes.on(
        f"POST {ONE}/protection/release",
        scope="wallets:write",
        audit=("protection.released",),
        problems=MISSING,
    )
    async def release_protection(self, call: Call[ApiCaller], wallet_id: str) -> Wallet:
        """Take off what protects the wallet from a rapid burn: it is active again at once.

        The same burn does not bring it back. A second time changes nothing.
        """
        await self._doorkeeper.known_wallet(call.caller, wallet_id)
        await self._protection.release(wallet_id, actor_of(call))
        wallet = await self._wallets.find(wallet_id)
        if wallet is None:
            raise no_wallet(wallet_id)
        return await self._shown(wallet)

    @routes.on(f"GET {ONE}/balance", scope="wallets:read", problems=MISSING)
    async def get_balance(
        self, call: Call[ApiCaller], wallet_id: str, query: BalanceQuery
    ) -> BalanceThen:
        """Give the credits as they stood at a time, by the ledger."""
        await self._doorkeeper.known_wallet(call.caller, wallet_id)
        at_us = self._now_us() if query.at is None else microseconds_of(query.at)
        balances = await self._views.balance_at(wallet_id, at_us)
        if balances is None:
            raise no_wallet(wallet_id)
        return balances_then(wallet_id, balances)

    @routes.hot(
        f"GET {ONE}/gate",
        query=GateQuery,
        answer=Gate,
        scope="wallets:read",
        problems=(*MISSING, "UNKNOWN_FEATURE", "INVALID_QUANTITY"),
    )
    async def ask_gate(self, scope: Scope, _: Receive, __: Send) -> None:
        """Tell a feature whether to show itself, and what a consume would meet now."""
        call: Call[ApiCaller] = Call.of(scope)
        query = _gate.read(query_texts(scope["query_string"]))
        demand_quantity(query.quantity)
        wallet_id = scope["path_params"]["wallet_id"]
        await self._doorkeeper.wallet(call.caller, wallet_id)
        gate = await self._views.gate(wallet_id, query.feature, query.quantity, query.member_id)
        if not isinstance(gate, GateOf):
            raise refusal_problem(gate)
        await call.answer(200, _encode(gate_shown(gate)))

    async def _shown(self, wallet: WalletOf) -> Wallet:
        """The wallet with its credits now; its settings as they were just read or written."""
        recharge = (await self._recharging([wallet]))[wallet.id]
        seen = await self._views.wallet_view(wallet.id)
        if seen is None:
            raise no_wallet(wallet.id)
        return wallet_shown(wallet, seen.accounts, seen.pending_credits, recharge)

    async def _recharging(self, wallets: Sequence[WalletOf]) -> Mapping[WalletId, AutoRecharge]:
        found = await self._recharges.of_wallets([wallet.id for wallet in wallets])
        return {wallet.id: recharge_shown(found.get(wallet.id)) for wallet in wallets}


def _narrowed(
    caller: ApiCaller, query: WalletQuery
) -> tuple[str | None, str | None, str | None] | None:
    """The filter within the bounds of the caller's key; none where both exclude each other."""
    asked = (query.owner_type, query.owner_id, query.organization_id)
    bounds = (caller.owner_type, caller.owner_id, caller.organization_id)
    for want, bound in zip(asked, bounds, strict=True):
        if want is not None and bound is not None and want != bound:
            return None
    return bounds[0] or asked[0], bounds[1] or asked[1], bounds[2] or asked[2]


def _organization_for(caller: ApiCaller, body: WalletBody) -> OrganizationId | None:
    """Where the wallet is made: in the caller's own organization, if the key is bound to one."""
    if caller.organization_id is None:
        return None if body.organization_id is None else OrganizationId(body.organization_id)
    if body.organization_id not in {None, caller.organization_id}:
        raise Invalid("organization_id", "is no organization here")
    if not caller.covers(caller.organization_id, body.owner_type, body.owner_id):
        raise Problem("FORBIDDEN", "This key makes wallets of its own owner only.")
    return caller.organization_id
