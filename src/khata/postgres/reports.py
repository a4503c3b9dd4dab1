"""Sums over the ledger and the journal of money, for reports. They lock nothing.

Each statement is one aggregate over the buckets, in the session's snapshot.
"""

from khata.domain.reports import Moved, OwedKind, OwedWallet, Period
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Instant

IN_PERIOD = """
where ($1::text is null or organization_id = $1)
  and at >= coalesce($2::timestamptz, '-infinity') and at < coalesce($3::timestamptz, 'infinity')
  and ($4::text is null or wallet_id = $4)"""

PAISE_MOVED = f"""
select kind, account, sum(paise)::bigint from money_entries {IN_PERIOD}
group by kind, account order by kind, account"""

CREDITS_MOVED = f"""
select sum(available_change)::bigint, sum(reserved_change)::bigint, sum(locked_change)::bigint,
  account, sum(account_change)::bigint
from transactions {IN_PERIOD}
group by account order by account"""

DEFERRED = f"""
select coalesce(-sum(paise), 0)::bigint from money_entries {IN_PERIOD}
  and account = 'deferred_revenue'"""

# After g of a lot's C credits are gone, round(P * g / C) of its price P is earned.
_UNEARNED = """(cost_paise - div(
  2 * cost_paise::numeric * (granted - available - reserved - locked) + granted, 2 * granted))"""

UNEARNED = f"""
select coalesce(sum({_UNEARNED}), 0)::bigint from grants
where live and cost_paise > 0 and ($1::text is null or organization_id = $1)"""

OWED_BY_KIND = f"""
select kind, sum(available)::bigint, sum(reserved)::bigint, sum(locked)::bigint,
  sum({_UNEARNED})::bigint
from grants where live and ($1::text is null or organization_id = $1)
group by kind order by kind"""

OWING = """
select count(*), coalesce(sum(debt), 0)::bigint from accounts
where ($1::text is null or organization_id = $1)
  and (available <> 0 or reserved <> 0 or locked <> 0 or debt <> 0)"""

OWED_BY_WALLET = f"""
select a.wallet_id, w.name, a.available + a.debt + a.reserved + a.locked as credits, a.debt,
  coalesce((
    select sum({_UNEARNED}) from grants
    where bucket = a.bucket and wallet_id = a.wallet_id and live), 0)::bigint
from accounts a join wallets w on w.bucket = a.bucket and w.id = a.wallet_id
where ($1::text is null or a.organization_id = $1)
  and (a.available <> 0 or a.reserved <> 0 or a.locked <> 0 or a.debt <> 0)
order by credits desc, a.debt desc, a.wallet_id limit $2"""


async def paise_moved(connection: Connection, period: Period) -> Moved:
    """What was booked in INR, by the kind of what booked it and by account."""
    found = await ask(connection, PAISE_MOVED, *of_period(period))
    return {(kind, account): paise for kind, account, paise in found}


async def credits_moved(connection: Connection, period: Period) -> dict[str, int]:
    """What was booked in credits, by account."""
    sums = {"available": 0, "reserved": 0, "locked": 0}
    for available, reserved, locked, account, change in await ask(
        connection, CREDITS_MOVED, *of_period(period)
    ):
        sums["available"] += available
        sums["reserved"] += reserved
        sums["locked"] += locked
        if account is not None:
            sums[account] = change
    return sums


async def deferred(connection: Connection, period: Period) -> int:
    """What the legs of that period added to deferred revenue, in paise."""
    return (await ask(connection, DEFERRED, *of_period(period)))[0][0]


async def unearned(connection: Connection, organization_id: str | None) -> int:
    """What all lots have not earned of their cost now, in paise."""
    return (await ask(connection, UNEARNED, organization_id))[0][0]


async def owed_by_kind(connection: Connection, organization_id: str | None) -> tuple[OwedKind, ...]:
    """Credits outstanding now by kind of grant."""
    return tuple(OwedKind(*row) for row in await ask(connection, OWED_BY_KIND, organization_id))


async def owed_by_wallet(
    connection: Connection, organization_id: str | None, limit: int
) -> tuple[OwedWallet, ...]:
    """The wallets with the most credits outstanding now, then with the most debt."""
    found = await ask(connection, OWED_BY_WALLET, organization_id, limit)
    return tuple(OwedWallet(*row) for row in found)


async def owing(connection: Connection, organization_id: str | None) -> tuple[int, int]:
    """How many wallets hold or owe credits now, and the debts of all together."""
    count, debts = (await ask(connection, OWING, organization_id))[0]
    return count, debts


def of_period(period: Period) -> tuple[object, ...]:
    """The parameters of `IN_PERIOD`."""
    return (
        period.organization_id,
        None if period.from_us is None else Instant(period.from_us),
        None if period.to_us is None else Instant(period.to_us),
        period.wallet_id,
    )
