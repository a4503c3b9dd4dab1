"""The whole product on a real socket, one for the tests of a file, each with wallets of its own."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from bank import Bank
from desk import Clock
from followed import Open
from khata.postgres.server import Server
from listening import Stream
from served import OWNER_KEY, Api, Product

Databases = Callable[[], AbstractContextManager[Server]]


@pytest.fixture(scope="module")
def product(new_database: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Its clock stands until a test turns it on; no test may count on the hour."""
    folder: Path = tmp_path_factory.mktemp("khata")
    with new_database() as database, Product(database, folder, Clock()) as running:
        yield running


@pytest.fixture(scope="module")
def clock(product: Product) -> Clock:
    return product.clock


@pytest.fixture(scope="module")
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


@pytest.fixture
def organization(api: Api) -> str:
    """An organization with nobody in it."""
    return api.post("/v1/organizations", {"name": "Delhi Devs"})["id"]


@pytest.fixture
def admin(api: Api, caller: Callable[[str], Api], organization: str) -> Api:
    """Who holds a key of that organization that may do everything within it."""
    return caller(api.new_api_key("*", organization_id=organization))


@pytest.fixture
def stream(product: Product) -> Iterator[Open]:
    """Opens streams, which are closed at the end."""
    with ExitStack() as stack:

        def opened(path: str, secret: str | None = OWNER_KEY, **asked: str) -> Stream:
            return stack.enter_context(Stream(product.url, path, secret, **asked))

        yield opened
