"""The whole product on a real socket, one for all tests of a run, each with wallets of its own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from bank import Bank
from desk import Clock
from khata.postgres.server import Server
from served import Api, Product

Databases = Callable[[], AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def product(new_database: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Its clock stands until a test turns it on; no test may count on the hour."""
    folder: Path = tmp_path_factory.mktemp("khata")
    with new_database() as database, Product(database, folder, Clock()) as running:
        yield running


@pytest.fixture(scope="session")
def clock(product: Product) -> Clock:
    return product.clock


@pytest.fixture(scope="session")
def api(product: Product) -> Iterator[Api]:
    """A caller who may do everything."""
    with product.api() as caller:
        yield caller


@pytest.fixture
def bank(product: Product) -> Iterator[Bank]:
    """Who plays the banks of the product's customers, without faults left from before."""
    opened = Bank(product.simulator)
    yield opened
    opened.close()


@pytest.fixture
def caller(product: Product) -> Iterator[Callable[[str], Api]]:
    """Callers with other keys."""
    opened: list[Api] = []

    def call(secret: str) -> Api:
        opened.append(product.api(secret))
        return opened[-1]

    yield call
    for each in opened:
        with each:
            pass
