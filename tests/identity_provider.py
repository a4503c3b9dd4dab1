"""A provider of identities of the tests' own, on a real socket, that can be told to lie.

It checks what a provider must of its client (secret, redirect, PKCE), and signs with a real key.
What it says may be spoilt at will, as no honest provider's would be.
"""

import json
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from typing_extensions import override

CLIENT_ID, CLIENT_SECRET = "khata", "the client's secret at the provider"
KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})


class IdentityProvider:
    """`claims` are what it says of the one who signs in; `keys` are those that it publishes."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Asked)
        self._server.daemon_threads = True
        vars(self._server)["provider"] = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self.reset()

    def reset(self) -> None:
        """Honest again."""
        self.claims: dict[str, object] = {}
        self.userinfo: dict[str, object] | None = None
        self.signed_by: Any = KEY
        self.algorithm = "RS256"
        self.published: Any = KEY
        self.about: dict[str, object] = {}
        self.token: dict[str, object] = {}
        self.asked: Mapping[str, str] = {}

    def authorize(self, address: str) -> str:
        """What the browser comes back with: the query of the callback."""
        where = urlsplit(address)
        self.asked = dict(parse_qsl(where.query))
        assert where.path == "/authorize"
        assert self.asked["response_type"] == "code"
        assert "openid" in self.asked["scope"].split()
        return f"code=the-code&state={self.asked['state']}"

    def document(self) -> Mapping[str, object]:
        """What it says of itself."""
        endpoints = ("authorization", "token", "userinfo")
        paths = {"authorization": "authorize"}
        named = {f"{one}_endpoint": f"{self.issuer}/{paths.get(one, one)}" for one in endpoints}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **named, **self.about}

    def exchange(self, form: Mapping[str, str], basic: str) -> tuple[int, Mapping[str, object]]:
        """The answer of the token endpoint."""
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest())
        good = (
            b64decode(basic.removeprefix("Basic ")).decode() == f"{CLIENT_ID}:{CLIENT_SECRET}"
            and self.asked.get("code_challenge_method") == "S256"
            and challenge.rstrip(b"=").decode() == self.asked.get("code_challenge")
            and form.get("redirect_uri") == self.asked.get("redirect_uri")
            and form.get("code") == "the-code"
        )
        if not good:
            return 400, {"error": "invalid_grant"}
        token = {"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 60}
        return 200, {**token, "id_token": self._id_token(), **self.token}

    def _id_token(self) -> str:
        now = int(time.time())
        honest = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "subject-1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked.get("nonce"),
        }
        claims = {name: value for name, value in {**honest, **self.claims}.items() if value != ...}
        header = {"alg": self.algorithm, "kid": "1"}
        if self.algorithm == "none":
            parts = (urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims))
            return ".".join(part.rstrip(b"=").decode() for part in parts) + "."
        return jwt.encode(header, claims, self.signed_by, algorithms=[self.algorithm])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Asked(BaseHTTPRequestHandler):
    @property
    def _provider(self) -> IdentityProvider:
        return vars(self.server)["provider"]

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""

    def do_GET(self) -> None:
        provider = self._provider
        match self.path:
            case "/.well-known/openid-configuration":
                self._answer(200, provider.document())
            case "/jwks":
                self._answer(200, {"keys": [provider.published.as_dict(private=False)]})
            case "/userinfo" if provider.userinfo is not None:
                assert self.headers["Authorization"] == "Bearer an-access-token"
                self._answer(200, provider.userinfo)
            case _:
                self._answer(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(*self._provider.exchange(form, self.headers.get("Authorization", "")))

    def _answer(self, status: int, document: Mapping[str, object]) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def secret_as_key() -> OctKey:
    """The client's secret, taken for a key: who knows it could sign anything by HS256."""
    return OctKey.import_key(CLIENT_SECRET)
