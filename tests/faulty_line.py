"""A line to PostgreSQL that breaks where a test wants it to: between an engine and its server."""

import asyncio
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

# The engine prepares each statement once a connection, with its first use: so these break each
# connection at its first commit, before the server hears of it or after it has answered.
Fault = Literal["the request is lost", "the answer is lost", "none"]
_READY = b"Z\0\0\0\5I"  # for the next query, with no transaction open
_CHUNK = 1 << 16
End = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class FaultyLine:
    """Listens on a socket of its own and passes everything on, but for the faults it was given.

    `faults` are used up, one at each connection's first commit, or other statement with `at` in it.
    """

    def __init__(self, dsn: str, folder: Path) -> None:
        given = conninfo_to_dict(dsn)
        port = given.get("port") or 5432
        self._server = f"{given['host']}/.s.PGSQL.{port}"
        self._socket = folder / f".s.PGSQL.{port}"
        self.dsn = make_conninfo(dsn, host=str(folder))
        self.faults: deque[Fault] = deque()
        self.at = b"commit\0"
        self.broken = 0
        self._listening: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.cut()

    async def open(self) -> None:
        """Let connections through (again)."""
        self._listening = await asyncio.start_unix_server(self._connected, self._socket)

    async def cut(self) -> None:
        """Break every connection and let no new one through, as if the server were gone."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
            self._socket.unlink(missing_ok=True)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(
        self, caller: asyncio.StreamReader, to_caller: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        server, to_server = await asyncio.open_unix_connection(self._server)
        try:
            await self._pass_on((caller, to_caller), (server, to_server))
        except (OSError, asyncio.CancelledError):
            pass  # either side is gone, or the test has cut the line
        finally:
            self._tasks.discard(task)
            for writer in (to_caller, to_server):
                writer.transport.abort()

    async def _pass_on(self, caller: End, server: End) -> None:
        silent = asyncio.Event()
        answers = asyncio.create_task(_answers(server[0], caller[1], silent))
        try:
            while asked := await caller[0].read(_CHUNK):
                fault = self._fault() if self.at in asked else "none"
                if fault == "the request is lost":
                    return
                if fault == "the answer is lost":
                    silent.set()
                server[1].write(asked)
                await server[1].drain()
                if silent.is_set():
                    await answers
                    return
        finally:
            answers.cancel()

    def _fault(self) -> Fault:
        fault = self.faults.popleft() if self.faults else "none"
        self.broken += fault != "none"
        return fault


async def _answers(
    server: asyncio.StreamReader, caller: asyncio.StreamWriter, silent: asyncio.Event
) -> None:
    """Passes answers on; once silent, waits for the commit's. The caller hears of every end."""
    try:
        while part := await server.read(_CHUNK):
            if not silent.is_set():
                caller.write(part)
                await caller.drain()
            elif part.endswith(_READY):
                return
    except OSError:
        pass  # the server hung up
    finally:
        caller.transport.abort()
