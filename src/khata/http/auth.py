"""Who asks, and which wallets they may know of.

A key is platform-wide, bound to an organization, or bound to one owner in an organization; a person
who is signed in acts in one organization at a time. What lies outside of it answers as what does
not exist, so that nothing can be learned by guessing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from khata.app.invalid import Invalid
from khata.app.keys import ALL_SCOPES, SCOPES, Key, Keys
from khata.app.people.audited import Acting
from khata.app.people.sessions import Sessions, SignedIn
from khata.app.wallets import Wallets
from khata.domain.actor import Actor
from khata.domain.budgets import NOBODY, Spender
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.roles import PLATFORM_SCOPES, SCOPES_OF, Role
from khata.engine.confined import confine
from khata.engine.spender import spend_as
from khata.http.call import Call
from khata.http.cookies import SAFE_METHODS, demand_csrf_token, demand_own_page, session_token
from khata.http.problems import Problem, no_scope
from khata.http.refused import no_wallet

_BEARER: Final = re.compile(rb"(?i:bearer) +(khk_[A-Za-z0-9_]{32,128})")
_WALLET_ID: Final = re.compile(r"wal_[0-7][0-9A-HJKMNP-TV-Z]{25}").fullmatch
UNATTENDED: Final = b"x-unattended"
"""The header of a request that a page makes by itself, while nobody is at it."""
EVERY_SCOPE: Final = frozenset({ALL_SCOPES, *SCOPES})
NOWHERE: Final = OrganizationId("")
"""The organization of who is signed in and a member of none: there is nothing in it."""


class ApiCaller(Struct, frozen=True, gc=False, kw_only=True):
    """Whoever asks. `scopes` are spelled out, also for a key that may do everything.

    `actor` is who is written down: the id of a key, or of a user who is signed in. `role` is what
    the caller counts as among an organization's people. An operator is of the platform, whichever
    organization it looks at.
    """

    actor: str
    role: Role
    scopes: frozenset[str]
    organization_id: OrganizationId | None
    owner_type: str | None = None
    owner_id: str | None = None
    key_id: str | None = None
    user_id: str | None = None
    member_id: str | None = None
    session_id: str | None = None
    is_operator: bool = False

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
            raise no_scope(scope)

    def demand_platform(self) -> None:
        """403 unless the caller is of the platform: by its key, or as an operator."""
        if self.organization_id is not None and not self.is_operator:
            raise Problem("FORBIDDEN", "This needs a key that is bound to no organization.")

    def within(self, asked: str | None) -> OrganizationId | None:
        """The organization that is meant: the caller's own, or for the platform the one asked for.

        403 for a key of one owner, who has no say in the organization.
        """
        if self.owner_id is not None:
            raise Problem("FORBIDDEN", "This needs a key that is bound to no owner.")
        if self.organization_id is None or (self.is_operator and asked is not None):
            return None if asked is None else OrganizationId(asked)
        if asked not in {None, self.organization_id}:
            raise Invalid("organization_id", "is no organization here")
        return self.organization_id


class Doorkeeper:
    """Knows callers by their keys and sessions, and lets them to their own wallets."""

    def __init__(self, keys: Keys, sessions: Sessions, wallets: Wallets) -> None:
        self._keys = keys
        self._sessions = sessions
        self._wallets = wallets

    async def authenticate(
        self, method: str, headers: Mapping[bytes, bytes], unattended: bool
    ) -> ApiCaller:
        """The holder of the bearer token, or who is signed in by the cookie; else 401.

        The request works within the caller's organization. One that is unattended, or says so, is
        no use of the session: a page that is left open lets it end all the same.
        """
        shown = headers.get(b"authorization")
        if shown is None:
            is_use = not unattended and UNATTENDED not in headers
            caller = await self._signed_in(method, headers, is_use=is_use)
        else:
            caller = await self._holder(shown)
        confine(None if caller.is_operator else caller.organization_id)
        return caller

    async def _holder(self, shown: bytes) -> ApiCaller:
        bearer = _BEARER.fullmatch(shown)
        key = await self._keys.authenticate(bearer[1].decode()) if bearer else None
        if key is None:
            raise _nobody()
        spend_as(Spender(key.id, key.organization_id, key.limit))
        return caller_of(key)

    async def _signed_in(
        self, method: str, headers: Mapping[bytes, bytes], *, is_use: bool
    ) -> ApiCaller:
        token = session_token(headers)
        found = await self._sessions.find(token, is_use=is_use) if token else None
        if token is None or found is None:
            raise _nobody()
        if method not in SAFE_METHODS:
            demand_own_page(headers)
            demand_csrf_token(headers, token)
        spend_as(NOBODY)
        return person_of(found)

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


def person_of(found: SignedIn) -> ApiCaller:
    """Who is signed in, with the rights of the role in the chosen organization.

    Who is no member there has none; but an operator may look at every organization, or with none
    chosen at the whole platform.
    """
    session = found.session
    role: Role = "viewer" if found.role is None else found.role
    scopes = SCOPES_OF[role] if found.role else frozenset[str]()
    within = session.organization_id if found.role else NOWHERE
    if found.is_operator:
        role = found.role or "owner"
        scopes = SCOPES_OF[role] | PLATFORM_SCOPES if session.organization_id else EVERY_SCOPE
        within = session.organization_id
    return ApiCaller(
        actor=session.user_id,
        role=role,
        scopes=scopes,
        organization_id=within,
        user_id=session.user_id,
        member_id=found.member_id,
        session_id=session.id,
        is_operator=found.is_operator,
    )


def _nobody() -> Problem:
    detail = "Send Authorization: Bearer with a valid API key, or sign in."
    return Problem("UNAUTHENTICATED", detail)


def actor_of(call: Call[ApiCaller]) -> Actor:
    """Who is written down for what the call changes."""
    address = call.client.address
    shown = None if address is None else str(address)
    return Actor(call.caller.actor, shown, call.request_id.decode("ascii"))


def acting(call: Call[ApiCaller]) -> Acting:
    """The same, with the role and scopes by which changes to people are measured."""
    return Acting(actor_of(call), call.caller.role, frozenset(call.caller.scopes))
