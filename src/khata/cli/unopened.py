"""A Khata that is put together and never opened: enough to tell its routes, with no database."""

from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry

from khata import __version__
from khata.app.books_seen import BooksSeen
from khata.app.keys import Keys
from khata.app.prices import Prices
from khata.app.runtime import Khata, clock_us
from khata.app.statements import Statements
from khata.app.sweeper import Keeping, Sweeper
from khata.app.views import Views
from khata.app.wallets import Wallets
from khata.engine.checkpoint import SEED_BYTES, SigningKey
from khata.engine.engine import Engine
from khata.engine.ids import UlidMint
from khata.http.app import INTRO, TITLE, product_routes
from khata.http.auth import Doorkeeper
from khata.http.openapi import openapi_document
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import open_engine_connection, read_pool, registry_pool
from khata.postgres.server import Server

_NOWHERE = ""


def api_document() -> dict[str, Any]:
    """The OpenAPI document of all routes."""
    khata = _unopened()
    routes = product_routes(khata, Doorkeeper(khata.keys, khata.wallets), CollectorRegistry())
    return openapi_document(routes, title=TITLE, version=__version__, description=INTRO)


def _unopened() -> Khata:
    registries, readers = registry_pool(_NOWHERE), read_pool(_NOWHERE)
    prices, keys = Prices(registries, clock_us), Keys(registries, clock_us)
    books = PostgresBooks(partial(open_engine_connection, _NOWHERE))
    engine = Engine(books, prices.rules, clock_us)
    wallets = Wallets(registries, UlidMint(), clock_us)
    signing_key = SigningKey(bytes(SEED_BYTES))
    seen = BooksSeen(books, prices.rules, clock_us)
    return Khata(
        server=Server(_NOWHERE, _NOWHERE, app_logs_in=False, close=lambda: None),
        engine=engine,
        wallets=wallets,
        prices=prices,
        keys=keys,
        views=Views(seen, readers, readers, prices, clock_us),
        statements=Statements(readers, wallets, signing_key, clock_us),
        sweeper=Sweeper(registries, engine, clock_us, Keeping()),
        signing_key=signing_key,
        now_us=clock_us,
        owner_secret=None,
        registries=registries,
    )
