"""Budgets as a registry, and copied to the wallets that they count.

A wallet's row has all budgets that count it, so that a batch reads them with the wallet, and a
wallet without any costs nothing. Whoever changes a budget writes these copies in the same
transaction, under the wallets' locks and with their revisions counted up, so that no engine goes on
with old ones. While a budget over all wallets is written, no wallet is made in its organization.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from msgspec import Struct

from khata.domain.budgets import THROTTLE, Budget, outermost_first
from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.postgres import rows
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant, int2s, texts
from khata.postgres.load import LOCK_ACCOUNTS
from khata.postgres.rows import Row

BUDGET_COLUMNS = (
    "id, level, unit, window_kind, limit_amount, subject, category, feature, on_limit,"
    " alert_at_percent, time_zone"
)
_COLUMNS = (
    f"{BUDGET_COLUMNS}, organization_id, wallet_id, name, of_key, created_at, updated_at, ended_at"
)
_PIECE = 1000


class KeptBudget(Struct, frozen=True):
    """A budget with whose it is. Without a wallet it counts all of its organization together, or
    all that its key may spend from. One that has ended counts no more."""

    budget: Budget
    organization_id: OrganizationId | None
    wallet_id: WalletId | None
    name: str | None
    of_key: bool
    created_at_us: int
    updated_at_us: int
    ended_at_us: int | None = None


class BudgetChange(NamedTuple):
    """What a budget is to be from now on; None stays. `alert_at_percent` of 0 is none."""

    limit: int | None = None
    on_limit: str | None = None
    alert_at_percent: int | None = None
    name: str | None = None


class BudgetFilter(NamedTuple):
    """Which budgets to list; None is any."""

    organization_id: str | None = None
    wallet_id: str | None = None
    level: str | None = None


INSERT_BUDGET = f"""
insert into budgets ({_COLUMNS})
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"""

BUDGET = f"select {_COLUMNS} from budgets where id = $1"

CHANGE_BUDGET = f"""
update budgets set limit_amount = coalesce($2, limit_amount), on_limit = coalesce($3, on_limit),
  alert_at_percent = nullif(coalesce($4, alert_at_percent), 0), name = coalesce($5, name),
  updated_at = $6
where id = $1 and ended_at is null
returning {_COLUMNS}"""

END_BUDGET = f"""
update budgets set ended_at = $2, updated_at = $2 where id = $1 and ended_at is null
returning {_COLUMNS}"""

OWNED = "select id from budgets where id = any($1::text[]) and organization_id = $2"

# What they counted under the old name stays counted by it.
RENAME_SUBJECT = f"""
update budgets set subject = $3, updated_at = $4
where organization_id = $1 and level = 'member' and subject = $2 and ended_at is null
returning {_COLUMNS}"""

# No row is locked here: of those who make wallets in an organization, many may have the second at
# once; who changes a budget over all of them has the first, alone.
ALONE_WITH_WALLETS = "select pg_advisory_xact_lock(hashtextextended($1, 7001))"
BESIDE_OTHERS = "select pg_advisory_xact_lock_shared(hashtextextended($1, 7001))"

OVER_ALL = f"""
select {BUDGET_COLUMNS} from budgets
where organization_id = $1 and wallet_id is null and not of_key and ended_at is null"""

OF_WALLETS = f"""
select {BUDGET_COLUMNS}, wallet_id from budgets
where wallet_id = any($1::text[]) and ended_at is null"""

WALLETS_OF_ORGANIZATION = "select wallet_id from wallet_owners where organization_id = $1"

COPY_TO_WALLETS = """
update wallets w set budgets = n.budgets_
from unnest($1::smallint[], $2::text[], $3::text[]) as n (bucket_, id_, budgets_)
where w.bucket = n.bucket_ and w.id = n.id_"""

NOTICE_OF_WALLETS = """
update accounts a set revision = revision + 1
from unnest($1::smallint[], $2::text[]) as n (bucket_, id_)
where a.bucket = n.bucket_ and a.wallet_id = n.id_"""


async def insert_budget(connection: Connection, kept: KeptBudget) -> None:
    """Makes a budget, which counts from now on."""
    async with connection.transaction():
        await _keep_wallets_from_being_made(connection, kept)
        await ask(connection, INSERT_BUDGET, *_fields(kept))
        await _copy(connection, kept)


async def change_budget(
    connection: Connection, budget_id: str, change: BudgetChange, at_us: int
) -> KeptBudget | None:
    """The budget as it is from now on; none where there is no such budget any more."""
    return await _written(connection, budget_id, CHANGE_BUDGET, *change, Instant(at_us))


async def end_budget(connection: Connection, budget_id: str, at_us: int) -> KeptBudget | None:
    """The budget, which counts no more; none where there was no such budget any more."""
    return await _written(connection, budget_id, END_BUDGET, Instant(at_us))


async def rename_subject(
    connection: Connection, organization_id: OrganizationId, known_as: str, called: str, at_us: int
) -> list[KeptBudget]:
    """The budgets of a member that is counted by another name from now on, which begin anew."""
    async with connection.transaction():
        await ask(connection, ALONE_WITH_WALLETS, organization_id)
        names = (known_as, called, Instant(at_us))
        found = await ask(connection, RENAME_SUBJECT, organization_id, *names)
        renamed = [_kept(row) for row in found]
        if renamed:
            named = [await _concerned(connection, each) for each in renamed]
            await _copy_to(connection, organization_id, {each for of in named for each in of})
        return renamed


async def budget(connection: Connection, budget_id: str) -> KeptBudget | None:
    """The budget of that id, ended or not."""
    found = await ask(connection, BUDGET, budget_id)
    return _kept(found[0]) if found else None


async def owned(
    connection: Connection, organization_id: OrganizationId, budget_ids: Collection[str]
) -> set[str]:
    """Which of these budgets are the organization's, ended or not. The limit that a platform's key
    brings along is nobody's: it counts what all organizations spend by that key."""
    found = await ask(connection, OWNED, texts(list(budget_ids)), organization_id)
    return {row[0] for row in found}


async def budgets(
    connection: Connection, chosen: BudgetFilter, limit: int, after: str
) -> list[KeptBudget]:
    """Up to `limit` budgets that count, with ids above `after`; not those that come with keys,
    nor what slows a burning wallet down."""
    given = [(name, value) for name, value in chosen._asdict().items() if value is not None]
    conditions = "".join(f" and {name} = ${place}" for place, (name, _) in enumerate(given, 3))
    statement = (
        f"select {_COLUMNS} from budgets where id > $1 and id < '{THROTTLE}'"
        " and ended_at is null and not of_key"
        f"{conditions} order by id limit $2"
    )
    found = await ask(connection, statement, after, limit, *(value for _, value in given))
    return [_kept(row) for row in found]


async def of_new_wallet(
    connection: Connection, organization_id: OrganizationId
) -> tuple[Budget, ...]:
    """The budgets that count a wallet which is made in this transaction; none comes in between."""
    await ask(connection, BESIDE_OTHERS, organization_id)
    return await over_all(connection, organization_id)


async def over_all(connection: Connection, organization_id: OrganizationId) -> tuple[Budget, ...]:
    """The budgets over all wallets of an organization."""
    found = await ask(connection, OVER_ALL, organization_id)
    return outermost_first(map(rows.budget, found))


async def _written(
    connection: Connection, budget_id: str, statement: str, *parameters: object
) -> KeptBudget | None:
    async with connection.transaction():
        known = await budget(connection, budget_id)
        if known is None:
            return None
        await _keep_wallets_from_being_made(connection, known)
        found = await ask(connection, statement, budget_id, *parameters)
        if not found:
            return None
        written = _kept(found[0])
        await _copy(connection, written)
        return written


async def _keep_wallets_from_being_made(connection: Connection, kept: KeptBudget) -> None:
    if kept.wallet_id is None and not kept.of_key:
        await ask(connection, ALONE_WITH_WALLETS, kept.organization_id)


async def _copy(connection: Connection, kept: KeptBudget) -> None:
    """Writes what counts them now to the wallets that this budget concerns."""
    if kept.of_key:
        return
    assert kept.organization_id is not None, "what is not a key's own is an organization's"
    await _copy_to(connection, kept.organization_id, await _concerned(connection, kept))


async def _copy_to(
    connection: Connection, organization_id: OrganizationId, named: Collection[WalletId]
) -> None:
    # Locked in the one order in which every batch locks them.
    ordered = sorted(named)
    for start in range(0, len(ordered), _PIECE):
        wallets = ordered[start : start + _PIECE]
        places = int2s([bucket_of(each) for each in wallets]), texts(wallets)
        await ask(connection, LOCK_ACCOUNTS, *places)
        counting = await _counting(connection, organization_id, wallets)
        await ask(connection, COPY_TO_WALLETS, *places, texts(counting))
        await ask(connection, NOTICE_OF_WALLETS, *places)


async def _concerned(connection: Connection, kept: KeptBudget) -> list[WalletId]:
    if kept.wallet_id is not None:
        return [kept.wallet_id]
    return [row[0] for row in await ask(connection, WALLETS_OF_ORGANIZATION, kept.organization_id)]


async def _counting(
    connection: Connection, organization_id: OrganizationId, wallets: Sequence[WalletId]
) -> list[str]:
    """What counts each of these wallets, as it is stored."""
    shared = await over_all(connection, organization_id)
    own: defaultdict[WalletId, list[Budget]] = defaultdict(list)
    for row in await ask(connection, OF_WALLETS, list(wallets)):
        own[row[-1]].append(rows.budget(row[:-1]))
    return [rows.budgets_text(outermost_first((*shared, *own[each]))) for each in wallets]


def _kept(row: Row) -> KeptBudget:
    return KeptBudget(rows.budget(row[:11]), *row[11:])


def _fields(kept: KeptBudget) -> tuple[object, ...]:
    """In the order of the columns."""
    of = kept.budget
    return (
        of.id,
        of.level,
        of.unit,
        of.window,
        of.limit,
        of.subject,
        of.category,
        of.feature,
        of.on_limit,
        of.alert_at_percent,
        of.time_zone,
        kept.organization_id,
        kept.wallet_id,
        kept.name,
        kept.of_key,
        Instant(kept.created_at_us),
        Instant(kept.updated_at_us),
        None if kept.ended_at_us is None else Instant(kept.ended_at_us),
    )
