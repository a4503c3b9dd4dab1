"""The checks of `khata doctor`. Each gives findings; none changes anything."""

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Literal
from zoneinfo import ZoneInfo

import psycopg
from msgspec import Struct
from rich.text import Text

from khata.cli.opened import database_of
from khata.config import SettingError, Settings, unknown_variables
from khata.postgres.binaries import find_binaries
from khata.postgres.checkup import Checkup, check_up
from khata.postgres.cluster import major_of
from khata.postgres.errors import MajorDiffers, PostgresUnavailable
from khata.postgres.migrate import packaged_migrations
from khata.postgres.server import open_server

LOW_DISK_BYTES = 1 << 30
NO_DISK_BYTES = 200 << 20
ODD_CLOCK_SECONDS = 0.5
WRONG_CLOCK_SECONDS = 5.0

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


class Finding(Struct, frozen=True):
    """One line of the doctor's: `remedy` says what to do where something is to be done."""

    verdict: Literal["ok", "warn", "fail"]
    subject: str
    found: str
    remedy: str | None = None

    @property
    def styled(self) -> Text:
        return Text(self.verdict, style=_STYLES[self.verdict])


def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order in which things stand on each other."""
    findings = [*_python(), *_settings(), *_time_zones(), *_countries(settings)]
    findings += [*_sales(settings), *_simulator(settings), *_pdf()]
    if settings.database_url:
        return [*findings, *_database(settings)]
    findings += _data_folder(settings)
    if major_of(settings.data / "postgres") is None:
        return [*findings, *_binaries(settings), _no_books(settings)]
    ours = list(_binaries(settings))
    able = all(one.verdict != "fail" for one in ours)
    return [*findings, *ours, *(_database(settings) if able else ())]


def _python() -> Iterator[Finding]:
    yield Finding("ok", "Python", sys.version.split()[0])


def _settings() -> Iterator[Finding]:
    from khata.cli.variables import command_variables

    strange = unknown_variables(os.environ, command_variables())
    for name, hint in strange.items():
        yield Finding("warn", "settings", f"{name} means nothing", f"Take it away.{hint}")
    if not strange:
        yield Finding("ok", "settings", "all values will do")


def _time_zones() -> Iterator[Finding]:
    try:
        ZoneInfo("Asia/Kolkata")
    except (KeyError, OSError, ValueError):
        yield Finding("fail", "time zones", "no data", "pip install tzdata")
    else:
        yield Finding("ok", "time zones", "known")


def _countries(settings: Settings) -> Iterator[Finding]:
    from khata.app.geoip import GeoipUnusable, open_countries

    try:
        open_countries(settings.geoip_mmdb)
    except GeoipUnusable as unusable:
        yield Finding("fail", "GeoIP", str(unusable), "Khata does not start as it is.")
    else:
        found = settings.geoip_mmdb or "no file: rules that ask for a payer's country abstain"
        yield Finding("ok", "GeoIP", str(found))
    yield from _lists(settings)


def _lists(settings: Settings) -> Iterator[Finding]:
    from khata.app.suspects import ListUnusable, open_suspects

    try:
        open_suspects(settings.hosting_networks, settings.disposable_domains)
    except ListUnusable as unusable:
        yield Finding("fail", "lists", str(unusable), "Khata does not start as it is.")


def _sales(settings: Settings) -> Iterator[Finding]:
    from khata.cli.sales import missing_seller, sales_of, unfit_seller

    unfit, missing = unfit_seller(settings), missing_seller(settings)
    as_it_is = "Khata does not start as it is."
    for wrong in unfit:
        yield Finding("fail", "seller", f"{wrong.field} {wrong.message}", as_it_is)
    for wrong in missing:
        remedy = f"It {wrong.message}. Invoices lack it until then."
        yield Finding("warn", "seller", f"{wrong.field} is not set", remedy)
    if unfit:
        return
    try:
        seller = sales_of(settings).seller
    except SettingError as contradiction:
        yield Finding("fail", "top-ups", str(contradiction), as_it_is)
    else:
        if not missing:
            yield Finding("ok", "seller", f"{seller.legal_name}, {seller.gstin}")


def _pdf() -> Iterator[Finding]:
    from khata.app.documents.pdf import is_pdf_available

    if is_pdf_available():
        yield Finding("ok", "PDF", "typst is there")
    else:
        words = "typst is not there: invoices are HTML only"
        yield Finding("warn", "PDF", words, "pip install 'khata[pdf]'")


def _simulator(settings: Settings) -> Iterator[Finding]:
    if settings.has_simulator and settings.gateway != "simulator":
        words = f"there beside {settings.gateway}: whoever may order can pay with play money"
        yield Finding(
            "warn", "simulator", words, "Take KHATA_SIMULATOR away, unless this is a test."
        )


def _data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data.resolve()
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        remedy = f"Give it to us (chown), or choose another folder with --data: {there}"
        yield Finding("fail", "data folder", f"{folder} is not ours to write", remedy)
    elif there == folder and stat.S_IMODE(folder.stat().st_mode) & 0o007:
        remedy = f"chmod o-rwx {folder}"
        yield Finding("warn", "data folder", f"{folder} is open to every user", remedy)
    else:
        yield Finding("ok", "data folder", str(folder))
    yield _disk(shutil.disk_usage(there).free)


def _disk(free: int) -> Finding:
    found = f"{free / (1 << 30):,.1f} GiB free"
    remedy = "Make room: PostgreSQL stops when the disk is full."
    if free < NO_DISK_BYTES:
        return Finding("fail", "disk", found, remedy)
    return (
        Finding("warn", "disk", found, remedy)
        if free < LOW_DISK_BYTES
        else Finding("ok", "disk", found)
    )


def _binaries(settings: Settings) -> Iterator[Finding]:
    major = major_of(settings.data / "postgres")
    try:
        found = find_binaries(settings.postgres_binaries, major=major)
    except MajorDiffers as differs:
        yield Finding("fail", "PostgreSQL", str(differs), _how_to_upgrade(settings, major))
    except PostgresUnavailable as missing:
        yield Finding("fail", "PostgreSQL", str(missing), "Install it, or name a server.")
    else:
        yield Finding("ok", "PostgreSQL", f"{found.version} in {found.folder}")


def _how_to_upgrade(settings: Settings, major: int | None) -> str:
    return (
        f"With PostgreSQL {major} installed: start Khata with KHATA_POSTGRES_BINARIES naming its"
        f" folder, `pg_dump` the database, then let a new data folder load the dump (see"
        f" docs/how-to/upgrade.md). {settings.data} stays as it is."
    )


def _no_books(settings: Settings) -> Finding:
    return Finding("ok", "database", f"none yet in {settings.data}", "`khata serve` makes it.")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with open_server(database_of(settings)) as server:
            found, dsn = check_up(server.owner_dsn), server.owner_dsn
    except (PostgresUnavailable, psycopg.Error) as error:
        remedy = "Start it, or mend its URL, user and password in KHATA_DATABASE_URL."
        yield Finding("fail", "database", str(error).strip(), remedy)
        return
    yield Finding("ok", "database", f"PostgreSQL {found.settings['server_version']} answers")
    if not settings.database_url:
        yield Finding("ok", "for psql, pg_dump", f'"{dsn}"')
    for check in _DATABASE_CHECKS:
        yield from check(found)


def _version(found: Checkup) -> Iterator[Finding]:
    version = found.settings["server_version"]
    if int(version.split(".")[0].split("beta")[0]) < 15:
        yield Finding("fail", "version", version, "Khata needs PostgreSQL 15 or later: upgrade it.")


def _durability(found: Checkup) -> Iterator[Finding]:
    wanted: Mapping[str, tuple[set[str], str]] = {
        "fsync": ({"on"}, "fail"),
        "full_page_writes": ({"on"}, "fail"),
        "synchronous_commit": ({"on", "remote_write", "remote_apply"}, "fail"),
    }
    for name, (good, _) in wanted.items():
        value = found.settings[name]
        remedy = f"ALTER SYSTEM SET {name} = on; then reload: a crash may lose credits as it is."
        good_now = value in good
        yield Finding("ok" if good_now else "fail", name, value, None if good_now else remedy)
    if found.settings["data_checksums"] != "on":
        remedy = "Stop PostgreSQL and run `pg_checksums --enable`, so that rot on the disk shows."
        yield Finding("warn", "data_checksums", "off", remedy)


def _schema(found: Checkup) -> Iterator[Finding]:
    ours = packaged_migrations()
    if found.applied is None:
        yield Finding("warn", "migrations", "none applied", "Run `khata migrate`.")
    elif len(found.applied) > len(ours):
        remedy = "Install the Khata that made it, or a later one."
        yield Finding("fail", "migrations", "the database is of a newer Khata", remedy)
    elif any(
        checksum != one.checksum for (_, checksum), one in zip(found.applied, ours, strict=False)
    ):
        remedy = "Install the release that applied them; a migration never changes once it is out."
        yield Finding("fail", "migrations", "an applied one reads differently here", remedy)
    elif len(found.applied) < len(ours):
        behind = f"{len(ours) - len(found.applied)} to apply"
        yield Finding("warn", "migrations", behind, "Run `khata migrate`, or start Khata.")
    else:
        yield Finding("ok", "migrations", f"all {len(ours)} applied")


def _ledger(found: Checkup) -> Iterator[Finding]:
    if found.may_change_ledger:
        kinds = ", ".join(found.may_change_ledger)
        remedy = f"REVOKE {kinds} ON khata.transactions FROM khata_app;"
        yield Finding("fail", "ledger", f"khata_app has the rights {kinds} on it", remedy)
    elif found.applied:
        yield Finding("ok", "ledger", "the service can add to it and change nothing in it")


def _clock(found: Checkup) -> Iterator[Finding]:
    ahead = found.clock_ahead_seconds
    off = abs(ahead)
    words = f"the database's is {off:.3f} s {'ahead' if ahead > 0 else 'behind'}"
    remedy = "Let both machines take their time from NTP (timedatectl set-ntp true)."
    if off >= WRONG_CLOCK_SECONDS:
        yield Finding("fail", "clock", words, remedy)
    elif off >= ODD_CLOCK_SECONDS:
        yield Finding("warn", "clock", words, remedy)
    else:
        yield Finding("ok", "clock", words)


def _keys(found: Checkup) -> Iterator[Finding]:
    if found.applied and not found.live_keys:
        yield Finding("warn", "API keys", "none is good", "`khata keys create owner` makes one.")
    elif found.applied:
        yield Finding("ok", "API keys", f"{found.live_keys} good")


def _worker(found: Checkup) -> Iterator[Finding]:
    if not found.applied:
        return
    due = found.due_holds + found.due_lots
    words = f"{found.due_holds} holds and {found.due_lots} lots expired over a minute ago"
    if due:
        remedy = "They count for nothing already; `khata serve` or `khata worker` books it."
        yield Finding("warn", "worker", words, remedy)
    else:
        yield Finding("ok", "worker", "nothing is overdue")


def _jobs(found: Checkup) -> Iterator[Finding]:
    if not found.applied:
        return
    if found.overdue_jobs:
        minutes = found.oldest_job_seconds / 60
        words = f"{found.overdue_jobs} overdue, the oldest by {minutes:,.0f} minutes"
        yield Finding("warn", "jobs", words, "Run `khata worker`, or more of them.")
    else:
        yield Finding("ok", "jobs", "none is overdue")
    for job in found.failing_jobs:
        words = f"{job.kind} of {job.subject} failed {job.attempts} times: {job.error}"
        yield Finding("warn", "jobs", words, "It is tried every ten minutes: mend what it names.")


def _orders(found: Checkup) -> Iterator[Finding]:
    if found.stuck_orders:
        words = f"{found.stuck_orders} under way for over an hour"
        remedy = "Look at the gateway: orders are asked about there until it answers."
        yield Finding("warn", "orders", words, remedy)


def _events(found: Checkup) -> Iterator[Finding]:
    if found.quarantined_events:
        words = f"{found.quarantined_events} set apart: genuine, and matching nothing of ours"
        remedy = "Look at khata.inbox where state = 'quarantined': money may have come."
        yield Finding("warn", "gateway events", words, remedy)
    if found.waiting_events:
        words = f"{found.waiting_events} wait for over ten minutes"
        yield Finding("warn", "gateway events", words, "Run `khata worker`, or mend what it logs.")


def _webhooks(found: Checkup) -> Iterator[Finding]:
    if not found.applied:
        return
    if found.overdue_lanes:
        minutes = found.oldest_lane_seconds / 60
        words = f"{found.overdue_lanes} wallets' wait, the longest for {minutes:,.0f} minutes"
        yield Finding("warn", "webhooks", words, "Run `khata worker`, or more of them.")
    else:
        yield Finding("ok", "webhooks", "none is overdue")
    for endpoint in found.failing_endpoints:
        words = f"{endpoint.url} accepts nothing: {endpoint.said}"
        remedy = f"Look at /v1/webhook-endpoints/{endpoint.id}/deliveries."
        yield Finding("warn", "webhooks", words, remedy)


def _readers(found: Checkup) -> Iterator[Finding]:
    for apart in found.events_apart:
        words = (
            f"{apart.events} set apart by {apart.reader}, the first at {apart.first},"
            f" tried up to {apart.tries} times: {apart.error}"
        )
        remedy = "They are tried each hour and at each start; khata.events_apart has them whole."
        yield Finding("warn", "events", words, remedy)


_DATABASE_CHECKS: tuple[Callable[[Checkup], Iterator[Finding]], ...] = (
    _version,
    _durability,
    _schema,
    _ledger,
    _clock,
    _keys,
    _worker,
    _jobs,
    _orders,
    _events,
    _readers,
    _webhooks,
)
