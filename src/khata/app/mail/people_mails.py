"""Letters to people about themselves: who is invited is told so.

A letter is wished for in the transaction that makes what its link is for, and withdrawn in the one
that ends it: whatever dies in between, a link that is good is sent, and one that is not is not.
"""

from datetime import UTC, datetime

from khata.app.mail.letters import Letter, in_words, one_line
from khata.app.mail.mails import Addressed, Mails
from khata.app.wallets import DEFAULT_TIME_ZONE
from khata.postgres.asking import Connection
from khata.postgres.invitations import Invitation
from khata.postgres.members import member_of_user
from khata.postgres.recipients import organization_name

_LONGEST_NAME = 60


class PeopleMails:
    """Writes to people about themselves."""

    def __init__(self, mails: Mails) -> None:
        self._mails = mails

    async def invite(
        self, connection: Connection, invitation: Invitation, page: str | None, token: str
    ) -> bool:
        """Wishes for the letter to whom is invited; whether one will be sent.

        `page` is the address that the token completes; nothing is written where none is known.
        """
        if page is None or not self._mails.is_on:
            return False
        within = invitation.organization_id
        inviter = await member_of_user(connection, within, invitation.invited_by)
        letter = invitation_letter(
            invitation,
            await organization_name(connection, within),
            None if inviter is None else inviter.name,
            page,
        )
        to = Addressed(organization_id=within, reason=invitation.id, recipient=invitation.email)
        return await self._mails.want(connection, to, letter, secret=token)

    async def withdraw(self, connection: Connection, invitation: Invitation) -> None:
        """The invitation is open no more: a letter that is not sent yet need not be."""
        await self._mails.withdraw(connection, invitation.organization_id, invitation.id)


def invitation_letter(
    invitation: Invitation, organization: str, inviter: str | None, page: str
) -> Letter:
    """The letter to whom is invited. The inviter has no name where it is a program."""
    where = one_line(organization, _LONGEST_NAME)
    by = None if inviter is None else one_line(inviter, _LONGEST_NAME)
    told = f"You are invited to {where}" if by is None else f"{by} invites you to {where}"
    until = datetime.fromtimestamp(invitation.expires_at_us // 1_000_000, UTC)
    figures = [
        ("Organization", where),
        ("Your role", invitation.role.capitalize()),
        ("Your name there", invitation.name),
        *([] if by is None else [("Invited by", by)]),
        ("Good until", in_words(until, DEFAULT_TIME_ZONE)),
    ]
    return Letter(
        told,
        [
            f"{told}, where its credits are bought, watched and spent.",
            (
                "Follow the link and choose a password, or type the one you have here already. The "
                "link is good once."
            ),
        ],
        figures,
        link=(page, "Accept the invitation"),
        foot=(
            "The link is for you alone: pass it to nobody. If you did not expect it, leave it, and "
            "nothing happens."
        ),
    )
