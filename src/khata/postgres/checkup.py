"""What `khata doctor` asks the database. Everything here only reads."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import psycopg
from msgspec import Struct

from khata.postgres.connect import connect
from khata.postgres.migrate import APPLIED
from khata.postgres.settings import APP_ROLE

Connection = psycopg.Connection[tuple[Any, ...]]

SERVER_SETTINGS = """
select name, setting from pg_settings
where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums',
               'server_version', 'max_connections')"""

CLOCK = "select extract(epoch from clock_timestamp())::float8"

IS_MIGRATED = "select to_regclass('public.schema_migrations') is not null"

# What the ledger's rows must be safe from, even from ourselves.
MAY_CHANGE_LEDGER = """
select privilege from unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) as privilege
where has_table_privilege(%s, 'khata.transactions', privilege)"""

IS_SERVED = """
select exists (select from pg_stat_activity
               where datname = current_database()
                 and application_name in ('khata engine', 'khata registries'))"""

LIVE_KEYS = "select count(*) from khata.api_keys where revoked_at is null"

# A sweep comes once a second: what has been due for a minute was left by it.
DUE_HOLDS = """
select count(*) from (
  select 1 from khata.holds
  where state = 'open' and expires_at < now() - interval '1 minute' limit 10000) due"""
DUE_LOTS = """
select count(*) from (
  select 1 from khata.grants
  where live and available > 0 and expires_at < now() - interval '1 minute' limit 10000) due"""

IS_FOR_MONEY = "select to_regclass('khata.jobs') is not null"

# A worker looks once a second, and what it is at is not due before its lease ends.
OVERDUE_JOBS = """
select count(*), coalesce(extract(epoch from now() - min(run_at)), 0)::float8 from (
  select run_at from khata.jobs
  where run_at < now() - interval '1 minute' order by run_at limit 10000) overdue"""

FAILING_JOBS = """
select kind, subject, attempts, coalesce(error, 'its worker died') from khata.jobs
where attempts >= 5 order by attempts desc, kind, subject limit 5"""

# The gateway is asked about an open order after a quarter of an hour.
STUCK_ORDERS = """
select count(*) from (
  select 1 from khata.orders
  where status = 'processing' and updated_at < now() - interval '1 hour' limit 10000) stuck"""


EVENTS = """
select count(*) filter (where state = 'received' and received_at < now() - interval '10 minutes'),
  count(*) filter (where state = 'quarantined')
from khata.inbox where state in ('received', 'quarantined')"""

HAS_WEBHOOKS = "select to_regclass('khata.webhook_lanes') is not null"

# A sender looks twice a second; where a receiver is to be left alone, nothing is due.
OVERDUE_LANES = """
select count(*), coalesce(extract(epoch from now() - min(next_at)), 0)::float8 from (
  select l.next_at from khata.webhook_lanes l
  join khata.webhook_endpoints e on e.id = l.endpoint_id
  where e.state = 'enabled' and (e.resting_until is null or e.resting_until < now())
    and l.next_at < now() - interval '10 minutes' limit 10000) overdue"""

HAS_APART = "select to_regclass('khata.events_apart') is not null"

# Few if any, and the oldest of them tells what is to be mended.
EVENTS_APART = """
select reader, count(*), (array_agg(position order by position))[1],
  (array_agg(error order by position))[1], max(tries)
from khata.events_apart group by reader order by reader"""

FAILING_ENDPOINTS = """
select id, url, coalesce(why, failures || ' failures since ' || date_trunc('minute', failing_since))
from khata.webhook_endpoints
where state <> 'deleted' and failing_since < now() - interval '1 hour'
order by failing_since limit 5"""


class FailingJob(NamedTuple):
    """A job that fails again and again."""

    kind: str
    subject: str
    attempts: int
    error: str


class FailingEndpoint(NamedTuple):
    """An endpoint of webhooks that has accepted nothing for an hour, and what is known of it."""

    id: str
    url: str
    said: str


class EventsApart(NamedTuple):
    """What a reader failed at: how many events, the first one's place and error, and the most
    tries of any."""

    reader: str
    events: int
    first: int
    error: str
    tries: int


class Checkup(Struct, frozen=True):
    """The database as it was found. Without a schema the later figures are none.

    `clock_ahead_seconds` is by how much its clock is before ours.
    """

    settings: Mapping[str, str]
    clock_ahead_seconds: float
    applied: tuple[tuple[int, str], ...] | None = None
    may_change_ledger: tuple[str, ...] = ()
    live_keys: int = 0
    due_holds: int = 0
    due_lots: int = 0
    overdue_jobs: int = 0
    oldest_job_seconds: float = 0
    failing_jobs: tuple[FailingJob, ...] = ()
    stuck_orders: int = 0
    waiting_events: int = 0
    quarantined_events: int = 0
    overdue_lanes: int = 0
    oldest_lane_seconds: float = 0
    failing_endpoints: tuple[FailingEndpoint, ...] = ()
    events_apart: tuple[EventsApart, ...] = ()


def check_up(dsn: str) -> Checkup:
    """Asks the database all of it. Raises psycopg.Error."""
    with connect(dsn, name="khata doctor") as connection:
        found = Checkup(
            settings=dict(connection.execute(SERVER_SETTINGS).fetchall()),
            clock_ahead_seconds=_clock_ahead(connection),
        )
        if not _one(connection, IS_MIGRATED):
            return found
        applied = [(version, checksum) for version, _, checksum in connection.execute(APPLIED)]
        return _with_schema(connection, found, tuple(applied)) if applied else found


def is_served(dsn: str) -> bool:
    """Whether a Khata works on this database at the moment. Raises psycopg.Error."""
    with connect(dsn, name="khata doctor") as connection:
        return bool(_one(connection, IS_SERVED))


def _with_schema(
    connection: Connection, found: Checkup, applied: tuple[tuple[int, str], ...]
) -> Checkup:
    has_jobs = _one(connection, IS_FOR_MONEY)
    overdue = connection.execute(OVERDUE_JOBS).fetchone() if has_jobs else None
    failing = connection.execute(FAILING_JOBS).fetchall() if has_jobs else []
    events = connection.execute(EVENTS).fetchone() if has_jobs else None
    has_webhooks = _one(connection, HAS_WEBHOOKS)
    lanes = connection.execute(OVERDUE_LANES).fetchone() if has_webhooks else None
    endpoints = connection.execute(FAILING_ENDPOINTS).fetchall() if has_webhooks else []
    apart = connection.execute(EVENTS_APART).fetchall() if _one(connection, HAS_APART) else []
    may = connection.execute(MAY_CHANGE_LEDGER, [APP_ROLE]).fetchall()
    return Checkup(
        settings=found.settings,
        clock_ahead_seconds=found.clock_ahead_seconds,
        applied=applied,
        may_change_ledger=tuple(privilege for (privilege,) in may),
        live_keys=_one(connection, LIVE_KEYS),
        due_holds=_one(connection, DUE_HOLDS),
        due_lots=_one(connection, DUE_LOTS),
        overdue_jobs=overdue[0] if overdue else 0,
        oldest_job_seconds=overdue[1] if overdue else 0,
        failing_jobs=tuple(map(FailingJob._make, failing)),
        stuck_orders=_one(connection, STUCK_ORDERS) if has_jobs else 0,
        waiting_events=events[0] if events else 0,
        quarantined_events=events[1] if events else 0,
        overdue_lanes=lanes[0] if lanes else 0,
        oldest_lane_seconds=lanes[1] if lanes else 0,
        failing_endpoints=tuple(map(FailingEndpoint._make, endpoints)),
        events_apart=tuple(map(EventsApart._make, apart)),
    )


def _clock_ahead(connection: Connection) -> float:
    asked = time.time()
    theirs = _one(connection, CLOCK)
    return theirs - (asked + time.time()) / 2


def _one(connection: Connection, statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]
