"""Who asks, and which wallets they may know of.

A key is platform-wide, bound to an organization, or bound to one owner in an organization. What
lies outside of it answers as what does not exist, so that nothing can be learned by guessing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from khata.app.invalid import Invalid
from khata.app.keys import ALL_SCOPES, SCOPES, Key, Keys
from khata.app.people.audited import Acting
from khata.app.wallets import Wallets
from khata.domain.budgets import Spender
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.roles import Role
from khata.engine.confined import confine
from khata.engine.spender import spend_as
from khata.http.call import Call
from khata.http.problems import Problem
from khata.http.refused import no_wallet
from khata.postgres.audit_log import Actor

_BEARER: Final = re.compile(rb"(?i:bearer) +(khk_[A-Za-z0-9_]{32,128})")
_WALLET_ID: Final = re.compile(r"wal_[0-7][0-9A-HJKMNP-TV-Z]{25}").fullmatch
EVERY_SCOPE: Final = frozenset({ALL_SCOPES, *SCOPES})


class ApiCaller(Struct, frozen=True, gc=False, kw_only=True):
    """Whoever asks. `scopes` are spelled out, also for a key that may do everything.

    `actor` is who is written down: the id of a key. `role` is what the caller counts as among an
    organization's people.
    """

    actor: str
    role: Role
    scopes: frozenset[str]
    organization_id: OrganizationId | None
    owner_type: str | None = None
    owner_id: str | None = None
    key_id: str | None = None

    def covers(
        self, organization_id: str | None, owner_type: str | None, owner_id: str | None
    ) -> bool:
        """Whether what belongs to these is the caller's to know of."""
        if self.organization_id is None:
            return True
        if organization_id != self.organization_id:
            return False
        return self.owner_id is None or (owner_type, owner_id) == (self.owner_type, self.owner_id)

    def demand(self, scope: str) -> None:
        """403 unless the key has the scope."""
        if scope not in self.scopes:
            detail = f"This needs a key with the scope {scope}."
            raise Problem("FORBIDDEN", detail, required_scope=scope)

    def demand_platform(self) -> None:
        """403 unless the key is good for the whole platform."""
        if self.organization_id is not None:
            raise Problem("FORBIDDEN", "This needs a key that is bound to no organization.")

    def within(self, asked: str | None) -> OrganizationId | None:
        """The organization that is meant: the caller's own, or for the platform the one asked for.

        403 for a key of one owner, who has no say in the organization.
        """
        if self.owner_id is not None:
            raise Problem("FORBIDDEN", "This needs a key that is bound to no owner.")
        if self.organization_id is None:
            return None if asked is None else OrganizationId(asked)
        if asked not in {None, self.organization_id}:
            raise Invalid("organization_id", "is no organization here")
        return self.organization_id


class Doorkeeper:
    """Knows callers by their keys, and lets them to their own wallets."""

    def __init__(self, keys: Keys, wallets: Wallets) -> None:
        self._keys = keys
        self._wallets = wallets

    async def authenticate(self, _: str, headers: Mapping[bytes, bytes]) -> ApiCaller:
        """The holder of the bearer token, or 401. The request works within its organization."""
        shown = _BEARER.fullmatch(headers.get(b"authorization", b""))
        key = await self._keys.authenticate(shown[1].decode()) if shown else None
        if key is None:
            raise Problem("UNAUTHENTICATED", "Send Authorization: Bearer with a valid API key.")
        caller = caller_of(key)
        confine(caller.organization_id)
        spend_as(Spender(key.id, key.organization_id, key.limit))
        return caller

    async def wallet(self, caller: ApiCaller, wallet_id: str) -> WalletId:
        """The wallet for the engine, which says itself where there is none; or 404."""
        if not _WALLET_ID(wallet_id):
            raise no_wallet(wallet_id)
        if caller.organization_id is not None:
            return await self.known_wallet(caller, wallet_id)
        return WalletId(wallet_id)

    async def known_wallet(self, caller: ApiCaller, wallet_id: str) -> WalletId:
        """The wallet, which exists and is the caller's to know of; or 404."""
        if not await self.knows(caller, wallet_id):
            raise no_wallet(wallet_id)
        return WalletId(wallet_id)

    async def knows(self, caller: ApiCaller, wallet_id: str) -> bool:
        """Whether the wallet exists and is the caller's to know of."""
        owner = await self._wallets.identity(wallet_id)
        return owner is not None and caller.covers(*owner)

    async def receiver(self, caller: ApiCaller, wallet_id: str) -> WalletId:
        """The wallet a gift goes to: any that is in the caller's organization; or 404."""
        if not _WALLET_ID(wallet_id):
            raise no_wallet(wallet_id)
        if caller.organization_id is not None:
            owner = await self._wallets.identity(wallet_id)
            if owner is None or owner[0] != caller.organization_id:
                raise no_wallet(wallet_id)
        return WalletId(wallet_id)


def caller_of(key: Key) -> ApiCaller:
    """The holder of a key."""
    scopes = EVERY_SCOPE if ALL_SCOPES in key.scopes else key.scopes
    return ApiCaller(
        actor=key.id,
        role="owner" if key.organization_id is None else "admin",
        scopes=scopes,
        organization_id=key.organization_id,
        owner_type=key.owner_type,
        owner_id=key.owner_id,
        key_id=key.id,
    )


def actor_of(call: Call[ApiCaller]) -> Actor:
    """Who is written down for what the call changes."""
    address = call.client.address
    return Actor(call.caller.actor, None if address is None else str(address))


def acting(call: Call[ApiCaller]) -> Acting:
    """The same, with the role by which changes to people are measured."""
    return Acting(actor_of(call), call.caller.role)
