"""Signed checkpoints: Ed25519 over a wallet's head, so that history cannot be written anew.

The signed text is the UTF-8 JSON array without white space
``["khata.checkpoint.v1", "<wallet id>", <sequence>, "<hash, hex>", "<time, RFC 3339>"]``.
"""

from base64 import b64decode, b64encode
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from khata.domain.ids import WalletId
from khata.domain.statement import Checkpoint
from khata.domain.times import rfc3339

FORMAT = "khata.checkpoint.v1"
ALGORITHM = "Ed25519"
SEED_BYTES = 32

_encode = msgspec.json.Encoder().encode


class SigningKey:
    """The key of an installation, from a seed of 32 random bytes that is kept secret."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._private.public_key().public_bytes_raw()
        self.id = key_id(self.public_key)

    def sign(self, message: bytes) -> bytes:
        """The signature of a message."""
        return self._private.sign(message)


def key_id(public_key: bytes) -> str:
    """The name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(public_key).hexdigest()[:16]


def sign(
    key: SigningKey, wallet_id: WalletId, sequence: int, head: bytes, at_us: int
) -> Checkpoint:
    """The signed word that this wallet's transaction of that sequence has this hash."""
    at = rfc3339(at_us)
    signature = key.sign(_message(wallet_id, sequence, head.hex(), at))
    return Checkpoint(
        wallet_id=wallet_id,
        sequence=sequence,
        hash=head.hex(),
        at=at,
        algorithm=ALGORITHM,
        key_id=key.id,
        public_key=b64encode(key.public_key).decode(),
        signature=b64encode(signature).decode(),
    )


def fault(checkpoint: Checkpoint, trusted_key_id: str | None = None) -> str | None:
    """Why the checkpoint is not to be believed; none where it is sound.

    Without a trusted key it is only shown that whoever holds the named key signed it.
    """
    c = checkpoint
    if c.algorithm != ALGORITHM:
        return f"the algorithm {c.algorithm!r} is not known"
    try:
        public_key = b64decode(c.public_key, validate=True)
        signature = b64decode(c.signature, validate=True)
        public = Ed25519PublicKey.from_public_bytes(public_key)
    except ValueError:
        return "the public key or the signature is malformed"
    if c.key_id != key_id(public_key):
        return f"the key id {c.key_id} is not that of the public key, {key_id(public_key)}"
    if trusted_key_id is not None and c.key_id != trusted_key_id:
        return f"it is signed with the key {c.key_id}, not with {trusted_key_id}"
    try:
        public.verify(signature, _message(c.wallet_id, c.sequence, c.hash, c.at))
    except InvalidSignature:
        return "the signature does not match"
    return None


def _message(wallet_id: str, sequence: int, head: str, at: str) -> bytes:
    return _encode((FORMAT, wallet_id, sequence, head, at))
