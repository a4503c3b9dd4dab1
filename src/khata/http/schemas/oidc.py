"""Signing in at a provider of identities."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Given = Annotated[str, Meta(max_length=4096)]
LocalPath = Annotated[str, Meta(max_length=500, pattern=r"^/(?![/\\])[^\x00-\x20\\]*$")]


class OidcStartQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The page to come back to, as a path of ours."""

    return_to: LocalPath = "/"


class OidcReturnQuery(Struct, frozen=True):
    """What the provider sends back with the browser; what else it adds is not read."""

    code: Given | None = None
    state: Given | None = None
    error: Given | None = None
