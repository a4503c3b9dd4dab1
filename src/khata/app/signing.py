"""The key that signs checkpoints: a file in the data folder, made on the first start.

It is kept out of the database on purpose. A checkpoint shall show what somebody changed who may
write the whole database; with the key in there, that one could sign the change as well. The public
halves of all keys ever used are registered in the table `signing_keys`, so that several machines
with data folders of their own may work on one database, and a lost folder leaves old statements
good.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from khata.engine.checkpoint import SEED_BYTES, SigningKey

FILE = "signing.key"


class SigningKeyUnusable(Exception):
    """The file of the signing key can't be used; the message says why."""


def open_signing_key(folder: Path) -> SigningKey:
    """The key of this data folder, made if there is none. Raises `SigningKeyUnusable`."""
    file = folder / FILE
    try:
        if not file.exists():
            _make(file)
        seed = file.read_bytes()
    except OSError as error:
        raise SigningKeyUnusable(f"The signing key {file} can't be used: {error}") from error
    if len(seed) != SEED_BYTES:
        raise SigningKeyUnusable(
            f"The signing key {file} is damaged: it has {len(seed)} bytes and not {SEED_BYTES}."
            " Bring it back from a backup, or remove it to begin with a new one."
        )
    return SigningKey(seed)


def _make(file: Path) -> None:
    """Makes the file whole or not at all; of several who try at once, the first one's stays."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{FILE}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as written:
            written.write(secrets.token_bytes(SEED_BYTES))
            written.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
