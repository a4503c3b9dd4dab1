"""The session's cookie, and what keeps pages of other sites from using it.

Three defences, each enough by itself where a browser keeps its word: the cookie is SameSite=Lax,
what changes anything wants a token in a header that no other site can know, and requests that say
they come from another site are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from khata.app.people.tokens import SESSION_PREFIX, is_csrf_token
from khata.domain.sign_in import SESSION_US
from khata.http.problems import Problem

COOKIE: Final = "khata_session"
CSRF_HEADER: Final = b"x-csrf-token"
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})

_TOKEN: Final = re.compile(SESSION_PREFIX + r"[A-Za-z0-9_-]{43}")
_OWN_PAGE: Final = frozenset({b"same-origin", b"none"})

Headers = Mapping[bytes, bytes]


def session_token(headers: Headers) -> str | None:
    """The token in the session's cookie; None where there is none, or more than one."""
    found = cookie_named(COOKIE, headers)
    return found if found is not None and _TOKEN.fullmatch(found) else None


def cookie_named(wanted: str, headers: Headers) -> str | None:
    """The value of that cookie; None where there is none, or more than one."""
    pairs = headers.get(b"cookie", b"").decode("latin-1").split(";")
    named = [pair.partition("=") for pair in pairs]
    found = [value.strip() for name, _, value in named if name.strip() == wanted]
    return found[0] if len(found) == 1 else None


def cookie_with(token: str, *, is_secure: bool) -> str:
    """The Set-Cookie that signs a browser in."""
    return _cookie(token, SESSION_US // 1_000_000, is_secure=is_secure)


def cookie_without(*, is_secure: bool) -> str:
    """The Set-Cookie that signs a browser out."""
    return _cookie("", 0, is_secure=is_secure)


def is_by_https(public_url: str | None, headers: Headers) -> bool:
    """Whether people reach us by https: the cookie is never sent without it then.

    Who claims so falsely harms nobody but the own browser.
    """
    if public_url is not None:
        return public_url.startswith("https:")
    return headers.get(b"x-forwarded-proto", b"").strip().lower() == b"https"


def demand_own_page(headers: Headers) -> None:
    """403 for a request that a page of another site has made."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        is_own = site in _OWN_PAGE
    else:
        origin = headers.get(b"origin")
        is_own = origin is None or _host(origin) == headers.get(b"host", b"").lower()
    if not is_own:
        raise Problem("CSRF_FAILED", "This request comes from a page of another site.")


def demand_csrf_token(headers: Headers, token: str) -> None:
    """403 unless the session's CSRF token comes with the request."""
    shown = headers.get(CSRF_HEADER, b"").decode("latin-1")
    if not is_csrf_token(shown, token):
        raise Problem("CSRF_FAILED", "Send X-CSRF-Token as GET /v1/session gives it.")


def _cookie(value: str, seconds: int, *, is_secure: bool) -> str:
    ending = "; Secure" if is_secure else ""
    return f"{COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{ending}"


def _host(origin: bytes) -> bytes | None:
    try:
        return urlsplit(origin.decode("latin-1")).netloc.lower().encode("latin-1")
    except ValueError:
        return None
