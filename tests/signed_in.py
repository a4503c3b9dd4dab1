"""People at their browsers: invited, signed in, and asking with cookie and CSRF token."""

from collections.abc import Mapping
from itertools import count
from typing import Self

import httpx2

from khata.domain.actor import Actor
from khata.domain.roles import Role
from served import PATIENCE_SECONDS, TLS, Api, Json, Product, demand_documented

PASSWORD = "seven brown cows"  # noqa: S105 - of nobody real

addresses = count(1)


class Browser(Api):
    """Somebody's browser, at an address of its own as far as proxies tell.

    It keeps cookies, and sends the CSRF token that it was told last.
    """

    def __init__(self, product: Product, address: str | None = None) -> None:
        super().__init__(product.url, None)
        self.address = address or f"198.51.{next(addresses) % 250}.7"
        self.csrf: str | None = None

    def _opened(self, url: str, secret: str | None) -> httpx2.Client:
        """Nothing is left open, so that a test may have as many browsers as it likes."""
        assert secret is None, "a browser has no key"
        none_kept = httpx2.Limits(max_keepalive_connections=0)
        return httpx2.Client(base_url=url, timeout=PATIENCE_SECONDS, verify=TLS, limits=none_kept)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> httpx2.Response:
        """Any answer, checked."""
        headers = {"X-Forwarded-For": self.address, "User-Agent": "A browser of the tests"}
        headers |= {"X-CSRF-Token": self.csrf} if self.csrf else {}
        headers |= {"Idempotency-Key": key} if key else {}
        return self.send(method, path, body, headers, query)

    def send(
        self,
        method: str,
        path: str,
        body: object,
        headers: Mapping[str, str],
        query: Mapping[str, str | int] | None = None,
    ) -> httpx2.Response:
        """The same with no other headers than these."""
        answer = self._client.request(method, path, headers=headers, params=query, json=body)
        demand_documented(method, answer.url.path, answer)
        if answer.is_success and path.startswith(("/v1/session", "/v1/invitations/accept")):
            self.csrf = answer.json().get("csrf_token", self.csrf)
        return answer

    def sign_in(self, email: str, password: str = PASSWORD) -> httpx2.Response:
        """The answer to a sign-in."""
        return self.ask("POST", "/v1/session", {"email": email, "password": password})

    def who(self) -> Json:
        """Who is signed in here."""
        return self.get("/v1/session")

    def who_unattended(self) -> Json:
        """The same, asked by the page while nobody is at it."""
        headers = {"X-Forwarded-For": self.address, "X-Unattended": "1"}
        return self.send("GET", "/v1/session", None, headers).json()

    @property
    def cookie(self) -> str | None:
        """The token in the session's cookie."""
        return self._client.cookies.get("khata_session")

    def take(self, cookie: str) -> Self:
        """Puts somebody's cookie into this browser."""
        self._client.cookies.set("khata_session", cookie, domain="127.0.0.1", path="/")
        return self


def invite(api: Api, email: str, role: Role, **body: object) -> Json:
    """A new invitation, with its token."""
    return api.post("/v1/invitations", {"email": email, "name": "Asha", "role": role, **body})


def person(product: Product, api: Api, role: Role, **body: object) -> Browser:
    """A new user of that role who is signed in."""
    email = f"asha-{next(addresses)}@delhi.example"
    token = invite(api, email, role, **body)["token"]
    browser = Browser(product)
    accepted = {"token": token, "password": PASSWORD}
    answer = browser.ask("POST", "/v1/invitations/accept", accepted)
    assert answer.status_code == 201, answer.text
    return browser


def link_token(product: Product, email: str | None = None) -> str:
    """The token of a new sign-in link, for the operator if nobody is named."""
    made = product.run(product.khata.people.sign_in.new_link(email, Actor("a test")))
    assert made is not None
    return made[1]
