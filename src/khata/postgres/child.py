"""Programs of PostgreSQL as our children: they die with us, and never see our terminal."""

import os
import select
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from khata.postgres import spawn
from khata.postgres.place import Place

Child = subprocess.Popen[bytes]


def start_child(command: Sequence[str], place: Place, opened: Sequence[int] = ()) -> Child:
    """Starts `command` as the server's user in its own group of processes, talking to the log.

    On Linux it is bound to the *thread* that calls this: it ends when that thread ends.
    """
    us = [sys.executable, "-I", "-S", spawn.__file__, str(os.getpid())]
    log = place.open_log()
    try:
        return subprocess.Popen(  # noqa: S603 - a program we looked for
            [*us, str(place.account.uid), str(place.account.gid), *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            pass_fds=opened,
            process_group=0,  # so that Ctrl-C at the terminal is ours alone
        )
    finally:
        os.close(log)


def has_ended(child: Child, seconds: float) -> bool:
    """Waits up to `seconds` for the child's end; True when it has ended."""
    if child.poll() is None and sys.platform == "linux":
        _wait_for_end(child, seconds)
    elif child.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    return child.poll() is not None


def _wait_for_end(child: Child, seconds: float) -> None:
    # Popen.wait with a time limit would wake us twenty times a second.
    watched = os.pidfd_open(child.pid)
    try:
        ends = select.poll()
        ends.register(watched, select.POLLIN)
        ends.poll(seconds * 1000)
    finally:
        os.close(watched)


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT and the like are meant for the user's own servers.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
