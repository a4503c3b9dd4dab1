"""API keys. Their secrets are kept as SHA-256 digests only."""

from msgspec import Struct

from khata.domain.budgets import Budget
from khata.domain.ids import OrganizationId
from khata.postgres import rows
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant
from khata.postgres.budgets import BUDGET_COLUMNS

KEY_COLUMNS = (
    "id, name, hint, scopes, organization_id, owner_type, owner_id, created_at, revoked_at"
)
_OF_KEY = ", ".join(f"k.{column}" for column in KEY_COLUMNS.split(", "))
_OF_LIMIT = ", ".join(f"b.{column.strip()}" for column in BUDGET_COLUMNS.split(","))
_WITH_LIMITS = f"""
select {_OF_KEY}, {_OF_LIMIT} from api_keys k
left join budgets b on b.id = k.budget_id and b.ended_at is null"""

INSERT_KEY = f"""
insert into api_keys ({KEY_COLUMNS}, secret_hash, budget_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (secret_hash) do nothing
returning id"""

KEY_BY_SECRET = f"{_WITH_LIMITS} where k.secret_hash = $1"

KEY = f"{_WITH_LIMITS} where k.id = $1"

KEYS = f"{_WITH_LIMITS} order by k.created_at, k.id"

REVOKE_KEY = """
update api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1
returning secret_hash"""

LIMIT_KEY = "update api_keys set budget_id = $2 where id = $1 returning secret_hash"


class Key(Struct, frozen=True):
    """Who asks, and for what they may. Without an organization it is good for all of them.

    `hint` is the beginning of the secret, to tell keys apart. `limit` is the budget of all that it
    spends, on whatever wallets.
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
    limit: Budget | None = None


async def insert_key(connection: Connection, key: Key, secret_hash: bytes) -> bool:
    """Adds the key, unless there is one with that secret."""
    fields = (key.id, key.name, key.hint, sorted(key.scopes))
    owner = (key.organization_id, key.owner_type, key.owner_id)
    times = (Instant(key.created_at_us), key.revoked_at_us)
    limit = None if key.limit is None else key.limit.id
    return bool(await ask(connection, INSERT_KEY, *fields, *owner, *times, secret_hash, limit))


async def key_by_secret(connection: Connection, secret_hash: bytes) -> Key | None:
    """The key with that secret, revoked or not."""
    found = await ask(connection, KEY_BY_SECRET, secret_hash)
    return _key(found[0]) if found else None


async def key(connection: Connection, key_id: str) -> Key | None:
    """The key of that id, revoked or not."""
    found = await ask(connection, KEY, key_id)
    return _key(found[0]) if found else None


async def keys(connection: Connection) -> list[Key]:
    """All keys, oldest first, the revoked ones too."""
    return [_key(row) for row in await ask(connection, KEYS)]


async def revoke_key(connection: Connection, key_id: str, at_us: int) -> bytes | None:
    """Revokes the key, unless it is: its secret's digest; none where there is no such key."""
    found = await ask(connection, REVOKE_KEY, key_id, Instant(at_us))
    return found[0][0] if found else None


async def limit_key(connection: Connection, key_id: str, budget_id: str | None) -> bytes:
    """Gives the key, which exists, that budget or none: its secret's digest."""
    return (await ask(connection, LIMIT_KEY, key_id, budget_id))[0][0]


def _key(row: Row) -> Key:
    key_id, name, hint, scopes, *owner, created_at, revoked_at = row[:9]
    limit = None if row[9] is None else rows.budget(row[9:])
    named = (key_id, name, hint, frozenset(scopes))
    return Key(*named, owner[0], owner[1], owner[2], created_at, revoked_at, limit)
