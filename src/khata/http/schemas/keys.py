"""API keys, without their secrets but for the once."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import asdict

from khata.app.keys import ALL_SCOPES, SCOPES, Key, Rotated
from khata.app.keys import SpendingLimit as LimitOf
from khata.domain.budgets import Budget, BudgetWindow
from khata.domain.money import MAX_WALLET_CREDITS
from khata.domain.times import rfc3339
from khata.domain.wallet import OwnerType
from khata.domain.windows import window_at
from khata.http.problems import invalid
from khata.http.schemas.budgets import Amount
from khata.http.schemas.common import Cursor, Instant, Limit, Name, Time
from khata.http.schemas.wallets import OrganizationIdText, OwnerId

MAX_OVERLAP_SECONDS: Final = 30 * 86_400

ScopeName = Annotated[str, Meta(extra_json_schema={"enum": [ALL_SCOPES, *SCOPES]})]


class SpendingLimitBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Credits that a key may spend in a window, on all wallets together."""

    credits: Amount
    window: BudgetWindow = "month"


class SpendingLimit(Struct, frozen=True):
    """A key's spending limit, and what it has spent so far in its window, which is of India's
    time."""

    credits: int
    window: BudgetWindow
    used: int
    resets_at: Time | None
    budget_id: str


class KeyChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """A key's spending limit from now on; null takes it away."""

    spending_limit: SpendingLimitBody | None


class KeyBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a key may do, and for whom: the platform, an organization, or one owner."""

    name: Name
    scopes: Annotated[list[ScopeName], Meta(min_length=1, max_length=40)]
    organization_id: OrganizationIdText | None = None
    owner_type: OwnerType | None = None
    owner_id: OwnerId | None = None
    expires_at: Instant | None = None
    spending_limit: SpendingLimitBody | None = None


class KeyRotationBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """For how long the secrets that the key had before stay good beside the new one."""

    overlap_seconds: Annotated[int, Meta(ge=0, le=MAX_OVERLAP_SECONDS)] = 86_400


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key. `hint` is how its secret begins and ends; `created_by` the id of who made it;
    `last_used_at` is true to the minute."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    organization_id: str | None
    owner_type: str | None
    owner_id: str | None
    spending_limit: SpendingLimit | None
    created_at: Time
    created_by: str | None
    rotated_at: Time | None
    expires_at: Time | None
    last_used_at: Time | None
    revoked_at: Time | None


class NewApiKey(ApiKey, frozen=True, kw_only=True):
    """A key with its secret, which is shown this once and kept nowhere."""

    secret: str


class RotatedApiKey(NewApiKey, frozen=True, kw_only=True):
    """A key with its new secret, shown this once, and until when its former ones are good."""

    former_secrets_good_until: Time


class KeyQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of keys, oldest first."""

    limit: Limit = 50
    cursor: Cursor | None = None


def limit_of(body: SpendingLimitBody | None) -> LimitOf | None:
    """The spending limit that is wished for. 422 where it is out of range."""
    if body is None:
        return None
    if not 0 <= body.credits <= MAX_WALLET_CREDITS:
        raise invalid("spending_limit.credits", f"must be 0 to {MAX_WALLET_CREDITS}")
    return LimitOf(body.credits, body.window)


def key_shown(key: Key, used: int, now_us: int) -> ApiKey:
    """The key as the API shows it, with what it has spent of its limit."""
    return ApiKey(
        id=key.id,
        name=key.name,
        hint=key.hint,
        scopes=sorted(key.scopes),
        organization_id=key.organization_id,
        owner_type=key.owner_type,
        owner_id=key.owner_id,
        spending_limit=None if key.limit is None else _limit_shown(key.limit, used, now_us),
        created_at=rfc3339(key.created_at_us),
        created_by=key.created_by,
        rotated_at=_time(key.rotated_at_us),
        expires_at=_time(key.expires_at_us),
        last_used_at=_time(key.last_used_at_us),
        revoked_at=_time(key.revoked_at_us),
    )


def new_key_shown(key: Key, secret: str, now_us: int) -> NewApiKey:
    """The same with its secret."""
    return NewApiKey(**asdict(key_shown(key, 0, now_us)), secret=secret)


def _limit_shown(limit: Budget, used: int, now_us: int) -> SpendingLimit:
    until_us = window_at(limit.window, limit.time_zone or "UTC", now_us).until_us
    resets_at = None if until_us is None else rfc3339(until_us)
    return SpendingLimit(limit.limit, limit.window, used, resets_at, limit.id)


def rotated_shown(rotated: Rotated, used: int, now_us: int) -> RotatedApiKey:
    """The key after its rotation."""
    return RotatedApiKey(
        **asdict(key_shown(rotated.key, used, now_us)),
        secret=rotated.secret,
        former_secrets_good_until=rfc3339(rotated.former_until_us),
    )


def _time(at_us: int | None) -> str | None:
    return None if at_us is None else rfc3339(at_us)
