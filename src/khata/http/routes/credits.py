"""Grants, refunds of usage, and gifts."""

from __future__ import annotations

from typing import Any, Final

from khata.app.cursors import cursor, id_behind
from khata.app.runtime import Khata
from khata.app.views import GrantFilter
from khata.domain import acts
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call
from khata.http.moving import GRANT, REFUND, TRANSFER, OnWallet, Operation, body_of
from khata.http.refused import REPLAYED
from khata.http.routes import Reply, Routes
from khata.http.schemas.common import Page
from khata.http.schemas.grants import (
    Grant,
    GrantBody,
    GrantQuery,
    RefundBody,
    TransferBody,
    grant_shown,
)
from khata.http.schemas.moves import Granted
from khata.http.schemas.transactions import Moved

DECIDED: Final = ("WALLET_NOT_FOUND", "IDEMPOTENCY_KEY_REUSED", "INVALID_CREDIT_AMOUNT")


class CreditRoutes:
    """Credits that come, come back or are given on."""

    routes = Routes("Credits")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._submit = khata.engine.submit
        self._views = khata.views
        self._doorkeeper = doorkeeper

    @routes.on(
        "POST /v1/wallets/{wallet_id}/grants",
        scope="wallets:grant",
        audit=(acts.GRANTED, acts.TAKEN_BACK),
        key=True,
        statuses=(201,),
        problems=(*DECIDED, "WALLET_FROZEN", "INSUFFICIENT_CREDITS"),
        example={"kind": "bonus", "credits": 500, "note": "Welcome"},
    )
    async def give_grant(
        self, call: Call[ApiCaller], wallet_id: str, body: GrantBody
    ) -> Reply[Granted]:
        """Give credits.

        A negative `adjustment` takes credits back, never below 0; its `grant` is null.
        """
        return await self._decide(call, wallet_id, body, GRANT)

    @routes.on(
        "GET /v1/wallets/{wallet_id}/grants",
        scope="wallets:read",
        problems=("WALLET_NOT_FOUND",),
    )
    async def list_grants(
        self, call: Call[ApiCaller], wallet_id: str, query: GrantQuery
    ) -> Page[Grant]:
        """List a wallet's lots, newest first, with what is left of each."""
        wallet = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        chosen = GrantFilter(query.kind, query.live)
        behind = id_behind("grants", query.cursor)
        found = await self._views.grants(wallet, chosen, query.limit + 1, behind)
        lots = found[: query.limit]
        following = cursor("grants", lots[-1].id) if len(found) > query.limit else None
        return Page([grant_shown(wallet, lot) for lot in lots], following)

    @routes.on(
        "POST /v1/wallets/{wallet_id}/refunds",
        scope="wallets:refund",
        audit=(acts.REFUNDED,),
        key=True,
        statuses=(201,),
        problems=(*DECIDED, "TRANSACTION_NOT_FOUND", "REFUND_EXCEEDS_CHARGE"),
        example={"transaction_id": "txn_01K9Z3NDEKTSV4RRFFQ69G5FAV", "reason": "It failed"},
    )
    async def refund_usage(
        self, call: Call[ApiCaller], wallet_id: str, body: RefundBody
    ) -> Reply[Moved]:
        """Give credits of a usage back to the very lots they came from."""
        return await self._decide(call, wallet_id, body, REFUND)

    @routes.on(
        "POST /v1/wallets/{wallet_id}/transfers",
        scope="wallets:transfer",
        audit=(acts.TRANSFERRED,),
        key=True,
        statuses=(201,),
        problems=(*DECIDED, "WALLET_FROZEN", "INSUFFICIENT_CREDITS", "NOT_TRANSFERABLE"),
        example={
            "to_wallet_id": "wal_01K9Z3NDEKTSV4RRFFQ69G5FAV",
            "credits": 100,
            "note": "A gift",
        },
    )
    async def transfer_credits(
        self, call: Call[ApiCaller], wallet_id: str, body: TransferBody
    ) -> Reply[Moved]:
        """Give credits to another wallet.

        Expiry, cost basis and source travel with them. Promo lots stay.
        """
        body.command(wallet_id, call.idempotency_key)
        await self._doorkeeper.wallet(call.caller, wallet_id)
        await self._doorkeeper.receiver(call.caller, body.to_wallet_id)
        return await self._decide(call, wallet_id, body, TRANSFER)

    async def _decide(
        self, call: Call[ApiCaller], wallet_id: str, body: OnWallet, operation: Operation
    ) -> Reply[Any]:
        command = body.command(wallet_id, call.idempotency_key)
        await self._doorkeeper.wallet(call.caller, wallet_id)
        answer = await self._submit(command, actor_of(call))
        headers = REPLAYED if answer.replayed else {}
        return Reply(body_of(answer, operation, wallet_id), operation.status, headers)
