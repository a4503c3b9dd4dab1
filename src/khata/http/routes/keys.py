"""API keys: made, listed, revoked. Nobody gives what they have not."""

from __future__ import annotations

from collections.abc import Sequence

from khata.app.cursors import cursor, id_behind
from khata.app.invalid import Invalid
from khata.app.keys import Key
from khata.app.runtime import Khata
from khata.domain.ids import OrganizationId
from khata.engine.spender import spends_as
from khata.http.auth import EVERY_SCOPE, ApiCaller
from khata.http.call import Call
from khata.http.problems import Problem, invalid
from khata.http.routes import Reply, Routes
from khata.http.schemas.common import Page
from khata.http.schemas.keys import (
    ApiKey,
    KeyBody,
    KeyChanges,
    KeyQuery,
    NewApiKey,
    key_shown,
    limit_of,
    new_key_shown,
)


class KeyRoutes:
    """Keys that the caller may know of: those within the bounds of its own."""

    routes = Routes("API keys")

    def __init__(self, khata: Khata) -> None:
        self._keys = khata.keys
        self._now_us = khata.now_us

    @routes.on(
        "POST /v1/api-keys",
        scope="keys:write",
        statuses=(201,),
        example={"name": "Billing", "scopes": ["wallets:read", "wallets:consume"]},
    )
    async def create_key(self, call: Call[ApiCaller], body: KeyBody) -> Reply[NewApiKey]:
        """Make a key. Its `secret` is shown this once.

        A new key may do no more than the one it is made with, and is bound at least as tightly.
        With a `spending_limit` it is refused with `BUDGET_EXCEEDED` what would exceed that.
        """
        _demand_without_limit()
        caller = call.caller
        for scope in sorted(EVERY_SCOPE.intersection(body.scopes)):
            caller.demand(scope)
        organization_id, owner = _bounds(caller, body)
        limit = limit_of(body.spending_limit)
        key, secret = await self._keys.create(
            body.name, body.scopes, organization_id, owner, limit=limit
        )
        return Reply(new_key_shown(key, secret, self._now_us()), 201)

    @routes.on("GET /v1/api-keys", scope="keys:write")
    async def list_keys(self, call: Call[ApiCaller], query: KeyQuery) -> Page[ApiKey]:
        """List keys, oldest first, the revoked ones too, all without their secrets."""
        behind = id_behind("keys", query.cursor)
        keys = [key for key in await self._keys.list() if _covers(call.caller, key)]
        ids = [key.id for key in keys]
        start = 0 if behind is None else ids.index(behind) + 1 if behind in ids else len(ids)
        page = keys[start : start + query.limit]
        following = cursor("keys", page[-1].id) if start + len(page) < len(keys) else None
        return Page(await self._shown(page), following)

    @routes.on(
        "PATCH /v1/api-keys/{key_id}",
        scope="keys:write",
        problems=("KEY_NOT_FOUND",),
        example={"spending_limit": {"credits": 5_000, "window": "month"}},
    )
    async def change_key(self, call: Call[ApiCaller], key_id: str, body: KeyChanges) -> ApiKey:
        """Give a key another spending limit, within a second, or take it away.

        What it has spent stays counted as long as the window is of the same kind.
        """
        _demand_without_limit()
        key = await self._known(call.caller, key_id)
        limited = await self._keys.limit(key, limit_of(body.spending_limit))
        return (await self._shown([limited]))[0]

    @routes.on("DELETE /v1/api-keys/{key_id}", scope="keys:write", problems=("KEY_NOT_FOUND",))
    async def revoke_key(self, call: Call[ApiCaller], key_id: str) -> ApiKey:
        """Revoke a key, at once. A second time changes nothing."""
        await self._known(call.caller, key_id)
        revoked = await self._keys.revoke(key_id)
        if revoked is None:
            raise _no_key(key_id)
        return (await self._shown([revoked]))[0]

    async def _known(self, caller: ApiCaller, key_id: str) -> Key:
        known = [key for key in await self._keys.list() if key.id == key_id]
        if not known or not _covers(caller, known[0]):
            raise _no_key(key_id)
        return known[0]

    async def _shown(self, keys: Sequence[Key]) -> list[ApiKey]:
        spent, now_us = await self._keys.spent(keys), self._now_us()
        return [key_shown(key, spent.get(key.id, 0), now_us) for key in keys]


def _bounds(
    caller: ApiCaller, body: KeyBody
) -> tuple[OrganizationId | None, tuple[str, str] | None]:
    """For whom the new key is good."""
    owner = _owner(body)
    if caller.organization_id is None:
        named = body.organization_id
        return (None if named is None else OrganizationId(named)), owner
    if body.organization_id not in {None, caller.organization_id}:
        raise Invalid("organization_id", "is no organization here")
    if caller.owner_type is not None and caller.owner_id is not None:
        own = (caller.owner_type, caller.owner_id)
        if owner not in {None, own}:
            raise Problem("FORBIDDEN", "This key makes keys of its own owner only.")
        owner = own
    return caller.organization_id, owner


def _demand_without_limit() -> None:
    """403 for a key with a spending limit, which could make itself another without."""
    if spends_as().budget is not None:
        raise Problem("FORBIDDEN", "A key with a spending limit makes and changes no keys.")


def _owner(body: KeyBody) -> tuple[str, str] | None:
    if body.owner_type is None and body.owner_id is None:
        return None
    if body.owner_type is None:
        raise invalid("owner_type", "must be sent with owner_id")
    if body.owner_id is None:
        raise invalid("owner_id", "must be sent with owner_type")
    return body.owner_type, body.owner_id


def _covers(caller: ApiCaller, key: Key) -> bool:
    return caller.covers(key.organization_id, key.owner_type, key.owner_id)


def _no_key(key_id: str) -> Problem:
    return Problem("KEY_NOT_FOUND", f"There is no key {key_id}.", key_id=key_id)
