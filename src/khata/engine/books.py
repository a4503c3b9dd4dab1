"""What the engine asks of a store: the `Books` protocol and the values that cross it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from khata.domain.acts import Act
from khata.domain.budgets import NOTHING_USED, Counter, Spender
from khata.domain.commands import Claimed, Extended, Recorded
from khata.domain.ids import HoldId, TransactionId, WalletId
from khata.domain.ledger import Transaction
from khata.domain.refusals import AnyRefusal
from khata.domain.refused import Circumstances
from khata.domain.wallet import Book

Key = tuple[WalletId, str]


class Unavailable(Exception):
    """The store could not be reached or was too busy. Try again with the same key."""


class Interrupted(Exception):
    """The batch was cut off and may or may not stand. Run again, its keys tell."""


class Need(Struct, frozen=True):
    """All that a batch may touch, named before it runs.

    `spendings` are by whom each wallet is spent from: the member, and the sender.
    """

    wallets: list[WalletId]
    at_us: int
    keys: list[Key] = []
    holds: list[tuple[WalletId, HoldId]] = []
    charges: list[tuple[WalletId, TransactionId]] = []
    payments: list[tuple[WalletId, str]] = []
    clawbacks: list[tuple[WalletId, TransactionId]] = []
    payouts: list[WalletId] = []
    spendings: list[tuple[WalletId, str | None, Spender]] = []


class Prior(Struct, frozen=True, gc=False):
    """The decision that a key already stands for, and its id where it was a refusal."""

    fingerprint: bytes
    outcome: Recorded | Extended | Claimed | AnyRefusal
    refusal_id: str | None = None


class Loaded(Struct, frozen=True):
    """The books of those wallets that exist, locked, and the decisions of those keys known.

    `shared` is what budgets over several wallets have counted, locked after the wallets.
    """

    books: Mapping[WalletId, Book]
    priors: Mapping[Key, Prior]
    shared: Mapping[Counter, int] = NOTHING_USED


class KeptAnswer(Struct, frozen=True):
    """A decision that wrote no transaction of its own and yet stays with its key. A refusal has an
    id, and the circumstances in which it was decided."""

    wallet_id: WalletId
    idempotency_key: str
    fingerprint: bytes
    at_us: int
    outcome: Extended | AnyRefusal
    refusal_id: str | None = None
    circumstances: Circumstances | None = None


class Changes(Struct, frozen=True, kw_only=True):
    """What a batch decided: books before and after, and rows to add in this order.

    `acts` are for the audit log. `shared` has the counters over several wallets that changed.
    """

    before: Mapping[WalletId, Book]
    after: Mapping[WalletId, Book]
    transactions: Sequence[Transaction]
    answers: Sequence[KeptAnswer]
    acts: Sequence[Act] = ()
    shared: Mapping[Counter, int] = NOTHING_USED


class Session(Protocol):
    """One database transaction: a load, additions to the ledger, and a write that commits."""

    async def load(self, need: Need) -> Loaded:
        """Lock the wallets in id order and read what the batch needs."""
        ...

    def add(self, transactions: Sequence[Transaction]) -> None:
        """Hand over the next decided transactions. They stand once `write` has committed."""
        ...

    async def write(self, changes: Changes) -> None:
        """Write everything else and commit durably."""
        ...


class Books(Protocol):
    """Where wallets are kept."""

    def session(self) -> AbstractAsyncContextManager[Session]:
        """A session; leaving it without a write changes nothing."""
        ...
