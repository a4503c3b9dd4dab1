"""A receiver of webhooks on a real socket, which does as it is told and keeps what it was sent."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import Self

from msgspec import Struct

Answer = Callable[["Received", asyncio.StreamWriter], Awaitable[None]]


class Received(Struct, frozen=True):
    """A request as it came."""

    target: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Answers as `answer` says, by default 200. `received` is all it was sent, in order."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.server_names: list[str | None] = []
        self.answer: Answer = status(200)
        self.open = 0
        self.most_open = 0
        self._tls = tls
        self._news = asyncio.Condition()
        self._serving: set[asyncio.Task[None]] = set()  # who waits on nothing else is forgotten
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: self.server_names.append(name)

    @property
    def url(self) -> str:
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """The webhook-id of each request."""
        return [each.headers["webhook-id"] for each in self.received]

    async def until(self, count: int) -> None:
        """Waits until so many requests have come."""
        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(lambda: len(self.received) >= count)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            request = await _read(reader)
            async with self._news:
                self.received.append(request)
                self._news.notify_all()
            await self.answer(request, writer)
        except (asyncio.IncompleteReadError, ConnectionError, RuntimeError):
            pass  # the sender has gone, which a closed transport says with a RuntimeError
        finally:
            self.open -= 1
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers["content-length"]))
    return Received(first.split(" ")[1], headers, body)


def status(code: int, body: bytes = b"ok", **headers: str) -> Answer:
    """Answers with this status at once."""

    async def answer(_: Received, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {code} X", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return answer


def in_turn(*answers: Answer) -> Answer:
    """Answers by each in turn, then by the last one for ever."""
    left = list(answers)

    async def answer(request: Received, writer: asyncio.StreamWriter) -> None:
        chosen = left.pop(0) if len(left) > 1 else left[0]
        await chosen(request, writer)

    return answer


async def silence(_: Received, _writer: asyncio.StreamWriter) -> None:
    """Never answers."""
    await asyncio.Event().wait()


async def hang_up(_: Received, writer: asyncio.StreamWriter) -> None:
    """Ends the connection without a word."""
    writer.close()
    await asyncio.sleep(0)
