"""Links that people follow to this Khata."""

from khata.app.people.tokens import SIGN_IN_PAGE
from khata.config import Settings


def url_at(settings: Settings, port: int) -> str:
    """Where this machine reaches what listens on that port."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - told apart, not bound
    host = everywhere.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def link_base(settings: Settings) -> str:
    """Where people reach Khata, as far as the settings tell."""
    return settings.public_url or url_at(settings, settings.port)


def sign_in_link(base: str, token: str) -> str:
    """The link by which somebody signs in once."""
    return base + SIGN_IN_PAGE + token
