"""One process runs the server, others use it, and whoever is killed leaves nothing behind."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

from khata.postgres.embedded import EmbeddedServer
from khata.postgres.leftovers import workers
from khata.postgres.settings import DatabaseSettings


class Opener(Protocol):
    """Another process that has the server open."""

    def ready(self) -> tuple[int, str]: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


OpenElsewhere = Callable[[Path], Opener]
Until = Callable[[Callable[[], bool]], None]
STARTED = "select pg_postmaster_start_time()"


def answer(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row and row[0]


def answers(dsn: str) -> bool:
    try:
        return answer(dsn, "select 1") == 1
    except psycopg.OperationalError:
        return False


def test_a_second_process_uses_the_server_of_the_first(
    data_folder: Path, open_elsewhere: OpenElsewhere
) -> None:
    owner = open_elsewhere(data_folder)
    server_id, dsn = owner.ready()
    other = open_elsewhere(data_folder)
    assert other.ready() == (0, dsn)
    other.close()
    assert answers(dsn)
    assert server_id in workers(data_folder / "postgres")


def test_of_three_that_start_at_once_one_runs_the_server(
    data_folder: Path, open_elsewhere: OpenElsewhere
) -> None:
    openers = [open_elsewhere(data_folder) for _ in range(3)]
    ready = [opener.ready() for opener in openers]
    assert [bool(server_id) for server_id, _ in ready].count(True) == 1
    assert len({answer(dsn, STARTED) for _, dsn in ready}) == 1


def test_who_uses_the_server_takes_over_when_its_owner_goes(
    data_folder: Path, open_elsewhere: OpenElsewhere, until: Until
) -> None:
    owner = open_elsewhere(data_folder)
    _, dsn = owner.ready()
    began = answer(dsn, STARTED)
    heir = EmbeddedServer(DatabaseSettings(data_folder=data_folder))
    heir.start()
    assert heir.server_id is None
    owner.close()
    until(lambda: answers(dsn) and heir.server_id is not None)
    assert answer(dsn, STARTED) != began
    heir.close()


def test_a_killed_owner_leaves_no_server(
    data_folder: Path, open_elsewhere: OpenElsewhere, until: Until
) -> None:
    owner = open_elsewhere(data_folder)
    _, dsn = owner.ready()
    with psycopg.connect(dsn) as connection:
        connection.execute("create table kept as select 42 as answer")
    owner.kill()
    until(lambda: not workers(data_folder / "postgres"))
    _, dsn = open_elsewhere(data_folder).ready()
    assert answer(dsn, "select answer from kept") == 42


def test_the_next_start_need_not_wait_for_the_end_of_the_last(
    data_folder: Path, open_elsewhere: OpenElsewhere
) -> None:
    for _ in range(3):
        owner = open_elsewhere(data_folder)
        server_id, dsn = owner.ready()
        assert server_id
        assert answers(dsn)
        owner.kill()
    _, dsn = open_elsewhere(data_folder).ready()
    assert answers(dsn)


def test_backends_deep_in_work_do_not_outlive_their_owner(
    data_folder: Path, open_elsewhere: OpenElsewhere, until: Until
) -> None:
    owner = open_elsewhere(data_folder)
    server_id, dsn = owner.ready()
    with psycopg.connect(dsn) as busy, ThreadPoolExecutor(1) as threads:
        working = threads.submit(busy.execute, "select pg_sleep(600)")
        until(
            lambda: answer(dsn, "select count(*) from pg_stat_activity where query ~ 'sleep'") == 2
        )
        os.kill(server_id, signal.SIGKILL)
        owner.kill()
        _, dsn = open_elsewhere(data_folder).ready()
        assert answers(dsn)
        with pytest.raises(psycopg.OperationalError):
            working.result()


def test_an_owner_killed_while_it_makes_the_data_leaves_no_half(
    data_folder: Path, open_elsewhere: OpenElsewhere, until: Until
) -> None:
    maker = open_elsewhere(data_folder)
    until(lambda: any(data_folder.glob("postgres.new-*/PG_VERSION")))
    maker.kill()
    _, dsn = open_elsewhere(data_folder).ready()
    assert answers(dsn)
    assert not list(data_folder.glob("postgres.new-*"))


@pytest.fixture
def strangers(data_folder: Path) -> Iterator[Callable[[str], int]]:
    """Processes of the server's user that have nothing to do with PostgreSQL."""
    account = EmbeddedServer(DatabaseSettings(data_folder=data_folder)).place.account
    started: list[subprocess.Popen[bytes]] = []

    def start(command: str) -> int:
        user = None if account.is_ours else account.uid
        started.append(subprocess.Popen([command], user=user, stdin=subprocess.PIPE, cwd="/"))
        return started[-1].pid

    yield start
    for stranger in started:
        stranger.communicate()


@pytest.mark.parametrize("kind", ["zombie", "living"])
def test_a_stale_id_of_somebody_else_does_not_fool_it(
    data_folder: Path, strangers: Callable[[str], int], kind: str
) -> None:
    settings = DatabaseSettings(data_folder=data_folder)
    server = EmbeddedServer(settings)
    server.start()
    claim = (data_folder / "postgres/postmaster.pid").read_text()
    owner = server.place.account
    server.close()
    stranger = strangers("true" if kind == "zombie" else "cat")
    if kind == "zombie":
        os.waitid(os.P_PID, stranger, os.WEXITED | os.WNOWAIT)
    stale = data_folder / "postgres/postmaster.pid"
    stale.write_text("\n".join([str(stranger), *claim.split("\n")[1:]]))
    owner.give(stale)
    again = EmbeddedServer(settings)
    again.start()
    assert answers(again.conninfo("khata_owner", "postgres"))
    again.close()
    os.kill(stranger, 0)
