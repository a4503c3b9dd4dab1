"""Khata opened on a database of its own, with a clock that is turned by hand."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from desk import Clock, Desk
from khata.app.runtime import Khata, KhataSettings, open_khata
from khata.postgres.server import Server
from khata.postgres.settings import DatabaseSettings


@pytest.fixture(scope="module")
async def open_desk(
    new_database: Callable[[], AbstractContextManager[Server]],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Desk]:
    """A desk that stays open for all tests of a file."""
    clock = Clock()
    folder: Path = tmp_path_factory.mktemp("khata")
    with new_database() as made:
        where = DatabaseSettings(data_folder=folder, url=made.owner_dsn)
        async with open_khata(KhataSettings(database=where, sweeps=False), clock) as opened:
            wallet, _, _ = await opened.wallets.create(None, "user", "asha", "Asha")
            yield Desk(opened, wallet, clock)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(database: Server, tmp_path: Path, request: pytest.FixtureRequest) -> KhataSettings:
    """A test that is parametrized so has some of them otherwise."""
    where = DatabaseSettings(data_folder=tmp_path / "data", url=database.owner_dsn)
    return KhataSettings(database=where, sweeps=False, **getattr(request, "param", {}))


@pytest.fixture
async def khata(settings: KhataSettings, clock: Clock) -> AsyncIterator[Khata]:
    async with open_khata(settings, clock) as opened:
        yield opened


@pytest.fixture
async def desk(khata: Khata, clock: Clock) -> Desk:
    wallet, _, _ = await khata.wallets.create(None, "user", "asha", "Asha")
    return Desk(khata, wallet, clock)
