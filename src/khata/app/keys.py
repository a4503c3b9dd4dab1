"""API keys: made and shown once, found by their digest, revoked within a second everywhere."""

import asyncio
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from string import ascii_letters, digits

from msgspec import Struct
from msgspec.structs import replace

from khata.app.invalid import Invalid
from khata.app.wallets import DEFAULT_TIME_ZONE
from khata.domain.budgets import Budget, BudgetWindow
from khata.domain.ids import OrganizationId
from khata.domain.windows import window_at
from khata.engine.ids import UlidMint
from khata.postgres import budgets
from khata.postgres import keys as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.budget_counts import Asked, fullest
from khata.postgres.budgets import BudgetChange, KeptBudget
from khata.postgres.connect import Pool
from khata.postgres.keys import Key
from khata.postgres.organizations import default_organization, organization_exists

__all__ = ["ALL_SCOPES", "SCOPES", "Key", "Keys", "SpendingLimit"]

ALL_SCOPES = "*"
SCOPES = (
    "wallets:read",
    "wallets:write",
    "wallets:consume",
    "wallets:grant",
    "wallets:refund",
    "wallets:transfer",
    "payments:read",
    "payments:write",
    "payments:refund",
    "payments:review",
    "payouts:write",
    "pricing:read",
    "pricing:write",
    "keys:write",
    "metrics:read",
    "reports:read",
    "members:read",
    "members:write",
    "organizations:write",
    "budgets:read",
    "budgets:write",
    "webhooks:read",
    "webhooks:write",
    "audit:read",
)

_PREFIX = "khk_"
_CHARACTERS = ascii_letters + digits
_LENGTH = 43  # 256 bits
_SECRET = re.compile(r"khk_[A-Za-z0-9_]{32,128}")
_HINT = 8
_FRESH_US = 1_000_000
_KEPT = 10_000


class SpendingLimit(Struct, frozen=True):
    """Credits that a key may spend in a window, on all wallets together."""

    credits: int
    window: BudgetWindow


class Keys:
    """Who may ask for what."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us
        self._mint = UlidMint()
        self._known: dict[bytes, tuple[Key, int]] = {}
        self._asked: dict[bytes, asyncio.Task[Key | None]] = {}

    async def create(
        self,
        name: str,
        scopes: Iterable[str],
        organization_id: OrganizationId | None = None,
        owner: tuple[str, str] | None = None,
        secret: str | None = None,
        limit: SpendingLimit | None = None,
    ) -> tuple[Key, str]:
        """A new key with its secret, which is kept nowhere. Raises `Invalid`.

        `owner` is the type and id of the one owner it is good for, in that organization or in the
        default one. Without owner and organization it is good for the whole platform.
        """
        secret = new_secret() if secret is None else secret
        key = self._made(name, scopes, organization_id, owner, secret)
        async with borrowed(self._pool) as connection:
            if owner is not None and organization_id is None:
                key = replace(key, organization_id=await default_organization(connection))
            elif organization_id and not await organization_exists(connection, organization_id):
                raise Invalid("organization_id", "is no organization here")
            async with connection.transaction():
                if limit is not None:
                    key = await self._limited(connection, key, limit)
                if not await store.insert_key(connection, key, _digest(secret)):
                    raise Invalid("secret", "is the secret of another key")
        return key, secret

    async def limit(self, key: Key, limit: SpendingLimit | None) -> Key:
        """The key with another spending limit, or with none, within a second everywhere.

        What was spent stays counted as long as the window is of the same kind.
        """
        async with borrowed(self._pool) as connection, connection.transaction():
            known = key.limit
            if known is not None and limit is not None and known.window == limit.window:
                change = BudgetChange(limit=limit.credits)
                await budgets.change_budget(connection, known.id, change, self._now_us())
                limited = replace(key, limit=replace(known, limit=limit.credits))
            else:
                if known is not None:
                    await budgets.end_budget(connection, known.id, self._now_us())
                limited = replace(key, limit=None)
                if limit is not None:
                    limited = await self._limited(connection, key, limit)
            named = None if limited.limit is None else limited.limit.id
            self._forget(await store.limit_key(connection, key.id, named))
        return limited

    async def spent(self, found: Sequence[Key]) -> dict[str, int]:
        """What each of these keys has spent in the current window of its limit, by key."""
        now_us = self._now_us()
        asked: list[Asked] = [
            (None, limit.id, window_at(limit.window, limit.time_zone or "UTC", now_us).since_us)
            for key in found
            if (limit := key.limit) is not None
        ]
        if not asked:
            return {}
        async with borrowed(self._pool) as connection:
            most = await fullest(connection, asked)
        return dict(most.values())

    async def _limited(self, connection: Connection, key: Key, limit: SpendingLimit) -> Key:
        """The key with a new budget of its own."""
        now_us = self._now_us()
        made = Budget(
            id="bud_" + self._mint.anywhere(),
            level="key",
            unit="credits",
            window=limit.window,
            limit=limit.credits,
            subject=key.id,
            time_zone=DEFAULT_TIME_ZONE,
        )
        kept = KeptBudget(
            made,
            key.organization_id,
            wallet_id=None,
            name=key.name,
            of_key=True,
            created_at_us=now_us,
            updated_at_us=now_us,
        )
        await budgets.insert_budget(connection, kept)
        return replace(key, limit=made)

    def _forget(self, digest: bytes) -> None:
        self._known.pop(digest, None)
        self._asked.pop(digest, None)

    async def ensure_owner(self, connection: Connection, secret: str) -> None:
        """Makes the owner's key with that secret, which may do everything, unless it is there."""
        key = self._made("owner", [ALL_SCOPES], None, None, secret)
        await store.insert_key(connection, key, _digest(secret))

    async def authenticate(self, secret: str) -> Key | None:
        """The key with that secret, unless it is revoked.

        What was found is believed for a second, here; a revocation elsewhere bites after that.
        """
        digest = _digest(secret)
        known = self._known.get(digest)
        if known is not None and known[1] > self._now_us():
            return known[0]
        asked = self._asked.get(digest)
        if asked is None:  # one question for all who wait for the same key
            asked = self._asked[digest] = asyncio.create_task(self._ask(digest))
        return await asyncio.shield(asked)

    async def list(self) -> list[Key]:
        """All keys, oldest first, the revoked ones too."""
        async with borrowed(self._pool) as connection:
            return await store.keys(connection)

    async def revoke(self, key_id: str) -> Key | None:
        """Ends a key; none where there is no such key. A second time changes nothing."""
        async with borrowed(self._pool) as connection:
            digest = await store.revoke_key(connection, key_id, self._now_us())
            key = await store.key(connection, key_id)
        if digest is None:
            return None
        self._forget(digest)
        return key

    async def _ask(self, digest: bytes) -> Key | None:
        task = asyncio.current_task()
        try:
            async with borrowed(self._pool) as connection:
                key = await store.key_by_secret(connection, digest)
        finally:
            # A revocation in the meantime has taken this question back.
            current = self._asked.get(digest) is task
            if current:
                del self._asked[digest]
        if key is None or key.revoked_at_us is not None:
            self._known.pop(digest, None)
            return None
        if current:
            self._remember(digest, key)
        return key

    def _remember(self, digest: bytes, key: Key) -> None:
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[digest] = (key, self._now_us() + _FRESH_US)

    def _made(
        self,
        name: str,
        scopes: Iterable[str],
        organization_id: OrganizationId | None,
        owner: tuple[str, str] | None,
        secret: str,
    ) -> Key:
        if not _SECRET.fullmatch(secret):
            raise Invalid("secret", "must be khk_ and 32 to 128 of A-Z a-z 0-9 _")
        return Key(
            id="key_" + self._mint.anywhere(),
            name=name,
            hint=secret[:_HINT],
            scopes=_valid(scopes),
            organization_id=organization_id,
            owner_type=owner[0] if owner else None,
            owner_id=owner[1] if owner else None,
            created_at_us=self._now_us(),
            revoked_at_us=None,
        )


def new_secret() -> str:
    """The secret of a new key: 256 random bits in letters and digits."""
    return _PREFIX + "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))


def _digest(secret: str) -> bytes:
    # A secret of 256 random bits can't be guessed from its digest: no salt, no slow hash.
    return sha256(secret.encode(errors="replace")).digest()


def _valid(scopes: Iterable[str]) -> frozenset[str]:
    chosen = list(scopes)
    for place, scope in enumerate(chosen):
        if scope != ALL_SCOPES and scope not in SCOPES:
            raise Invalid(f"scopes[{place}]", f"must be * or one of {', '.join(SCOPES)}")
    if not chosen:
        raise Invalid("scopes", "must name at least one scope")
    return frozenset(chosen)
