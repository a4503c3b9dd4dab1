"""Consume and holds: the operations of which there are thousands a second."""

from __future__ import annotations

from typing import Final

from starlette.types import Receive, Scope, Send

from khata.app.runtime import Khata
from khata.http.auth import ApiCaller, Doorkeeper
from khata.http.bodies import decode_body, json_decoder, read_json
from khata.http.call import Call
from khata.http.moving import (
    CAPTURE,
    CONSUME,
    EXTEND,
    OPEN,
    RELEASE,
    OnHold,
    OnWallet,
    Operation,
    respond,
)
from khata.http.routes import IN_THE_LEDGER, Routes
from khata.http.schemas.moves import HoldMoved
from khata.http.schemas.transactions import Moved
from khata.http.schemas.usage import (
    CaptureBody,
    ConsumeBody,
    ExtendBody,
    HoldBody,
    ReleaseBody,
)

SCOPE: Final = "wallets:consume"
REUSED: Final = ("IDEMPOTENCY_KEY_REUSED",)
CHARGE_PROBLEMS: Final = (
    "WALLET_NOT_FOUND",
    *REUSED,
    "WALLET_FROZEN",
    "UNKNOWN_FEATURE",
    "INVALID_QUANTITY",
    "INVALID_CREDIT_AMOUNT",
    "DAILY_LIMIT_EXCEEDED",
    "BUDGET_EXCEEDED",
    "INSUFFICIENT_CREDITS",
)
HOLD_PROBLEMS: Final = (
    "WALLET_NOT_FOUND",
    "HOLD_NOT_FOUND",
    *REUSED,
    "HOLD_NOT_OPEN",
    "HOLD_EXPIRED",
)
CAPTURE_PROBLEMS: Final = (
    "INVALID_QUANTITY",
    "INVALID_CREDIT_AMOUNT",
    "CAPTURE_EXCEEDS_HOLD",
    "WALLET_FROZEN",
    "BUDGET_EXCEEDED",
    "INSUFFICIENT_CREDITS",
)
HOLD: Final = "/v1/wallets/{wallet_id}/holds/{hold_id}"


_consume = json_decoder(ConsumeBody)
_hold = json_decoder(HoldBody)
_capture = json_decoder(CaptureBody)
_release = json_decoder(ReleaseBody)
_extend = json_decoder(ExtendBody)


class UsageRoutes:
    """Plain ASGI: a body is decoded straight into its struct, an answer encoded straight out."""

    routes = Routes("Usage")

    def __init__(self, khata: Khata, doorkeeper: Doorkeeper) -> None:
        self._submit = khata.engine.submit
        self._wallet = doorkeeper.wallet

    @routes.hot(
        "POST /v1/wallets/{wallet_id}/consume",
        body=ConsumeBody,
        answer=Moved,
        scope=SCOPE,
        unaudited=IN_THE_LEDGER,
        key=True,
        problems=(*CHARGE_PROBLEMS, "PRICING_MATRIX_MISMATCH"),
        example={"feature": "AI_SUMMARY", "member_id": "mem-7"},
    )
    async def consume(self, scope: Scope, receive: Receive, _: Send) -> None:
        """Charge a wallet for one priced operation.

        The engine prices it. `credits`, when sent, asserts the price: another figure is refused.
        """
        call: Call[ApiCaller] = Call.of(scope)
        body = decode_body(_consume, await read_json(call, receive))
        await self._on_wallet(call, scope, body, CONSUME)

    @routes.hot(
        "POST /v1/wallets/{wallet_id}/holds",
        body=HoldBody,
        answer=HoldMoved,
        scope=SCOPE,
        unaudited=IN_THE_LEDGER,
        key=True,
        statuses=(201,),
        problems=CHARGE_PROBLEMS,
        example={"feature": "AI_ASSISTANT_REPLY", "quantity": 1, "ttl_seconds": 120},
    )
    async def open_hold(self, scope: Scope, receive: Receive, _: Send) -> None:
        """Set credits aside for work under way.

        Send exactly one of `quantity` and `credits`. A metered quantity is rounded up; only the
        capture meters exactly.
        """
        call: Call[ApiCaller] = Call.of(scope)
        body = decode_body(_hold, await read_json(call, receive))
        await self._on_wallet(call, scope, body, OPEN)

    @routes.hot(
        f"POST {HOLD}/capture",
        body=CaptureBody,
        answer=HoldMoved,
        scope=SCOPE,
        unaudited=IN_THE_LEDGER,
        key=True,
        problems=(*HOLD_PROBLEMS, *CAPTURE_PROBLEMS),
        example={"quantity": 1},
    )
    async def capture_hold(self, scope: Scope, receive: Receive, _: Send) -> None:
        """Charge what the work came to, and give the rest back.

        Send exactly one of `quantity` and `credits`.
        """
        call: Call[ApiCaller] = Call.of(scope)
        body = decode_body(_capture, await read_json(call, receive))
        await self._on_hold(call, scope, body, CAPTURE)

    @routes.hot(
        f"POST {HOLD}/release",
        body=ReleaseBody,
        body_optional=True,
        answer=HoldMoved,
        scope=SCOPE,
        unaudited=IN_THE_LEDGER,
        key=True,
        problems=HOLD_PROBLEMS,
    )
    async def release_hold(self, scope: Scope, receive: Receive, _: Send) -> None:
        """Give a hold's credits back."""
        call: Call[ApiCaller] = Call.of(scope)
        raw = await read_json(call, receive)
        await self._on_hold(call, scope, decode_body(_release, raw or b"{}"), RELEASE)

    @routes.hot(
        f"POST {HOLD}/extend",
        body=ExtendBody,
        answer=HoldMoved,
        scope=SCOPE,
        unaudited=IN_THE_LEDGER,
        key=True,
        problems=(*HOLD_PROBLEMS, "WALLET_FROZEN"),
        example={"ttl_seconds": 600},
    )
    async def extend_hold(self, scope: Scope, receive: Receive, _: Send) -> None:
        """Let a hold live longer, counted from now."""
        call: Call[ApiCaller] = Call.of(scope)
        body = decode_body(_extend, await read_json(call, receive))
        await self._on_hold(call, scope, body, EXTEND)

    async def _on_wallet(
        self, call: Call[ApiCaller], scope: Scope, body: OnWallet, operation: Operation
    ) -> None:
        wallet_id = scope["path_params"]["wallet_id"]
        command = body.command(wallet_id, call.idempotency_key)
        await self._wallet(call.caller, wallet_id)
        await respond(call, await self._submit(command), operation, wallet_id)

    async def _on_hold(
        self, call: Call[ApiCaller], scope: Scope, body: OnHold, operation: Operation
    ) -> None:
        named = scope["path_params"]
        wallet_id = named["wallet_id"]
        command = body.command(wallet_id, call.idempotency_key, named["hold_id"])
        await self._wallet(call.caller, wallet_id)
        await respond(call, await self._submit(command), operation, wallet_id)
