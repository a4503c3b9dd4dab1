"""A flush of statements: sent at once, answered at once, one round trip.

psycopg's own pipeline mode waits for the socket once a statement. A batch of the engine has a
dozen statements, whose fixed cost decides how fast a small batch is; so they are prepared once a
connection and go out together through libpq's pipeline mode, which psycopg exposes.
"""

from collections.abc import Generator, Sequence
from typing import Any

from psycopg import AsyncConnection, errors
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.waiting import Ready, Wait

from khata.postgres import binary
from khata.postgres.binary import Array

Row = tuple[Any, ...]
Rows = list[Row]
Statement = tuple[str, tuple[Array, ...]]

_BINARY = Format.BINARY


class Wire:
    """A connection kept in pipeline mode, for statements with array parameters."""

    def __init__(self, connection: AsyncConnection[Row]) -> None:
        binary.register(connection)
        connection.pgconn.enter_pipeline_mode()
        self._connection = connection
        self._pgconn = connection.pgconn
        self._prepared: dict[str, bytes] = {}
        self._transformer = Transformer(connection)

    @property
    def is_idle(self) -> bool:
        """Whether the connection is open and no transaction is."""
        return self._pgconn.transaction_status == TransactionStatus.IDLE

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def flush(self, statements: Sequence[Statement]) -> dict[str, Rows]:
        """The rows of each statement, by its text. The first error is raised."""
        expected: list[str | None] = []
        for text, parameters in statements:
            self._send(text, parameters, expected)
        self._pgconn.pipeline_sync()
        results = await self._connection.wait(self._answers())
        found: dict[str, Rows] = {}
        for text, result in zip(expected, results, strict=False):
            if result.status == ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result)
            if text is not None and result.status == ExecStatus.TUPLES_OK:
                found[text] = self._rows(result)
        return found

    def _send(self, text: str, parameters: tuple[Array, ...], expected: list[str | None]) -> None:
        name = self._prepared.get(text)
        if name is None:
            name = self._prepared[text] = b"khata_%d" % len(self._prepared)
            self._pgconn.send_prepare(name, text.encode())
            expected.append(None)
        self._pgconn.send_query_prepared(
            name,
            [parameter.payload for parameter in parameters],
            param_formats=[_BINARY] * len(parameters),
            result_format=_BINARY,
        )
        expected.append(text)

    def _answers(self) -> Generator[Wait, Ready | int, list[PGresult]]:
        results: list[PGresult] = []
        unsent = self._pgconn.flush()
        while True:
            ready = yield Wait.RW if unsent else Wait.R
            if ready & Ready.R:
                self._pgconn.consume_input()
                while not self._pgconn.is_busy():
                    result = self._pgconn.get_result()
                    if result is None:
                        continue
                    if result.status == ExecStatus.PIPELINE_SYNC:
                        return results
                    results.append(result)
            if unsent:
                unsent = self._pgconn.flush()

    def _rows(self, result: PGresult) -> Rows:
        self._transformer.set_pgresult(result, format=_BINARY)
        return self._transformer.load_rows(0, result.ntuples, tuple)
