"""Where the built-in simulator lives: its address and secrets, in a file of the data folder.

Made once, so that every process of a Khata knows the simulator, whichever of them runs it. It is a
foreign company all the same: it keeps its books in a file of its own, and signs what it sends.
"""

import os
import secrets
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

FOLDER = "simulator"
_FILE = "access.json"
_BOOKS = "simulator.sqlite"
_OWNER = "simulator.owner"
_HOST = "127.0.0.1"


class Access(Struct, frozen=True):
    """How to reach a simulator, and the secrets shared with it."""

    port: int
    key_id: str
    key_secret: str
    webhook_secret: str
    control_token: str

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{_HOST}:{self.port}"


class Place:
    """The place of whoever runs the simulator of this data folder: one process's at a time, and
    free again when that one is gone, however it went."""

    def __init__(self, data_folder: Path) -> None:
        folder = _made_folder(data_folder)
        self._owner = os.open(folder / _OWNER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> bool:
        """Takes the place; false where another has it. On Windows nobody is asked."""
        if sys.platform == "win32":
            return True
        import fcntl  # noqa: PLC0415 - Windows lacks it

        try:
            fcntl.flock(self._owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._owner)


def open_access(data_folder: Path) -> Access:
    """The access to the simulator of this data folder, made if there is none."""
    file = _made_folder(data_folder) / _FILE
    if not file.exists():
        _write(file, _made(), over=False)
    return msgspec.json.decode(file.read_bytes(), type=Access)


def moved_access(data_folder: Path, access: Access, port: int) -> Access:
    """The access at another port, for all who ask from now on."""
    moved = replace(access, port=port)
    _write(data_folder / FOLDER / _FILE, moved, over=True)
    return moved


def books_of(data_folder: Path) -> Path:
    """The simulator's own books."""
    return data_folder / FOLDER / _BOOKS


def _made_folder(data_folder: Path) -> Path:
    folder = data_folder / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _made() -> Access:
    return Access(
        port=_free_port(),
        key_id="rzp_test_" + secrets.token_hex(7),
        key_secret=secrets.token_hex(16),
        webhook_secret=secrets.token_hex(24),
        control_token=secrets.token_hex(24),
    )


def _free_port() -> int:
    with socket.create_server((_HOST, 0)) as taken:
        return int(taken.getsockname()[1])


def _write(file: Path, access: Access, *, over: bool) -> None:
    """Writes the file whole or not at all; of several who make it, the first one's stays."""
    draft = file.with_name(f"{_FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as written:
        written.write(msgspec.json.encode(access))
    if over:
        draft.replace(file)
        return
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
