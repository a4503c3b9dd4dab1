"""API keys, without their secrets but for the once."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict

from khata.app.keys import ALL_SCOPES, SCOPES, Key
from khata.domain.times import rfc3339
from khata.domain.wallet import OwnerType
from khata.http.schemas.common import Cursor, Limit, Name, Time
from khata.http.schemas.wallets import OrganizationIdText, OwnerId

ScopeName = Annotated[str, Meta(extra_json_schema={"enum": [ALL_SCOPES, *SCOPES]})]


class KeyBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a key may do, and for whom: the platform, an organization, or one owner."""

    name: Name
    scopes: Annotated[list[ScopeName], Meta(min_length=1, max_length=40)]
    organization_id: OrganizationIdText | None = None
    owner_type: OwnerType | None = None
    owner_id: OwnerId | None = None


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key. `hint` is how its secret begins."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    organization_id: str | None
    owner_type: str | None
    owner_id: str | None
    created_at: Time
    revoked_at: Time | None


class NewApiKey(ApiKey, frozen=True, kw_only=True):
    """A key with its secret, which is shown this once and kept nowhere."""

    secret: str


class KeyQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of keys, oldest first."""

    limit: Limit = 50
    cursor: Cursor | None = None


def key_shown(key: Key) -> ApiKey:
    """The key as the API shows it."""
    revoked_at_us = key.revoked_at_us
    return ApiKey(
        id=key.id,
        name=key.name,
        hint=key.hint,
        scopes=sorted(key.scopes),
        organization_id=key.organization_id,
        owner_type=key.owner_type,
        owner_id=key.owner_id,
        created_at=rfc3339(key.created_at_us),
        revoked_at=None if revoked_at_us is None else rfc3339(revoked_at_us),
    )


def new_key_shown(key: Key, secret: str) -> NewApiKey:
    """The same with its secret."""
    return NewApiKey(**asdict(key_shown(key)), secret=secret)
