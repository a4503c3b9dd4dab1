"""Letters: what is written, in text and in HTML, and how a message is made of it.

Nothing that comes from outside can add a header or a recipient: subjects are one line, and the
library refuses what is not.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

LONGEST_SUBJECT: Final = 150
_LONGEST_LINE: Final = 2_000


class Letter(Struct, frozen=True):
    """What is written: a subject, and paragraphs. `figures` are shown beside each other's names.

    `link` is an address to press and what is said on it; from `until_us` on it is good no more.
    """

    subject: str
    paragraphs: Sequence[str]
    figures: Sequence[tuple[str, str]] = ()
    link: tuple[str, str] | None = None
    foot: str = ""
    until_us: int | None = None


class Mail(Struct, frozen=True, kw_only=True):
    """A letter to one recipient. The same mail has the same message id whenever it is sent."""

    id: str
    recipient: str
    letter: Letter
    created_at_us: int


def one_line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """The text without line breaks and control characters, cut where it is too long."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    joined = " ".join(plain.split())
    return joined if len(joined) <= longest else joined[: longest - 1] + "…"


def in_words(at: datetime, time_zone: str) -> str:
    """As `24 Nov 2026, 12:42 IST`."""
    there = at.astimezone(ZoneInfo(time_zone))
    return f"{there.day} {there:%b %Y, %H:%M %Z}"


def composed(mail: Mail, sender: Address, recipient: Address) -> bytes:
    """The message as it goes over the wire. Raises `ValueError` for what can be no header."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = one_line(mail.letter.subject)
    message["Date"] = datetime.fromtimestamp(mail.created_at_us // 1_000_000, UTC)
    message["Message-ID"] = f"<{mail.id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(in_text(mail.letter))
    message.add_alternative(in_html(mail.letter), subtype="html")
    return message.as_bytes()


def in_text(letter: Letter) -> str:
    """The letter for those who read text."""
    blocks = [one_line(paragraph, _LONGEST_LINE) for paragraph in letter.paragraphs]
    if letter.figures:
        blocks.append("\n".join(f"{name}: {figure}" for name, figure in _figures(letter)))
    if letter.link:
        blocks.append(f"{letter.link[1]}:\n{letter.link[0]}")
    if letter.foot:
        blocks.append(f"-- \n{one_line(letter.foot, _LONGEST_LINE)}")
    return "\n\n".join(blocks) + "\n"


def in_html(letter: Letter) -> str:
    """The letter with what was said in it escaped, and no image or script from anywhere."""
    parts = [f"<p>{_escaped(paragraph)}</p>" for paragraph in letter.paragraphs]
    if letter.figures:
        rows = "".join(
            f'<tr><td style="padding:2px 16px 2px 0;color:#5b5b6b">{_escaped(name)}</td>'
            f'<td style="padding:2px 0">{_escaped(figure)}</td></tr>'
            for name, figure in _figures(letter)
        )
        parts.append(f'<table style="border-collapse:collapse">{rows}</table>')
    if letter.link:
        address, words = letter.link
        parts.append(
            f'<p><a href="{escape(address, quote=True)}" style="color:#4240d1">'
            f"{_escaped(words)}</a></p>"
        )
    if letter.foot:
        parts.append(f'<p style="color:#77778a;font-size:12px">{_escaped(letter.foot)}</p>')
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"></head>'
        '<body style="font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;'
        f'color:#16172c">{"".join(parts)}</body></html>\n'
    )


def _figures(letter: Letter) -> list[tuple[str, str]]:
    return [(one_line(name), one_line(figure)) for name, figure in letter.figures]


def _escaped(text: str) -> str:
    return escape(one_line(text, _LONGEST_LINE))
