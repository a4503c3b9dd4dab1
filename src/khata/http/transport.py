"""A transport that sends the head of an answer and its body with one system call."""

from __future__ import annotations

import asyncio
from typing import Any

from typing_extensions import override


class JoiningTransport(asyncio.Transport):
    """What is written within one turn of the event loop goes out as one write.

    uvicorn writes the head as soon as it has it, and the body after that: two packets and two
    system calls, a fifth of the time that a small answer takes.
    """

    def __init__(self, inner: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._inner = inner
        self._loop = loop
        self._held: list[bytes | bytearray | memoryview[Any]] = []

    @override
    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)

    @override
    def write_eof(self) -> None:
        self._send()
        self._inner.write_eof()

    @override
    def close(self) -> None:
        self._send()
        self._inner.close()

    @override
    def abort(self) -> None:
        self._held.clear()
        self._inner.abort()

    @override
    def is_closing(self) -> bool:
        return self._inner.is_closing()

    @override
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._inner.get_extra_info(name, default)

    @override
    def pause_reading(self) -> None:
        self._inner.pause_reading()

    @override
    def resume_reading(self) -> None:
        self._inner.resume_reading()

    @override
    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._inner.set_protocol(protocol)

    def _send(self) -> None:
        held, self._held = self._held, []
        if held and not self._inner.is_closing():
            self._inner.write(held[0] if len(held) == 1 else b"".join(held))
