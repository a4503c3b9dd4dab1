"""Books with everything in them, and the programs that check them."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bookkeeper import Bookkeeper, bookkeeper_of
from desk import Clock
from khata.app.runtime import KhataSettings, open_khata
from khata.postgres.server import Server
from khata.postgres.settings import DatabaseSettings


@pytest.fixture
async def bookkeeper(database: Server, tmp_path: Path) -> AsyncIterator[Bookkeeper]:
    """Two wallets after two days."""
    clock = Clock()
    where = DatabaseSettings(data_folder=tmp_path / "data", url=database.owner_dsn)
    async with open_khata(KhataSettings(database=where, sweeps=False), clock) as khata:
        yield await bookkeeper_of(khata, clock)


class Checked:
    """What a program said of a file."""

    def __init__(self, arguments: list[str]) -> None:
        done = subprocess.run(
            arguments,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        self.accepted = done.returncode == 0
        self.said = done.stdout + done.stderr


def bean_check(text: str, folder: Path) -> Checked:
    """What the real `bean-check` says of these books."""
    file = folder / "books.beancount"
    file.write_text(text)
    program = Path(sys.executable).parent / "bean-check"
    return Checked([str(program), "--no-cache", str(file)])


def hledger_check(text: str, folder: Path) -> Checked:
    """What the real `hledger` says of these books."""
    file = folder / "books.hledger"
    file.write_text(text)
    return Checked(["hledger", "--file", str(file), "check", "--strict", "ordereddates"])
