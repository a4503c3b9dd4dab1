"""Idempotency keys of what the engine does not decide: orders and refunds of money.

A key stands for one wish on its wallet, whoever decides it. So a claim takes the lock under which
the engine decides, looks at the engine's own keys, and then stands among these too.
"""

from typing import NamedTuple

import msgspec

from khata.domain.commands import Claimed
from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.postgres.asking import Connection, ask

LOCK_WALLET = """
update accounts set revision = revision + 1 where bucket = $1 and wallet_id = $2
returning organization_id"""

DECIDED_UNDER_KEY = """
select from transactions where bucket = $1 and wallet_id = $2 and idempotency_key = $3
union all
select from answers where bucket = $1 and wallet_id = $2 and idempotency_key = $3"""

CLAIM_KEY = """
insert into claims (bucket, wallet_id, idempotency_key, organization_id, fingerprint, claimed_by)
values ($1, $2, $3, $4, $5, $6)"""

# So that the engine, which reads these with each batch, meets the key as taken. Old answers are
# cleared away, and a claim's is never old.
TELL_ENGINE = """
insert into answers (bucket, wallet_id, idempotency_key, organization_id, fingerprint, at, outcome)
values ($1, $2, $3, $4, $5, 'infinity', $6)"""

CLAIMED_BY = """
select fingerprint, claimed_by from claims
where bucket = $1 and wallet_id = $2 and idempotency_key = $3"""

_encode = msgspec.json.Encoder().encode


class Wish(NamedTuple):
    """A request under a key: on which wallet, with which body's fingerprint."""

    wallet_id: WalletId
    idempotency_key: str
    fingerprint: bytes


class KeyTaken(Exception):
    """The key stands for something else on this wallet."""


async def lock_wallet(connection: Connection, wallet_id: WalletId) -> OrganizationId | None:
    """Waits for the engine's batch on the wallet and keeps the next one waiting until the end of
    the transaction; the wallet's organization, or none where there is no such wallet."""
    found = await ask(connection, LOCK_WALLET, bucket_of(wallet_id), wallet_id)
    return found[0][0] if found else None


async def claimed_by(connection: Connection, wish: Wish) -> str | None:
    """What the key stands for already, if it was claimed with the same request.

    Under the wallet's lock, none means that the key is free. Raises `KeyTaken`.
    """
    named = (bucket_of(wish.wallet_id), wish.wallet_id, wish.idempotency_key)
    found = await ask(connection, CLAIMED_BY, *named)
    if found and found[0][0] == wish.fingerprint:
        return str(found[0][1])
    if found or await ask(connection, DECIDED_UNDER_KEY, *named):
        raise KeyTaken
    return None


async def claim(
    connection: Connection, wish: Wish, organization_id: OrganizationId, by: str
) -> None:
    """Takes a free key, under the wallet's lock."""
    named = (bucket_of(wish.wallet_id), wish.wallet_id, wish.idempotency_key, organization_id)
    await ask(connection, CLAIM_KEY, *named, wish.fingerprint, by)
    outcome = _encode(Claimed(by)).decode()
    await ask(connection, TELL_ENGINE, *named, wish.fingerprint, outcome)
