"""The thread that keeps the server running.

    who holds the lock on the data folder   runs the server and starts it again when it dies
    everybody else                          uses it by its socket, and waits for the lock

It must be a thread that lives as long as we do: Linux ends a child when the *thread* that started
it ends. For the same reason the lock needs no cleaning up: it is gone when its holder is.
"""

import fcntl
import logging
import os
import signal
import threading

from khata.postgres.child import Child, has_ended
from khata.postgres.errors import PostgresUnavailable, StartFailed
from khata.postgres.launch import launch
from khata.postgres.place import Place
from khata.postgres.settings import DatabaseSettings
from khata.postgres.sockets import drop_private

TAKE_OVER_SECONDS = 0.5
TEND_SECONDS = 10.0
FAST_SHUTDOWN_SECONDS = 60.0
SHORTEST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0

log = logging.getLogger(__name__)


class Keeper:
    """Runs the server of `place` when nobody else does. `failure` says why it never could."""

    def __init__(self, place: Place, settings: DatabaseSettings) -> None:
        self.failure: PostgresUnavailable | OSError | None = None
        self.child: Child | None = None
        self._place = place
        self._settings = settings
        self._answered = threading.Event()
        self._closing = threading.Event()
        # A daemon: a program that forgets to close must still be able to end.
        self._thread = threading.Thread(target=self._run, name="khata-postgres", daemon=True)

    def start(self) -> None:
        """Begins to run the server, or to wait for the lock; `failure` tells if that is in vain."""
        self._thread.start()

    def confirm(self) -> None:
        """Says that the server has answered once: from now on its death is a mishap, to be mended,
        and no longer a reason to give up."""
        self._answered.set()

    def close(self) -> None:
        """Ends the server if it is ours, and the thread."""
        self._closing.set()
        self._end(signal.SIGINT)
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            self._run_as_owner()
        except (PostgresUnavailable, OSError) as failure:
            self.failure = failure

    def _run_as_owner(self) -> None:
        opened = self._place.open_owner_file()
        try:
            while not self._closing.is_set():
                if _is_free(opened):
                    self._keep_running()
                else:
                    self._closing.wait(TAKE_OVER_SECONDS)
        finally:
            os.close(opened)

    def _keep_running(self) -> None:
        pause = SHORTEST_PAUSE_SECONDS
        try:
            while not self._closing.is_set():
                self._run_once()
                came_up = self._place.was_ready()
                pause = SHORTEST_PAUSE_SECONDS if came_up else min(pause * 2, LONGEST_PAUSE_SECONDS)
                self._closing.wait(pause)
        finally:
            # Whoever comes next makes it again.
            drop_private(self._place.sockets, self._place.account)

    def _run_once(self) -> None:
        try:
            self.child = launch(self._place, self._settings)
            self._stand_by(self.child)
        except (PostgresUnavailable, OSError) as failure:
            if not self._answered.is_set():
                raise
            log.error("PostgreSQL can't be started again: %s", failure)  # noqa: TRY400 - it says all

    def _stand_by(self, child: Child) -> None:
        # `close` sets the flag first and then looks for a child: one of us sees the other.
        while not self._closing.is_set():
            if has_ended(child, TEND_SECONDS):
                self._explain_end()
                return
            self._place.cut_log()
        self._end(signal.SIGINT)
        if not has_ended(child, FAST_SHUTDOWN_SECONDS):
            self._end(signal.SIGQUIT)
            child.wait()

    def _explain_end(self) -> None:
        words = self._place.log_end()
        if not self._answered.is_set():
            raise StartFailed(f"PostgreSQL did not start in {self._place.folder}:\n{words}")
        if not self._closing.is_set():
            log.error("PostgreSQL has ended and is started again. Its last words:\n%s", words)

    def _end(self, sign: signal.Signals) -> None:
        if self.child:
            self.child.send_signal(sign)


def _is_free(owner_file: int) -> bool:
    try:
        fcntl.flock(owner_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
