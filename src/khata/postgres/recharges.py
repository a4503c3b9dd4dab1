"""Recharges: wallets armed with a line, and what has become of each recharge."""

from msgspec import Struct

from khata.domain.ids import OrganizationId, WalletId, bucket_of
from khata.postgres import jobs
from khata.postgres.asking import Connection, Row, ask
from khata.postgres.binary import Instant

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


async def arm(
    connection: Connection, wallet_id: WalletId, below: int | None, now_us: int
) -> int | None:
    """Lets the wallet recharge itself below that line, or not at all; the number of the recharge
    that begins at once because less is available already.

    While one is under way the wallet stays disarmed. To be called within a transaction.
    """
    line = await _locked(connection, wallet_id)
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


async def _locked(connection: Connection, wallet_id: WalletId) -> Line:
    found: list[Row] = await ask(connection, LOCK_LINE, bucket_of(wallet_id), wallet_id)
    assert found, f"{wallet_id} has no accounts"
    return Line(*found[0])
