"""A gateway on a real socket that answers as it is told, for what no honest gateway does on demand.

It keeps what it was asked. Each answer is used once, in order: a status with a body, or one of the
ways not to answer.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import parse_qsl

from msgspec import Struct

Lost = Literal["hang", "reset", "cut"]
Body = bytes | Mapping[str, object]
JSON = "application/json"


class Answer(Struct, frozen=True):
    """A status and a body: JSON from a mapping, or raw bytes; and a line more in the head."""

    status: int
    body: Body
    type: str = JSON
    head: str = ""


class Asked(Struct, frozen=True):
    """What was asked: `GET /v1/orders?count=1`, headers by lower-case name, the JSON or form."""

    line: str
    headers: Mapping[str, str]
    body: Any


def ok(**body: object) -> Answer:
    return Answer(200, body)


def items(*entities: Mapping[str, object]) -> Answer:
    return ok(entity="collection", count=len(entities), items=list(entities))


def refused(description: str, status: int = 400, **error: object) -> Answer:
    told = {"code": "BAD_REQUEST_ERROR", "description": description, **error}
    return Answer(status, {"error": told})


def patience_seconds(answers: Sequence[Answer | Lost]) -> float:
    """How long a client waits for each: shortly only where one never comes."""
    return 1.0 if "hang" in answers else 60.0


class Scripted:
    """The gateway. `asked` grows; `answers` shrink."""

    def __init__(self, answers: Sequence[Answer | Lost]) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        self.url = ""

    @property
    def lines(self) -> list[str]:
        return [asked.line for asked in self.asked]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.asked.append(await _asked(head.decode("latin-1"), reader))
                await self._answer(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        match self.answers.pop(0):
            case "hang":
                await asyncio.Event().wait()
            case "reset":
                writer.transport.abort()
            case "cut":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")
                writer.close()
            case Answer() as answer:
                body = answer.body if isinstance(answer.body, bytes) else json_bytes(answer.body)
                writer.write(
                    f"HTTP/1.1 {answer.status} Told\r\nContent-Type: {answer.type}\r\n"
                    f"Content-Length: {len(body)}\r\n{answer.head}\r\n".encode()
                )
                writer.write(body)
                await writer.drain()


def json_bytes(body: Mapping[str, object]) -> bytes:
    return json.dumps(body).encode()


async def _asked(head: str, reader: asyncio.StreamReader) -> Asked:
    first, *rest = head.strip().split("\r\n")
    pairs = (line.partition(": ") for line in rest)
    headers = {name.lower(): value for name, _, value in pairs}
    raw = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(first.rsplit(" ", 1)[0], headers, _read(raw, headers.get("content-type", JSON)))


def _read(raw: bytes, type: str) -> Any:
    if type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode()))
    return json.loads(raw) if raw else None


@asynccontextmanager
async def scripted(*answers: Answer | Lost) -> AsyncGenerator[Scripted]:
    """A gateway that gives these answers, and must have given all of them in the end."""
    gateway = Scripted(answers)
    talks: set[asyncio.Task[None]] = set()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.ensure_future(gateway.talk(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    gateway.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield gateway
    finally:
        server.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
    assert not gateway.answers, "not asked for"
