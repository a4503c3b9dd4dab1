"""For whoever is not signed in yet: in which ways one can be, and how after all."""

from __future__ import annotations

from typing import Final

from khata.app.runtime import Khata
from khata.domain.refusals import Refusal
from khata.domain.sign_in import LINK_US
from khata.http.auth import ApiCaller
from khata.http.call import Call
from khata.http.cookies import demand_own_page
from khata.http.refused import refusal_problem
from khata.http.routes import ANYONE, Reply, Routes
from khata.http.routes.oidc import START
from khata.http.routes.sessions import browser_of
from khata.http.schemas.sign_in import (
    OidcWay,
    PasswordReset,
    PasswordResetBody,
    SignInWays,
)

_MINUTE_US: Final = 60_000_000


class SignInRoutes:
    """The ways in."""

    routes = Routes("Sessions")

    def __init__(self, khata: Khata) -> None:
        self._oidc = khata.people.oidc
        self._sign_in = khata.people.sign_in
        self._letters = khata.mail.people

    @routes.on("GET /v1/session/ways", scope=ANYONE)
    async def get_ways(self) -> SignInWays:
        """Tell in which ways people can sign in, beside a password."""
        oidc, provider = None, self._oidc.provider
        if provider is not None:
            oidc = OidcWay(name=provider.name, issuer=provider.issuer, start=START)
        return SignInWays(oidc=oidc, password_reset=self._letters.is_on)

    @routes.on(
        "POST /v1/session/password-reset",
        scope=ANYONE,
        unaudited="The link is written down as it is made, if the e-mail is a user's.",
        statuses=(202,),
        problems=("PASSWORD_RESET_OFF", "RATE_LIMITED", "CSRF_FAILED"),
        example={"email": "asha@delhi.example"},
    )
    async def reset_password(
        self, call: Call[ApiCaller], body: PasswordResetBody
    ) -> Reply[PasswordReset]:
        """Have a link sent by which one chooses another password, once and within 15 minutes.

        The answer is the same whether the e-mail is a user's or not.
        """
        demand_own_page(call.headers)
        refused = await self._sign_in.ask_for_link(body.email, browser_of(call))
        if isinstance(refused, Refusal):
            raise refusal_problem(refused)
        told = PasswordReset(email=body.email, good_for_minutes=LINK_US // _MINUTE_US)
        return Reply(told, 202)
