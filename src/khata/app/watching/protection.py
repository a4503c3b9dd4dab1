"""Protection of a wallet that burns: what its settings want done, and its release in one step.

A frozen wallet stays so until somebody releases it. One that is slowed down is let go as soon as it
is calm. Once released, the same burn does not bring the protection back; the next one does.
"""

from collections.abc import Callable
from typing import Final

from khata.domain.actor import WORKER, Actor
from khata.domain.ids import WalletId, is_id
from khata.domain.protection import throttle, throttle_of
from khata.domain.wallet import RAPID_BURN, Wallet
from khata.engine.ids import UlidMint
from khata.postgres.asking import Connection, borrowed
from khata.postgres.audit_log import AuditEntry, Shown, insert_audit
from khata.postgres.connect import Pool
from khata.postgres.protections import (
    Protected,
    freeze,
    note_release,
    protected,
    slow_down,
    speed_up,
    thaw,
)

_ACTIVE: Final[Shown] = {"status": "active", "frozen_reason": None}
_FROZEN: Final[Shown] = {"status": "frozen", "frozen_reason": RAPID_BURN}


class Protection:
    """Protects wallets, and releases them."""

    def __init__(self, pool: Pool, mint: UlidMint, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._mint = mint
        self._now_us = now_us

    async def step(self, _: str, wallet_id: WalletId) -> int | None:
        """Does what the wallet wants done while it burns, and ends what is wanted no more."""
        async with borrowed(self._pool) as connection, connection.transaction():
            found = await protected(connection, wallet_id)
            if found is not None:
                await self._protect(connection, found)
        return None

    async def release(self, wallet_id: str, by: Actor) -> bool:
        """Takes off whatever protects the wallet from its present burn; whether there is such a
        wallet. A second time changes nothing."""
        if not is_id(wallet_id, "wal_"):
            return False
        known = WalletId(wallet_id)
        async with borrowed(self._pool) as connection, connection.transaction():
            found = await protected(connection, known)
            if found is None:
                return False
            await note_release(connection, known)
            if await thaw(connection, known, self._now_us()):
                await self._note(connection, found.wallet, by, "protection.released", _FROZEN)
            await self._speed_up(connection, found.wallet, by)
        return True

    async def _protect(self, connection: Connection, found: Protected) -> None:
        wallet, action = found.wallet, found.wallet.rapid_burn_action
        is_slow = throttle_of(wallet) is not None
        wants_slow = action == "throttle" and found.is_unreleased
        if is_slow and not wants_slow:
            await self._speed_up(connection, wallet, Actor(WORKER))
        if wants_slow and not is_slow:
            await self._slow_down(connection, wallet)
        if action == "freeze" and found.is_unreleased:
            await self._freeze(connection, wallet)

    async def _freeze(self, connection: Connection, wallet: Wallet) -> None:
        if await freeze(connection, wallet.id, self._now_us()):
            await self._note(connection, wallet, Actor(WORKER), "protection.frozen", _ACTIVE)

    async def _slow_down(self, connection: Connection, wallet: Wallet) -> None:
        budget = throttle(self._mint.for_wallet(wallet.id), wallet.rapid_burn_limit)
        await slow_down(connection, wallet, budget, self._now_us())
        await self._note(
            connection,
            wallet,
            Actor(WORKER),
            "protection.throttled",
            {"budget_id": None},
            {"budget_id": budget.id, "credits_an_hour": budget.limit},
        )

    async def _speed_up(self, connection: Connection, wallet: Wallet, by: Actor) -> None:
        budget_id = throttle_of(wallet)
        if budget_id is None or not await speed_up(connection, budget_id, self._now_us()):
            return
        change = ({"budget_id": budget_id}, {"budget_id": None})
        await self._note(connection, wallet, by, "protection.released", *change)

    async def _note(
        self,
        connection: Connection,
        wallet: Wallet,
        by: Actor,
        action: str,
        before: Shown,
        after: Shown | None = None,
    ) -> None:
        entry = AuditEntry(
            id="aud_" + self._mint.for_wallet(wallet.id),
            organization_id=wallet.organization_id,
            at_us=self._now_us(),
            actor=by,
            action=action,
            subject=wallet.id,
            before=before,
            after=after or (_FROZEN if before is _ACTIVE else _ACTIVE),
        )
        await insert_audit(connection, entry)
