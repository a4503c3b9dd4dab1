"""A flush of statements: sent at once, answered at once, one round trip.

psycopg's own pipeline mode waits for the socket once a statement. A batch of the engine has a
dozen statements, whose fixed cost decides how fast a small batch is; so they are prepared once a
connection and go out together through libpq's pipeline mode, which psycopg exposes.
"""

from collections.abc import Generator, Iterable, Mapping
from typing import Any

from psycopg import AsyncConnection, errors
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.waiting import Ready, Wait

from khata.postgres import binary
from khata.postgres.binary import Array
from khata.postgres.records import Records

Row = tuple[Any, ...]
Rows = list[Row]
Parameters = tuple[Array | Records, ...]
Statement = tuple[str, Parameters]

_BINARY = Format.BINARY


class Wire:
    """A connection kept in pipeline mode, for statements whose parameters are binary arrays."""

    def __init__(self, connection: AsyncConnection[Row], row_types: Mapping[str, int]) -> None:
        binary.register(connection)
        connection.pgconn.enter_pipeline_mode()
        self._connection = connection
        self._pgconn = connection.pgconn
        self._row_types = row_types
        self._prepared: dict[str, bytes] = {}
        self._expected: list[str | None] = []
        self._transformer = Transformer(connection)

    @property
    def is_idle(self) -> bool:
        """Whether the connection is open, no transaction is, and nothing is under way."""
        idle = self._pgconn.transaction_status == TransactionStatus.IDLE
        return idle and not self._expected

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    def send(self, statements: Iterable[Statement]) -> None:
        """Hand statements to the server, which works on them while we go on."""
        for text, parameters in statements:
            self._send(text, parameters)
        self._pgconn.flush()

    async def flush(self, statements: Iterable[Statement]) -> dict[str, Rows]:
        """The rows of each statement sent since the last flush, by its text.

        The first error is raised, and what came after it was not carried out.
        """
        for text, parameters in statements:
            self._send(text, parameters)
        self._pgconn.pipeline_sync()
        results = await self._connection.wait(self._answers())
        expected, self._expected = self._expected, []
        found: dict[str, Rows] = {}
        for text, result in zip(expected, results, strict=False):
            if result.status == ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result)
            if text is not None and result.status == ExecStatus.TUPLES_OK:
                found[text] = self._rows(result)
        return found

    def _send(self, text: str, parameters: Parameters) -> None:
        name = self._prepared.get(text)
        if name is None:
            name = self._prepared[text] = b"khata_%d" % len(self._prepared)
            self._pgconn.send_prepare(name, text.encode())
            self._expected.append(None)
        payloads = [self._payload(parameter) for parameter in parameters]
        formats = [_BINARY] * len(payloads)
        self._pgconn.send_query_prepared(name, payloads, formats, _BINARY)
        self._expected.append(text)

    def _payload(self, parameter: Array | Records) -> bytes:
        if isinstance(parameter, Array):
            return parameter.payload
        return parameter.payload(self._row_types[parameter.table])

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


ROW_TYPES = """
select c.relname, c.reltype::bigint from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'"""


async def row_types(connection: AsyncConnection[Row]) -> dict[str, int]:
    """The number of each table's row type."""
    cursor = await connection.execute(ROW_TYPES)
    return dict(await cursor.fetchall())
