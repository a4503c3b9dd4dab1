"""Protection of a wallet that burns: what its settings want done, and its release in one step.

A frozen wallet stays so until somebody releases it. Once released, the same burn does not freeze it
again; the next one does.
"""

from collections.abc import Callable
from typing import Final

from khata.domain.ids import OrganizationId, WalletId, is_id
from khata.domain.wallet import RAPID_BURN
from khata.engine.ids import UlidMint
from khata.postgres.asking import Connection, borrowed
from khata.postgres.audit_log import WORKER, Actor, AuditEntry, Shown, insert_audit
from khata.postgres.connect import Pool
from khata.postgres.protections import Protected, freeze, note_release, protected, thaw

_ACTIVE: Final[Shown] = {"status": "active", "frozen_reason": None}
_FROZEN: Final[Shown] = {"status": "frozen", "frozen_reason": RAPID_BURN}


class Protection:
    """Protects wallets, and releases them."""

    def __init__(self, pool: Pool, mint: UlidMint, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._mint = mint
        self._now_us = now_us

    async def step(self, _: str, wallet_id: WalletId) -> int | None:
        """Does what the wallet wants done while it burns."""
        async with borrowed(self._pool) as connection, connection.transaction():
            wallet = await protected(connection, wallet_id)
            if wallet is not None and _is_to_freeze(wallet):
                await self._freeze(connection, wallet_id, wallet.organization_id)
        return None

    async def release(self, wallet_id: str, by: Actor) -> bool:
        """Takes off whatever protects the wallet from its present burn; whether there is such a
        wallet. A second time changes nothing."""
        if not is_id(wallet_id, "wal_"):
            return False
        known = WalletId(wallet_id)
        async with borrowed(self._pool) as connection, connection.transaction():
            wallet = await protected(connection, known)
            if wallet is None:
                return False
            await note_release(connection, known)
            now_us = self._now_us()
            if await thaw(connection, known, now_us):
                entry = self._entry(known, wallet.organization_id, by, is_frozen=False)
                await insert_audit(connection, entry)
        return True

    async def _freeze(
        self, connection: Connection, wallet_id: WalletId, organization_id: OrganizationId
    ) -> None:
        if await freeze(connection, wallet_id, self._now_us()):
            entry = self._entry(wallet_id, organization_id, Actor(WORKER), is_frozen=True)
            await insert_audit(connection, entry)

    def _entry(
        self, wallet_id: WalletId, organization_id: OrganizationId, by: Actor, *, is_frozen: bool
    ) -> AuditEntry:
        before, after = (_ACTIVE, _FROZEN) if is_frozen else (_FROZEN, _ACTIVE)
        return AuditEntry(
            id="aud_" + self._mint.for_wallet(wallet_id),
            organization_id=organization_id,
            at_us=self._now_us(),
            actor=by,
            action="protection.frozen" if is_frozen else "protection.released",
            subject=wallet_id,
            before=before,
            after=after,
        )


def _is_to_freeze(wallet: Protected) -> bool:
    return wallet.action == "freeze" and wallet.is_burning and not wallet.is_released
