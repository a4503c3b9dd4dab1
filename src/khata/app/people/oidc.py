"""A provider of identities that people sign in at, by OpenID Connect: authorization code and PKCE.

The provider is asked by Authlib's client, and its ID tokens are read by joserfc; both come with the
extra `oidc`. What binds the answer to the browser that asked follows from one random token in that
browser's cookie: state, nonce and code verifier. Nothing is kept for it here.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import httpx2
from msgspec import Struct

from khata.engine.books import Unavailable

OidcReason = Literal["off", "denied", "expired", "failed", "unverified", "unknown", "unavailable"]

_PATH: Final = "/.well-known/openid-configuration"
_SCOPE: Final = "openid email profile"
_FRESH_US: Final = 3_600_000_000
_KEYS_FRESH_US: Final = 60_000_000
_ASKED_US: Final = 600_000_000
_LEEWAY_SECONDS: Final = 60
_TIMEOUT_SECONDS: Final = 10.0
_BYTES: Final = 32
# What providers say instead of a code; whatever else they say is a fault of the setting.
_REASONS: Final[Mapping[str, OidcReason]] = {
    "access_denied": "denied",
    "server_error": "unavailable",
    "temporarily_unavailable": "unavailable",
}
# Never `none`, and never the client's own secret as a key.
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")

# What a provider says of itself, and the claims of its tokens: free JSON until it is read.
Document = Mapping[str, Any]


class OidcUnusable(Exception):
    """The provider of the settings can't be used; the message says what to do."""


class OidcSettings(Struct, frozen=True):
    """Where people sign in, who we are there, and what they call it."""

    issuer: str
    client_id: str
    client_secret: str
    name: str | None = None


class OidcRefused(Struct, frozen=True):
    """Why the provider's answer lets nobody in; `detail` is for the operator."""

    reason: OidcReason
    detail: str


class Identity(Struct, frozen=True, kw_only=True):
    """Whom the provider has seen. The e-mail is one that it has verified."""

    issuer: str
    subject: str
    email: str
    name: str | None


class Returned(Struct, frozen=True, kw_only=True):
    """What comes back with the browser: a code or an error, and the state that went out."""

    code: str | None
    state: str | None
    error: str | None


class Asked(Struct, frozen=True):
    """One browser's way to the provider and back, told apart by the token in its cookie."""

    token: str

    @property
    def state(self) -> str:
        return self._derived(b"state")

    @property
    def nonce(self) -> str:
        return self._derived(b"nonce")

    @property
    def verifier(self) -> str:
        return self._derived(b"verifier")

    def is_in_time(self, at_us: int) -> bool:
        """Whether it began not long ago."""
        begun, _, _ = self.token.partition(".")
        return begun.isascii() and begun.isdigit() and 0 <= at_us - int(begun[:20]) <= _ASKED_US

    def _derived(self, what: bytes) -> str:
        made = hmac.digest(self.token.encode(errors="replace"), b"khata oidc " + what, "sha256")
        return urlsafe_b64encode(made).rstrip(b"=").decode()


class Oidc:
    """The provider of the settings."""

    def __init__(self, settings: OidcSettings, now_us: Callable[[], int]) -> None:
        self.issuer = settings.issuer
        self.name: str = settings.name or urlsplit(settings.issuer).hostname or settings.issuer
        self._settings = settings
        self._now_us = now_us
        self._client = _module("authlib.integrations.httpx_client").AsyncOAuth2Client
        self._claims = _module("authlib.oidc.core").CodeIDToken
        self._jose = _module("joserfc.jwt"), _module("joserfc.jwk")
        self._known: tuple[Document, int] | None = None
        self._keys: tuple[Document, int] | None = None

    def begin(self) -> Asked:
        """A new way to the provider and back."""
        return Asked(f"{self._now_us()}.{secrets.token_urlsafe(_BYTES)}")

    async def address(self, asked: Asked, redirect_uri: str) -> str:
        """Where the browser goes. Raises `Unavailable`."""
        about = await self._about()
        async with self._opened(about, redirect_uri) as client:
            url, _ = client.create_authorization_url(
                about["authorization_endpoint"],
                state=asked.state,
                nonce=asked.nonce,
                code_verifier=asked.verifier,
            )
        return url

    async def identity(
        self, asked: Asked | None, returned: Returned, redirect_uri: str
    ) -> Identity | OidcRefused:
        """Whom the provider has seen, by its own signed word. Raises `Unavailable`."""
        if returned.error is not None:  # some send no state with it, and it lets nobody in
            reason: OidcReason = _REASONS.get(returned.error, "failed")
            return OidcRefused(reason, f"the provider said: {returned.error}")
        if asked is None or not asked.is_in_time(self._now_us()):
            return OidcRefused("expired", "it began in another browser, or too long ago")
        if not hmac.compare_digest((returned.state or "").encode(), asked.state.encode()):
            return OidcRefused("failed", "the state is not the one that went out")
        if returned.code is None:
            return OidcRefused("failed", "neither a code nor an error came back")
        about = await self._about()
        async with self._opened(about, redirect_uri) as client:
            try:
                token = await client.fetch_token(
                    about["token_endpoint"], code=returned.code, code_verifier=asked.verifier
                )
                claims = await self._verified(token, asked)
                claims = await self._completed(client, about, claims)
            except httpx2.HTTPError as error:
                raise Unavailable("the provider of identities does not answer") from error
            except self._faults() as error:
                return OidcRefused("failed", f"{type(error).__name__}: {error}")
        return self._read(claims)

    def _read(self, claims: Document) -> Identity | OidcRefused:
        email, name = claims.get("email"), claims.get("name")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            return OidcRefused("unverified", "the provider has verified no e-mail of this subject")
        named = name if isinstance(name, str) and name else None
        return Identity(issuer=self.issuer, subject=claims["sub"], email=email.lower(), name=named)

    async def _verified(self, token: Document, asked: Asked) -> Document:
        """The claims of the ID token, whose signature, issuer, audience, times and nonce hold."""
        text: str = token["id_token"]
        jwt, _ = self._jose
        try:
            decoded = jwt.decode(text, await self._key_set(), algorithms=list(_ALGORITHMS))
        except self._faults():
            fresh = await self._key_set(anew=True)  # keys are changed from time to time
            decoded = jwt.decode(text, fresh, algorithms=list(_ALGORITHMS))
        claims = self._claims(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._settings.client_id},
            },
            {
                "nonce": asked.nonce,
                "client_id": self._settings.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=self._now_us() // 1_000_000, leeway=_LEEWAY_SECONDS)
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise ValueError("the subject is no text")
        return claims

    async def _completed(self, client: Any, about: Document, claims: Document) -> Document:
        """The claims with those that the provider tells only if it is asked again."""
        where = about.get("userinfo_endpoint")
        if "email" in claims or where is None:
            return claims
        answer = await client.get(where)
        answer.raise_for_status()
        further: Document = answer.json()
        if further.get("sub") != claims["sub"]:
            raise ValueError("the userinfo is of another subject")
        return {**further, **claims}

    async def _about(self) -> Document:
        """What the provider says of itself, for an hour."""
        if self._known is None or self._known[1] <= self._now_us():
            about = await self._asked_for(self.issuer.rstrip("/") + _PATH)
            if about.get("issuer") != self.issuer:
                raise Unavailable(f"the provider calls itself {about.get('issuer')}")
            self._known = about, self._now_us() + _FRESH_US
        return self._known[0]

    async def _key_set(self, *, anew: bool = False) -> Any:
        """The provider's public keys; anew at most once a minute."""
        now_us = self._now_us()
        age_us = _FRESH_US if self._keys is None else now_us - self._keys[1]
        if self._keys is None or age_us >= (_KEYS_FRESH_US if anew else _FRESH_US):
            self._keys = await self._asked_for((await self._about())["jwks_uri"]), now_us
        _, jwk = self._jose
        return jwk.KeySet.import_key_set(self._keys[0])

    async def _asked_for(self, url: str) -> Document:
        try:
            async with httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                answer = await client.get(url)
                answer.raise_for_status()
                return answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise Unavailable(f"the provider of identities does not answer: {error}") from error

    def _opened(self, about: Document, redirect_uri: str) -> Any:
        methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        named = "client_secret_basic" if "client_secret_basic" in methods else "client_secret_post"
        return self._client(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
            token_endpoint_auth_method=named,
            code_challenge_method="S256",
            redirect_uri=redirect_uri,
            scope=_SCOPE,
            timeout=_TIMEOUT_SECONDS,
            leeway=0,  # the access token is used at once, however soon it ends
        )

    def _faults(self) -> tuple[type[Exception], ...]:
        """What the libraries raise where a token or an answer is not as it must be."""
        return (
            _module("joserfc.errors").JoseError,
            _module("authlib.common.errors").AuthlibBaseError,
            ValueError,
            KeyError,
            TypeError,
        )


def open_oidc(settings: OidcSettings | None, now_us: Callable[[], int]) -> Oidc | None:
    """The provider, where the settings name one. Raises `OidcUnusable`."""
    return None if settings is None else Oidc(settings, now_us)


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as missing:
        raise OidcUnusable(
            "KHATA_OIDC_ISSUER is set, and the libraries for it are not installed:"
            " pip install 'khata[oidc]'"
        ) from missing
