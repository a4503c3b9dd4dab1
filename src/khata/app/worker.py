"""The worker: does the jobs that are due, several at once, as often as they are wished for.

Any number of workers share the jobs of one database. Each job is leased; a step is cut off before
its lease runs out, so that no two workers are at the same job, and what a killed worker held is
done by another when its lease ends. A step must bear being taken again: it may have got through
without our learning it.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from khata.app.leasing import LeaseLoop
from khata.domain.ids import WalletId
from khata.engine.books import Unavailable
from khata.postgres import jobs as store
from khata.postgres.asking import borrowed
from khata.postgres.connect import Pool
from khata.postgres.jobs import LeasedJob, Queue

Step = Callable[[str, WalletId], Awaitable[int | None]]
"""Does a job to its subject; the time to do it again (`at_us`), or None when it is done."""

AT_ONCE: Final = 8
LEASE_SECONDS: Final = 60
STEP_SECONDS: Final = 45.0
LONGEST_PAUSE_SECONDS: Final = 600
POLL_SECONDS: Final = 1.0
_SECOND_US = 1_000_000
_ERROR_CHARACTERS = 300

_log = structlog.get_logger()


class Worker:
    """Does jobs of the kinds it has a step for, and leaves all others to whoever knows them.

    `ran` and `failed` count this worker's, by kind.
    """

    def __init__(
        self,
        pool: Pool,
        steps: Mapping[str, Step],
        now_us: Callable[[], int],
        at_once: int = AT_ONCE,
    ) -> None:
        self._pool = pool
        self._steps = steps
        self._now_us = now_us
        self._loop = LeaseLoop("Worker.run", self._leased, self._carry_out, at_once, POLL_SECONDS)
        self.ran: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def wake(self) -> None:
        """Makes it look for jobs at once: one was wished for in this process."""
        self._loop.wake()

    async def work_once(self) -> int:
        """Does a handful of what is due by now, all at once; how many jobs it were.

        Raises `Unavailable` where the jobs can't be asked for. A step that fails raises nothing:
        its job is tried again later.
        """
        return await self._loop.once()

    async def run(self) -> None:
        """Works until it is cancelled, and then gives back what it was at."""
        await self._loop.run()

    async def queue(self) -> Queue:
        """What is due by now, whoever will do it. Raises `Unavailable`."""
        async with borrowed(self._pool) as connection:
            return await store.queue(connection, self._now_us())

    async def _leased(self, limit: int) -> list[LeasedJob]:
        now_us = self._now_us()
        leased_until_us = now_us + LEASE_SECONDS * _SECOND_US
        async with borrowed(self._pool) as connection:
            return await store.claim(connection, list(self._steps), now_us, leased_until_us, limit)

    async def _carry_out(self, job: LeasedJob) -> None:
        try:
            await self._step(job)
        except asyncio.CancelledError:
            async with borrowed(self._pool) as connection:
                await store.give_back(connection, job, self._now_us())
            raise
        except Unavailable as error:  # the lease will end by itself
            self.failed[job.kind] += 1
            _log.warning("job_put_off", kind=job.kind, subject=job.subject, reason=str(error))

    async def _step(self, job: LeasedJob) -> None:
        try:
            async with asyncio.timeout(STEP_SECONDS):
                next_run_at_us = await self._steps[job.kind](job.subject, job.wallet_id)
        except Exception as error:  # noqa: BLE001 - whatever it was, the job is tried again
            await self._put_off(job, error)
            return
        async with borrowed(self._pool) as connection:
            await store.finish(connection, job, next_run_at_us)
        self.ran[job.kind] += 1

    async def _put_off(self, job: LeasedJob, error: Exception) -> None:
        words = words_of(error)
        self.failed[job.kind] += 1
        _log.warning(
            "job_failed", kind=job.kind, subject=job.subject, attempts=job.attempts, error=words
        )
        async with borrowed(self._pool) as connection:
            now_us = self._now_us()
            await store.fail(connection, job, words, now_us + pause_us(job.attempts))


def pause_us(attempts: int) -> int:
    """How long a job rests that failed so many times in a row: 1 s, 2, 4 … ten minutes."""
    return min(2 ** min(attempts - 1, 16), LONGEST_PAUSE_SECONDS) * _SECOND_US


def words_of(error: Exception) -> str:
    """What is kept of an error: our own words, and of others the kind alone, since they may repeat
    what they were given: a key, an address, a row."""
    kind = type(error)
    own = kind.__module__.split(".")[0] == "khata" and str(error)
    return f"{kind.__name__}: {error}"[:_ERROR_CHARACTERS] if own else kind.__name__
