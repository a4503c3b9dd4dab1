"""The composition: every route of the product, with its callers, its document and its probes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from starlette.types import ASGIApp

from khata import __version__
from khata.app.runtime import Khata
from khata.http.auth import Doorkeeper
from khata.http.dashboard import dashboard
from khata.http.docs_page import documentation
from khata.http.edge import HttpSettings
from khata.http.event_figures import EventFigures
from khata.http.job_figures import JobFigures
from khata.http.layer import application
from khata.http.live import Seats
from khata.http.money_figures import MoneyFigures
from khata.http.openapi import openapi_document
from khata.http.probes import Check, probes
from khata.http.routes import Route
from khata.http.routes.alert_rules import AlertRuleRoutes
from khata.http.routes.alerts import AlertRoutes
from khata.http.routes.audit_log import AuditLogRoutes
from khata.http.routes.batch import BatchRoutes
from khata.http.routes.budgets import BudgetRoutes
from khata.http.routes.credits import CreditRoutes
from khata.http.routes.disputes import DisputeRoutes
from khata.http.routes.gateway_events import GatewayEventRoutes
from khata.http.routes.invitations import InvitationRoutes
from khata.http.routes.invoices import InvoiceRoutes
from khata.http.routes.keys import KeyRoutes
from khata.http.routes.ledger import LedgerRoutes
from khata.http.routes.live import LiveRoutes
from khata.http.routes.members import MemberRoutes
from khata.http.routes.oidc import OidcRoutes
from khata.http.routes.organization_usage import OrganizationUsageRoutes
from khata.http.routes.organizations import OrganizationRoutes
from khata.http.routes.payouts import PayoutRoutes
from khata.http.routes.pricing import PricingRoutes
from khata.http.routes.recharge import RechargeRoutes
from khata.http.routes.refunds import RefundRoutes
from khata.http.routes.refusals import RefusalRoutes
from khata.http.routes.reports import ReportRoutes
from khata.http.routes.sessions import SessionRoutes
from khata.http.routes.sign_in import SignInRoutes
from khata.http.routes.teams import TeamRoutes
from khata.http.routes.topups import TopupRoutes
from khata.http.routes.usage import UsageRoutes
from khata.http.routes.usage_figures import UsageFigureRoutes
from khata.http.routes.wallets import WalletRoutes
from khata.http.routes.webhooks import WebhookRoutes
from khata.http.webhook_figures import WebhookFigures

TITLE: Final = "Khata"
INTRO: Final = """A credit economy: wallets, one billing engine, a ledger that proves itself.

Every request that moves credits carries an `Idempotency-Key`. The first decision on a key stays
with it: sent again, the same request is answered the same, with `Idempotent-Replayed: true`.
Credits are whole numbers, times are RFC 3339, errors are RFC 9457 problems with a stable `code`.
"""
DECLARED: Final = (
    WalletRoutes.routes,
    UsageRoutes.routes,
    BatchRoutes.routes,
    CreditRoutes.routes,
    LedgerRoutes.routes,
    UsageFigureRoutes.routes,
    OrganizationUsageRoutes.routes,
    PricingRoutes.routes,
    TopupRoutes.routes,
    RefundRoutes.routes,
    DisputeRoutes.routes,
    InvoiceRoutes.routes,
    GatewayEventRoutes.routes,
    PayoutRoutes.routes,
    KeyRoutes.routes,
    AuditLogRoutes.routes,
    RechargeRoutes.routes,
    AlertRoutes.routes,
    LiveRoutes.routes,
    AlertRuleRoutes.routes,
    WebhookRoutes.routes,
    ReportRoutes.routes,
    OrganizationRoutes.routes,
    MemberRoutes.routes,
    TeamRoutes.routes,
    BudgetRoutes.routes,
    RefusalRoutes.routes,
    InvitationRoutes.routes,
    SessionRoutes.routes,
    SignInRoutes.routes,
    OidcRoutes.routes,
)
_DEFAULTS: Final = HttpSettings()


def build_app(khata: Khata, settings: HttpSettings = _DEFAULTS) -> ASGIApp:
    """The ASGI application of an open Khata."""
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    doorkeeper = Doorkeeper(khata.keys, khata.people.sessions, khata.wallets)
    jobs = JobFigures((khata.worker, khata.forecasts.worker), khata.now_us)
    money = MoneyFigures(khata.topups, khata.now_us)
    webhooks = WebhookFigures(khata.webhooks.sender, khata.now_us)
    registry.register(jobs)
    registry.register(webhooks)
    registry.register(money)
    seats = Seats(settings.seats)
    events = EventFigures(khata.events, seats)
    registry.register(events)
    measures = [jobs.measure, money.measure, events.measure, webhooks.measure]
    machines = probes({"database": _database(khata)}, registry, measures)
    routes = [*_bound(khata, doorkeeper, seats), *_signing_in(khata, settings), *machines]
    pages = documentation(routes, title=TITLE, version=__version__, intro=INTRO)
    app = application(
        [*routes, *pages], doorkeeper.authenticate, registry, settings, further=dashboard()
    )
    app.end_streams = khata.events.tail.close
    return app


def document() -> Mapping[str, object]:
    """The OpenAPI document, as it is at /openapi.json, without anything opened."""
    routes = [*chain(*DECLARED), *probes({}, CollectorRegistry())]
    return openapi_document(routes, title=TITLE, version=__version__, description=INTRO)


def _bound(khata: Khata, doorkeeper: Doorkeeper, seats: Seats) -> list[Route]:
    owners = (
        WalletRoutes(khata, doorkeeper),
        UsageRoutes(khata, doorkeeper),
        BatchRoutes(khata, doorkeeper),
        CreditRoutes(khata, doorkeeper),
        LedgerRoutes(khata, doorkeeper),
        UsageFigureRoutes(khata, doorkeeper),
        OrganizationUsageRoutes(khata),
        PricingRoutes(khata, doorkeeper),
        TopupRoutes(khata, doorkeeper),
        RefundRoutes(khata, doorkeeper),
        DisputeRoutes(khata, doorkeeper),
        InvoiceRoutes(khata, doorkeeper),
        GatewayEventRoutes(khata),
        PayoutRoutes(khata, doorkeeper),
        KeyRoutes(khata),
        AuditLogRoutes(khata),
        RechargeRoutes(khata, doorkeeper),
        AlertRoutes(khata, doorkeeper),
        LiveRoutes(khata, doorkeeper, seats),
        AlertRuleRoutes(khata, doorkeeper),
        WebhookRoutes(khata),
        ReportRoutes(khata),
        OrganizationRoutes(khata),
        MemberRoutes(khata),
        TeamRoutes(khata),
        BudgetRoutes(khata, doorkeeper),
        RefusalRoutes(khata, doorkeeper),
    )
    return [route for owner in owners for route in owner.routes.of(owner)]


def _signing_in(khata: Khata, settings: HttpSettings) -> list[Route]:
    owners = (
        InvitationRoutes(khata),
        SessionRoutes(khata, settings),
        SignInRoutes(khata),
        OidcRoutes(khata, settings),
    )
    return [route for owner in owners for route in owner.routes.of(owner)]


def _database(khata: Khata) -> Check:
    async def ready() -> str | None:
        return None if await khata.is_ready() else "no answer"

    return ready
