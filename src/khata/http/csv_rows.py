"""Long lists as CSV (RFC 4180, UTF-8), in pieces of some hundred rows."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, TypeVar

from khata.domain.ledger import Transaction
from khata.domain.times import rfc3339

T = TypeVar("T")

COLUMNS: Final = (
    "id",
    "sequence",
    "created_at",
    "type",
    "credits",
    "balance_before",
    "balance_after",
    "reserved_after",
    "locked_after",
    "account",
    "account_credits",
    "feature",
    "category",
    "quantity",
    "price_version",
    "member_id",
    "source",
    "source_id",
    "idempotency_key",
    "note",
    "metadata",
    "hash",
    "previous_hash",
)
_ROWS_AT_ONCE: Final = 500
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


async def csv_of(transactions: AsyncIterator[Transaction]) -> AsyncIterator[bytes]:
    """The heading and a row for each transaction."""
    async for piece in csv_pieces(COLUMNS, transactions, _row):
        yield piece


async def csv_pieces(
    columns: Sequence[str], things: AsyncIterator[T], cells: Callable[[T], Sequence[object]]
) -> AsyncIterator[bytes]:
    """The columns' names and a row of cells for each thing."""
    rows: list[Sequence[object]] = [columns]
    async for thing in things:
        rows.append(cells(thing))
        if len(rows) >= _ROWS_AT_ONCE:
            yield _written(rows)
            rows = []
    if rows:
        yield _written(rows)


def _written(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _row(t: Transaction) -> Sequence[object]:
    return (
        t.id,
        t.sequence,
        rfc3339(t.at_us),
        t.type,
        t.available_change,
        t.balance_before,
        t.available_after,
        t.reserved_after,
        t.locked_after,
        t.account,
        t.account_change,
        t.feature,
        t.category,
        t.quantity,
        t.price_version,
        plain(t.member_id),
        t.source,
        t.source_id,
        plain(t.idempotency_key),
        plain(t.facts.note),
        t.metadata,
        t.hash.hex(),
        t.previous_hash.hex(),
    )


def plain(text: str | None) -> str | None:
    """The text so that no spreadsheet runs it."""
    return f"'{text}" if text and text.startswith(_STARTS_A_FORMULA) else text
