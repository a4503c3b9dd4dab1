"""The address of a webhook's receiver: read once, strictly, and used exactly as it was read.

What one parser checks and another one connects to is how checks are passed by. So there is one
reading, which knows one form, and the request is made of its parts.
"""

import re
from ipaddress import ip_address

import idna
from msgspec import Struct

LONGEST = 2_000
HTTPS_PORT = 443

_FORM = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\\\[\]%]+)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>[/?][!$&-;=?-Z_a-z~%]*)?",
)
_STANDARD_PORT = {"https": 443, "http": 80}
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_INSIDE = ("localhost", "local", "internal", "onion", "home.arpa", "localdomain")


class ReachRules(Struct, frozen=True, kw_only=True):
    """Where webhooks may go. `allow_private` is for development: it lets http, any port, names and
    addresses of one's own networks be used."""

    ports: frozenset[int] = frozenset({HTTPS_PORT})
    allow_private: bool = False


class WebAddress(Struct, frozen=True):
    """Where a request goes: `host` is a name in ASCII or an address, `target` what is asked for."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """The host as the request's Host header names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _STANDARD_PORT[self.scheme] else f"{host}:{self.port}"


def read_web_address(url: str, rules: ReachRules) -> WebAddress | str:
    """The parts of a URL to which a webhook may be sent, or why it may not, as "must …".

    What its name resolves to is to be checked as well, at every attempt.
    """
    found = _FORM.fullmatch(url) if len(url) <= LONGEST else None
    if found is None:
        return (
            "must be https://, a host, and a path if wanted: no user, no fragment, at most"
            f" {LONGEST} characters, and of these only ASCII after the host"
        )
    scheme = found["scheme"]
    port = int(found["port"] or _STANDARD_PORT[scheme])
    host = _plain_host(found["host"])
    if host is None:
        return "must name a host that exists as a domain name"
    fault = None if rules.allow_private else _fault(scheme, host)
    target = found["target"] or "/"
    asked = target if target.startswith("/") else "/" + target
    return fault or _port_fault(port, rules) or WebAddress(scheme, host, port, asked)


def _plain_host(host: str) -> str | None:
    """In lower case and ASCII, as DNS has it; none where it is no name and no address."""
    if host.startswith("["):
        return _literal(host[1:-1])
    try:
        named = idna.encode(host.removesuffix("."), uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        return None
    return None if named.endswith(".") else named


def _literal(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _fault(scheme: str, host: str) -> str | None:
    if scheme != "https":
        return "must begin with https://"
    if _literal(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        return "must name its host, not an address"
    if "." not in host or any(host == end or host.endswith("." + end) for end in _INSIDE):
        return "must name a host of the public Internet"
    return None


def _port_fault(port: int, rules: ReachRules) -> str | None:
    if rules.allow_private:
        return None if 0 < port <= 65_535 else "must have a port from 1 to 65535"
    if port in rules.ports:
        return None
    return f"must use port {' or '.join(map(str, sorted(rules.ports)))}"
