"""API keys. Their secrets are kept as SHA-256 digests only."""

from msgspec import Struct

from khata.domain.ids import OrganizationId
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

KEY_COLUMNS = (
    "id, name, hint, scopes, organization_id, owner_type, owner_id, created_at, revoked_at"
)

INSERT_KEY = f"""
insert into api_keys ({KEY_COLUMNS}, secret_hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (secret_hash) do nothing
returning id"""

KEY_BY_SECRET = f"select {KEY_COLUMNS} from api_keys where secret_hash = $1"

KEYS = f"select {KEY_COLUMNS} from api_keys order by created_at, id"

REVOKE_KEY = f"""
update api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1
returning {KEY_COLUMNS}, secret_hash"""


class Key(Struct, frozen=True):
    """Who asks, and for what they may. Without an organization it is good for all of them.

    `hint` is the beginning of the secret, to tell keys apart.
    """

    id: str
    name: str
    hint: str
    scopes: frozenset[str]
    organization_id: OrganizationId | None
    owner_type: str | None
    owner_id: str | None
    created_at_us: int
    revoked_at_us: int | None


async def insert_key(connection: Connection, key: Key, secret_hash: bytes) -> bool:
    """Adds the key, unless there is one with that secret."""
    fields = (key.id, key.name, key.hint, sorted(key.scopes))
    owner = (key.organization_id, key.owner_type, key.owner_id)
    times = (Instant(key.created_at_us), key.revoked_at_us)
    return bool(await ask(connection, INSERT_KEY, *fields, *owner, *times, secret_hash))


async def key_by_secret(connection: Connection, secret_hash: bytes) -> Key | None:
    """The key with that secret, revoked or not."""
    found = await ask(connection, KEY_BY_SECRET, secret_hash)
    return _key(found[0]) if found else None


async def keys(connection: Connection) -> list[Key]:
    """All keys, oldest first, the revoked ones too."""
    return [_key(row) for row in await ask(connection, KEYS)]


async def revoke_key(connection: Connection, key_id: str, at_us: int) -> tuple[Key, bytes] | None:
    """The key, revoked now or earlier, and its secret's digest; none where there is no such key."""
    found = await ask(connection, REVOKE_KEY, key_id, Instant(at_us))
    return (_key(found[0][:-1]), found[0][-1]) if found else None


def _key(row: Row) -> Key:
    key_id, name, hint, scopes, organization_id, owner_type, owner_id, created_at, revoked_at = row
    owner = (organization_id, owner_type, owner_id)
    return Key(key_id, name, hint, frozenset(scopes), *owner, created_at, revoked_at)
