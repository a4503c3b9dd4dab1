"""Letters to people about themselves: who is invited is told so, who has forgotten the password
gets in again, and whose way in has changed is told of it.

A letter is wished for in the transaction that makes what its link is for, and withdrawn in the one
that ends it: whatever dies in between, a link that is good is sent, and one that is not is not.
"""

from collections.abc import Callable, Mapping
from typing import Final

from khata.app.audited import Change, note_change
from khata.app.mail.letters import Letter
from khata.app.mail.mails import Addressed, Mails, goes_out
from khata.app.mail.people_letters import (
    invitation_letter,
    password_letter,
    provider_letter,
    reset_letter,
)
from khata.app.mail.smtp import NotNow
from khata.app.people.links import new_link
from khata.app.people.tokens import INVITATION_PAGE, RESET_PAGE, digest
from khata.app.worker import Step
from khata.domain.actor import SERVICE
from khata.domain.ids import OrganizationId, WalletId
from khata.domain.sign_in import LINK_US
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool
from khata.postgres.invitations import Invitation
from khata.postgres.jobs import WantedJob, want
from khata.postgres.members import member_of_user
from khata.postgres.organizations import default_organization
from khata.postgres.recipients import organization_name
from khata.postgres.sign_in import end_links
from khata.postgres.users import user

LINK_MAIL_JOB: Final = "link_mail"


class PeopleMails:
    """Writes to people about themselves, where it is known at which address they reach us.

    That is never taken from a request: whoever asks would choose where a letter of ours leads.
    """

    def __init__(
        self, pool: Pool, mails: Mails, public_url: str | None, now_us: Callable[[], int]
    ) -> None:
        self._pool = pool
        self._mails = mails
        self._public_url = public_url
        self._now_us = now_us

    @property
    def is_on(self) -> bool:
        """Whether letters go out."""
        return self._mails.is_on and self._public_url is not None

    @property
    def jobs(self) -> Mapping[str, Step]:
        """What the worker does, by kind."""
        return {LINK_MAIL_JOB: self.step}

    async def invite(self, connection: Connection, invitation: Invitation, token: str) -> bool:
        """Wishes for the letter to whom is invited; whether one will be sent."""
        if self._public_url is None or not self._mails.is_on:
            return False
        within = invitation.organization_id
        inviter = await member_of_user(connection, within, invitation.invited_by)
        letter = invitation_letter(
            invitation,
            await organization_name(connection, within),
            None if inviter is None else inviter.name,
            self._public_url + INVITATION_PAGE,
        )
        to = Addressed(organization_id=within, reason=invitation.id, recipient=invitation.email)
        return await self._mails.want(connection, to, letter, secret=token)

    async def withdraw(self, connection: Connection, invitation: Invitation) -> None:
        """The invitation is open no more: a letter that is not sent yet need not be."""
        await self._mails.withdraw(connection, invitation.organization_id, invitation.id)

    async def end_links(self, connection: Connection, user_id: str) -> None:
        """Ends the user's links that were not used: a letter that would bring one stays here."""
        ended = await end_links(connection, user_id)
        within = await default_organization(connection)
        assert within is not None, "the first start makes a default organization"
        for token_hash in ended:
            await self._mails.withdraw(connection, OrganizationId(within), _reason(token_hash))

    async def want_link(self, connection: Connection, user_id: str) -> None:
        """Wishes that the user be sent a link, if there is such a user: that is seen later."""
        within = await default_organization(connection)
        assert within is not None, "the first start makes a default organization"
        now_us = self._now_us()
        job = WantedJob(
            kind=LINK_MAIL_JOB, subject=user_id, wallet_id=WalletId(within), run_at_us=now_us
        )
        await want(connection, [job], now_us)

    async def tell_of_password(self, connection: Connection, email: str) -> None:
        """Wishes that the user of that e-mail be told of another password."""
        await self._tell(connection, email, password_letter(email, self._now_us()))

    async def tell_of_provider(self, connection: Connection, email: str, provider: str) -> None:
        """Wishes that the user of that e-mail be told that the provider vouches for them now, and
        the password ended."""
        await self._tell(connection, email, provider_letter(email, provider, self._now_us()))

    async def step(self, user_id: str, place: WalletId) -> int | None:
        """Makes a link for the user, and wishes for the letter with it, if it would go out.

        Raises `NotNow` where a worker has not been told what whoever serves has.
        """
        if self._public_url is None or not self._mails.is_on:
            raise NotNow("no SMTP server, or no public URL, is set here")
        now_us, within = self._now_us(), OrganizationId(place)
        async with borrowed(self._pool) as connection, connection.transaction():
            who = await user(connection, user_id)
            if who is None or not goes_out(who.email):
                return None
            token = await new_link(connection, who.id, now_us)
            change = Change(organization_id=within, action="sign_in_link.made", subject=who.id)
            await note_change(connection, SERVICE, change, now_us)
            letter = reset_letter(who.email, self._public_url + RESET_PAGE, now_us + LINK_US)
            to = Addressed(
                organization_id=within, reason=_reason(digest(token)), recipient=who.email
            )
            await self._mails.want(connection, to, letter, secret=token)
        return None

    async def _tell(self, connection: Connection, email: str, letter: Letter) -> None:
        within = await default_organization(connection)
        assert within is not None, "the first start makes a default organization"
        reason = f"{letter.subject} {self._now_us()}"
        to = Addressed(organization_id=OrganizationId(within), reason=reason, recipient=email)
        await self._mails.want(connection, to, letter)


def _reason(token_hash: bytes) -> str:
    """By what the letter with a link is known."""
    return token_hash.hex()
