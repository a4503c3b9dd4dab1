"""Signing in at a provider of identities: there and back with the browser."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from urllib.parse import urlencode

import structlog
from starlette.responses import RedirectResponse, Response

from khata.app.people.oidc import Asked, OidcReason, OidcRefused, Returned
from khata.app.runtime import Khata
from khata.engine.books import Unavailable
from khata.http.auth import ApiCaller
from khata.http.call import Call
from khata.http.cookies import Headers, cookie_named, cookie_with, is_by_https
from khata.http.edge import HttpSettings
from khata.http.routes import ANYONE, Routes
from khata.http.routes.sessions import browser_of
from khata.http.schemas.oidc import OidcReturnQuery, OidcStartQuery

BASE: Final = "/v1/session/oidc"
START: Final = f"{BASE}/start"
CALLBACK: Final = f"{BASE}/callback"
COOKIE: Final = "khata_oidc"
HOME: Final = "/"

_ASKED: Final = re.compile(r"([0-9]{1,20}\.[A-Za-z0-9_-]{43})~([A-Za-z0-9_-]*)")
_SECONDS: Final = 600
_OFF: Final = "no provider of identities is set here"
_log = structlog.get_logger()


class OidcRoutes:
    """The way to the provider, and the way back."""

    routes = Routes("Sessions")

    def __init__(self, khata: Khata, settings: HttpSettings) -> None:
        self._sign_in = khata.people.oidc
        self._public_url = settings.public_url

    @routes.on(f"GET {START}", scope=ANYONE, statuses=(303,))
    async def start_oidc(self, call: Call[ApiCaller], query: OidcStartQuery) -> Response:
        """Go to the provider of identities, to come back to `return_to` signed in."""
        provider = self._sign_in.provider
        if provider is None:
            return _failed("off", _OFF, query.return_to)
        asked = provider.begin()
        try:
            address = await provider.address(asked, self._callback(call.headers))
        except Unavailable as unavailable:
            return _failed("unavailable", str(unavailable), query.return_to)
        page = urlsafe_b64encode(query.return_to.encode()).rstrip(b"=").decode()
        answer = RedirectResponse(address, 303)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Set-Cookie"] = self._cookie(call.headers, f"{asked.token}~{page}", _SECONDS)
        return answer

    @routes.on(f"GET {CALLBACK}", scope=ANYONE, statuses=(303,))
    async def finish_oidc(self, call: Call[ApiCaller], query: OidcReturnQuery) -> Response:
        """Come back from the provider: signed in, or to the sign-in page with the reason."""
        provider = self._sign_in.provider
        asked, page = _asked(call.headers)
        if provider is None:
            return _failed("off", _OFF, page)
        returned = Returned(code=query.code, state=query.state, error=query.error)
        try:
            begun = await self._sign_in.finish(
                provider, asked, returned, self._callback(call.headers), browser_of(call)
            )
        except Unavailable as unavailable:
            return _failed("unavailable", str(unavailable), page)
        if isinstance(begun, OidcRefused):
            return _failed(begun.reason, begun.detail, page)
        secure = is_by_https(self._public_url, call.headers)
        answer = RedirectResponse(page, 303)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers.append("Set-Cookie", cookie_with(begun.token, is_secure=secure))
        answer.headers.append("Set-Cookie", self._cookie(call.headers, "", 0))
        return answer

    def _callback(self, headers: Headers) -> str:
        """Where the provider sends the browser back to, which it must know beforehand."""
        base = self._public_url or "http://" + headers.get(b"host", b"").decode("latin-1")
        return base + CALLBACK

    def _cookie(self, headers: Headers, value: str, seconds: int) -> str:
        ending = "; Secure" if is_by_https(self._public_url, headers) else ""
        kept = f"{COOKIE}={value}; Path={BASE}; Max-Age={seconds}"
        return f"{kept}; HttpOnly; SameSite=Lax{ending}"


def _asked(headers: Headers) -> tuple[Asked | None, str]:
    """Which way to the provider this browser is on, and the page that it comes back to."""
    found = _ASKED.fullmatch(cookie_named(COOKIE, headers) or "")
    if found is None:
        return None, HOME
    padded = found[2] + "=" * (-len(found[2]) % 4)
    return Asked(found[1]), urlsafe_b64decode(padded).decode(errors="replace")


def _failed(reason: OidcReason, detail: str, page: str) -> Response:
    """To the page on which people sign in: it says why, and leads on to where they were going."""
    _log.warning("oidc sign-in refused", reason=reason, detail=detail)
    further = "" if page == HOME else "?" + urlencode({"next": page})
    answer = RedirectResponse(f"/sign-in{further}#error={reason}", 303)
    answer.headers["Cache-Control"] = "no-store"
    return answer
