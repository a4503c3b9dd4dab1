"""Which user of the operating system runs the server.

An ordinary user runs it himself. PostgreSQL refuses to run as root, so root runs it as somebody
who may do nothing else: the user named in the settings, whom the data already belongs to,
`postgres`, or in the end `nobody`.
"""

import os
import pwd
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from khata.postgres.errors import StartFailed


class Account(msgspec.Struct, frozen=True):
    """A user of the operating system."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        return self.uid == os.geteuid()

    def give(self, path: Path) -> None:
        """Makes `path` this user's own, if we are somebody else, who can only be root."""
        if not self.is_ours:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def our_name() -> str:
    """Our own user's name. Raises StartFailed when the machine has none for our number."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise StartFailed(
            f"The user number {os.geteuid()} has no name on this machine, and PostgreSQL runs for"
            " named users only. Add it to /etc/passwd, or name a server of your own in"
            " KHATA_DATABASE_URL."
        ) from None


def server_account(data_folder: Path, wished: str | None) -> Account:
    """Who runs the server of `data_folder`. Raises StartFailed when that can't be."""
    if os.geteuid() == 0:
        return _for_root(data_folder, wished)
    if wished not in (None, our_name()):
        raise StartFailed(f"Only root can run the server as {wished}; we are {our_name()}.")
    return _named(our_name())


def _for_root(data_folder: Path, wished: str | None) -> Account:
    if not Path("/proc/self/fd").is_dir():
        raise StartFailed("On this system PostgreSQL can't be run by root: use an ordinary user.")
    if wished:
        account = _named(wished)
    else:
        account = _owner_of(data_folder / "postgres") or _owner_of(data_folder) or _unprivileged()
    if account.uid == 0:
        raise StartFailed("PostgreSQL refuses to run as root: name another user for the server.")
    return account


def _owner_of(folder: Path) -> Account | None:
    with suppress(FileNotFoundError, KeyError):
        owner = pwd.getpwuid(folder.stat().st_uid)
        if owner.pw_uid != 0:
            return Account(owner.pw_name, owner.pw_uid, owner.pw_gid)
    return None


def _unprivileged() -> Account:
    for name in ("postgres", "nobody"):
        with suppress(StartFailed):
            return _named(name)
    raise StartFailed("PostgreSQL refuses to run as root: name another user for the server.")


def _named(name: str) -> Account:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise StartFailed(f"There is no user {name} on this machine to run PostgreSQL.") from None
    return Account(found.pw_name, found.pw_uid, found.pw_gid)


@contextmanager
def reachable(folder: Path, account: Account) -> Generator[tuple[str, tuple[int, ...]]]:
    """A path to `folder` for a program of `account`, and the descriptors to pass along with it.

    Root's folders may lie where the server's user can't come (/root, a 0700 folder). The folder
    is then handed over open, instead of opening its parents to the world.
    """
    if account.is_ours:
        yield str(folder), ()
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{opened}", (opened,)
    finally:
        os.close(opened)
