"""Recharges: wallets armed with a line, and what has become of each recharge."""

from collections.abc import Mapping

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.domain.recharge import Recharge
from khata.postgres import jobs
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant, int2s, texts, times

RECHARGE_JOB = "recharge"

# The lock under which the engine decides, so that no charge comes between what follows.
LOCK_LINE = """
update accounts set revision = revision + 1 where bucket = $1 and wallet_id = $2
returning organization_id, available, recharges"""

SET_LINE = """
update accounts set recharge_below = $3, recharges = $4 where bucket = $1 and wallet_id = $2"""

UNDER_WAY = """
select number from recharges
where bucket = $1 and wallet_id = $2
  and state in ('triggered', 'notice_sent', 'notice_delivered', 'debit_due', 'debiting')"""

_FIELDS = (
    "wallet_id, number, organization_id, state, amount_paise, payment_method_id, order_id,"
    " gateway_payment_id, attempt, next_at, notice_sent_at, notice_delivered_at, debited_at,"
    " failure, created_at, updated_at"
)

RECHARGE = f"""
select {_FIELDS} from recharges where bucket = $1 and wallet_id = $2 and number = $3"""

UNDER_WAY_WHOLE = f"""
select {_FIELDS} from recharges
where bucket = $1 and wallet_id = $2
  and state in ('triggered', 'notice_sent', 'notice_delivered', 'debit_due', 'debiting')"""

# From the state that it was read in only, so that what came in between stays.
SAVE_RECHARGE = f"""
update recharges set state = $5, amount_paise = $6, payment_method_id = $7, order_id = $8,
  gateway_payment_id = $9, attempt = $10, next_at = $11, notice_sent_at = $12,
  notice_delivered_at = $13, debited_at = $14, failure = $15, updated_at = $16
where bucket = $1 and wallet_id = $2 and number = $3 and state = $4
returning {_FIELDS}"""

SPENT = """
select coalesce(sum(amount_paise) filter (where debited_at >= $3), 0)::bigint,
  coalesce(sum(amount_paise) filter (where debited_at >= $4), 0)::bigint
from recharges
where bucket = $1 and wallet_id = $2 and state = 'succeeded' and debited_at >= least($3, $4)"""

# Of many wallets at once, each since its own month began.
SPENT_IN_MONTHS = """
select asked.wallet_id, (
  select coalesce(sum(amount_paise), 0)::bigint from recharges r
  where r.bucket = asked.bucket and r.wallet_id = asked.wallet_id and state = 'succeeded'
    and debited_at >= asked.since)
from unnest($1::smallint[], $2::text[], $3::timestamptz[]) as asked (bucket, wallet_id, since)"""

USED_SINCE = """
select coalesce(sum(credits), 0)::bigint from usage_hourly
where bucket = $1 and wallet_id = $2 and hour >= $3"""

INSERT_RECHARGE = """
insert into recharges (bucket, wallet_id, number, organization_id, state, created_at, updated_at)
values ($1, $2, $3, $4, 'triggered', $5, $5)"""


class Line(Struct, frozen=True):
    """A wallet's accounts under their lock, as far as recharges go."""

    organization_id: OrganizationId
    available: int
    recharges: int


def subject_of(wallet_id: WalletId, number: int) -> str:
    """By which a recharge is named among the jobs."""
    return f"{wallet_id}/{number}"


async def lock_line(connection: Connection, wallet_id: WalletId) -> Line:
    """Waits for the engine's batch on the wallet and keeps the next one waiting until the end of
    the transaction."""
    found: list[Row] = await ask(connection, LOCK_LINE, bucket_of(wallet_id), wallet_id)
    assert found, f"{wallet_id} has no accounts"
    return Line(*found[0])


async def arm(
    connection: Connection, wallet_id: WalletId, below: int | None, now_us: int
) -> int | None:
    """Lets the wallet recharge itself below that line, or not at all; the number of the recharge
    that begins at once because less is available already.

    While one is under way the wallet stays disarmed. To be called within a transaction.
    """
    line = await lock_line(connection, wallet_id)
    under_way = await ask(connection, UNDER_WAY, bucket_of(wallet_id), wallet_id)
    named = (bucket_of(wallet_id), wallet_id)
    if below is None or under_way:
        await ask(connection, SET_LINE, *named, None, line.recharges)
        return None
    if line.available >= below:
        await ask(connection, SET_LINE, *named, below, line.recharges)
        return None
    number = line.recharges + 1
    await ask(connection, SET_LINE, *named, None, number)
    made = (number, line.organization_id, Instant(now_us))
    await ask(connection, INSERT_RECHARGE, *named, *made)
    await want_step(connection, wallet_id, number, now_us, now_us)
    return number


async def recharge(connection: Connection, wallet_id: WalletId, number: int) -> Recharge | None:
    """The wallet's so-many-th recharge."""
    found = await ask(connection, RECHARGE, bucket_of(wallet_id), wallet_id, number)
    return _recharge(found[0]) if found else None


async def under_way(connection: Connection, wallet_id: WalletId) -> Recharge | None:
    """The one recharge of the wallet that has not come to its end."""
    found = await ask(connection, UNDER_WAY_WHOLE, bucket_of(wallet_id), wallet_id)
    return _recharge(found[0]) if found else None


async def save(connection: Connection, before: Recharge, after: Recharge) -> Recharge | None:
    """The recharge as it is now to stand; none where it has left the state it was read in."""
    found = await ask(
        connection,
        SAVE_RECHARGE,
        *(bucket_of(before.wallet_id), before.wallet_id, before.number, before.state),
        *(after.state, after.amount_paise, after.payment_method_id, after.order_id),
        *(after.gateway_payment_id, after.attempt, _instant(after.next_at_us)),
        *(_instant(after.notice_sent_at_us), _instant(after.notice_delivered_at_us)),
        *(_instant(after.debited_at_us), after.failure, Instant(after.updated_at_us)),
    )
    return _recharge(found[0]) if found else None


async def spent_since(
    connection: Connection, wallet_id: WalletId, day_us: int, month_us: int
) -> tuple[int, int]:
    """The paise of recharges that went well, debited since the day and since the month began."""
    named = (bucket_of(wallet_id), wallet_id)
    today, month = (await ask(connection, SPENT, *named, Instant(day_us), Instant(month_us)))[0]
    return today, month


async def spent_in_months(
    connection: Connection, months: Mapping[WalletId, int]
) -> dict[WalletId, int]:
    """The paise of each wallet's recharges that went well, debited since that time of its own."""
    named = int2s([bucket_of(each) for each in months]), texts(list(months))
    return dict(await ask(connection, SPENT_IN_MONTHS, *named, times(list(months.values()))))


async def used_since(connection: Connection, wallet_id: WalletId, since_us: int) -> int:
    """The credits charged since, less those refunded."""
    named = (bucket_of(wallet_id), wallet_id)
    used: int = (await ask(connection, USED_SINCE, *named, Instant(since_us)))[0][0]
    return used


async def want_step(
    connection: Connection, wallet_id: WalletId, number: int, run_at_us: int, now_us: int
) -> None:
    """Wishes that the recharge be taken on then."""
    job = jobs.WantedJob(
        kind=RECHARGE_JOB,
        subject=subject_of(wallet_id, number),
        wallet_id=wallet_id,
        run_at_us=run_at_us,
    )
    await jobs.want(connection, [job], now_us)


def _instant(at_us: int | None) -> Instant | None:
    return None if at_us is None else Instant(at_us)


def _recharge(row: Row) -> Recharge:
    return Recharge(
        wallet_id=row[0],
        number=row[1],
        organization_id=row[2],
        state=row[3],
        amount_paise=row[4],
        payment_method_id=row[5],
        order_id=row[6],
        gateway_payment_id=row[7],
        attempt=row[8],
        next_at_us=row[9],
        notice_sent_at_us=row[10],
        notice_delivered_at_us=row[11],
        debited_at_us=row[12],
        failure=row[13],
        created_at_us=row[14],
        updated_at_us=row[15],
    )
