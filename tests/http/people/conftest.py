"""The product behind a proxy of ours, one for the tests of a file: each signs in from elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from ipaddress import ip_network
from pathlib import Path

import pytest

from desk import Clock
from khata.http.edge import HttpSettings
from khata.postgres.server import Server
from postbox import Postbox, open_postbox
from served import Api, Product
from signed_in import PASSWORD, Browser, addresses, link_token, person

Databases = Callable[[], AbstractContextManager[Server]]
BEHIND_PROXY = HttpSettings(trusted_proxies=(ip_network("127.0.0.0/8"),))


@pytest.fixture(scope="module")
def product(new_database: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Its clock stands until a test turns it on; no test may count on the hour."""
    folder: Path = tmp_path_factory.mktemp("people")
    with new_database() as database, Product(database, folder, Clock(), None, BEHIND_PROXY) as made:
        yield made


@pytest.fixture(scope="module")
def clock(product: Product) -> Clock:
    return product.clock


@pytest.fixture(scope="module")
def api(product: Product) -> Iterator[Api]:
    """A caller who may do everything."""
    with product.api() as caller:
        yield caller


@pytest.fixture
def organization(api: Api) -> str:
    return api.post("/v1/organizations", {"name": "Delhi Devs"})["id"]


@pytest.fixture
def asha(product: Product, api: Api, organization: str) -> Browser:
    """An owner of the organization, signed in."""
    return person(product, api, "owner", organization_id=organization)


@pytest.fixture
def operator(product: Product) -> Browser:
    """The owner of the installation, signed in by a link."""
    browser = Browser(product)
    body = {"token": link_token(product), "password": PASSWORD}
    assert browser.ask("POST", "/v1/session", body).status_code == 201
    return browser


@pytest.fixture
def ravi() -> str:
    """An e-mail that nobody has yet."""
    return f"ravi-{next(addresses)}@delhi.example"


@pytest.fixture(scope="module")
def opened() -> Iterator[Postbox]:
    """A real SMTP server."""
    with open_postbox() as box:
        yield box
