"""What an owner that was killed may leave behind: a server still ending, or only its files.

PostgreSQL itself asks whether the id in postmaster.pid is alive, and is fooled by a zombie and by
a stranger who got the same id after a restart of the container. We ask who works in the folder.
The caller owns the data folder, so nobody starts anything there meanwhile.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from khata.postgres.errors import StartFailed

FAST_SHUTDOWN_SECONDS = 60.0
FAREWELL_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.01


def clear_leftovers(cluster: Path, sockets: Path) -> None:
    """Ends whoever still works in `cluster` and takes away the files that claim it runs."""
    end_workers(cluster)
    for stale in (cluster / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)


def end_workers(cluster: Path) -> None:
    """Ends the server and its backends, politely first. Raises StartFailed if that can't be."""
    postmaster = _postmaster(cluster)
    if postmaster in workers(cluster):
        _signal([postmaster], signal.SIGINT)
        _wait_until(lambda: postmaster not in workers(cluster), FAST_SHUTDOWN_SECONDS)
    # Backends that have lost their postmaster end by themselves, unless they are deep in work.
    for sign in (0, signal.SIGQUIT, signal.SIGKILL):
        _signal(workers(cluster), sign)
        if _wait_until(lambda: not workers(cluster), FAREWELL_SECONDS):
            return
    raise StartFailed(f"A server in {cluster} can't be ended: {workers(cluster)}.")


def workers(cluster: Path) -> list[int]:
    """The ids of those whose working folder is `cluster`; a zombie has none any more."""
    if Path("/proc/self/cwd").exists():
        wanted = str(cluster.resolve())
        return [pid for pid in _all_ids() if _working_folder(pid) == wanted]
    postmaster = _postmaster(cluster)
    return [postmaster] if postmaster and str(cluster) in _command(postmaster) else []


def _all_ids() -> Iterable[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def _working_folder(pid: int) -> str | None:
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/cwd")
    return None


def _command(pid: int) -> str:
    return subprocess.run(  # noqa: S603 - a number is all we pass
        ["ps", "-o", "command=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def _postmaster(cluster: Path) -> int:
    try:
        first = (cluster / "postmaster.pid").read_text().partition("\n")[0]
    except FileNotFoundError:
        return 0
    return int(first) if re.fullmatch(r"\d+", first) else 0


def _signal(pids: Iterable[int], sign: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, sign)


def _wait_until(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_AGAIN_SECONDS)
    return True
