"""Serving: started, stopped, shared between processes, and explained when it can't be."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path

import psycopg

from khata.postgres.server import open_server
from khata.postgres.settings import DatabaseSettings
from program import Served, run_here, run_khata

PATIENCE_SECONDS = 60.0


def until(came: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not came():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def test_the_first_start_shows_a_key_and_later_ones_none(tmp_path: Path) -> None:
    first = Served(tmp_path / "khata-data", owner_key=None)
    status, said = first.stop()
    assert status == 0
    assert "export KHATA_OWNER_KEY=khk_" in said
    assert f"{first.url}/sign-in#token=khl_" in said
    second = Served(tmp_path / "khata-data", owner_key=None)
    status, said = second.stop(signal.SIGINT)
    assert status == 0
    assert "khk_" not in said
    assert "khl_" not in said


def test_several_processes_share_the_port(tmp_path: Path) -> None:
    khata = Served(tmp_path / "khata-data", "--processes", "2")
    wallet = khata.make_wallet("shared", 10)
    children = children_of(khata.process.pid)
    assert len(children) == 2
    os.kill(children[0], signal.SIGKILL)
    until(lambda: children_of(khata.process.pid) not in (children, children[1:]))
    until(lambda: answers(khata, wallet))
    now = children_of(khata.process.pid)
    status, _ = khata.stop()
    assert status == 0
    assert not any(is_alive(child) for child in now)


def test_children_end_when_whoever_started_them_is_killed(tmp_path: Path) -> None:
    khata = Served(tmp_path / "khata-data", "--processes", "2")
    khata.make_wallet("orphaned")
    children = children_of(khata.process.pid)
    khata.stop(signal.SIGKILL)
    until(lambda: not any(is_alive(child) for child in children))


def test_a_port_in_use_is_explained(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run_khata("serve", "--port", port, "--data", tmp_path / "never")
        together = run_khata("serve", "--port", port, "--processes", "2", "--data", tmp_path)
    assert done.returncode == together.returncode == 1
    assert "Choose another with --port" in done.stderr
    assert not (tmp_path / "never").exists()


def test_a_wrong_port_is_wrong_use() -> None:
    assert run_khata("serve", "--port", "70000").returncode == 2
    assert "KHATA_PORT" in run_here("serve", env={"KHATA_PORT": "x"}).stderr


def test_the_demo_is_told_once(told: Path) -> None:
    again = run_here("demo", "--days", "2", "--data", told)
    assert again.returncode == 1
    assert "--again" in again.stderr
    more = run_here("demo", "--days", "1", "--data", told, "--again", "--json")
    assert more.returncode == 0, more.stderr
    assert "demo-delhi-devs-2" in more.stdout


def test_the_people_of_the_demo_are_members_by_name(told: Path) -> None:
    with (
        open_server(DatabaseSettings(data_folder=told)) as server,
        psycopg.connect(server.owner_dsn) as owner,
    ):
        found = owner.execute(
            "select external_id, name, role from khata.members where external_id is not null"
        ).fetchall()
    people = {external_id: (name, role) for external_id, name, role in found}
    assert people["asha"] == ("Asha Rao", "member")
    assert "billing-bot" not in people


def test_the_demo_waits_until_nobody_serves(served: Served) -> None:
    done = run_here("demo", "--days", "1", "--data", served.folder)
    assert done.returncode == 1
    assert "Stop it" in done.stderr


def test_a_seed_makes_the_same_trace(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.csv", "b.csv", "c.csv")]
    for file, seed in zip(files, ("x", "x", "y"), strict=True):
        words = ("demo", "--trace", file, "--seed", seed, "--trace-rows", "200")
        assert run_here(*words).returncode == 0
    one, same, other = (file.read_bytes() for file in files)
    assert one == same != other
    assert one.startswith(b"TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:1")
    assert one.count(b"\r\n") == 201


def children_of(parent: int) -> list[int]:
    """The serving processes that this one has started."""
    found = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(parent)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    lines = (line.split(maxsplit=1) for line in found.splitlines())
    return sorted(int(number) for number, words in lines if "--child" in words)


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def answers(khata: Served, wallet: str) -> bool:
    try:
        return khata.ask(f"/v1/wallets/{wallet}")["available_credits"] == 10
    except (urllib.error.URLError, ConnectionError):
        return False
