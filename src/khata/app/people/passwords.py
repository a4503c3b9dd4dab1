"""Passwords: hashed with argon2id beside the event loop, and compared without telling by time.

A hash made at another cost is made anew when its password comes by.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from msgspec import Struct

from khata.app.invalid import Invalid
from khata.domain.passwords import normalized, password_fault
from khata.engine.books import Unavailable

T = TypeVar("T")

_AT_ONCE: Final = 2
_MOST_WAITING: Final = 64


class PasswordCost(Struct, frozen=True):
    """What a guess costs whoever has the hashes: OWASP's level, which takes a core for 20 ms."""

    memory_kib: int = 19_456
    passes: int = 2


class Passwords:
    """Hashes and compares, a few at a time: a crowd must wait, and a throng is sent away."""

    def __init__(self, cost: PasswordCost) -> None:
        self._hasher = PasswordHasher(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=1
        )
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What is kept of a password. Raises `Unavailable` in a throng."""
        return await self._beside(partial(self._hasher.hash, normalized(password)))

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether that is the password; without a hash it takes as long and is not.

        Raises `Unavailable` in a throng.
        """
        if self._nobodys is None:
            self._nobodys = await self.hash("nobody's password")
        return await self._beside(partial(self._verify, hashed, self._nobodys, password))

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made at another cost than this."""
        return self._hasher.check_needs_rehash(hashed)

    def _verify(self, hashed: str | None, nobodys: str, password: str) -> bool:
        try:
            self._hasher.verify(nobodys if hashed is None else hashed, normalized(password))
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None

    async def _beside(self, work: Callable[[], T]) -> T:
        if self._waiting >= _MOST_WAITING:
            raise Unavailable("too many sign in at the same time")
        self._waiting += 1
        try:
            async with self._free:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def demand_password(field: str, password: str, email: str) -> None:
    """Raises `Invalid` for a password that will not do for the user of that e-mail."""
    fault = password_fault(password, email)
    if fault is not None:
        raise Invalid(field, fault)
