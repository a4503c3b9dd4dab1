"""What is written to people about themselves: who invites them where, or how they get in again."""

import re
from datetime import UTC, datetime
from typing import Final

from khata.app.mail.letters import Letter, in_words, one_line
from khata.app.wallets import DEFAULT_TIME_ZONE
from khata.postgres.invitations import Invitation

_LONGEST_NAME: Final = 60
_DOTS: Final = ".\u3002\uff0e\uff61"
_IN_LINKS: Final = re.compile(rf"[{_DOTS}](?=\S)|[/\\@:]")


def invitation_letter(
    invitation: Invitation, organization: str, inviter: str | None, page: str
) -> Letter:
    """The letter to whom is invited. The inviter has no name where it is a program."""
    where = _plain(organization)
    by = None if inviter is None else _plain(inviter)
    told = f"You are invited to {where}" if by is None else f"{by} invites you to {where}"
    figures = [
        ("Organization", where),
        ("Your role", invitation.role.capitalize()),
        ("Your name there", _plain(invitation.name)),
        *([] if by is None else [("Invited by", by)]),
        ("Good until", _moment(invitation.expires_at_us)),
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
        until_us=invitation.expires_at_us,
    )


def reset_letter(email: str, page: str, until_us: int) -> Letter:
    """The letter to who has forgotten the password."""
    return Letter(
        "Choose a new password for Khata",
        [
            f"Somebody, we hope you, asked for a new password for {email}.",
            f"Follow the link to choose one. It is good once, until {_moment(until_us)}.",
        ],
        link=(page, "Choose a new password"),
        foot=(
            "If you did not ask, leave it: your password stays as it is. Whoever has the link gets "
            "in as you, so pass it to nobody."
        ),
        until_us=until_us,
    )


def password_letter(email: str, at_us: int) -> Letter:
    """The letter to whose password is another now."""
    return Letter(
        "Your password for Khata was changed",
        [
            f"Since {_moment(at_us)} another password is good for {email}.",
            "Who was signed in elsewhere is signed out.",
        ],
        foot=(
            "If it was not you, choose a new one at once: the sign-in page asks whether you forgot "
            "yours."
        ),
    )


def provider_letter(email: str, provider: str, at_us: int) -> Letter:
    """The letter to whose password ended, for the provider of identities vouches from now on."""
    return Letter(
        f"You sign in to Khata at {_plain(provider)} now",
        [
            f"Since {_moment(at_us)} {_plain(provider)} says who {email} is.",
            "The password there was is good no more, and who was signed in by it is signed out.",
        ],
        foot="If it was not you, tell the owner of your organization and whoever runs Khata.",
    )


def _plain(name: str) -> str:
    """A name that somebody else chose: short, and nothing that a mail program makes a link of."""
    apart = _IN_LINKS.sub(lambda found: ". " if found[0] in _DOTS else " ", name)
    return one_line(apart, _LONGEST_NAME)


def _moment(at_us: int) -> str:
    return in_words(datetime.fromtimestamp(at_us // 1_000_000, UTC), DEFAULT_TIME_ZONE)
