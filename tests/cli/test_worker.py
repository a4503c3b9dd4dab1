"""The worker's own process, and what the doctor and Prometheus tell of jobs."""

import json
import signal
import subprocess
from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

import psycopg
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from desk import Clock
from khata.app.worker import Worker
from khata.domain.ids import WalletId
from khata.http.job_figures import JobFigures
from khata.postgres.asking import borrowed
from khata.postgres.connect import registry_pool
from khata.postgres.jobs import WantedJob, want
from khata.postgres.server import Server
from khata.testing import wallet_id
from money_rows import GOOD
from program import KHATA, OWNER_KEY, environment, run_here

JOB = (
    "insert into khata.jobs (bucket, kind, subject, wallet_id, run_at, attempts, error, created_at)"
)
OVERDUE = (
    JOB + " values (7, 'recharge', 'wal_1/1', 'wal_1', now() - interval '1 hour', %s, %s, now())"
)
SET_APART = """
insert into khata.events_apart (reader, position, event, error, tries, since, tried_at)
values ('webhooks', %s, '{}', %s, 9, now(), now())"""
UNDER_WAY = "update khata.orders set status = 'processing', updated_at = now() - interval '2 hours'"


def begun(database: Server) -> "subprocess.Popen[str]":
    given = {"KHATA_DATABASE_URL": database.owner_dsn, "KHATA_OWNER_KEY": OWNER_KEY}
    return subprocess.Popen(
        [KHATA, "worker"], env=environment(**given), stdout=subprocess.PIPE, text=True
    )


def findings(database: Server) -> Mapping[str, tuple[str, str]]:
    """The doctor's verdicts and findings, by subject."""
    done = run_here("doctor", "--json", env={"KHATA_DATABASE_URL": database.owner_dsn})
    found = json.loads(done.stdout)["findings"]
    return {one["subject"]: (one["verdict"], one["found"]) for one in found}


def test_several_workers_start_and_stop_on_one_database(database: Server) -> None:
    workers = [begun(database) for _ in range(2)]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "Khata works beside whoever serves.\n"
    for worker, sign in zip(workers, (signal.SIGTERM, signal.SIGINT), strict=True):
        worker.send_signal(sign)
        worker.communicate(timeout=60)
        assert worker.returncode == 0


def test_a_worker_starts_the_embedded_server_where_there_is_none(tmp_path: Path) -> None:
    given = {"KHATA_DATA": str(tmp_path / "khata-data"), "KHATA_WORKER": "false"}
    words = [KHATA, "worker"]
    with subprocess.Popen(
        words, env=environment(**given), stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout
        said = list(takewhile(lambda line: "/sign-in#" not in line, worker.stdout))
        worker.terminate()
    assert worker.returncode == 0
    assert "export KHATA_OWNER_KEY=khk_" in "".join(said)


def test_the_doctor_tells_of_jobs_and_orders_that_are_stuck(database: Server) -> None:
    well = findings(database)
    assert well["jobs"] == ("ok", "none is overdue")
    assert "orders" not in well
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute(OVERDUE, (1, None))
        order = GOOD["orders"]
        columns, values = ", ".join(order), ", ".join(["%s"] * len(order))
        owner.execute(
            f"insert into khata.orders ({columns}) values ({values})".encode(),
            list(order.values()),
        )
        owner.execute(UNDER_WAY)
    ill = findings(database)
    assert ill["jobs"] == ("warn", "1 overdue, the oldest by 60 minutes")
    assert ill["orders"] == ("warn", "1 under way for over an hour")
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("update khata.jobs set attempts = 7, error = 'GatewayUnavailable: no answer'")
    verdict, words = findings(database)["jobs"]
    assert verdict == "warn"
    assert words == "recharge of wal_1/1 failed 7 times: GatewayUnavailable: no answer"


def test_the_doctor_tells_of_events_that_are_set_apart(database: Server) -> None:
    assert "events" not in findings(database)
    with psycopg.connect(database.owner_dsn) as owner:
        for position, error in ((7, "KeyError"), (9, "ValueError")):
            owner.execute(SET_APART, (position, error))
    assert findings(database)["events"] == (
        "warn",
        "2 set apart by webhooks, the first at 7, tried up to 9 times: KeyError",
    )


async def test_prometheus_is_told_of_the_queue_and_of_what_was_done(database: Server) -> None:
    clock = Clock()

    async def fall(subject: str, _wallet_id: WalletId) -> int | None:
        if subject == "bad":
            raise ValueError(subject)
        return None

    async with registry_pool(database.app_dsn) as pool:
        worker = Worker(pool, {"note": fall}, clock)
        figures, registry = JobFigures((worker,), clock), CollectorRegistry()
        registry.register(figures)
        assert "khata_jobs_due" not in generate_latest(registry).decode()
        wishes = [
            WantedJob(kind="note", subject=name, wallet_id=wallet_id("acme"), run_at_us=clock())
            for name in ("bad", "good", "fine")
        ]
        async with borrowed(pool) as connection:
            await want(connection, wishes, clock())
        clock.turn(seconds=90)
        await figures.measure()
        before = generate_latest(registry).decode()
        assert "khata_jobs_due 3.0" in before
        assert "khata_jobs_oldest_due_seconds 90.0" in before
        await worker.work_once()
        await figures.measure()
        after = generate_latest(registry).decode()
    assert "khata_jobs_due 0.0" in after
    assert 'khata_jobs_ran_total{kind="note"} 2.0' in after
    assert 'khata_jobs_failed_total{kind="note"} 1.0' in after
