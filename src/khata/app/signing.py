"""The key that signs checkpoints: a file in the data folder, made on the first start.

It is kept out of the database on purpose. A checkpoint shall show what somebody changed who may
write the whole database; with the key in there, that one could sign the change as well. The public
halves of all keys ever used are registered in the table `signing_keys`, so that several machines
with data folders of their own may work on one database, and a lost folder leaves old statements
good.
"""

import secrets
from pathlib import Path

from khata.app.key_files import make_once
from khata.engine.checkpoint import SEED_BYTES, SigningKey

FILE = "signing.key"


class SigningKeyUnusable(Exception):
    """The file of the signing key can't be used; the message says why."""


def open_signing_key(folder: Path) -> SigningKey:
    """The key of this data folder, made if there is none. Raises `SigningKeyUnusable`."""
    file = folder / FILE
    try:
        if not file.exists():
            make_once(file, secrets.token_bytes(SEED_BYTES))
        seed = file.read_bytes()
    except OSError as error:
        raise SigningKeyUnusable(f"The signing key {file} can't be used: {error}") from error
    if len(seed) != SEED_BYTES:
        raise SigningKeyUnusable(
            f"The signing key {file} is damaged: it has {len(seed)} bytes and not {SEED_BYTES}."
            " Bring it back from a backup, or remove it to begin with a new one."
        )
    return SigningKey(seed)
