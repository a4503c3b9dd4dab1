"""Whom a provider of identities means by a subject."""

from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

USER_OF_IDENTITY = "select user_id from identities where issuer = $1 and subject = $2"

INSERT_IDENTITY = """
insert into identities (issuer, subject, user_id, created_at) values ($1, $2, $3, $4)
on conflict (issuer, subject) do nothing
returning user_id"""


async def user_of_identity(connection: Connection, issuer: str, subject: str) -> str | None:
    """The id of the user that the provider means."""
    found = await ask(connection, USER_OF_IDENTITY, issuer, subject)
    return found[0][0] if found else None


async def insert_identity(
    connection: Connection, issuer: str, subject: str, user_id: str, at_us: int
) -> bool:
    """Lets the provider's subject be the user, unless it is one already."""
    named = (issuer, subject, user_id, Instant(at_us))
    return bool(await ask(connection, INSERT_IDENTITY, *named))
