"""Opening Khata for a command: attached to a server that runs, or started for the moment."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from khata.app.invalid import Invalid
from khata.app.mail.smtp import SmtpServer, smtp_server
from khata.app.people.oidc import OidcSettings
from khata.app.runtime import Khata, KhataSettings, clock_us, open_khata
from khata.cli.output import errors, say
from khata.cli.sales import gateways_of, sales_of
from khata.config import SettingError, Settings, load_settings, variable_of
from khata.domain.web_address import ReachRules
from khata.postgres.settings import DatabaseSettings

T = TypeVar("T")


def settings_of(**given: object) -> Settings:
    """The settings of environment, file and command line. Raises `SettingError`."""
    file = os.environ.get("KHATA_CONFIG")
    return load_settings(os.environ, Path(file) if file else None, given)


def database_of(settings: Settings) -> DatabaseSettings:
    """Where the database is."""
    return DatabaseSettings(
        data_folder=settings.data,
        url=settings.database_url,
        binaries=settings.postgres_binaries,
        server_user=settings.postgres_user,
        tcp_port=settings.postgres_port,
    )


def khata_of(
    settings: Settings, *, runs_simulator: bool = False, events_url: str | None = None
) -> KhataSettings:
    """How Khata runs. Whoever serves runs the simulator too, which sends its events there."""
    return KhataSettings(
        gateways=gateways_of(settings, runs_simulator=runs_simulator, events_url=events_url),
        sales=sales_of(settings),
        database=database_of(settings),
        owner_key=settings.owner_key,
        owner_email=settings.owner_email.lower(),
        oidc=oidc_of(settings),
        caps=settings.caps,
        lanes=settings.lanes,
        max_batch=settings.max_batch,
        readers=settings.readers,
        queue_bytes=settings.live_queue_kib * 1024,
        sweeps=settings.worker,
        sweep_seconds=settings.sweep_seconds,
        geoip_mmdb=settings.geoip_mmdb,
        hosting_networks=settings.hosting_networks,
        disposable_domains=settings.disposable_domains,
        sealing_key=settings.sealing_key,
        payouts_enabled=settings.payouts_enabled,
        smtp=smtp_of(settings),
        public_url=settings.public_url,
        reach=ReachRules(
            ports=settings.webhooks_ports, allow_private=settings.webhooks_allow_private
        ),
    )


def oidc_of(settings: Settings) -> OidcSettings | None:
    """The provider of identities, if there is one. Raises `SettingError` for half of one."""
    given = (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
    issuer, client_id, client_secret = given
    if not any(given):
        return None
    if not issuer or not client_id or not client_secret:
        raise SettingError(
            "KHATA_OIDC_ISSUER, KHATA_OIDC_CLIENT_ID and KHATA_OIDC_CLIENT_SECRET go together:"
            " set all three, or none."
        )
    return OidcSettings(issuer, client_id, client_secret, settings.oidc_name)


def smtp_of(settings: Settings) -> SmtpServer | None:
    """By whom e-mail goes out. Raises `SettingError`, which repeats no password."""
    if settings.smtp_url is None:
        return None
    try:
        return smtp_server(settings.smtp_url, settings.smtp_from, settings.smtp_ca_file)
    except Invalid as wrong:
        raise SettingError(f"{variable_of(wrong.field)} will not do: it {wrong.message}.") from None


@asynccontextmanager
async def briefly(
    settings: Settings, now_us: Callable[[], int] = clock_us
) -> AsyncGenerator[Khata]:
    """Khata for one command. A first start's key is shown here too, for it is made once."""
    wanted = replace(khata_of(settings), sweeps=False, readers=2)
    async with open_khata(wanted, now_us) as khata:
        if khata.owner_secret:
            say(f"The owner's API key, shown this once: {khata.owner_secret}", "bold", errors)
        yield khata


def run(work: Coroutine[None, None, T]) -> T:
    """Runs a command's work on the event loop that the service runs on."""
    if sys.platform == "win32":
        return asyncio.run(work)
    import uvloop

    return uvloop.run(work)
