"""Jobs: what is to be done beside requests, wished for, leased, done or tried again.

A job is named by its kind and its subject, and its row is the wish. Whoever leases it sees how
often it was wished for; what is wished for meanwhile is done again. A lease is a time: with it the
row moves out of the way of those that look for work, and comes back by itself when its worker dies.
Two workers that choose the same row meet on it, and the later one finds the condition broken.
"""

from collections.abc import Sequence

from msgspec import Struct

from khata.domain.ids import WalletId, bucket_of
from khata.postgres.asking import Connection, ask
from khata.postgres.binary import Array, Instant, int2s, texts, times

# In one order for all, so that no two who wish for the same jobs wait for each other.
WANT_JOBS = """
insert into jobs (bucket, kind, subject, wallet_id, run_at, created_at)
select bucket_, kind_, subject_, wallet_, run_at_, ($6::timestamptz[])[1]
from unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
  as wish (bucket_, kind_, subject_, wallet_, run_at_)
on conflict (bucket, kind, subject) do update
set run_at = least(jobs.run_at, excluded.run_at), wanted = jobs.wanted + 1"""

CLAIM_JOBS = """
update jobs set leased_until = $2, run_at = $2, attempts = attempts + 1
from (
  select bucket as bucket_, kind as kind_, subject as subject_ from jobs
  where run_at <= $1 and leased_until <= $1 and kind = any($3::text[])
  order by run_at limit $4) as due
where bucket = bucket_ and kind = kind_ and subject = subject_
  and run_at <= $1 and leased_until <= $1
returning kind, subject, wallet_id, wanted, attempts"""

_LEASED = "bucket = $1 and kind = $2 and subject = $3 and leased_until = $4"

FORGET_JOB = f"delete from jobs where {_LEASED} and wanted = $5 returning 1"

# What was wished for meanwhile brought the time forward, from the lease's end to the wish's.
FINISH_JOB = f"""
update jobs set leased_until = '-infinity', attempts = 0, error = null,
  run_at = case when wanted = $5 then coalesce($6, run_at) else least(run_at, $6) end
where {_LEASED}"""

FAIL_JOB = f"""
update jobs set leased_until = '-infinity', error = $7,
  run_at = case when wanted = $5 then $6 else least(run_at, $6) end
where {_LEASED}"""

GIVE_BACK_JOB = f"""
update jobs set leased_until = '-infinity', run_at = $5, attempts = attempts - 1
where {_LEASED}"""

QUEUE = """
select count(*), min(run_at) from (
  select run_at from jobs where run_at <= $1 order by run_at limit 10000) as due"""


class WantedJob(Struct, frozen=True, kw_only=True):
    """A wish: to do this to the subject, an id of the wallet's, at that time or soon after."""

    kind: str
    subject: str
    wallet_id: WalletId
    run_at_us: int


class LeasedJob(Struct, frozen=True, kw_only=True):
    """A job that is ours until the lease ends. `attempts` counts this one, since it went well."""

    kind: str
    subject: str
    wallet_id: WalletId
    wanted: int
    attempts: int
    leased_until_us: int


class Queue(Struct, frozen=True):
    """How many jobs are due (10,000 stands for more), and since when the oldest is."""

    due: int
    oldest_us: int | None


async def want(connection: Connection, jobs: Sequence[WantedJob], now_us: int) -> None:
    """Wishes for these jobs. One that is there already is done no later than it was going to be."""
    if jobs:
        statement, parameters = wishes(jobs, now_us)
        await ask(connection, statement, *parameters)


def wishes(jobs: Sequence[WantedJob], now_us: int) -> tuple[str, tuple[Array, ...]]:
    """The statement that wishes for these jobs, for whoever has a transaction of its own."""
    soonest: dict[tuple[int, str, str], WantedJob] = {}
    for job in sorted(jobs, key=lambda job: job.run_at_us):
        soonest.setdefault((bucket_of(job.wallet_id), job.kind, job.subject), job)
    keys = sorted(soonest)
    chosen = [soonest[key] for key in keys]
    return WANT_JOBS, (
        int2s([bucket for bucket, _, _ in keys]),
        texts([job.kind for job in chosen]),
        texts([job.subject for job in chosen]),
        texts([job.wallet_id for job in chosen]),
        times([job.run_at_us for job in chosen]),
        times([now_us]),
    )


async def claim(
    connection: Connection, kinds: Sequence[str], now_us: int, leased_until_us: int, limit: int
) -> list[LeasedJob]:
    """Leases up to `limit` due jobs of these kinds. No other worker gets them until the end."""
    found = await ask(
        connection, CLAIM_JOBS, Instant(now_us), Instant(leased_until_us), texts(kinds), limit
    )
    return [
        LeasedJob(
            kind=kind,
            subject=subject,
            wallet_id=wallet_id,
            wanted=wanted,
            attempts=attempts,
            leased_until_us=leased_until_us,
        )
        for kind, subject, wallet_id, wanted, attempts in found
    ]


async def finish(connection: Connection, job: LeasedJob, next_run_at_us: int | None) -> None:
    """The job is done, until that time or for good. What was wished for meanwhile stays due.

    A job whose lease has run out is no longer ours, and stays as its next worker has it.
    """
    if next_run_at_us is None and await ask(connection, FORGET_JOB, *_lease(job), job.wanted):
        return
    again = None if next_run_at_us is None else Instant(next_run_at_us)
    await ask(connection, FINISH_JOB, *_lease(job), job.wanted, again)


async def fail(connection: Connection, job: LeasedJob, error: str, run_at_us: int) -> None:
    """The job went wrong, and is tried again then."""
    await ask(connection, FAIL_JOB, *_lease(job), job.wanted, Instant(run_at_us), error)


async def give_back(connection: Connection, job: LeasedJob, now_us: int) -> None:
    """The job was not done: another worker may have it at once."""
    await ask(connection, GIVE_BACK_JOB, *_lease(job), Instant(now_us))


async def queue(connection: Connection, now_us: int) -> Queue:
    """What is due by now."""
    due, oldest_us = (await ask(connection, QUEUE, Instant(now_us)))[0]
    return Queue(due, oldest_us)


def _lease(job: LeasedJob) -> tuple[object, ...]:
    return bucket_of(job.wallet_id), job.kind, job.subject, Instant(job.leased_until_us)
