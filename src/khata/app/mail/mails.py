"""Mails: a letter is wished for with what it tells of, in one transaction, and then sent by a job.

A job is one message. It is tried again while the server is away, for three days, and given up at
once where the recipient is refused. A worker that dies after the server has taken a message sends
it again under the same message id, by which mail programs know it.

A letter's link may end with what lets somebody in. That is sealed until the letter is sent, and
gone with the letter; whoever ends what the link is for withdraws what is not sent yet.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from khata.app.mail.letters import Letter, Mail
from khata.app.mail.smtp import NotNow, Post, Refused
from khata.app.sealing import Place, Sealer, Unsealable
from khata.app.worker import Step
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.limits import DAY_US
from khata.engine.ids import UlidMint
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.jobs import WantedJob, want
from khata.postgres.mails import (
    MailState,
    NewMail,
    WaitingMail,
    end_mail,
    insert_mail,
    note_mail,
    waiting_mail,
    withdraw_mails,
)

MAIL_JOB: Final = "mail"
TRIED_US: Final = 3 * DAY_US

_encode = msgspec.json.Encoder().encode
_letter = msgspec.json.Decoder(Letter).decode


def goes_out(address: str) -> bool:
    """Whether a letter to that address leaves this machine. The first owner has one here until
    somebody gives a real one: of all whom a relay calls so, nobody is the owner."""
    return not address.lower().endswith("@localhost")


class Addressed(Struct, frozen=True, kw_only=True):
    """To whom a letter goes, and why: of several for one reason the first is sent.

    It concerns a wallet, or without one the whole organization.
    """

    organization_id: OrganizationId
    wallet_id: WalletId | None = None
    reason: str
    recipient: str

    @property
    def place(self) -> WalletId:
        """By what the letter is kept."""
        return self.wallet_id or WalletId(self.organization_id)


class Mails:
    """Keeps letters until they are sent. Without a server none are kept."""

    def __init__(
        self, pool: Pool, post: Post | None, sealer: Sealer, now_us: Callable[[], int]
    ) -> None:
        self._pool = pool
        self._post = post
        self._sealer = sealer
        self._now_us = now_us
        self._mint = UlidMint()

    @property
    def is_on(self) -> bool:
        """Whether there is a server to send by."""
        return self._post is not None

    @property
    def jobs(self) -> Mapping[str, Step]:
        """What the worker does, by kind."""
        return {MAIL_JOB: self.step}

    async def want(
        self, connection: Connection, to: Addressed, letter: Letter, secret: str | None = None
    ) -> bool:
        """Wishes that the letter be sent, within the caller's transaction; whether it will be.

        None goes to an address on this machine. `secret` is the end of the letter's link, which
        nobody reads here until it is sent.
        """
        if not self.is_on or not goes_out(to.recipient):
            return False
        place, now_us = to.place, self._now_us()
        mail_id = "mai_" + self._mint.for_wallet(place)
        mail = NewMail(
            id=mail_id,
            place=place,
            organization_id=to.organization_id,
            reason=to.reason,
            recipient=to.recipient,
            letter=_encode(letter).decode(),
            secret=None if secret is None else self._sealed(secret, mail_id),
        )
        if not await insert_mail(connection, mail, now_us):
            return False
        job = WantedJob(kind=MAIL_JOB, subject=mail.id, wallet_id=place, run_at_us=now_us)
        await want(connection, [job], now_us)
        return True

    async def withdraw(
        self, connection: Connection, organization_id: OrganizationId, reason: str
    ) -> None:
        """Wishes, within the caller's transaction, that no letter go out for that reason any more.

        One that is on its way at this moment may still arrive.
        """
        place = WalletId(organization_id)
        await withdraw_mails(connection, place, reason, self._now_us())

    async def step(self, mail_id: str, place: WalletId) -> int | None:
        """Sends the mail. Raises `NotNow` where it is to be tried again."""
        async with borrowed(self._pool) as connection:
            waiting = await waiting_mail(connection, place, mail_id)
        if waiting is None:
            return None
        state, note = await self._ended(place, waiting)
        async with borrowed(self._pool) as connection:
            await end_mail(connection, place, mail_id, state, note, self._now_us())
        return None

    async def _ended(self, place: WalletId, waiting: WaitingMail) -> tuple[MailState, str | None]:
        """What becomes of the mail now, and why. Raises `NotNow`."""
        until_us = _letter(waiting.letter).until_us
        if until_us is not None and self._now_us() >= until_us:
            return "withdrawn", "its link is good no more"
        note = await self._sent(place, waiting)
        return ("sent", None) if note is None else ("given_up", note)

    async def _sent(self, place: WalletId, waiting: WaitingMail) -> str | None:
        """Nothing when it was sent, or why it never will be. Raises `NotNow`."""
        try:
            if self._post is None:
                raise NotNow("no SMTP server is set here")
            await self._post.send(self._opened(waiting))
        except Refused as refused:
            return str(refused)
        except (NotNow, Unsealable) as error:  # a key that is missing here may be brought back
            if self._now_us() - waiting.created_at_us >= TRIED_US:
                return str(error)
            async with borrowed(self._pool) as connection:
                await note_mail(connection, place, waiting.id, str(error))
            raise
        return None

    def _sealed(self, secret: str, mail_id: str) -> bytes:
        return self._sealer.seal(secret.encode(), _secret_of(mail_id))

    def _opened(self, waiting: WaitingMail) -> Mail:
        """The mail with its link whole. Raises `Unsealable`."""
        letter = _letter(waiting.letter)
        if waiting.secret is not None:
            assert letter.link is not None, "a secret is the end of a link"
            secret = self._sealer.unseal(waiting.secret, _secret_of(waiting.id)).decode()
            address, words = letter.link
            letter = replace(letter, link=(address + secret, words))
        return Mail(
            id=waiting.id,
            recipient=waiting.recipient,
            letter=letter,
            created_at_us=waiting.created_at_us,
        )


def _secret_of(mail_id: str) -> Place:
    return Place("mails", mail_id, "secret")
