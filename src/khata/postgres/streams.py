"""Rows of whole tables in the order of (bucket, wallet), read in pieces through server cursors."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any

from psycopg import Connection, ServerCursor, adapters
from psycopg.pq import Format
from psycopg.rows import TupleRow

Row = tuple[Any, ...]
Key = tuple[int, str]

_KEY: Callable[[Row], Key] = itemgetter(0, 1)
_TIMESTAMPTZ, _INT8 = 1184, 20


class Stream:
    """One table's rows, handed out wallet by wallet. `key` is the wallet whose rows come next."""

    def __init__(
        self,
        connection: Connection[TupleRow],
        name: str,
        select: str,
        *,
        piece: int = 1000,
        key_of: Callable[[Row], Key] = _KEY,
    ) -> None:
        self._key_of = key_of
        self._cursor = ServerCursor(connection, name)
        # Times come as PostgreSQL's own count of microseconds, which the select has moved to 1970.
        loader = adapters.get_loader(_INT8, Format.BINARY)
        assert loader is not None
        self._cursor.adapters.register_loader(_TIMESTAMPTZ, loader)
        self._cursor.execute(select.encode(), binary=True)
        self._piece = piece
        self._rows: list[Row] = []
        self._place = 0
        self.key: Key | None = None
        self._advance(0)

    def of(self, key: Key) -> Iterator[Row]:
        """The rows of that wallet, if its turn has come."""
        while self.key == key:
            row = self._rows[self._place]
            self._advance(self._place + 1)
            yield row

    def pieces(self, key: Key) -> Iterator[list[Row]]:
        """The same, piece by piece."""
        while self.key == key:
            rows, start = self._rows, self._place
            whole = self._key_of(rows[-1]) == key
            end = len(rows) if whole else bisect_right(rows, key, lo=start, key=self._key_of)
            taken = rows if start == 0 and whole else rows[start:end]
            self._advance(end)
            yield taken

    def skip(self, key: Key) -> None:
        """Leaves out what was not taken of that wallet."""
        for _ in self.pieces(key):
            pass

    def close(self) -> None:
        """Closes the cursor."""
        self._cursor.close()

    def _advance(self, place: int) -> None:
        if place == len(self._rows):
            self._rows, place = self._cursor.fetchmany(self._piece), 0
        self._place = place
        self.key = self._key_of(self._rows[place]) if self._rows else None
