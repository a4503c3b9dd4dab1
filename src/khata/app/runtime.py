"""The whole of Khata, opened and closed: database, engine, registries and what runs beside them."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct

from khata.app.alerts import Alerts
from khata.app.audit_log import AuditLog
from khata.app.balance_history import BalanceHistories
from khata.app.beat import repeat
from khata.app.books_seen import BooksSeen
from khata.app.budgets import Budgets
from khata.app.events.channels import QUEUE_BYTES
from khata.app.events.log import EventLog, open_events
from khata.app.exports import Exports
from khata.app.first_start import start_first
from khata.app.forecasts.forecasts import Forecasts
from khata.app.geoip import open_countries
from khata.app.keys import Keys
from khata.app.mail.mailing import Mailing, mailing
from khata.app.mail.smtp import SmtpServer
from khata.app.organization_usage import OrganizationUsages
from khata.app.payouts import Payouts
from khata.app.people.first_owner import OWNER_EMAIL
from khata.app.people.oidc import OidcSettings
from khata.app.people.passwords import PasswordCost
from khata.app.people.people import People, people_of
from khata.app.price_list import OPERATOR_CAPS
from khata.app.price_trials import PriceTrials
from khata.app.priced_books import PricedBooks
from khata.app.prices import Prices
from khata.app.recharge.recharging import Recharging, recharging
from khata.app.reports import Reports
from khata.app.risk import Knowledge
from khata.app.sealing import Sealer, open_sealer
from khata.app.signing import open_signing_key
from khata.app.statements import Statements
from khata.app.suspects import open_suspects
from khata.app.sweeper import Keeping, Sweeper
from khata.app.topups.opening import GatewaySettings, open_gateways
from khata.app.topups.terms import SalesTerms
from khata.app.topups.topups import TopUps, top_ups
from khata.app.usage import Usages
from khata.app.usage_summing import UsageSumming
from khata.app.views import Views
from khata.app.wallets import Wallets
from khata.app.watching.refused import LOOK_SECONDS
from khata.app.watching.watching import Watching, watching
from khata.app.webhooks.webhooks import Webhooks, open_webhooks
from khata.app.worker import Worker
from khata.domain.web_address import ReachRules
from khata.engine.batcher import MAX_BATCH
from khata.engine.books import Books, Unavailable
from khata.engine.checkpoint import SigningKey
from khata.engine.engine import Engine
from khata.engine.ids import UlidMint
from khata.payments.simulator import Simulator
from khata.postgres.asking import borrowed
from khata.postgres.books import PostgresBooks
from khata.postgres.connect import (
    Pool,
    open_engine_connection,
    read_pool,
    registry_pool,
)
from khata.postgres.organizations import default_organization
from khata.postgres.server import Server, open_server
from khata.postgres.settings import DatabaseSettings
from khata.postgres.signing_keys import insert_signing_key

PRICES_SECONDS = 1.0
SETTLEMENTS_SECONDS = 900.0


class KhataSettings(Struct, frozen=True, kw_only=True):
    """How Khata runs here. `owner_key` is the owner's secret where it is not to be made up, and
    `owner_email` who the owner is until a sign-in link has said otherwise.

    `sweeps` is whether this process is a worker too: it does what jobs are due, and books expiries
    and clears what is old every `sweep_seconds`. It then relays news too; a process that `relays`
    does that alone, so that what it commits is told of at once.
    `geoip_mmdb` is a file of countries, `hosting_networks` and
    `disposable_domains` are lists; `sealing_key` is the key of secrets at rest where it is not the
    data folder's. `payouts_enabled` is whether credits may be paid out as money, `reach` where
    webhooks may go. `smtp` is by whom e-mail goes out, if any does, and `public_url` where links in
    it lead.
    `readers` and `streams` are how many may read lists, and long documents, at the same time.
    """

    database: DatabaseSettings
    owner_key: str | None = None
    owner_email: str = OWNER_EMAIL
    password_cost: PasswordCost = PasswordCost()
    oidc: OidcSettings | None = None
    caps: Mapping[str, int] = OPERATOR_CAPS
    lanes: int = 1
    max_batch: int = MAX_BATCH
    readers: int = 8
    streams: int = 4
    queue_bytes: int = QUEUE_BYTES
    gateways: GatewaySettings = GatewaySettings()
    sales: SalesTerms = SalesTerms()
    sweeps: bool = True
    relays: bool = False
    sweep_seconds: float = 1.0
    keeping: Keeping = Keeping()
    geoip_mmdb: Path | None = None
    hosting_networks: Path | None = None
    disposable_domains: Path | None = None
    sealing_key: str | None = None
    payouts_enabled: bool = False
    smtp: SmtpServer | None = None
    public_url: str | None = None
    reach: ReachRules = ReachRules()


class Khata(Struct, frozen=True):
    """All that the doors need. `owner_secret` and `sign_in_token` are there on the first start
    only, to be shown."""

    server: Server
    engine: Engine
    wallets: Wallets
    prices: Prices
    price_trials: PriceTrials
    keys: Keys
    people: People
    views: Views
    usages: Usages
    forecasts: Forecasts
    organization_usages: OrganizationUsages
    balances: BalanceHistories
    statements: Statements
    reports: Reports
    exports: Exports
    sweeper: Sweeper
    worker: Worker
    events: EventLog
    alerts: Alerts
    watching: Watching
    mail: Mailing
    webhooks: Webhooks
    recharging: Recharging
    topups: TopUps
    simulator: Simulator | None
    signing_key: SigningKey
    sealer: Sealer
    knowledge: Knowledge
    payouts: Payouts
    budgets: Budgets
    audit_log: AuditLog
    now_us: Callable[[], int]
    owner_secret: str | None
    sign_in_token: str | None
    registries: Pool

    async def is_ready(self) -> bool:
        """Whether the database can be asked at this moment."""
        try:
            async with borrowed(self.registries) as connection:
                return await default_organization(connection) is not None
        except Unavailable:
            return False


def clock_us() -> int:
    """Microseconds since 1970, by this machine's clock."""
    return time.time_ns() // 1000


@asynccontextmanager
async def open_khata(
    settings: KhataSettings, now_us: Callable[[], int] = clock_us
) -> AsyncGenerator[Khata]:
    """Everything started and migrated; on leaving, what was submitted is finished first.

    Raises `PostgresUnavailable`, `MigrationFailed`, `SigningKeyUnusable`, `SealingKeyUnusable`,
    `GeoipUnusable`, `ListUnusable` or `OidcUnusable` with what to do, and `Invalid` for a malformed
    owner's key.
    """
    sealer, knowledge = _sealer(settings), _knowledge(settings)
    async with AsyncExitStack() as stack:
        # On the main thread: an embedded server ends with the thread that started it.
        server = stack.enter_context(open_server(settings.database))
        server.migrate()
        registries, readers, streams = await _pools(stack, settings, server.app_dsn)
        prices, keys = Prices(registries, now_us, settings.caps), Keys(registries, now_us)
        first = await start_first(
            registries, keys, now_us, settings.owner_key, settings.owner_email
        )
        signing_key = await _signing_key(settings, registries, now_us())
        await prices.refresh()
        books = _books(stack, server.app_dsn)
        events = await stack.enter_async_context(
            open_events(server.app_dsn, now_us, settings.queue_bytes)
        )
        engine = _engine(settings, PricedBooks(books, prices), prices, now_us, events)
        stack.push_async_callback(engine.drain)
        seen = BooksSeen(books, prices.rules, now_us)
        stack.push_async_callback(seen.drain)
        wallets = Wallets(registries, UlidMint(), now_us, settings.caps)
        sweeper = Sweeper(registries, engine, now_us, settings.keeping)
        opened = await stack.enter_async_context(
            open_gateways(settings.gateways, settings.database.data_folder)
        )
        topups = top_ups(registries, engine, opened, settings.sales, knowledge, now_us)
        recharges = recharging(registries, topups, now_us)
        watch = watching(registries, events, settings.caps, now_us)
        webhooks = await stack.enter_async_context(
            open_webhooks(server.app_dsn, registries, events, sealer, settings.reach, now_us)
        )
        mail, summing = (
            mailing(registries, settings.smtp, settings.public_url, sealer, now_us),
            UsageSumming(registries, now_us),
        )
        worker = Worker(
            registries,
            {**topups.jobs, **recharges.jobs, **watch.jobs, **mail.jobs, **summing.jobs},
            now_us,
        )
        beats = _beats(settings, prices, sweeper, worker, topups, events)
        forecasts = _forecasts(stack, settings, seen, registries, readers, now_us)
        beats += _readings(settings, watch, webhooks, forecasts)
        await stack.enter_async_context(_beating(beats))
        yield Khata(
            server=server,
            engine=engine,
            wallets=wallets,
            prices=prices,
            price_trials=PriceTrials(streams, prices),
            keys=keys,
            people=people_of(
                registries, mail.people, now_us, settings.password_cost, settings.oidc
            ),
            views=Views(seen, readers, streams, prices, now_us),
            usages=Usages(seen, readers, summing, prices.rules, now_us),
            forecasts=forecasts,
            organization_usages=OrganizationUsages(readers, now_us),
            balances=BalanceHistories(seen, readers, now_us),
            statements=Statements(streams, wallets, signing_key, now_us),
            reports=Reports(streams, now_us),
            exports=Exports(streams, now_us),
            sweeper=sweeper,
            worker=worker,
            events=events,
            alerts=Alerts(registries, now_us),
            watching=watch,
            mail=mail,
            webhooks=webhooks,
            recharging=recharges,
            topups=topups,
            simulator=opened.simulator,
            signing_key=signing_key,
            sealer=sealer,
            knowledge=knowledge,
            budgets=Budgets(registries, prices, now_us),
            payouts=Payouts(registries, sealer, now_us, enabled=settings.payouts_enabled),
            audit_log=AuditLog(readers, streams),
            now_us=now_us,
            owner_secret=first.owner_secret,
            sign_in_token=first.sign_in_token,
            registries=registries,
        )


async def _pools(
    stack: AsyncExitStack, settings: KhataSettings, dsn: str
) -> tuple[Pool, Pool, Pool]:
    """For the registries, for lists, for long documents."""
    return (
        await stack.enter_async_context(registry_pool(dsn)),
        await stack.enter_async_context(read_pool(dsn, size=settings.readers)),
        await stack.enter_async_context(read_pool(dsn, size=settings.streams)),
    )


def _engine(
    settings: KhataSettings,
    books: Books,
    prices: Prices,
    now_us: Callable[[], int],
    events: EventLog,
) -> Engine:
    return Engine(
        books,
        prices.rules,
        now_us,
        lanes=settings.lanes,
        max_batch=settings.max_batch,
        committed=events.relay.wake,
    )


def _books(stack: AsyncExitStack, dsn: str) -> PostgresBooks:
    books = PostgresBooks(partial(open_engine_connection, dsn))
    stack.push_async_callback(books.close)
    return books


def _forecasts(
    stack: AsyncExitStack,
    settings: KhataSettings,
    seen: BooksSeen,
    registries: Pool,
    readers: Pool,
    now_us: Callable[[], int],
) -> Forecasts:
    terms, works = settings.sales.topups, settings.sweeps
    forecasts = Forecasts(seen, registries, readers, terms, now_us, is_worker=works)
    stack.push_async_callback(forecasts.close)
    return forecasts


def _sealer(settings: KhataSettings) -> Sealer:
    return open_sealer(settings.database.data_folder, settings.sealing_key)


def _knowledge(settings: KhataSettings) -> Knowledge:
    return Knowledge(
        open_countries(settings.geoip_mmdb),
        open_suspects(settings.hosting_networks, settings.disposable_domains),
    )


async def _signing_key(settings: KhataSettings, registries: Pool, at_us: int) -> SigningKey:
    key = open_signing_key(settings.database.data_folder)
    async with borrowed(registries) as connection:
        await insert_signing_key(connection, key.id, key.public_key, at_us)
    return key


def _beats(
    settings: KhataSettings,
    prices: Prices,
    sweeper: Sweeper,
    worker: Worker,
    topups: TopUps,
    events: EventLog,
) -> list[Coroutine[None, None, None]]:
    """What this process does beside requests."""
    beats: list[Coroutine[None, None, None]] = [
        repeat(PRICES_SECONDS, prices.refresh),
        events.tail.run(),
        events.listen(),
    ]
    if settings.sweeps:
        beats += [
            repeat(settings.sweep_seconds, sweeper.sweep_once),
            worker.run(),
            topups.inbox.run(),
            repeat(SETTLEMENTS_SECONDS, topups.settlements.look),
        ]
    if settings.sweeps or settings.relays:
        beats.append(events.relay.run())
    return beats


def _readings(
    settings: KhataSettings, watch: Watching, webhooks: Webhooks, forecasts: Forecasts
) -> list[Coroutine[None, None, None]]:
    """Who reads the events here, and does what follows from them; and who foretells usage."""
    if not settings.sweeps:
        return []
    reading = [watch.reader.run(), webhooks.reader.run(), webhooks.sender.run()]
    return [*reading, repeat(LOOK_SECONDS, watch.refused.look), forecasts.run()]


@asynccontextmanager
async def _beating(steps: Sequence[Coroutine[None, None, None]]) -> AsyncGenerator[None]:
    """Runs these until the end."""
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
