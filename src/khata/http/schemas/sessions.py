"""Sessions as the API shows them, and how one is begun."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from khata.app.people.sessions import Membership as MembershipOf
from khata.app.people.sessions import Session as SessionOf
from khata.domain.roles import Role
from khata.domain.times import rfc3339
from khata.http.schemas.common import Cursor, Limit, Name, Time
from khata.http.schemas.people import Email
from khata.http.schemas.wallets import OrganizationIdText

Password = Annotated[str, Meta(min_length=1, max_length=256)]
Token = Annotated[str, Meta(min_length=1, max_length=200)]


class SignInBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How to sign in: with `email` and `password`, or once with the `token` of a link.

    With a token, `password`, `email` and `name` are what the user has from now on. A link that came
    by e-mail wants a new `password`, and another `email` or `name` is refused.
    """

    email: Email | None = None
    password: Password | None = None
    token: Token | None = None
    name: Name | None = None


class SessionChanges(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The organization to act in from now on; null is the whole platform, for operators."""

    organization_id: OrganizationIdText | None


class PasswordBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A new password, and the current one where there is one."""

    password: Password
    current_password: Password | None = None


class User(Struct, frozen=True, kw_only=True):
    """Who is signed in. An operator runs the installation."""

    id: str
    email: str
    name: str
    is_operator: bool
    has_password: bool


class Membership(Struct, frozen=True, kw_only=True):
    """What the user is in an organization."""

    organization_id: str
    organization_name: str
    member_id: str
    role: Role


class SignedInSession(Struct, frozen=True, kw_only=True):
    """Who is signed in, and what that brings where the session acts.

    `csrf_token` is sent as the header X-CSRF-Token with everything but GET.
    """

    id: str
    user: User
    memberships: Sequence[Membership]
    organization_id: str | None
    member_id: str | None
    role: Role | None
    scopes: Sequence[str]
    csrf_token: str
    created_at: Time
    expires_at: Time


class Session(Struct, frozen=True, kw_only=True):
    """One sign-in. `agent` is what the browser calls itself."""

    id: str
    created_at: Time
    seen_at: Time
    expires_at: Time
    revoked_at: Time | None
    address: str | None
    agent: str | None
    is_current: bool


class SessionQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of one's own sessions, newest first."""

    limit: Limit = 50
    cursor: Cursor | None = None


class AcceptBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The invitation's token, and a new password, or that of the user who has the e-mail."""

    token: Token
    password: Password
    name: Name | None = None


def membership_shown(membership: MembershipOf) -> Membership:
    """The membership as the API shows it."""
    return Membership(
        organization_id=membership.organization_id,
        organization_name=membership.organization_name,
        member_id=membership.member_id,
        role=membership.role,
    )


def session_shown(session: SessionOf, current_id: str | None) -> Session:
    """The session as its user sees it in a list."""
    revoked_at_us = session.revoked_at_us
    return Session(
        id=session.id,
        created_at=rfc3339(session.created_at_us),
        seen_at=rfc3339(session.seen_at_us),
        expires_at=rfc3339(session.expires_at_us),
        revoked_at=None if revoked_at_us is None else rfc3339(revoked_at_us),
        address=session.address,
        agent=session.agent,
        is_current=session.id == current_id,
    )
