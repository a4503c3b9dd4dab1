"""A load of HTTP requests that costs its own processor as little as it can.

One keep-alive connection a caller, requests put together beforehand but for their key, answers
read as far as their length says.
"""

import asyncio
from typing import Self


class HttpCaller:
    """One keep-alive connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, host: str, port: int) -> Self:
        """A connection to the server."""
        return cls(*await asyncio.open_connection(host, port))

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer. Raises AssertionError where its status is not 200 or 201."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        body = await self._reader.readexactly(int(length))
        assert head[9:11] == b"20", head + body
        return body

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        await self._writer.wait_closed()


class Requests:
    """Requests to one server with one key."""

    def __init__(self, host: str, port: int, secret: str) -> None:
        self._head = f"host: {host}:{port}\r\nauthorization: Bearer {secret}\r\n"

    def get(self, path: str) -> bytes:
        """A GET."""
        return f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode()

    def post(self, path: str, body: bytes, key: str | None = None) -> bytes:
        """A POST of JSON, with an idempotency key where it needs one."""
        keyed = f"idempotency-key: {key}\r\n" if key else ""
        sized = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        return f"POST {path} HTTP/1.1\r\n{self._head}{keyed}{sized}\r\n".encode() + body
