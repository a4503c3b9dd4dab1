"""API keys: made and shown once, found by their digest, revoked within a second everywhere."""

import asyncio
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextvars import Context
from hashlib import sha256
from string import ascii_letters, digits
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from khata.app.audited import Change, note_change
from khata.app.invalid import Invalid
from khata.app.wallets import DEFAULT_TIME_ZONE
from khata.app.watching.wishes import look_at_budget
from khata.domain.actor import COMMAND_LINE, SERVICE, Actor
from khata.domain.budgets import Budget, BudgetWindow
from khata.domain.ids import OrganizationId
from khata.domain.refusals import Refusal
from khata.domain.times import rfc3339
from khata.domain.windows import window_at
from khata.engine.ids import UlidMint
from khata.postgres import budgets
from khata.postgres import keys as store
from khata.postgres.asking import Connection, borrowed
from khata.postgres.audit_log import Shown
from khata.postgres.budget_counts import Asked, fullest
from khata.postgres.budgets import BudgetChange, KeptBudget
from khata.postgres.connect import Pool
from khata.postgres.keys import Key, KeyFilter, NewSecret
from khata.postgres.organizations import default_organization, organization_exists

__all__ = [
    "ALL_SCOPES",
    "SCOPES",
    "Key",
    "KeyEnded",
    "KeyFilter",
    "Keys",
    "NewKey",
    "Rotated",
    "SpendingLimit",
]

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
_HINT, _HINT_END = 8, 4
_FRESH_US = 1_000_000
_KEPT = 10_000
_ALL = KeyFilter()


class KeyEnded(Refusal, frozen=True, gc=False, tag="key_ended"):
    code: ClassVar[str] = "KEY_ENDED"
    decided: ClassVar[bool] = False
    key_id: str

    @property
    def detail(self) -> str:
        return "The key has ended: make another."


class SpendingLimit(Struct, frozen=True):
    """Credits that a key may spend in a window, on all wallets together."""

    credits: int
    window: BudgetWindow


class NewKey(Struct, frozen=True, kw_only=True):
    """A key that is wanted. `owner` is the type and id of the one owner it is good for, in that
    organization or in the default one; without owner and organization it is good for the whole
    platform."""

    name: str
    scopes: Sequence[str]
    organization_id: OrganizationId | None = None
    owner: tuple[str, str] | None = None
    expires_at_us: int | None = None
    limit: SpendingLimit | None = None


class Rotated(Struct, frozen=True):
    """A key with its new secret, and until when its former ones are good."""

    key: Key
    secret: str
    former_until_us: int


class Keys:
    """Who may ask for what."""

    def __init__(self, pool: Pool, now_us: Callable[[], int]) -> None:
        self._pool = pool
        self._now_us = now_us
        self._mint = UlidMint()
        self._known: dict[bytes, tuple[Key, int]] = {}
        self._asked: dict[bytes, asyncio.Task[Key | None]] = {}

    async def create(
        self, wanted: NewKey, by: Actor = SERVICE, secret: str | None = None
    ) -> tuple[Key, str]:
        """A new key with its secret, which is kept nowhere. Raises `Invalid`."""
        secret = new_secret() if secret is None else secret
        key = self._made(wanted, secret, by)
        async with borrowed(self._pool) as connection, connection.transaction():
            if key.owner_id is not None and key.organization_id is None:
                key = replace(key, organization_id=await default_organization(connection))
            elif key.organization_id and not await organization_exists(
                connection, key.organization_id
            ):
                raise Invalid("organization_id", "is no organization here")
            if wanted.limit is not None:
                key = await self._limited(connection, key, wanted.limit)
            if not await store.insert_key(connection, key, _digest(secret)):
                raise Invalid("secret", "is the secret of another key")
            change = _change_of(key, "api_key.created", after=_shown(key))
            await note_change(connection, by, change, key.created_at_us)
        return key, secret

    async def limit(self, key_id: str, limit: SpendingLimit | None, by: Actor) -> Key | None:
        """The key with another limit or none, within a second everywhere; none if there is no key.

        What was spent stays counted as long as the window is of the same kind.
        """
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            before = await store.lock_key(connection, key_id)
            if before is None:
                return None
            known = before.limit
            if known is not None and limit is not None and known.window == limit.window:
                change = BudgetChange(limit=limit.credits)
                changed = await budgets.change_budget(connection, known.id, change, now_us)
                await look_at_budget(connection, known, changed, now_us)
                after = replace(before, limit=replace(known, limit=limit.credits))
            else:
                if known is not None:
                    await budgets.end_budget(connection, known.id, now_us)
                bare = replace(before, limit=None)
                after = bare if limit is None else await self._limited(connection, bare, limit)
            key = await store.limit_key(connection, key_id, after.limit)
            noted = _change_of(
                key, "api_key.limited", before=_limit_noted(known), after=_limit_noted(key.limit)
            )
            await note_change(connection, by, noted, now_us)
        self._forget(key_id)
        return key

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

    async def ensure_owner(self, connection: Connection, secret: str) -> None:
        """Makes the owner's key with that secret, which may do everything, unless it is there."""
        by = Actor(COMMAND_LINE)
        key = self._made(NewKey(name="owner", scopes=[ALL_SCOPES]), secret, by)
        if await store.insert_key(connection, key, _digest(secret)):
            change = _change_of(key, "api_key.created", after=_shown(key))
            await note_change(connection, by, change, key.created_at_us)

    async def authenticate(self, secret: str) -> Key | None:
        """The key with that secret, unless it has ended.

        What was found is believed for a second, here; what ends it elsewhere bites after that.
        """
        digest, now_us = _digest(secret), self._now_us()
        known = self._known.get(digest)
        if known is not None and known[1] > now_us:
            return known[0]
        asked = self._asked.get(digest)
        if asked is None:  # one question for all who wait for the same key
            task = asyncio.create_task(self._ask(digest), context=Context())
            asked = self._asked[digest] = task
        return await asyncio.shield(asked)

    async def find(self, key_id: str) -> Key | None:
        """The key, ended or not."""
        async with borrowed(self._pool) as connection:
            return await store.key_by_id(connection, key_id)

    async def list(
        self, wanted: KeyFilter = _ALL, limit: int | None = None, after: str | None = None
    ) -> list[Key]:
        """Up to `limit` of those keys, oldest first, the ended ones too, behind the id `after`."""
        async with borrowed(self._pool) as connection:
            return await store.keys(connection, wanted, limit, after)

    async def revoke(self, key_id: str, by: Actor = SERVICE) -> Key | None:
        """Ends a key; none where there is no such key. A second time changes nothing."""
        now_us = self._now_us()
        async with borrowed(self._pool) as connection, connection.transaction():
            before = await store.lock_key(connection, key_id)
            if before is None or before.revoked_at_us is not None:
                return before
            key = await store.revoke_key(connection, key_id, now_us)
            await note_change(connection, by, _change_of(before, "api_key.revoked"), now_us)
        self._forget(key_id)
        return key

    async def rotate(
        self, key_id: str, overlap_us: int, by: Actor = SERVICE
    ) -> Rotated | KeyEnded | None:
        """The key with a new secret; none where there is no such key.

        Its former secrets are good for the overlap. Where the answer is lost, rotate again: what
        was in use until then stays good for the first overlap.
        """
        secret, now_us = new_secret(), self._now_us()
        until_us = now_us + overlap_us
        async with borrowed(self._pool) as connection, connection.transaction():
            before = await store.lock_key(connection, key_id)
            if before is None:
                return None
            if before.ended_by(now_us):
                return KeyEnded(key_id)
            kept = NewSecret(_digest(secret), _hint(secret))
            key = await store.give_secret(connection, key_id, kept, now_us, until_us)
            change = _change_of(
                key,
                "api_key.rotated",
                before={"hint": before.hint},
                after={"hint": key.hint, "former_secrets_good_until": rfc3339(until_us)},
            )
            await note_change(connection, by, change, now_us)
        self._forget(key_id)
        return Rotated(key, secret, until_us)

    def _forget(self, key_id: str) -> None:
        """What is believed here of any of its secrets, and what was asked before now."""
        for digest in [digest for digest, (key, _) in self._known.items() if key.id == key_id]:
            del self._known[digest]
        self._asked.clear()

    async def _ask(self, digest: bytes) -> Key | None:
        task, now_us = asyncio.current_task(), self._now_us()
        try:
            async with borrowed(self._pool) as connection:
                key = await store.key_by_secret(connection, digest, now_us)
                is_good = key is not None and not key.ended_by(now_us)
                if key is not None and is_good:
                    await store.note_use(connection, key, now_us)
        finally:
            # What ended a key in the meantime has taken this question back.
            current = self._asked.get(digest) is task
            if current:
                del self._asked[digest]
        if key is None or not is_good:
            self._known.pop(digest, None)
            return None
        if current:
            self._remember(digest, key)
        return key

    def _remember(self, digest: bytes, key: Key) -> None:
        if len(self._known) >= _KEPT:
            self._known.clear()
        fresh_until_us = self._now_us() + _FRESH_US
        if key.expires_at_us is not None:
            fresh_until_us = min(fresh_until_us, key.expires_at_us)
        self._known[digest] = (key, fresh_until_us)

    def _made(self, wanted: NewKey, secret: str, by: Actor) -> Key:
        if not _SECRET.fullmatch(secret):
            raise Invalid("secret", "must be khk_ and 32 to 128 of A-Z a-z 0-9 _")
        now_us = self._now_us()
        if wanted.expires_at_us is not None and wanted.expires_at_us <= now_us:
            raise Invalid("expires_at", "must lie in the future")
        return Key(
            id="key_" + self._mint.anywhere(),
            name=wanted.name,
            hint=_hint(secret),
            scopes=_valid(wanted.scopes),
            organization_id=wanted.organization_id,
            owner_type=wanted.owner[0] if wanted.owner else None,
            owner_id=wanted.owner[1] if wanted.owner else None,
            created_at_us=now_us,
            created_by=by.id,
            expires_at_us=wanted.expires_at_us,
        )


def new_secret() -> str:
    """The secret of a new key: 256 random bits in letters and digits."""
    return _PREFIX + "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))


def _hint(secret: str) -> str:
    return f"{secret[:_HINT]}…{secret[-_HINT_END:]}"


def _change_of(
    key: Key, action: str, before: Shown | None = None, after: Shown | None = None
) -> Change:
    return Change(
        organization_id=key.organization_id,
        action=action,
        subject=key.id,
        before=before,
        after=after,
    )


def _limit_noted(limit: Budget | None) -> Shown | None:
    return None if limit is None else {"credits": limit.limit, "window": limit.window}


def _shown(key: Key) -> Shown:
    """A key as the audit log shows it."""
    return {
        "name": key.name,
        "hint": key.hint,
        "scopes": sorted(key.scopes),
        "owner_type": key.owner_type,
        "owner_id": key.owner_id,
        "expires_at": None if key.expires_at_us is None else rfc3339(key.expires_at_us),
    }


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
