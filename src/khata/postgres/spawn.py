"""The few steps between us and a program of PostgreSQL: take its user, tie its life to ours.

Run as a file of its own, because between fork and exec there may be no Python code in a program
that has threads. It imports nothing of Khata: the user it becomes may not be able to read it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(uid: int, gid: int) -> None:
    if os.geteuid() != uid:
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)


def die_with(parent: int) -> None:
    """Asks the kernel for a fast shutdown (SIGINT) the moment our parent is gone.

    It comes after the change of user, which would forget it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != parent:
        sys.exit("the parent was gone before the start")


def main(parent: str, uid: str, gid: str, *command: str) -> None:
    become(int(uid), int(gid))
    die_with(int(parent))
    os.execv(command[0], command)  # noqa: S606 - becoming it is the point


if __name__ == "__main__":
    main(*sys.argv[1:])
