"""Statements that prove themselves, written out while the ledger is read, in constant memory."""

from collections.abc import AsyncIterator, Callable

import msgspec
from msgspec import Struct

from khata.app.wallets import Wallets
from khata.domain.ids import WalletId
from khata.domain.ledger import Transaction
from khata.domain.statement import (
    OPENING,
    Standing,
    standing_after,
    statement,
    statement_transaction,
)
from khata.domain.wallet import Wallet
from khata.engine import checkpoint
from khata.engine.checkpoint import SigningKey
from khata.postgres import history
from khata.postgres.asking import Connection, borrowed
from khata.postgres.connect import Pool

_NO_TRANSACTIONS = b'"transactions":[]'
_ROWS_AT_ONCE = 200

_encode = msgspec.json.Encoder().encode


class StatementScope(Struct, frozen=True):
    """Which stretch of a wallet's ledger a statement covers, and where the book stood around it."""

    wallet: Wallet
    from_us: int | None
    to_us: int | None
    opening: Standing
    closing: Standing


class Statements:
    """Statements of wallets, closed by a checkpoint signed with this installation's key."""

    def __init__(
        self, streams: Pool, wallets: Wallets, key: SigningKey, now_us: Callable[[], int]
    ) -> None:
        self._streams = streams
        self._wallets = wallets
        self._key = key
        self._now_us = now_us

    async def scope(
        self, wallet_id: str, from_us: int | None = None, to_us: int | None = None
    ) -> StatementScope | None:
        """From one time on and before another; none where there is no such wallet."""
        wallet = await self._wallets.find(wallet_id)
        if wallet is None:
            return None
        async with borrowed(self._streams) as connection:
            first, last = await history.stretch(connection, wallet.id, from_us, to_us)
            opening = await _standing(connection, wallet.id, first - 1)
            closing = await _standing(connection, wallet.id, max(first - 1, last))
        return StatementScope(wallet, from_us, to_us, opening, closing)

    async def document(self, scope: StatementScope) -> AsyncIterator[bytes]:
        """The JSON document in pieces (`domain.statement.Statement`)."""
        head, tail = self._frame(scope)
        yield head
        separator = b""
        async for rows in self._transactions(scope):
            yield separator + b",".join([_encode(statement_transaction(row)) for row in rows])
            separator = b","
        yield tail

    def _frame(self, scope: StatementScope) -> tuple[bytes, bytes]:
        """All of the document that stands before the transactions, and all that stands after."""
        closing = scope.closing
        head = bytes.fromhex(closing.hash)
        signed = checkpoint.sign(self._key, scope.wallet.id, closing.sequence, head, self._now_us())
        empty = statement(
            scope.wallet,
            (),
            scope.opening,
            from_us=scope.from_us,
            to_us=scope.to_us,
            checkpoint=signed,
        )
        # Names and texts can't hold this: their quotes are escaped.
        before, after = _encode(msgspec.structs.replace(empty, closing=closing)).split(
            _NO_TRANSACTIONS
        )
        opened = _NO_TRANSACTIONS[:-1]
        return before + opened, _NO_TRANSACTIONS[-1:] + after

    async def _transactions(self, scope: StatementScope) -> AsyncIterator[list[Transaction]]:
        first, last = scope.opening.sequence + 1, scope.closing.sequence
        asked = history.by_sequence(scope.wallet.id, first, last)
        rows: list[Transaction] = []
        async for row in history.streamed(self._streams, asked):
            rows.append(row)
            if len(rows) == _ROWS_AT_ONCE:
                yield rows
                rows = []
        if rows:
            yield rows


async def _standing(connection: Connection, wallet_id: WalletId, sequence: int) -> Standing:
    if sequence == 0:
        return OPENING
    found = await history.transactions(
        connection, history.by_sequence(wallet_id, sequence, sequence)
    )
    return standing_after(found[0])
