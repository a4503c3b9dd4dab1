"""API keys. Their secrets are kept as SHA-256 digests only."""

from contextlib import suppress
from typing import NamedTuple

import msgspec
from msgspec import Struct
from psycopg import OperationalError
from psycopg.errors import ReadOnlySqlTransaction

from khata.domain.budgets import Budget
from khata.domain.ids import OrganizationId
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant
from khata.postgres.rows import encoded

KEY_COLUMNS = (
    "id, name, hint, scopes, organization_id, owner_type, owner_id, created_at, created_by,"
    " rotated_at, expires_at, last_used_at, revoked_at, budget"
)

INSERT_KEY = f"""
insert into api_keys ({KEY_COLUMNS}, secret_hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict (secret_hash) do nothing
returning id"""

KEY_BY_SECRET = f"""
select {KEY_COLUMNS} from api_keys where secret_hash = $1
union all
select {KEY_COLUMNS} from api_keys
where id = (select key_id from former_secrets where secret_hash = $1 and good_until > $2)"""

KEY = f"select {KEY_COLUMNS} from api_keys where id = $1"

KEYS = f"""
select {KEY_COLUMNS} from api_keys
where ($1::text is null or (created_at, id) > (select created_at, id from api_keys where id = $1))
  and ($2::text is null or organization_id = $2)
  and ($3::text is null or (owner_type = $3 and owner_id = $4))
order by created_at, id limit $5"""

REVOKE_KEY = f"""
update api_keys set revoked_at = coalesce(revoked_at, $2) where id = $1
returning {KEY_COLUMNS}"""

# The lock of the key's row: one rotation at a time.
LOCK_KEY = f"update api_keys set id = id where id = $1 returning {KEY_COLUMNS}"

SHORTEN_FORMER = """
update former_secrets set good_until = least(good_until, $2) where key_id = $1"""

KEEP_FORMER = """
insert into former_secrets (secret_hash, key_id, organization_id, good_until)
select secret_hash, id, organization_id, $2 from api_keys where id = $1"""

FORGET_FORMER = "delete from former_secrets where key_id = $1 and good_until <= $2"

NEW_SECRET = f"""
update api_keys set secret_hash = $2, hint = $3, rotated_at = $4 where id = $1
returning {KEY_COLUMNS}"""

LIMIT_KEY = f"update api_keys set budget = $2 where id = $1 returning {KEY_COLUMNS}"

# Several processes may be asked with one key at once.
NOTE_USE = """
update api_keys set last_used_at = $2
where id = $1 and (last_used_at is null or last_used_at <= $3)"""

_budget = msgspec.json.Decoder(Budget).decode
_USE_NOTED_EVERY_US = 60_000_000


class Key(Struct, frozen=True, kw_only=True):
    """Who asks, and for what they may. Without an organization it is good for all of them.

    `hint` is the beginning and the end of the secret, to tell keys apart; `created_by` the id of
    who made it. `last_used_at_us` is true to the minute. `limit` is the budget of all that it
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
    created_by: str | None = None
    rotated_at_us: int | None = None
    expires_at_us: int | None = None
    last_used_at_us: int | None = None
    revoked_at_us: int | None = None
    limit: Budget | None = None

    def ended_by(self, at_us: int) -> bool:
        """Whether it is good no more."""
        expired = self.expires_at_us is not None and self.expires_at_us <= at_us
        return expired or self.revoked_at_us is not None


class NewSecret(NamedTuple):
    """What is kept of a secret."""

    digest: bytes
    hint: str


class KeyFilter(Struct, frozen=True, kw_only=True):
    """Which keys are asked for; what is None does not narrow."""

    organization_id: OrganizationId | None = None
    owner_type: str | None = None
    owner_id: str | None = None


async def insert_key(connection: Connection, key: Key, secret_hash: bytes) -> bool:
    """Adds the key, unless there is one with that secret."""
    fields = (key.id, key.name, key.hint, sorted(key.scopes))
    owner = (key.organization_id, key.owner_type, key.owner_id)
    made = (Instant(key.created_at_us), key.created_by, None)
    ends = (_instant(key.expires_at_us), None, None)
    limit = _text(key.limit)
    whole = (*fields, *owner, *made, *ends, limit, secret_hash)
    return bool(await ask(connection, INSERT_KEY, *whole))


async def key_by_secret(connection: Connection, secret_hash: bytes, at_us: int) -> Key | None:
    """The key with that secret, ended or not; or whose former secret is good still."""
    found = await ask(connection, KEY_BY_SECRET, secret_hash, Instant(at_us))
    return _key(found[0]) if found else None


async def key_by_id(connection: Connection, key_id: str) -> Key | None:
    """The key, ended or not."""
    found = await ask(connection, KEY, key_id)
    return _key(found[0]) if found else None


async def keys(
    connection: Connection, wanted: KeyFilter, limit: int | None = None, after: str | None = None
) -> list[Key]:
    """Those keys, oldest first, the ended ones too, beginning behind the id `after`."""
    within = (wanted.organization_id, wanted.owner_type, wanted.owner_id)
    return [_key(row) for row in await ask(connection, KEYS, after, *within, limit)]


async def revoke_key(connection: Connection, key_id: str, at_us: int) -> Key | None:
    """The key, revoked now or earlier; none where there is no such key."""
    found = await ask(connection, REVOKE_KEY, key_id, Instant(at_us))
    return _key(found[0]) if found else None


async def limit_key(connection: Connection, key_id: str, limit: Budget | None) -> Key:
    """The locked key with that spending limit, or with none."""
    return _key((await ask(connection, LIMIT_KEY, key_id, _text(limit)))[0])


async def lock_key(connection: Connection, key_id: str) -> Key | None:
    """The key, which nobody else changes until the end of the transaction."""
    found = await ask(connection, LOCK_KEY, key_id)
    return _key(found[0]) if found else None


async def give_secret(
    connection: Connection, key_id: str, secret: NewSecret, at_us: int, former_until_us: int
) -> Key:
    """The locked key with a new secret. Those it had before are good until then, or less long."""
    now, until = Instant(at_us), Instant(former_until_us)
    await ask(connection, SHORTEN_FORMER, key_id, until)
    await ask(connection, KEEP_FORMER, key_id, until)
    await ask(connection, FORGET_FORMER, key_id, now)
    return _key((await ask(connection, NEW_SECRET, key_id, secret.digest, secret.hint, now))[0])


async def note_use(connection: Connection, key: Key, at_us: int) -> None:
    """Notes that the key is used, once a minute. To know that is worth no failure."""
    last_us = key.last_used_at_us
    if last_us is not None and last_us > at_us - _USE_NOTED_EVERY_US:
        return
    with suppress(OperationalError, ReadOnlySqlTransaction):
        earlier = Instant(at_us - _USE_NOTED_EVERY_US)
        await ask(connection, NOTE_USE, key.id, Instant(at_us), earlier)


def _instant(at_us: int | None) -> Instant | None:
    return None if at_us is None else Instant(at_us)


def _key(row: Row) -> Key:
    return Key(
        id=row[0],
        name=row[1],
        hint=row[2],
        scopes=frozenset(row[3]),
        organization_id=row[4],
        owner_type=row[5],
        owner_id=row[6],
        created_at_us=row[7],
        created_by=row[8],
        rotated_at_us=row[9],
        expires_at_us=row[10],
        last_used_at_us=row[11],
        revoked_at_us=row[12],
        limit=None if row[13] is None else _budget(row[13]),
    )


def _text(limit: Budget | None) -> str | None:
    return None if limit is None else encoded(limit).decode()
