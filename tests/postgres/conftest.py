"""Data folders, and processes that open them and can be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from khata.postgres.account import Account, our_name

OPENER = Path(__file__).with_name("opener.py")
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


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@pytest.fixture
def us() -> Account:
    return Account(our_name(), os.geteuid(), os.getegid())
