"""A real SMTP server that takes what is sent to it, or does not, as a test says."""

import ssl
from asyncio.base_events import Server
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from threading import Condition
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from khata.app.mail.smtp import SmtpServer, smtp_server

PATIENCE_SECONDS = 60.0
USER, PASSWORD = "khata", "p@ss/word"


class Postbox:
    """What arrived. `answers` is what a recipient is answered, `to_all` what every message is."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[str], EmailMessage]] = []
        self.answers: dict[str, str] = {}
        self.to_all: str | None = None
        self.logins: list[bytes] = []
        self.port = 0
        self._arrived = Condition()

    @property
    def url(self) -> str:
        """Where it takes what is sent in the clear."""
        return f"smtp://127.0.0.1:{self.port}?starttls=off"

    @property
    def server(self) -> SmtpServer:
        """It, as Khata's settings have it."""
        return smtp_server(self.url, "Khata <k@example.com>")

    def wait_for(self, recipient: str, subject: str) -> EmailMessage:
        """The letter of that subject to that recipient, once it has arrived."""

        def found() -> EmailMessage | None:
            fitting = (one for _, to, one in self.letters if recipient in to)
            return next((one for one in fitting if one["Subject"] == subject), None)

        with self._arrived:
            letter = self._arrived.wait_for(found, PATIENCE_SECONDS)
        assert letter is not None, f"only letters to {self.recipients} arrived"
        return letter

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        if self.to_all is not None:
            return self.to_all
        content = envelope.content
        assert isinstance(content, bytes)
        letter = message_from_bytes(content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        with self._arrived:
            self.letters.append((str(envelope.mail_from), list(envelope.rcpt_tos), letter))
            self._arrived.notify_all()
        return "250 taken"

    def authenticate(self, *told: Any) -> AuthResult:
        login = told[-1]
        assert isinstance(login, LoginPassword)
        self.logins.append(login.login)
        is_right = login == LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, handled=is_right)

    @property
    def recipients(self) -> list[str]:
        return [address for _, to, _ in self.letters for address in to]


class AnyPort(Controller):
    """Listens on whichever port is free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def open_postbox(
    tls: ssl.SSLContext | None = None, *, from_the_start: bool = False, wants_login: bool = False
) -> Generator[Postbox]:
    """A postbox on a free port of this machine, with STARTTLS, or TLS from the start."""
    box = Postbox()
    given: dict[str, Any] = {"authenticator": box.authenticate, "auth_required": wants_login}
    if tls is not None and from_the_start:
        given["ssl_context"] = tls
    elif tls is not None:
        given |= {"tls_context": tls, "require_starttls": True}
    controller = AnyPort(box, hostname="127.0.0.1", port=0, **given)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for this machine's address, and the file by which it can be believed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "smtp.pem", folder / "smtp.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public
