"""What whoever is not signed in yet may know: in which ways one can be."""

from __future__ import annotations

from khata.app.runtime import Khata
from khata.http.routes import ANYONE, Routes
from khata.http.routes.oidc import START
from khata.http.schemas.sign_in import OidcWay, SignInWays


class SignInRoutes:
    """The ways in."""

    routes = Routes("Sessions")

    def __init__(self, khata: Khata) -> None:
        self._oidc = khata.people.oidc

    @routes.on("GET /v1/session/ways", scope=ANYONE)
    async def get_ways(self) -> SignInWays:
        """Tell in which ways people can sign in, beside a password."""
        provider = self._oidc.provider
        if provider is None:
            return SignInWays(oidc=None)
        return SignInWays(oidc=OidcWay(name=provider.name, issuer=provider.issuer, start=START))
