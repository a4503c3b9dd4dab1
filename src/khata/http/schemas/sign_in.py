"""The ways in which people can sign in."""

from __future__ import annotations

from msgspec import Struct


class OidcWay(Struct, frozen=True, kw_only=True):
    """A provider of identities that people can sign in at: what they call it, and where that
    begins."""

    name: str
    issuer: str
    start: str


class SignInWays(Struct, frozen=True, kw_only=True):
    """How people can sign in beside their password; null where it is not set up."""

    oidc: OidcWay | None
