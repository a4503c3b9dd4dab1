"""A real server for all tests of the store, a fresh migrated database for each, and processes that
can be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from khata.postgres.account import Account, our_name
from khata.postgres.server import Server, open_server
from khata.postgres.settings import DatabaseSettings

OPENER = Path(__file__).with_name("opener.py")
# Nobody pulls the plug on these servers. Those of the tests of crashes keep fsync on.
QUICK = {"fsync": "off", "shared_buffers": "64MB"}
PATIENCE_SECONDS = 60.0


class Opener:
    """Another process that has the embedded server open until it is closed or killed."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(OPENER), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ready(self) -> tuple[int, str]:
        """The server's process id, 0 if somebody else runs it, and the owner's DSN."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        server_id, dsn = line.rstrip("\n").split("\t")
        return int(server_id), dsn

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@pytest.fixture
def open_elsewhere() -> Generator[Callable[[Path], Opener]]:
    """Opens a data folder in another process."""
    openers: list[Opener] = []

    def opened(folder: Path) -> Opener:
        openers.append(Opener(folder))
        return openers[-1]

    yield opened
    for opener in openers:
        opener.close()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits for what another process is about to do; fails when it never does."""

    def wait(came: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not came():
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.01)

    return wait


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    return tmp_path / "khata"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One embedded server a test run, and one for each worker of a parallel run."""
    folder = tmp_path_factory.mktemp("postgres")
    with open_server(DatabaseSettings(data_folder=folder, parameters=QUICK)) as opened:
        yield opened


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """The name of a migrated database that others are copied from."""
    name = "template_migrated"
    with psycopg.connect(server.owner_dsn, autocommit=True) as owner:
        owner.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    database_of(server, name).migrate()
    return name


@pytest.fixture
def database(server: Server, template: str) -> Iterator[Server]:
    """A fresh migrated database."""
    with made_of(template, server) as made:
        yield made


@pytest.fixture
def bare_database(server: Server) -> Iterator[Server]:
    """A fresh database with nothing in it."""
    with made_of("template1", server) as made:
        yield made


numbers = count(1)


@contextmanager
def made_of(template: str, server: Server) -> Generator[Server]:
    name = f"test_{next(numbers)}"
    make = sql.SQL("create database {} template {}")
    drop = sql.SQL("drop database {} with (force)")
    with psycopg.connect(server.owner_dsn, autocommit=True) as owner:
        owner.execute(make.format(sql.Identifier(name), sql.Identifier(template)))
        yield database_of(server, name)
        owner.execute(drop.format(sql.Identifier(name)))


def database_of(server: Server, name: str) -> Server:
    """The same server, at another database."""
    return Server(
        make_conninfo(server.owner_dsn, dbname=name),
        make_conninfo(server.app_dsn, dbname=name),
        app_logs_in=True,
        close=lambda: None,
    )


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@pytest.fixture
def us() -> Account:
    return Account(our_name(), os.geteuid(), os.getegid())
