"""New ULIDs, made at the door."""

import os
import time

from khata.domain.ids import ALPHABET, BUCKETS, Ulid, WalletId, bucket_of

_RANDOM = 14
_POOL = 512
# A random byte's low five bits choose its character.
_CHARACTERS = bytes(ord(ALPHABET[byte & 31]) for byte in range(256))
_BUCKET = [ALPHABET[bucket >> 3] + ALPHABET[(bucket & 7) << 2] for bucket in range(BUCKETS)]


class UlidMint:
    """Makes ULIDs whose first random byte is a bucket; 70 random bits follow it."""

    def __init__(self) -> None:
        self._pool = ""
        self._used = 0
        self._ms = -1
        self._time = ""

    def for_wallet(self, wallet_id: WalletId) -> Ulid:
        """A new ULID in the wallet's bucket."""
        return self.in_bucket(bucket_of(wallet_id))

    def anywhere(self) -> Ulid:
        """A new ULID in a random bucket."""
        return self.in_bucket(os.urandom(1)[0])

    def in_bucket(self, bucket: int) -> Ulid:
        """A new ULID in this bucket (0..255)."""
        ms = time.time_ns() // 1_000_000
        if ms != self._ms:
            self._ms, self._time = ms, _encoded(ms)
        start = self._used
        if start == len(self._pool):
            random = os.urandom(_RANDOM * _POOL)
            self._pool, start = random.translate(_CHARACTERS).decode("ascii"), 0
        self._used = start + _RANDOM
        return Ulid(self._time + _BUCKET[bucket] + self._pool[start : self._used])


def _encoded(ms: int) -> str:
    return "".join([ALPHABET[ms >> shift & 31] for shift in range(45, -1, -5)])
