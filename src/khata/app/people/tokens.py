"""Tokens that let somebody in: random, told once, kept as digests."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

SESSION_PREFIX: Final = "khs_"
LINK_PREFIX: Final = "khl_"
INVITATION_PREFIX: Final = "khi_"

# Where a token is taken to. What follows the # goes to no server and no log.
SIGN_IN_PAGE: Final = "/sign-in#token="
RESET_PAGE: Final = "/sign-in#reset="
INVITATION_PAGE: Final = "/accept-invitation#token="

_BYTES: Final = 32
_CSRF: Final = b"khata csrf"


def new_token(prefix: str) -> str:
    """A new token: 256 random bits."""
    return prefix + secrets.token_urlsafe(_BYTES)


def digest(token: str) -> bytes:
    """What is kept of a token, which can't be guessed from it: no salt, no slow hash."""
    return sha256(token.encode(errors="replace")).digest()


def csrf_token(session_token: str) -> str:
    """What must come in a header beside the cookie: only who was told the one can know it.

    It follows from the session's token, so that nothing is kept for it; a page of another site
    can send the cookie and read neither.
    """
    made = hmac.digest(session_token.encode(errors="replace"), _CSRF, "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def is_csrf_token(shown: str, session_token: str) -> bool:
    """Whether it is the one of that session, compared in constant time."""
    return hmac.compare_digest(shown.encode(), csrf_token(session_token).encode())
