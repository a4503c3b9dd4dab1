"""The ways in which people can sign in."""

from __future__ import annotations

from msgspec import Struct

from khata.http.schemas.people import Email


class OidcWay(Struct, frozen=True, kw_only=True):
    """A provider of identities that people can sign in at: what they call it, and where that
    begins."""

    name: str
    issuer: str
    start: str


class SignInWays(Struct, frozen=True, kw_only=True):
    """How people can sign in beside their password: at a provider of identities, null where none
    is set; and whether who has forgotten the password is sent a link."""

    oidc: OidcWay | None
    password_reset: bool


class PasswordResetBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Who has forgotten the password."""

    email: Email


class PasswordReset(Struct, frozen=True):
    """To whom a letter goes, if that is somebody's e-mail here, and how long its link is good."""

    email: str
    good_for_minutes: int
