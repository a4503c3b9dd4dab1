"""Jobs are done as often as they are wished for, by one worker at a time, and none is lost."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

import worker_process
from desk import SECOND_US, Clock
from khata.app.worker import LEASE_SECONDS, Step, Worker, pause_us, words_of
from khata.domain.ids import WalletId
from khata.engine.books import Unavailable
from khata.payments.gateway import GatewayUnavailable
from khata.postgres.asking import ask_pool, borrowed
from khata.postgres.connect import Pool, registry_pool
from khata.postgres.jobs import WantedJob, claim, finish, want
from khata.postgres.server import Server
from khata.testing import wallet_id

WALLET = wallet_id("acme")
JOBS = "select kind, subject, wanted, attempts, error from jobs order by kind, subject"
PROCESS = Path(worker_process.__file__)


@pytest.fixture
async def pool(database: Server) -> AsyncIterator[Pool]:
    async with registry_pool(database.app_dsn) as opened:
        yield opened


class Notes:
    """A step that writes down what it is done to, and says when it wants to be taken again."""

    def __init__(self, again_us: int | None = None) -> None:
        self.done: list[str] = []
        self.again_us = again_us

    async def __call__(self, subject: str, wallet_id: WalletId) -> int | None:
        assert wallet_id == WALLET
        self.done.append(subject)
        return self.again_us


def job(subject: str, run_at_us: int, kind: str = "note") -> WantedJob:
    return WantedJob(kind=kind, subject=subject, wallet_id=WALLET, run_at_us=run_at_us)


async def wish(pool: Pool, *jobs: WantedJob) -> None:
    async with borrowed(pool) as connection:
        await want(connection, jobs, 0)


async def rows(pool: Pool) -> Sequence[tuple[object, ...]]:
    return await ask_pool(pool, JOBS)


async def test_a_job_is_done_when_it_is_due_and_forgotten(pool: Pool, clock: Clock) -> None:
    note = Notes()
    worker = Worker(pool, {"note": note}, clock)
    await wish(pool, job("later", clock() + SECOND_US), job("now", clock()))
    assert await worker.work_once() == 1
    clock.turn(seconds=1)
    assert await worker.work_once() == 1
    assert await worker.work_once() == 0
    assert note.done == ["now", "later"]
    assert await rows(pool) == []
    assert worker.ran == {"note": 2}


async def test_a_wish_for_a_job_that_waits_brings_it_forward(pool: Pool, clock: Clock) -> None:
    await wish(pool, job("one", clock() + 60 * SECOND_US), job("one", clock() + SECOND_US))
    await wish(pool, job("one", clock() + 30 * SECOND_US))
    note = Notes()
    worker = Worker(pool, {"note": note}, clock)
    assert await worker.work_once() == 0
    clock.turn(seconds=1)
    assert await worker.work_once() == 1
    assert await rows(pool) == []


@pytest.mark.parametrize("again", [False, True])
async def test_what_is_wished_for_meanwhile_is_done_again(
    pool: Pool, clock: Clock, again: bool
) -> None:
    done: list[str] = []

    async def note(subject: str, _wallet_id: WalletId) -> int | None:
        done.append(subject)
        if len(done) == 1:
            await wish(pool, job("one", clock()))
        return clock() + 3600 * SECOND_US if again else None

    worker = Worker(pool, {"note": note}, clock)
    await wish(pool, job("one", clock()))
    assert await worker.work_once() == 1
    assert await worker.work_once() == 1
    assert await worker.work_once() == 0
    assert done == ["one", "one"]
    assert len(await rows(pool)) == again


async def test_a_job_that_is_never_done_comes_again_and_again(pool: Pool, clock: Clock) -> None:
    note = Notes(again_us=clock() + 3600 * SECOND_US)
    worker = Worker(pool, {"note": note}, clock)
    await wish(pool, job("hourly", clock()))
    assert await worker.work_once() == 1
    assert await worker.work_once() == 0
    clock.turn(seconds=3600)
    assert await worker.work_once() == 1


async def test_a_job_that_fails_rests_longer_each_time(pool: Pool, clock: Clock) -> None:
    async def fall(_subject: str, _wallet_id: WalletId) -> int | None:
        raise GatewayUnavailable("the gateway did not answer")

    worker = Worker(pool, {"note": fall}, clock)
    await wish(pool, job("one", clock()))
    for pause in (1, 2, 4, 8):
        assert await worker.work_once() == 1
        clock.turn(seconds=pause - 1)
        assert await worker.work_once() == 0
        clock.turn(seconds=1)
    error = "GatewayUnavailable: the gateway did not answer"
    assert await rows(pool) == [("note", "one", 1, 4, error)]
    assert worker.failed == {"note": 4}
    note = Notes(again_us=clock() + SECOND_US)
    assert await Worker(pool, {"note": note}, clock).work_once() == 1
    assert await rows(pool) == [("note", "one", 1, 0, None)]


def test_the_pauses_after_failures() -> None:
    seconds = [pause_us(attempts) // SECOND_US for attempts in (1, 2, 3, 10, 11, 12, 1_000)]
    assert seconds == [1, 2, 4, 512, 600, 600, 600]


def test_of_a_strange_error_nothing_is_kept_but_its_kind() -> None:
    assert words_of(ValueError("Authorization: Basic c2VjcmV0")) == "ValueError"
    assert words_of(Unavailable("busy")) == "Unavailable: busy"


async def test_a_kind_that_nobody_here_knows_is_left_alone(pool: Pool, clock: Clock) -> None:
    await wish(pool, job("one", clock(), kind="of tomorrow"))
    assert await Worker(pool, {"note": Notes()}, clock).work_once() == 0
    assert await rows(pool) == [("of tomorrow", "one", 1, 0, None)]


async def test_the_job_of_a_dead_worker_is_done_when_its_lease_ends(
    pool: Pool, clock: Clock
) -> None:
    await wish(pool, job("one", clock()))
    lease_us = clock() + LEASE_SECONDS * SECOND_US
    async with borrowed(pool) as connection:
        (dead,) = await claim(connection, ["note"], clock(), lease_us, 5)
    note = Notes()
    worker = Worker(pool, {"note": note}, clock)
    clock.turn(seconds=LEASE_SECONDS - 1)
    assert await worker.work_once() == 0
    clock.turn(seconds=1)
    async with borrowed(pool) as connection:
        (ours,) = await claim(connection, ["note"], clock(), lease_us + 60 * SECOND_US, 5)
        await finish(connection, dead, None)  # it was only slow, and its lease is gone
        assert await rows(pool) == [("note", "one", 1, 2, None)]
        await finish(connection, ours, None)
    assert await rows(pool) == []


async def test_a_worker_that_stops_gives_back_what_it_was_at(pool: Pool, clock: Clock) -> None:
    begun = asyncio.Event()

    async def dawdle(_subject: str, _wallet_id: WalletId) -> int | None:
        begun.set()
        await asyncio.Event().wait()
        return None

    await wish(pool, job("one", clock()))
    running = asyncio.create_task(Worker(pool, {"note": dawdle}, clock).run())
    await begun.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await rows(pool) == [("note", "one", 1, 0, None)]
    assert await Worker(pool, {"note": Notes()}, clock).work_once() == 1


async def test_a_step_is_cut_off_before_its_lease_ends(
    pool: Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khata.app.worker.STEP_SECONDS", 0.01)

    async def dawdle(_subject: str, _wallet_id: WalletId) -> int | None:
        await asyncio.Event().wait()
        return None

    await wish(pool, job("one", clock()))
    assert await Worker(pool, {"note": dawdle}, clock).work_once() == 1
    assert await rows(pool) == [("note", "one", 1, 1, "TimeoutError")]


async def test_a_woken_worker_looks_at_once(
    pool: Pool, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("khata.app.worker.POLL_SECONDS", 3600.0)
    done: asyncio.Queue[str] = asyncio.Queue()

    async def note(subject: str, _wallet_id: WalletId) -> int | None:
        await done.put(subject)
        return None

    worker = Worker(pool, {"note": note}, clock)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(60):
        for subject in ("one", "two"):
            await wish(pool, job(subject, clock()))
            worker.wake()
            assert await done.get() == subject
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_two_workers_do_each_of_a_thousand_jobs_once(database: Server, clock: Clock) -> None:
    subjects = [f"job {number:04}" for number in range(1000)]
    done: Counter[str] = Counter()

    async def note(subject: str, _wallet_id: WalletId) -> int | None:
        done[subject] += 1
        await asyncio.sleep(0)
        return None

    async with registry_pool(database.app_dsn) as one, registry_pool(database.app_dsn) as other:
        await wish(one, *(job(subject, clock()) for subject in subjects))
        await asyncio.gather(*(emptied(pool, {"note": note}, clock) for pool in (one, other)))
        assert done == dict.fromkeys(subjects, 1)
        assert await rows(one) == []


async def emptied(pool: Pool, steps: dict[str, Step], clock: Clock) -> None:
    worker = Worker(pool, steps, clock)
    while (await worker.queue()).due:
        try:
            await worker.work_once()
        except Unavailable:  # two met crosswise; who gave way looks again
            continue


async def test_what_a_killed_process_was_at_is_done_by_another(
    database: Server, pool: Pool, clock: Clock
) -> None:
    """One is killed in the midst of its first jobs, and another process does all of them."""
    subjects = [f"job {number:02}" for number in range(40)]
    await wish(pool, *(job(subject, clock()) for subject in subjects))
    begin_and_be_killed(database.app_dsn, clock())
    at_us = (clock(), clock() + LEASE_SECONDS * SECOND_US)
    done = [all_done(database.app_dsn, at) for at in at_us]
    first, second = (text.split(",") for text in done)
    assert len(second) == 8
    assert sorted(first + second) == [subject.replace(" ", "-") for subject in subjects]
    assert await rows(pool) == []


def begin_and_be_killed(dsn: str, at_us: int) -> None:
    words = [sys.executable, str(PROCESS), dsn, str(at_us), "stuck"]
    stuck = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert stuck.stdout
        assert stuck.stdout.readline() == "begun\n"
    finally:
        stuck.kill()
        stuck.communicate()


def all_done(dsn: str, at_us: int) -> str:
    words = [sys.executable, str(PROCESS), dsn, str(at_us), "done"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout
