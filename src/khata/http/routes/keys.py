"""API keys: made, listed, rotated, revoked. Nobody gives what they have not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from khata.app.cursors import cursor, id_behind
from khata.app.invalid import Invalid
from khata.app.keys import ALL_SCOPES, Key, KeyEnded, KeyFilter, NewKey
from khata.app.runtime import Khata
from khata.domain.ids import OrganizationId
from khata.domain.orders import SECOND_US
from khata.domain.roles import PLATFORM_SCOPES
from khata.engine.spender import spends_as
from khata.http.auth import EVERY_SCOPE, ApiCaller, actor_of
from khata.http.call import Call
from khata.http.problems import Problem, invalid
from khata.http.refused import refusal_problem
from khata.http.routes import Reply, Routes
from khata.http.schemas.common import Page, microseconds_of
from khata.http.schemas.keys import (
    ApiKey,
    KeyBody,
    KeyChanges,
    KeyQuery,
    KeyRotationBody,
    NewApiKey,
    RotatedApiKey,
    key_shown,
    limit_of,
    new_key_shown,
    rotated_shown,
)

ONE = "/v1/api-keys/{key_id}"


class KeyRoutes:
    """Keys that the caller may know of: those within the bounds of its own."""

    routes = Routes("API keys")

    def __init__(self, khata: Khata) -> None:
        self._keys = khata.keys
        self._now_us = khata.now_us

    @routes.on(
        "POST /v1/api-keys",
        scope="keys:write",
        audit=("api_key.created",),
        statuses=(201,),
        example={"name": "Billing", "scopes": ["wallets:read", "wallets:consume"]},
    )
    async def create_key(self, call: Call[ApiCaller], body: KeyBody) -> Reply[NewApiKey]:
        """Make a key. Its `secret` is shown this once.

        A new key may do no more than the one it is made with, and is bound at least as tightly.
        What only the platform may do, the platform's own keys give. With a `spending_limit` it is
        refused with `BUDGET_EXCEEDED` what would exceed that.
        """
        _demand_without_limit()
        caller = call.caller
        _demand_given(caller, body.scopes)
        organization_id, owner = _bounds(caller, body)
        wanted = NewKey(
            name=body.name,
            scopes=body.scopes,
            organization_id=organization_id,
            owner=owner,
            limit=limit_of(body.spending_limit),
            expires_at_us=None if body.expires_at is None else microseconds_of(body.expires_at),
        )
        key, secret = await self._keys.create(wanted, actor_of(call))
        return Reply(new_key_shown(key, secret, self._now_us()), 201)

    @routes.on("GET /v1/api-keys", scope="keys:write")
    async def list_keys(self, call: Call[ApiCaller], query: KeyQuery) -> Page[ApiKey]:
        """List keys, oldest first, the ended ones too, all without their secrets."""
        caller = call.caller
        within = KeyFilter(
            organization_id=caller.organization_id,
            owner_type=caller.owner_type,
            owner_id=caller.owner_id,
        )
        behind = id_behind("keys", query.cursor)
        found = await self._keys.list(within, query.limit + 1, behind)
        page = found[: query.limit]
        following = cursor("keys", page[-1].id) if len(found) > query.limit else None
        return Page(await self._shown(page), following)

    @routes.on(
        f"PATCH {ONE}",
        scope="keys:write",
        audit=("api_key.limited",),
        problems=("KEY_NOT_FOUND",),
        example={"spending_limit": {"credits": 5_000, "window": "month"}},
    )
    async def change_key(self, call: Call[ApiCaller], key_id: str, body: KeyChanges) -> ApiKey:
        """Give a key another spending limit, within a second, or take it away.

        What it has spent stays counted as long as the window is of the same kind.
        """
        _demand_without_limit()
        await self._known(call.caller, key_id)
        limited = await self._keys.limit(key_id, limit_of(body.spending_limit), actor_of(call))
        if limited is None:
            raise _no_key(key_id)
        return (await self._shown([limited]))[0]

    @routes.on(
        f"POST {ONE}/rotate",
        scope="keys:write",
        audit=("api_key.rotated",),
        statuses=(201,),
        problems=("KEY_NOT_FOUND", "KEY_ENDED"),
        example={"overlap_seconds": 3_600},
    )
    async def rotate_key(
        self, call: Call[ApiCaller], key_id: str, body: KeyRotationBody
    ) -> Reply[RotatedApiKey]:
        """Give a key a new secret, which is shown this once; its id and all it may do stay.

        Its former secrets stay good for the overlap; with 0 they end at once. Where the answer was
        lost, rotate again: what was in use until then keeps the time it has.
        """
        _demand_without_limit()
        key = await self._known(call.caller, key_id)
        _demand_given(call.caller, key.scopes)
        rotated = await self._keys.rotate(key_id, body.overlap_seconds * SECOND_US, actor_of(call))
        if isinstance(rotated, KeyEnded):
            raise refusal_problem(rotated)
        if rotated is None:
            raise _no_key(key_id)
        spent = await self._keys.spent([rotated.key])
        return Reply(rotated_shown(rotated, spent.get(key_id, 0), self._now_us()), 201)

    @routes.on(
        f"DELETE {ONE}", scope="keys:write", audit=("api_key.revoked",), problems=("KEY_NOT_FOUND",)
    )
    async def revoke_key(self, call: Call[ApiCaller], key_id: str) -> ApiKey:
        """Revoke a key, at once. A second time changes nothing."""
        _demand_without_limit()
        await self._known(call.caller, key_id)
        revoked = await self._keys.revoke(key_id, actor_of(call))
        if revoked is None:
            raise _no_key(key_id)
        return (await self._shown([revoked]))[0]

    async def _shown(self, keys: Sequence[Key]) -> list[ApiKey]:
        spent, now_us = await self._keys.spent(keys), self._now_us()
        return [key_shown(key, spent.get(key.id, 0), now_us) for key in keys]

    async def _known(self, caller: ApiCaller, key_id: str) -> Key:
        """The key, if it is within the bounds of the caller's own; or 404."""
        key = await self._keys.find(key_id)
        if key is None or not caller.covers(key.organization_id, key.owner_type, key.owner_id):
            raise _no_key(key_id)
        return key


def _demand_without_limit() -> None:
    """403 for a key with a spending limit, which could make itself another without."""
    if spends_as().budget is not None:
        raise Problem("FORBIDDEN", "A key with a spending limit makes and changes no keys.")


def _demand_given(caller: ApiCaller, scopes: Iterable[str]) -> None:
    """403 for what the caller has not, and so can't give; and, unless it is the platform, for what
    the platform alone gives."""
    for scope in sorted(EVERY_SCOPE.intersection(scopes)):
        caller.demand(scope)
        if scope in PLATFORM_SCOPES or scope == ALL_SCOPES:
            caller.demand_platform()


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


def _owner(body: KeyBody) -> tuple[str, str] | None:
    if body.owner_type is None and body.owner_id is None:
        return None
    if body.owner_type is None:
        raise invalid("owner_type", "must be sent with owner_id")
    if body.owner_id is None:
        raise invalid("owner_id", "must be sent with owner_type")
    return body.owner_type, body.owner_id


def _no_key(key_id: str) -> Problem:
    return Problem("KEY_NOT_FOUND", f"There is no key {key_id}.", key_id=key_id)
