"""PostgreSQL of our own: there when Khata is there, gone when Khata is gone.

A killed owner leaves nothing behind: the kernel asks the server for a fast shutdown (Linux), and
the next owner waits for its end before it starts its own.
"""

import atexit
import time

import psycopg
from psycopg.conninfo import make_conninfo

from khata.postgres.errors import StartFailed
from khata.postgres.keeper import Keeper
from khata.postgres.place import place_of
from khata.postgres.settings import OWNER_ROLE, DatabaseSettings

LOOK_AGAIN_SECONDS = 0.01
# Of a connection refused for who we are; asking again would not change that.
PEER_REFUSED = "authentication failed"


class EmbeddedServer:
    """A server in a data folder, shared by all processes of this machine that open it.

    Don't fork after `start`: the child would hold the owner's lock without running the server.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self.place = place_of(settings)
        self._patience = settings.start_seconds
        self._keeper = Keeper(self.place, settings)

    @property
    def server_id(self) -> int | None:
        """The process id of the server while it is we who run it."""
        return self._keeper.child.pid if self._keeper.child else None

    def conninfo(self, role: str, database: str) -> str:
        return make_conninfo(
            host=str(self.place.sockets), port=self.place.port, user=role, dbname=database
        )

    def start(self) -> None:
        """Starts the server, or finds the one that runs already; returns once it answers.

        Raises a PostgresUnavailable that says what to do.
        """
        atexit.register(self.close)
        self._keeper.start()
        try:
            self._wait_for_answer()
        except BaseException:
            self.close()
            raise
        self._keeper.confirm()

    def close(self) -> None:
        """Stops the server if it is ours; whoever else has opened it then takes over."""
        atexit.unregister(self.close)
        self._keeper.close()

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return self._ask()
            except psycopg.OperationalError as silent:
                if self._keeper.failure:
                    raise _understood(self._keeper.failure) from silent
                if time.monotonic() > deadline or PEER_REFUSED in str(silent):
                    raise StartFailed(f"PostgreSQL in {self.place.folder}: {silent}") from silent
            time.sleep(LOOK_AGAIN_SECONDS)

    def _ask(self) -> None:
        # Only an answer tells: a process id may be a zombie's, and a socket that opens may be
        # of a server that is still recovering.
        with psycopg.connect(self.conninfo(OWNER_ROLE, "postgres"), connect_timeout=5) as asked:
            asked.execute("select 1")


def _understood(failure: Exception) -> Exception:
    return StartFailed(str(failure)) if isinstance(failure, OSError) else failure
