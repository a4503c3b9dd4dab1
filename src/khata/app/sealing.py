"""Secrets at rest: sealed before they go into the database, with a key that is not in there.

What is sealed is bound to its place: the ciphertext of one row's field is good for no other. The
key is a file in the data folder, or a setting where several machines work on one database. It
changes by putting a new one before the old, which stay for what they sealed.

The sealed form is ``version (1 byte) | key id (8) | nonce (12) | AES-256-GCM ciphertext and tag``;
its associated data is the first 9 bytes and the JSON array ``[table, row id, field]``.
"""

import hmac
import re
import secrets
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from khata.app.key_files import make_once

FILE = "sealing.key"
KEY_BYTES = 32

_VERSION = b"\x01"
_ID_BYTES = 8
_HEAD_BYTES = len(_VERSION) + _ID_BYTES
_NONCE_BYTES = 12
_KEY = re.compile(r"[0-9a-f]{64}")

_encode = msgspec.json.Encoder().encode


class SealingKeyUnusable(Exception):
    """The sealing key can't be used; the message says why."""


class Unsealable(Exception):
    """What is sealed can't be opened: by no key that we have, or it isn't what was sealed there."""


class Place(NamedTuple):
    """Where a secret is kept. It is good there and nowhere else."""

    table: str
    row_id: str
    field: str


class Sealer:
    """Seals with the first of its keys, and opens with any."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        assert keys, "there is a key to seal with"
        self._keys = {key_id(key): AESGCM(key) for key in keys}
        self._newest = key_id(keys[0])
        self._digesting = hmac.digest(keys[-1], b"khata.digest.v1", "sha256")

    def seal(self, plaintext: bytes, place: Place) -> bytes:
        """The sealed form of a secret for this place. Twice the same secret gives two forms."""
        head = _VERSION + self._newest
        nonce = secrets.token_bytes(_NONCE_BYTES)
        ciphertext = self._keys[self._newest].encrypt(nonce, plaintext, _bound(head, place))
        return head + nonce + ciphertext

    def unseal(self, sealed: bytes, place: Place) -> bytes:
        """The secret. Raises `Unsealable`, and says nothing of what was in it."""
        head, rest = sealed[:_HEAD_BYTES], sealed[_HEAD_BYTES:]
        key = self._keys.get(head[len(_VERSION) :])
        if not head.startswith(_VERSION) or key is None:
            raise Unsealable(f"No key here opens the {place.field} of {place.row_id}.")
        nonce, ciphertext = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        try:
            return key.decrypt(nonce, ciphertext, _bound(head, place))
        except (InvalidTag, ValueError):
            # Not chained: nothing of the ciphertext is to come into a log.
            raise Unsealable(
                f"The {place.field} of {place.row_id} is not what was sealed there."
            ) from None

    def digest(self, text: str, purpose: str) -> bytes:
        """What tells the same text again without telling the text, for one purpose.

        It is keyed by the oldest key, so that it stays the same until that one is taken away.
        """
        return hmac.digest(self._digesting, _encode([purpose, text]), "sha256")

    def is_sealed_by_newest(self, sealed: bytes) -> bool:
        """Whether the newest key sealed it, or it should be sealed anew."""
        return sealed[:_HEAD_BYTES] == _VERSION + self._newest


def key_id(key: bytes) -> bytes:
    """The name of a key in what it sealed: 8 bytes of a SHA-256, which tell nothing of the key."""
    return sha256(b"khata.sealing.v1" + key).digest()[:_ID_BYTES]


def open_sealer(folder: Path, given: str | None = None) -> Sealer:
    """Seals by the keys given, or by those of this data folder, made if there is none.

    Keys are 64 hexadecimal digits each, the newest first: separated by commas where given, on a
    line each in the file. Raises `SealingKeyUnusable`.
    """
    if given is not None:
        return Sealer(_keys("KHATA_SEALING_KEY", given.split(",")))
    file = folder / FILE
    try:
        if not file.exists():
            make_once(file, secrets.token_bytes(KEY_BYTES).hex().encode() + b"\n")
        lines = file.read_text().split()
    except (OSError, UnicodeDecodeError) as error:
        raise SealingKeyUnusable(f"The sealing key {file} can't be used: {error}") from error
    return Sealer(_keys(str(file), lines))


def _keys(where: str, texts: Sequence[str]) -> list[bytes]:
    keys = [bytes.fromhex(text.strip()) for text in texts if _KEY.fullmatch(text.strip())]
    if not keys or len(keys) < len(texts):
        raise SealingKeyUnusable(
            f"The sealing key in {where} is damaged: it must be 64 hexadecimal digits, or several"
            " such keys. Bring it back from a backup: without it, what it sealed is lost."
        )
    return keys


def _bound(head: bytes, place: Place) -> bytes:
    return head + _encode(place)
