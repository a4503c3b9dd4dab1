"""Payout accounts, and payouts where the operator lets credits become money again."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from khata.app.payouts import WHY_DISABLED
from khata.app.runtime import Khata
from khata.domain import acts
from khata.domain.commands import Command
from khata.domain.ids import OrganizationId
from khata.http.auth import ApiCaller, Doorkeeper, actor_of
from khata.http.call import Call
from khata.http.moving import PAYOUT_HOLD, PAYOUT_RELEASE, Operation, body_of
from khata.http.problems import Problem
from khata.http.refused import REPLAYED, no_wallet
from khata.http.routes import Reply, Routes
from khata.http.schemas.payouts import (
    PayoutAccount,
    PayoutAccountBody,
    PayoutBody,
    PayoutMoved,
    account_shown,
    release_of,
)

_ACCOUNT: Final = "/v1/wallets/{wallet_id}/payout-account"
_PAYOUTS: Final = "/v1/wallets/{wallet_id}/payouts"
_MISSING: Final = ("WALLET_NOT_FOUND", "PAYOUT_ACCOUNT_NOT_FOUND")
_DECIDED: Final = ("WALLET_NOT_FOUND", "IDEMPOTENCY_KEY_REUSED", "PAYOUTS_DISABLED")


class PayoutRoutes:
    """Where money would go, and credits set aside for it."""

    routes = Routes("Payouts")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._payouts = khata.payouts
        self._wallets = khata.wallets
        self._submit = khata.engine.submit
        self._doorkeeper = doorkeeper

    @routes.on(
        f"GET {_ACCOUNT}",
        scope="wallets:read",
        statuses=(200, 204),
        problems=("WALLET_NOT_FOUND",),
    )
    async def get_payout_account(
        self, call: Call[ApiCaller], wallet_id: str
    ) -> PayoutAccount | Response:
        """Give the bank account of a wallet, its number by the last four digits.

        A wallet that has none answers 204: it is no error, which browsers would complain of.
        """
        wallet = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        account = await self._payouts.account(wallet)
        return Response(status_code=204) if account is None else account_shown(account)

    @routes.on(
        f"PUT {_ACCOUNT}",
        scope="payouts:write",
        audit=("payout_account.set",),
        problems=("WALLET_NOT_FOUND",),
        example={
            "holder_name": "Asha Rao",
            "account_number": "50100123456789",
            "ifsc": "HDFC0001234",
        },
    )
    async def put_payout_account(
        self, call: Call[ApiCaller], wallet_id: str, body: PayoutAccountBody
    ) -> PayoutAccount:
        """Set the bank account of a wallet.

        Its number is sealed before it is stored, and never shown whole again. An account that is
        new or changed is not verified. Each change is written into the audit log.
        """
        wallet = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        owner = await self._wallets.identity(wallet)
        if owner is None:
            raise no_wallet(wallet)
        organization_id, account = OrganizationId(owner[0]), body.account()
        put = await self._payouts.put(wallet, organization_id, account, actor_of(call))
        return account_shown(put)

    @routes.on(
        f"PUT {_ACCOUNT}/verification",
        scope="payouts:write",
        audit=("payout_account.verified",),
        problems=_MISSING,
    )
    async def verify_payout_account(self, call: Call[ApiCaller], wallet_id: str) -> PayoutAccount:
        """Say that the account was found to be the wallet owner's, by a deposit or a statement.

        This is for the platform's own keys, which are bound to no organization.
        """
        wallet = await self._doorkeeper.known_wallet(call.caller, wallet_id)
        call.caller.demand_platform()
        account = await self._payouts.verify(wallet, actor_of(call))
        if account is None:
            raise _no_account()
        return account_shown(account)

    @routes.on(
        f"POST {_PAYOUTS}",
        scope="payouts:write",
        audit=(acts.PAYOUT_HELD,),
        key=True,
        statuses=(201,),
        problems=(
            *_DECIDED,
            "INVALID_CREDIT_AMOUNT",
            "WALLET_FROZEN",
            "INSUFFICIENT_CREDITS",
            "NOT_PAYABLE",
        ),
        example={"credits": 500},
    )
    async def hold_payout(
        self, call: Call[ApiCaller], wallet_id: str, body: PayoutBody
    ) -> Reply[PayoutMoved]:
        """Set bought credits aside for a payout, where the operator has turned payouts on.

        They are locked until the payout is released. No money moves by this.
        """
        command = body.command(wallet_id, call.idempotency_key)
        await self._admit(call, wallet_id)
        return await self._decide(call, command, PAYOUT_HOLD)

    @routes.on(
        f"POST {_PAYOUTS}/{{payout_id}}/release",
        scope="payouts:write",
        audit=(acts.PAYOUT_RELEASED,),
        key=True,
        problems=(*_DECIDED, "PAYOUT_NOT_FOUND", "PAYOUT_NOT_HELD"),
    )
    async def release_payout(
        self, call: Call[ApiCaller], wallet_id: str, payout_id: str
    ) -> Reply[PayoutMoved]:
        """Give a payout's credits back to the lots they came from."""
        await self._admit(call, wallet_id)
        command = release_of(wallet_id, payout_id, call.idempotency_key)
        return await self._decide(call, command, PAYOUT_RELEASE)

    async def _admit(self, call: Call[ApiCaller], wallet_id: str) -> None:
        await self._doorkeeper.known_wallet(call.caller, wallet_id)
        if not self._payouts.enabled:
            raise Problem("PAYOUTS_DISABLED", WHY_DISABLED)

    async def _decide(
        self, call: Call[ApiCaller], command: Command, operation: Operation
    ) -> Reply[PayoutMoved]:
        answer = await self._submit(command, actor_of(call))
        headers = REPLAYED if answer.replayed else {}
        body = body_of(answer, operation, command.wallet_id)
        return Reply(body, operation.status, headers)


def _no_account() -> Problem:
    return Problem("PAYOUT_ACCOUNT_NOT_FOUND", "The wallet has no payout account.")
