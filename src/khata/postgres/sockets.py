"""Where the server's unix socket lies: in a folder that only the server's user (and root) enters.

Both the owner and those who attach must come to the same folder, so it follows from the data
folder alone and from nothing in the environment.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISDIR

from khata.postgres.account import Account
from khata.postgres.errors import StartFailed

ELSEWHERE = Path("/tmp")  # noqa: S108 - never TMPDIR, which differs from shell to shell
LONGEST = 103  # bytes of a socket's whole path: macOS takes no more, Linux 107


def socket_folder(data_folder: Path, account: Account, port: int) -> Path:
    """In the data folder when the server's user comes there and the path is short enough."""
    beside = data_folder / "socket"
    mark = hashlib.sha256(os.fsencode(data_folder)).hexdigest()[:16]
    out_of_reach = data_folder.stat().st_uid != account.uid
    too_long = len(os.fsencode(beside / f".s.PGSQL.{port}")) > LONGEST
    return ELSEWHERE / f"khata-{mark}" if out_of_reach or too_long else beside


def make_private(folder: Path, account: Account) -> None:
    """Makes `folder` for `account` alone. Raises StartFailed when somebody else was there first."""
    try:
        folder.mkdir(mode=0o700)
        account.give(folder)
    except FileExistsError:
        _claim(folder, account)


def drop_private(folder: Path, account: Account) -> None:
    """Takes the folder away if it is ours and empty: it may lie outside the data folder."""
    with suppress(OSError):
        if _is_private(folder, account):
            folder.rmdir()


def _claim(folder: Path, account: Account) -> None:
    if not _is_private(folder, account):
        raise StartFailed(f"{folder} should be a private folder of {account.name}: remove it.")
    account.give(folder)


def _is_private(folder: Path, account: Account) -> bool:
    found = folder.lstat()
    owners = (account.uid, os.geteuid())
    return S_ISDIR(found.st_mode) and found.st_uid in owners and not found.st_mode & 0o077
