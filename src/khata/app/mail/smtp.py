"""Sending by SMTP: one message on one connection, encrypted before a password is told.

What the other side refuses for good is told apart from what may go better later, so that nothing
is sent again and again to an address that does not exist.
"""

import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import Final, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import aiosmtplib
from msgspec import Struct

from khata.app.invalid import Invalid
from khata.app.mail.letters import Mail, composed

Security = Literal["tls", "starttls", "none"]

_PORTS: Final = {"smtp": 587, "smtps": 465}
_ON_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_TIMEOUT_SECONDS: Final = 20.0
_FOR_GOOD: Final = 500
_WHY_CHARACTERS: Final = 200


class SmtpServer(Struct, frozen=True, kw_only=True):
    """Where mail is handed over, as whom, and in whose name it is written."""

    host: str
    port: int
    security: Security
    sender: Address
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None

    def __repr__(self) -> str:
        """Without the password, for whatever writes it down."""
        return f"SmtpServer({self.host}:{self.port}, {self.security}, {self.sender})"


class Refused(Exception):
    """The other side will not take this message, now or later."""


class NotNow(Exception):
    """It could not be handed over; later it may."""


class Post:
    """Hands messages over to one SMTP server."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._tls = None if server.security == "none" else _tls(server.ca_file)

    async def send(self, mail: Mail) -> None:
        """Hands the message over. Raises `Refused` or `NotNow`, without a word of the password."""
        server = self._server
        try:
            recipient = Address(addr_spec=mail.recipient)
            message = composed(mail, server.sender, recipient)
            recipient.addr_spec.encode("ascii")
        except (ValueError, MessageError, IndexError) as error:
            raise Refused("the address or a header is no good") from error
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._tls,
            timeout=_TIMEOUT_SECONDS,
        )
        try:
            async with smtp:
                await smtp.sendmail(server.sender.addr_spec, [recipient.addr_spec], message)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _told(error) from None


def smtp_server(url: str, sender: str | None, ca_file: Path | None = None) -> SmtpServer:
    """The server of a URL, as `smtp://user:password@host:587` (STARTTLS, which is demanded) or
    `smtps://…` (TLS from the start). Raises `Invalid`, which repeats nothing of it.

    `?starttls=off` is for a relay that is trusted; a password is told to none but on this machine.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        query = dict(
            parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        )
    except ValueError:
        raise _bad_url() from None
    host, starttls = parts.hostname, query.pop("starttls", "required")
    is_whole = parts.scheme in _PORTS and host and parts.path in {"", "/"} and not query
    if not is_whole or host is None or starttls not in {"required", "off"}:
        raise _bad_url()
    security: Security = "tls" if parts.scheme == "smtps" else "starttls"
    if starttls == "off":
        security = "none"
        if parts.password is not None and host not in _ON_THIS_MACHINE:
            raise Invalid("smtp_url", "must not have a password where starttls is off")
    return SmtpServer(
        host=host,
        port=port or _PORTS[parts.scheme],
        security=security,
        sender=_sender(sender, parts),
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
        ca_file=ca_file,
    )


def _sender(sender: str | None, parts: SplitResult) -> Address:
    text = sender or unquote(parts.username or "")
    name, address = parseaddr(text)
    try:
        found = Address(display_name=name, addr_spec=address)
        found.addr_spec.encode("ascii")
    except (ValueError, MessageError, IndexError):
        found = Address()
    if not (found.username and found.domain and text.isprintable()):
        raise Invalid("smtp_from", "must be an e-mail address, as Khata <billing@example.com>")
    return found


def _bad_url() -> Invalid:
    return Invalid("smtp_url", "must be as smtp://user:password@host:587 or smtps://host")


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))


def _told(error: Exception) -> Refused | NotNow:
    """Who refuses the recipient or the message for good says so by a code of 500 and more."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        first = error.recipients[0]
        return _by_code(first.code, first.message)
    if isinstance(error, aiosmtplib.SMTPDataError):
        return _by_code(error.code, error.message)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return NotNow("the server does not take the user and password")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return NotNow(_one_line(f"{error.code} {error.message}"))
    return NotNow(f"the server cannot be reached or spoken with ({type(error).__name__})")


def _by_code(code: int, message: str) -> Refused | NotNow:
    why = _one_line(f"{code} {message}")
    return Refused(why) if code >= _FOR_GOOD else NotNow(why)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:_WHY_CHARACTERS]
