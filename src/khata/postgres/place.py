"""Where one embedded server lives: its folders, its files, its socket and its user.

Owner and attachers must come to the same places, so all of it follows from the settings and from
what lies on the disk, and nothing from the environment.
"""

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from khata.postgres.account import Account, server_account
from khata.postgres.errors import StartFailed
from khata.postgres.settings import DatabaseSettings
from khata.postgres.sockets import socket_folder

DEFAULT_PORT = 5432
LONGEST_LOG_BYTES = 16 * 1024 * 1024
KEPT_LOG_BYTES = 1024 * 1024


class Place(msgspec.Struct, frozen=True):
    """The data folder and what is in it:

    postgres            the cluster
    postgres.new-<pid>  one being made; it counts only once it bears the other name
    postgres.log        what the server says; cut before it grows too long
    postgres.owner      locked by whoever runs the server
    socket              the unix socket, unless its path would be too long or out of reach
    """

    folder: Path
    account: Account
    port: int
    sockets: Path

    @property
    def cluster(self) -> Path:
        return self.folder / "postgres"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    def open_log(self) -> int:
        return self._open("postgres.log")

    def open_owner_file(self) -> int:
        return self._open("postgres.owner")

    def log_end(self, lines: int = 12) -> str:
        """The server's last words, for an error's message."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def was_ready(self) -> bool:
        """Whether the server that has just died had come up: its own file says so still."""
        with suppress(FileNotFoundError):
            return "\nready" in (self.cluster / "postmaster.pid").read_text()
        return False

    def cut_log(self) -> None:
        """Keeps the end of a log that has grown too long."""
        if self.log.stat().st_size <= LONGEST_LOG_BYTES:
            return
        with os.fdopen(self.open_log(), "rb+") as file:
            file.seek(-KEPT_LOG_BYTES, os.SEEK_END)
            kept = file.read()
            file.truncate(0)  # the server appends, so it goes on behind what is written now
            file.write(kept)

    def _open(self, name: str) -> int:
        # Root may work in a user's folder: what it makes there is the user's, and it follows no
        # link the user may have laid.
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        opened = os.open(self.folder / name, flags, 0o600)
        if os.geteuid() == 0:
            folder = self.folder.stat()
            os.fchown(opened, folder.st_uid, folder.st_gid)
        return opened


def place_of(settings: DatabaseSettings) -> Place:
    """The place the settings name; makes the data folder if there is none.

    Raises StartFailed when we may not work there.
    """
    folder = settings.data_folder.resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as refused:
        raise StartFailed(f"The data folder {folder} can't be made: {refused}") from refused
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StartFailed(f"The data folder {folder} belongs to another user.")
    account = server_account(folder, settings.server_user)
    port = settings.tcp_port or DEFAULT_PORT
    return Place(folder, account, port, socket_folder(folder, account, port))
