"""Wallets as a registry: who owns which, and their settings. Credits move elsewhere."""

from collections.abc import Sequence
from typing import NamedTuple

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.wallet import Accounts, Wallet
from khata.postgres import budgets, rows
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant, int2s, texts
from khata.postgres.rows import ACCOUNT_COLUMNS, WALLET_COLUMNS

Owner = tuple[OrganizationId, str, str]


class Settings(NamedTuple):
    """What to change; None stays. `caps` is JSON, merged, with null for a cap to be taken off."""

    name: str | None
    status: str | None
    low_balance_threshold: int | None
    rapid_burn_limit: int | None
    caps: str
    rapid_burn_action: str | None


# Of settings that leave all caps as they are.
NO_CAPS = "{}"

CLAIM_OWNER = """
insert into wallet_owners (organization_id, owner_type, owner_id, wallet_id)
values ($1, $2, $3, $4)
on conflict (organization_id, owner_type, owner_id) do nothing
returning wallet_id"""

WALLET_OF_OWNER = """
select wallet_id from wallet_owners
where organization_id = $1 and owner_type = $2 and owner_id = $3"""

INSERT_WALLET = f"""
insert into wallets (bucket, {WALLET_COLUMNS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"""

INSERT_ACCOUNTS = "insert into accounts (bucket, wallet_id, organization_id) values ($1, $2, $3)"

WALLET = f"select {WALLET_COLUMNS} from wallets where bucket = $1 and id = $2"

ACCOUNTS = f"select {ACCOUNT_COLUMNS} from accounts where bucket = $1 and wallet_id = $2"

OWNER = "select organization_id, owner_type, owner_id from wallets where bucket = $1 and id = $2"

WALLETS_BY_ID = f"""
select {WALLET_COLUMNS} from unnest($1::smallint[], $2::text[]) as asked (bucket_, id_)
join wallets on bucket = bucket_ and id = id_
order by id"""

TOGETHER = """
select id_, time_zone, created_at, available
from unnest($1::smallint[], $2::text[]) as asked (bucket_, id_)
join wallets w on w.bucket = bucket_ and w.id = id_
join accounts a on a.bucket = bucket_ and a.wallet_id = id_"""

CHANGE_WALLET = f"""
with noticed as (
  update accounts set revision = revision + 1 where bucket = $1 and wallet_id = $2)
update wallets set name = coalesce($3, name), status = coalesce($4, status),
  frozen_reason = case when $4::text is null then frozen_reason end,
  low_balance_threshold = coalesce($5, low_balance_threshold),
  rapid_burn_limit = coalesce($6, rapid_burn_limit),
  caps = jsonb_strip_nulls(caps::jsonb || $7::jsonb)::text,
  rapid_burn_action = coalesce($8, rapid_burn_action), updated_at = $9
where bucket = $1 and id = $2
returning {WALLET_COLUMNS}"""

_OWNED = "select wallet_id from wallet_owners where wallet_id > $1"


async def insert_wallet(connection: Connection, wallet: Wallet) -> WalletId | None:
    """Makes the wallet with its accounts, or says which one the owner has already."""
    owner = (wallet.organization_id, wallet.owner_type, wallet.owner_id)
    async with connection.transaction():
        if not await ask(connection, CLAIM_OWNER, *owner, wallet.id):
            # The claim waited for whoever was faster, so that one's wallet is there by now.
            return (await ask(connection, WALLET_OF_OWNER, *owner))[0][0]
        bucket = bucket_of(wallet.id)
        counting = rows.budgets_text(
            await budgets.of_new_wallet(connection, wallet.organization_id)
        )
        await ask(connection, INSERT_WALLET, bucket, *_fields(wallet), counting)
        await ask(connection, INSERT_ACCOUNTS, bucket, wallet.id, wallet.organization_id)
    return None


class Glance(NamedTuple):
    """What a sum over wallets needs of each; `available` as booked."""

    id: WalletId
    time_zone: str
    created_at_us: int
    available: int


async def glances(connection: Connection, organization_id: str, limit: int) -> list[Glance]:
    """Up to `limit` of the organization's wallets."""
    statement, parameters = owned_wallets(None, None, organization_id, limit, "")
    ids = [row[0] for row in await ask(connection, statement, *parameters)]
    named = int2s([bucket_of(wallet_id) for wallet_id in ids]), texts(ids)
    return [Glance(*row) for row in await ask(connection, TOGETHER, *named)]


async def wallets_by_id(connection: Connection, ids: Sequence[str]) -> dict[str, Wallet]:
    """Those of these wallets that there are."""
    named = int2s([bucket_of(wallet_id) for wallet_id in ids]), texts(ids)
    found = [rows.wallet(row) for row in await ask(connection, WALLETS_BY_ID, *named)]
    return {wallet.id: wallet for wallet in found}


async def wallet(connection: Connection, wallet_id: WalletId) -> Wallet | None:
    found = await ask(connection, WALLET, bucket_of(wallet_id), wallet_id)
    return rows.wallet(found[0]) if found else None


async def accounts(connection: Connection, wallet_id: WalletId) -> Accounts:
    """As booked, whatever has expired since."""
    found = await ask(connection, ACCOUNTS, bucket_of(wallet_id), wallet_id)
    return rows.accounts(found[0])


async def owner(connection: Connection, wallet_id: WalletId) -> Owner | None:
    """Organization, owner's type and owner's id."""
    found = await ask(connection, OWNER, bucket_of(wallet_id), wallet_id)
    return (found[0][0], found[0][1], found[0][2]) if found else None


async def wallets(
    connection: Connection,
    owner_type: str | None,
    owner_id: str | None,
    organization_id: str | None,
    limit: int,
    after: str,
) -> list[Wallet]:
    """Up to `limit` wallets with ids above `after`, by id, which is by creation."""
    statement, parameters = owned_wallets(owner_type, owner_id, organization_id, limit, after)
    ids = [row[0] for row in await ask(connection, statement, *parameters)]
    named = int2s([bucket_of(wallet_id) for wallet_id in ids]), texts(ids)
    return [rows.wallet(row) for row in await ask(connection, WALLETS_BY_ID, *named)]


def owned_wallets(
    owner_type: str | None,
    owner_id: str | None,
    organization_id: str | None,
    limit: int,
    after: str,
) -> tuple[str, Sequence[object]]:
    """The statement that finds the ids of those wallets.

    By owner and by organization there are indexes. The type alone filters a walk by id: dear only
    for a type that hardly any wallet has.
    """
    asked = (
        ("organization_id", organization_id),
        ("owner_type", owner_type),
        ("owner_id", owner_id),
    )
    given = [(column, value) for column, value in asked if value is not None]
    conditions = [f" and {column} = ${place}" for place, (column, _) in enumerate(given, 2)]
    ending = f" order by wallet_id limit ${len(given) + 2}"
    values = [value for _, value in given]
    return _OWNED + "".join(conditions) + ending, [after, *values, limit]


async def change_wallet(
    connection: Connection,
    wallet_id: WalletId,
    settings: Settings,
    at_us: int,
) -> Wallet | None:
    """The wallet with these settings changed; none where there is no such wallet."""
    named = (bucket_of(wallet_id), wallet_id)
    found = await ask(connection, CHANGE_WALLET, *named, *settings, Instant(at_us))
    return rows.wallet(found[0]) if found else None


def _fields(wallet: Wallet) -> tuple[object, ...]:
    """In the order of `WALLET_COLUMNS`, all but the budgets."""
    return (
        wallet.id,
        wallet.organization_id,
        wallet.owner_type,
        wallet.owner_id,
        wallet.name,
        Instant(wallet.created_at_us),
        Instant(wallet.updated_at_us),
        wallet.status,
        wallet.time_zone,
        wallet.low_balance_threshold,
        wallet.rapid_burn_limit,
        rows.caps_text(wallet.caps),
        wallet.rapid_burn_action,
        wallet.frozen_reason,
    )
