"""What all tests share: a real PostgreSQL, the event loop, and how hard Hypothesis looks.

HYPOTHESIS_PROFILE is `quick`, `dev` (the default) or `ci` (the default where CI=true).
"""

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import count

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

import debian
from khata.postgres.server import Server, open_server
from khata.postgres.settings import DatabaseSettings

# Nobody pulls the plug on these servers. Those of the tests of crashes keep fsync on.
QUICK = {"fsync": "off", "shared_buffers": "64MB"}

settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("dev", max_examples=100, deadline=None)
# The gate judges a change by the same examples each time; `hunt` looks for new ones, and prints the
# line that repeats what it finds.
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("hunt", max_examples=2_000, deadline=None, print_blob=True)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") == "true" else "dev")
)


LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the tests whose programs are missing; where CI=true that is an error."""
    missing = debian.missing()
    left_out = {item: needed for item in items for needed in missing if needed in programs_of(item)}
    if left_out and os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI runs all tests, and they need {', '.join(missing)}")
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))
    config.stash[LEFT_OUT] = Counter(left_out.values())


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Names what was not run, a line a program."""
    for program, tests in config.stash.get(LEFT_OUT, Counter[str]()).items():
        package = debian.PACKAGES[program]
        terminalreporter.write_line(
            f"Not run: {tests} tests that need {program} (apt-get install {package})", yellow=True
        )


def programs_of(item: pytest.Item) -> set[str]:
    """The programs that a test says it needs."""
    return {str(mark.args[0]) for mark in item.iter_markers("needs_program")}


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Asynchronous tests run on the loop that the product runs on."""
    return "asyncio", {"use_uvloop": True}


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


@pytest.fixture(scope="session")
def new_database(server: Server, template: str) -> Callable[[], AbstractContextManager[Server]]:
    """Makes fresh migrated databases, for as long as they are wanted."""
    return partial(made_of, template, server)


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
