"""A served Khata for each file, commands that work on it, and a folder with a demo."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from program import OWNER_KEY, PRICES, Run, Served, run_here, run_khata


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served Khata whose price list has the features of language models."""
    khata = Served(tmp_path_factory.mktemp("served") / "khata-data")
    khata.ask("/v1/pricing", json.loads(PRICES.read_text()), "PUT")
    yield khata
    khata.stop()


def variables_of(served: Served) -> dict[str, str]:
    return {
        "KHATA_DATA": str(served.folder),
        "KHATA_URL": served.url,
        "KHATA_OWNER_KEY": OWNER_KEY,
    }


@pytest.fixture
def khata(served: Served) -> Run:
    """Runs a command against the served Khata and its books, in our own process."""
    return lambda *words: run_here(*words, env=variables_of(served))


@pytest.fixture
def program(served: Served) -> Run:
    """The same in a process of its own."""
    return lambda *words: run_khata(*words, env=variables_of(served))


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two days of the demo in it, served by nobody."""
    folder = tmp_path_factory.mktemp("demo") / "khata-data"
    done = run_khata("demo", "--days", "2", "--data", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])
