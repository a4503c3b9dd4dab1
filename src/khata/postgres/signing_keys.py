"""The public keys by which this installation's checkpoints are believed."""

from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

INSERT_SIGNING_KEY = """
insert into signing_keys (id, public_key, created_at) values ($1, $2, $3)
on conflict (id) do nothing"""

SIGNING_KEYS = "select id, public_key from signing_keys order by created_at, id"


async def insert_signing_key(
    connection: Connection, key_id: str, public_key: bytes, at_us: int
) -> None:
    """Adds a key, unless it is there."""
    await ask(connection, INSERT_SIGNING_KEY, key_id, public_key, Instant(at_us))


async def signing_keys(connection: Connection) -> dict[str, bytes]:
    """All keys ever used, by id, oldest first."""
    return {row[0]: row[1] for row in await ask(connection, SIGNING_KEYS)}
