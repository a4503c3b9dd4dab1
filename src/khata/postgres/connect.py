"""Connections, by what they are for. All that a session needs is said when it is opened, as
options of the connection, so that nothing is set in between and nothing is forgotten after a
reconnect.

    the engine's   few, kept for ever, running the same dozen statements millions of times
    the readers'   a pool, read-only, with the planner as it is
    the registries'  a small pool that also writes: wallets' settings, keys, price lists, purges
    the events'  a pool of their own for the relay, the readers of events and the live streams
    one by one     synchronous, without limits of time: the command line, migrations, verify
"""

import select
import sys
from collections.abc import Mapping

from psycopg import AsyncConnection, Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from khata.postgres.binary import register

Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]

# Every statement of the engine finds its rows by the full key, through an index, whatever the
# statistics say at the moment. A fresh or fast growing table has stale ones, and the planner then
# hash-joins the whole table for the lookup of a few keys: 7,800 charges/s against 21,700 with the
# plans pinned. A generic plan is made once; a custom one again at each execution (10,600 against
# 18,100 on a hot wallet). Compiling (jit) takes longer than the statements run.
ENGINE_PLANS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "enable_sort": "off",
    "jit": "off",
}

# A batch holds the locks of its wallets, so it gives up rather than hold up all others: a
# statement that hangs, or an engine that was stopped in the midst of a transaction.
ENGINE_LIMITS = {
    "statement_timeout": "15s",
    "idle_in_transaction_session_timeout": "15s",
}

# Streams (CSV, statements) may dawdle between two fetches as long as their client does.
READER_LIMITS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "120s",
}

# While the database is away a request waits so long for a connection, which outlasts a restart, and
# is then told to try again. The pool gives up trying soon, and the next request makes it try anew:
# its own pauses double, and would go on for minutes after the database is back.
POOL_SECONDS = 3.0
RECONNECT_SECONDS = 1.0

# All our names are found in our schema, and only there.
NAMES = {"search_path": "khata"}

# A peer that is gone without a word (power, cable, failover) is noticed in about half a minute
# instead of two hours. Only TCP minds these.
NETWORK = {
    "connect_timeout": "5",
    "keepalives": "1",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


async def open_engine_connection(dsn: str) -> AsyncConnection[TupleRow]:
    """A connection for the batcher: in autocommit, each statement prepared at its first use.

    It is one session and does not reconnect: when it is lost, open another and read the keys
    again before answering anybody. Raises psycopg.OperationalError.
    """
    connection = await AsyncConnection.connect(
        session_of(dsn, "khata engine", defaults=ENGINE_LIMITS, pinned=ENGINE_PLANS),
        autocommit=True,
        prepare_threshold=0,
    )
    connection.prepared_max = None
    return connection


def read_pool(dsn: str, *, size: int = 8) -> Pool:
    """A pool for reads, to be opened with `async with`; it reconnects by itself.

    Each connection is read-only and in autocommit, so that no reader holds back vacuum.
    """
    return _pool(session_of(dsn, "khata reader", defaults=READER_LIMITS), "khata-readers", size)


def registry_pool(dsn: str, *, size: int = 4) -> Pool:
    """A pool for the plain scripts that write what is no ledger, in autocommit."""
    spoken = session_of(dsn, "khata registries", defaults=ENGINE_LIMITS)
    return _pool(spoken, "khata-registries", size)


def event_pool(dsn: str, *, size: int = 8) -> Pool:
    """A pool for those who write and read events, which requests must not wait for."""
    spoken = session_of(dsn, "khata events", defaults=ENGINE_LIMITS)
    return _pool(spoken, "khata-events", size)


def sender_pool(dsn: str, *, size: int = 4) -> Pool:
    """A pool for those who send webhooks, which requests must not wait for."""
    spoken = session_of(dsn, "khata webhooks", defaults=ENGINE_LIMITS)
    return _pool(spoken, "khata-webhooks", size)


def _pool(conninfo: str, name: str, size: int) -> Pool:
    return AsyncConnectionPool(
        conninfo,
        kwargs={"autocommit": True},
        configure=_readied,
        min_size=1,
        max_size=size,
        timeout=POOL_SECONDS,
        reconnect_timeout=RECONNECT_SECONDS,
        open=False,
        check=AsyncConnectionPool.check_connection if sys.platform == "win32" else _demand_alive,
        name=name,
    )


async def _readied(connection: AsyncConnection[TupleRow]) -> None:
    """Teaches it our arrays and times, which `asking` needs. Costs no round trip."""
    register(connection)


def connect(dsn: str, *, name: str = "khata") -> Connection[TupleRow]:
    """A synchronous connection in autocommit. Raises psycopg.OperationalError."""
    return Connection.connect(session_of(dsn, name), autocommit=True)


def session_of(
    dsn: str,
    name: str,
    *,
    defaults: Mapping[str, str] | None = None,
    pinned: Mapping[str, str] | None = None,
) -> str:
    """The DSN with our session settings: `defaults` under its own ones, `pinned` over them."""
    given = conninfo_to_dict(dsn)
    # Of two equal settings in `options` the later one counts.
    options = [
        _options(defaults or {}),
        str(given.get("options") or ""),
        _options({**NAMES, **(pinned or {})}),
    ]
    ours = {key: value for key, value in NETWORK.items() if key not in given}
    spoken = " ".join(filter(None, options))
    return make_conninfo(dsn, **ours, application_name=name, options=spoken)


def _options(settings: Mapping[str, str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


async def _demand_alive(connection: AsyncConnection[TupleRow]) -> None:
    """Keeps a connection whose server is gone from the reader who would be first to notice.

    An idle connection has nothing to read, unless the server said farewell: asking our own kernel
    costs a microsecond, asking the server a round trip.
    """
    unread = select.poll()
    unread.register(connection.fileno(), select.POLLIN)
    if unread.poll(0):
        await AsyncConnectionPool.check_connection(connection)
