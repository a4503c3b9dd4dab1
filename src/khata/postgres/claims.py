"""Idempotency keys of what the engine does not decide: orders and refunds of money.

A key stands for one wish on its wallet, whoever decides it. So a claim takes the lock under which
the engine decides, looks at the keys of its transactions, and then stands among its kept answers.
"""

from typing import NamedTuple

import msgspec

from khata.domain.commands import Claimed
from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

LOCK_WALLET = """
update accounts set revision = revision + 1 where bucket = $1 and wallet_id = $2
returning organization_id"""

CHARGED_UNDER_KEY = """
select 1 from transactions where bucket = $1 and wallet_id = $2 and idempotency_key = $3"""

CLAIM_KEY = """
insert into answers (bucket, wallet_id, idempotency_key, organization_id, fingerprint, at, outcome)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
returning 1"""

CLAIMED_BY = """
select fingerprint, outcome from answers
where bucket = $1 and wallet_id = $2 and idempotency_key = $3"""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Claimed).decode


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


async def claim(
    connection: Connection, wish: Wish, organization_id: OrganizationId, by: str, at_us: int
) -> str:
    """Whose the key is: `by`, or whatever claimed it earlier with the same request.

    To be called under the wallet's lock. Raises `KeyTaken`.
    """
    named = (bucket_of(wish.wallet_id), wish.wallet_id, wish.idempotency_key)
    if await ask(connection, CHARGED_UNDER_KEY, *named):
        raise KeyTaken
    noted = (organization_id, wish.fingerprint, Instant(at_us), _encode(Claimed(by)).decode())
    if await ask(connection, CLAIM_KEY, *named, *noted):
        return by
    fingerprint, outcome = (await ask(connection, CLAIMED_BY, *named))[0]
    if fingerprint != wish.fingerprint:
        raise KeyTaken
    return _decode(outcome).by


async def claimed_by(connection: Connection, wish: Wish) -> str | None:
    """What the key stands for already, if it is this very request. Raises `KeyTaken`."""
    named = (bucket_of(wish.wallet_id), wish.wallet_id, wish.idempotency_key)
    found = await ask(connection, CLAIMED_BY, *named)
    if not found:
        return None
    fingerprint, outcome = found[0]
    if fingerprint != wish.fingerprint:
        raise KeyTaken
    return _decode(outcome).by
