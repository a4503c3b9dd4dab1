"""Connections that end without an answer, as they do when the network fails."""

import asyncio
import struct
from socket import SO_LINGER, SOL_SOCKET
from typing import Final

from starlette.types import Receive, Scope
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TRANSPORT: Final = "khata.simulator.transport"
_AT_ONCE: Final = struct.pack("ii", 1, 0)


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, whose application may cut the connection."""

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope.setdefault("state", {})[_TRANSPORT] = self.transport


async def cut(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Ends the connection without an answer, with a reset or as if the server had gone."""
    transport: asyncio.Transport = scope["state"][_TRANSPORT]
    if reset:
        transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _AT_ONCE)
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
