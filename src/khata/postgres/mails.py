"""Mails: letters to be sent, each once to one recipient, and what became of them.

A letter is kept no longer than until it was sent or is no more to be. What lets somebody in by its
link is kept apart from it, sealed.
"""

from typing import Literal

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

MailState = Literal["waiting", "sent", "withdrawn", "given_up"]

INSERT_MAIL = """
insert into mails (bucket, wallet_id, id, organization_id, reason, recipient, letter, secret,
  state, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9)
on conflict (bucket, wallet_id, reason, recipient) do nothing
returning 1"""

MAIL = """
select id, recipient, letter, secret, created_at from mails
where bucket = $1 and wallet_id = $2 and id = $3 and state = 'waiting'"""

END_MAIL = """
update mails set state = $4, note = $5, letter = null, secret = null, ended_at = $6
where bucket = $1 and wallet_id = $2 and id = $3 and state = 'waiting'"""

WITHDRAW_MAILS = """
update mails set state = 'withdrawn', note = null, letter = null, secret = null, ended_at = $4
where bucket = $1 and wallet_id = $2 and reason = $3 and state = 'waiting'"""

NOTE_MAIL = """
update mails set note = $4 where bucket = $1 and wallet_id = $2 and id = $3"""

PURGE_MAILS = """
delete from mails where (bucket, wallet_id, id) in (
  select bucket, wallet_id, id from mails where created_at < $1 and state <> 'waiting' limit $2)
returning 1"""


class NewMail(Struct, frozen=True, kw_only=True):
    """A letter to be sent: of several to one recipient for one reason, the first. `place` is the
    wallet that it is about, or the organization's own id; `secret` the sealed end of its link."""

    id: str
    place: WalletId
    organization_id: OrganizationId
    reason: str
    recipient: str
    letter: str
    secret: bytes | None = None


class WaitingMail(Struct, frozen=True):
    """A letter that is not sent yet, as JSON, and the sealed end of its link."""

    id: str
    recipient: str
    letter: str
    secret: bytes | None
    created_at_us: int


async def insert_mail(connection: Connection, mail: NewMail, at_us: int) -> bool:
    """Keeps the letter for the worker; whether it was new."""
    named = (bucket_of(mail.place), mail.place, mail.id, mail.organization_id)
    said = (mail.reason, mail.recipient, mail.letter, mail.secret, Instant(at_us))
    return bool(await ask(connection, INSERT_MAIL, *named, *said))


async def waiting_mail(connection: Connection, place: WalletId, mail_id: str) -> WaitingMail | None:
    """The letter, if it is still to be sent."""
    found: list[Row] = await ask(connection, MAIL, bucket_of(place), place, mail_id)
    return WaitingMail(*found[0]) if found else None


async def end_mail(
    connection: Connection,
    place: WalletId,
    mail_id: str,
    state: MailState,
    note: str | None,
    at_us: int,
) -> None:
    """It was sent, or given up, and is not kept any longer."""
    named = (bucket_of(place), place, mail_id)
    await ask(connection, END_MAIL, *named, state, note, Instant(at_us))


async def withdraw_mails(connection: Connection, place: WalletId, reason: str, at_us: int) -> None:
    """What is not sent yet for that reason need not be any more, and is not kept."""
    await ask(connection, WITHDRAW_MAILS, bucket_of(place), place, reason, Instant(at_us))


async def note_mail(connection: Connection, place: WalletId, mail_id: str, note: str) -> None:
    """Why it could not be sent this time."""
    await ask(connection, NOTE_MAIL, bucket_of(place), place, mail_id, note)


async def purge_mails(connection: Connection, before_us: int, limit: int) -> int:
    """Clears away up to `limit` mails older than that which are done with; how many it were."""
    return len(await ask(connection, PURGE_MAILS, Instant(before_us), limit))
