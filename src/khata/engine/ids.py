"""New ULIDs, made at the door."""

import os
import time

from khata.domain.ids import ALPHABET, Ulid, WalletId, bucket_of

_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
_POOL_BYTES = 10 * 512


class UlidMint:
    """Makes ULIDs whose first random byte is a bucket. Randomness is drawn in large pieces."""

    def __init__(self) -> None:
        self._pool = b""
        self._used = 0
        self._ms = -1
        self._time = ""

    def for_wallet(self, wallet_id: WalletId) -> Ulid:
        """A new ULID in the wallet's bucket."""
        return self.in_bucket(bucket_of(wallet_id))

    def anywhere(self) -> Ulid:
        """A new ULID in a random bucket."""
        return self.in_bucket(self._random() & 255)

    def in_bucket(self, bucket: int) -> Ulid:
        """A new ULID in this bucket (0..255)."""
        ms = time.time_ns() // 1_000_000
        if ms != self._ms:
            self._ms, self._time = ms, _encoded(ms, 5)
        return Ulid(self._time + _encoded(bucket << 72 | self._random(), 8))

    def _random(self) -> int:
        if self._used == len(self._pool):
            self._pool, self._used = os.urandom(_POOL_BYTES), 0
        self._used += 10
        return int.from_bytes(self._pool[self._used - 10 : self._used - 1], "big")


def _encoded(value: int, pairs: int) -> str:
    shifts = range(10 * (pairs - 1), -1, -10)
    return "".join([_PAIRS[value >> shift & 1023] for shift in shifts])
