"""The composition: every route of the product, with its callers, its document and its probes."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from khata import __version__
from khata.app.runtime import Khata
from khata.http.auth import Doorkeeper
from khata.http.docs_page import documentation
from khata.http.edge import Edge, HttpSettings
from khata.http.layer import application
from khata.http.probes import probes
from khata.http.routes import Route
from khata.http.routes.batch import BatchRoutes
from khata.http.routes.credits import CreditRoutes
from khata.http.routes.keys import KeyRoutes
from khata.http.routes.ledger import LedgerRoutes
from khata.http.routes.pricing import PricingRoutes
from khata.http.routes.usage import UsageRoutes
from khata.http.routes.wallets import WalletRoutes

TITLE: Final = "Khata"
INTRO: Final = """A credit economy: prepaid wallets, one billing engine, books that prove themselves.

Every request that moves credits carries an `Idempotency-Key`. The first decision on a key stays
with it: sent again, the same request is answered the same, with `Idempotent-Replayed: true`.
Credits are whole numbers, times are RFC 3339, errors are RFC 9457 problems with a stable `code`.
"""
_DEFAULTS: Final = HttpSettings()


def build_app(khata: Khata, settings: HttpSettings = _DEFAULTS) -> Edge:
    """The ASGI application of an open Khata."""
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    doorkeeper = Doorkeeper(khata.keys, khata.wallets)
    routes = product_routes(khata, doorkeeper, registry)
    pages = documentation(routes, title=TITLE, version=__version__, intro=INTRO)
    return application([*routes, *pages], doorkeeper.authenticate, registry, settings)


def product_routes(
    khata: Khata, doorkeeper: Doorkeeper, registry: CollectorRegistry
) -> list[Route]:
    """All that the document describes."""

    async def database() -> str | None:
        return None if await khata.is_ready() else "no answer"

    return [
        *WalletRoutes(khata, doorkeeper).routes(),
        *UsageRoutes(khata, doorkeeper).routes(),
        *BatchRoutes(khata, doorkeeper).routes(),
        *CreditRoutes(khata, doorkeeper).routes(),
        *LedgerRoutes(khata, doorkeeper).routes(),
        *PricingRoutes(khata).routes(),
        *KeyRoutes(khata).routes(),
        *probes({"database": database}, registry),
    ]
